"""Two views of a peer's log, run by hand, and what a recount of the log gives."""
import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from shared import event
from shared.projection import Projection, View
from shared.recorder import Recorded
from shared.tables import Transaction
from tests.peers import Peer


class Totals(View):
    """The sum of `amount` by `who`; an amount of -1 is one it cannot apply."""

    name = "totals"
    names = frozenset({"alpha.Noted"})
    tables: ClassVar[dict[str, str]] = {"": "who TEXT PRIMARY KEY, total INTEGER"}

    def fold(self, page: Sequence[Recorded]) -> Counter[str]:
        result: Counter[str] = Counter()
        for row in page:
            data = event.decode(row.state).data
            if data["amount"] == -1:
                raise ValueError("no amount\nDETAIL: whose it is")
            result[data["who"]] += data["amount"]
        return result

    def write(self, tx: Transaction, table: Callable[[str], str], change: Counter[str]) -> None:
        for who, amount in change.items():
            tx.execute(f"INSERT INTO {table('')} VALUES (?, ?) ON CONFLICT (who) DO UPDATE SET total = total + excluded.total", (who, amount))


class Everything(View):
    """Every event, by position; `wide` rows fill a disk sooner."""

    wide = 1

    name = "everything"
    tables: ClassVar[dict[str, str]] = {"": "position INTEGER PRIMARY KEY, name TEXT"}
    indexes: ClassVar[dict[str, Sequence[str]]] = {"": ["name"]}

    def fold(self, page: Sequence[Recorded]) -> list[tuple[int, str]]:
        return [(r.position, r.name * self.wide) for r in page]

    def write(self, tx: Transaction, table: Callable[[str], str], change: list[tuple[int, str]]) -> None:
        tx.load(table(""), ("position", "name"), change)


def view_of(peer: Peer, view: View | None = None, page: int = 100) -> Projection:
    projection = Projection(peer.log, peer.tables, view or Totals(), page)
    projection.prepare()
    return projection


def rows(projection: Projection) -> dict[Any, Any]:
    with projection.reading() as (tx, table, _):
        return dict(tx.execute(f"SELECT * FROM {table('')}").fetchall())


def to_the_end(*projections: Projection) -> None:
    for projection in projections:
        while projection.step():
            pass


def recount(peer: Peer) -> dict[str, int]:
    result: Counter[str] = Counter()
    for name, state in peer.log.recorder.select("SELECT topic, state FROM stored_events", ()):
        if name == "alpha.Noted":
            data = json.loads(state)["data"]
            result[data["who"]] += data["amount"]
    return dict(result)
