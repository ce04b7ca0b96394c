"""Rows made of whole streams: what each stream has told is kept beside them, so that a late or corrected fact changes its row."""
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

from shared import event
from shared.event import Event
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction

Table = Callable[[str], str]
AT_ONCE = 200
TOLD = "stream TEXT, version INTEGER, state TEXT, PRIMARY KEY (stream, version)"


class StreamView(View):
    """Subclasses say what rows follow from the history of one stream, by `derive`; their `tables` have `told` among them."""

    tables: ClassVar[dict[str, str]] = {"told": TOLD}

    def fold(self, page: Sequence[Recorded]) -> list[tuple[str, int, str]]:
        return [(r.stream, r.version, r.state.decode()) for r in page]

    def write(self, tx: Transaction, table: Table, change: Sequence[tuple[str, int, str]]) -> None:
        if not change:
            return
        tx.load(table("told"), ("stream", "version", "state"), change)
        touched = list(dict.fromkeys(stream for stream, _, _ in change))
        for n in range(0, len(touched), AT_ONCE):
            for stream, history in _histories(tx, table, touched[n:n + AT_ONCE]):
                self.derive(tx, table, stream, history)

    def derive(self, tx: Transaction, table: Table, stream: str, history: Sequence[Event]) -> None:
        raise NotImplementedError


def _histories(tx: Transaction, table: Table, streams: Sequence[str]) -> Iterator[tuple[str, list[Event]]]:
    rows = tx.execute(f"SELECT stream, state FROM {table('told')} WHERE stream IN ({marks(streams)}) ORDER BY stream, version", list(streams)).fetchall()
    histories: dict[str, list[Event]] = {}
    for stream, state in rows:
        histories.setdefault(stream, []).append(event.decode(state.encode()))
    return iter(histories.items())


def upsert(tx: Transaction, name: str, key: str, row: dict[str, str | int]) -> None:
    """The row with this key has these values, whether it was there or not; its other columns stay."""
    sets = ", ".join(f"{column} = excluded.{column}" for column in row if column != key)
    tx.execute(f"INSERT INTO {name} ({', '.join(row)}) VALUES ({marks(row)}) ON CONFLICT ({key}) DO UPDATE SET {sets}", list(row.values()))


def marks(values: Sequence[object] | dict[str, str | int]) -> str:
    return ", ".join("?" * len(values))
