"""A person who was forgotten: the key of every record of theirs goes, whatever dies in between and in whatever order the records became one."""
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from services.membership import events
from shared import event
from shared.errors import SanuError
from shared.port import Port
from shared.process import Done, Process, Todo
from shared.recorder import Recorded
from shared.service import Service
from shared.tables import Transaction

from .sealed import subject

PORT = "keys"
LONGEST_S = 3600.0


class Told(NamedTuple):
    """A person to be forgotten, or one record that became part of another (`into`); or the `subject` of a representative, who has no records."""

    event: str
    miner: str = ""
    into: str = ""
    subject: str = ""


class ForgettingProcess(Process):
    """PersonForgotten, MinerMerged, RepresentativeForgotten -> the keys of a forgotten person are forgotten."""

    name = "forgetting"
    names = frozenset({events.PERSON_FORGOTTEN, events.MINER_MERGED, events.REPRESENTATIVE_FORGOTTEN})
    tables: ClassVar[dict[str, str]] = {**Process.tables, "asked": "miner TEXT PRIMARY KEY", "merged": "miner TEXT PRIMARY KEY, into_ TEXT"}
    indexes: ClassVar[dict[str, Sequence[str]]] = {**Process.indexes, "merged": ["into_"]}

    def fold(self, page: Sequence[Recorded]) -> list[Any]:
        decoded = [event.decode(row.state) for row in page]
        return [Told(e.id, **{key: e.data[key] for key in ("miner", "into", "subject") if key in e.data}) for e in decoded]

    def write(self, tx: Transaction, table: Callable[[str], str], change: Sequence[Any]) -> None:
        follows: list[Todo | Done] = []
        for told in change:
            if told.subject:
                follows.append(Todo(self.step_id(told.event, told.subject), "sending", PORT, {"subject": told.subject}, told.event))
                continue
            if told.into:
                tx.execute(f"INSERT INTO {table('merged')} VALUES (?, ?) ON CONFLICT DO NOTHING", (told.miner, told.into))
            else:
                tx.execute(f"INSERT INTO {table('asked')} VALUES (?) ON CONFLICT DO NOTHING", (told.miner,))
            if not told.into or _is_asked(tx, table, told.into):
                follows += [Todo(self.step_id(told.event, miner), "sending", PORT, {"subject": subject(miner)}, told.event)
                            for miner in _records(tx, table, told.miner)]
        super().write(tx, table, follows)


def _is_asked(tx: Transaction, table: Callable[[str], str], miner: str) -> bool:
    """Of it, or of one it became part of."""
    while miner:
        if tx.execute(f"SELECT 1 FROM {table('asked')} WHERE miner = ?", (miner,)).fetchone():
            return True
        row = tx.execute(f"SELECT into_ FROM {table('merged')} WHERE miner = ?", (miner,)).fetchone()
        miner = row[0] if row else ""
    return False


def _records(tx: Transaction, table: Callable[[str], str], miner: str) -> Iterator[str]:
    """The miner and all that became part of it."""
    yield miner
    for (part,) in tx.execute(f"SELECT miner FROM {table('merged')} WHERE into_ = ? ORDER BY miner", (miner,)).fetchall():
        yield from _records(tx, table, part)


class KeyPort(Port):
    """The way to the key store, which no log holds; what it did is an event, so that it can be shown."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def send(self, id: str, body: Mapping[str, Any]) -> str:
        try:
            self.service.key_store.forget(body["subject"])
        except SanuError as e:
            raise OSError(str(e)) from e
        return "forgotten"

    def wait(self, failures: int, seconds: float) -> float | None:
        """A promise to a person is never given up."""
        return float(min(2.0 ** failures, LONGEST_S))
