"""Metal received at the pit: a row for each receipt, and for what a correction changes of it, on both time axes; and sums by day as known now."""
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar, NamedTuple

import msgspec

from services.reporting import received
from services.reporting.received_metal import Correction, Receipt, day
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction

from . import daily

_receipt, _correction = msgspec.json.Decoder(Receipt).decode, msgspec.json.Decoder(Correction).decode
KEY = ("society", "site", "collector", "day")
COLUMNS = ("lot", *KEY, "number", "gross_mg", "fine_mg", "event", "recorded_at", "position")


class Row(NamedTuple):
    lot: str
    society: str
    site: str
    collector: str
    day: str
    number: int
    gross_mg: int
    fine_mg: int
    event: str
    recorded_at: str
    position: int


class Receipts(View):
    """A correction counts on the receipt's own day, at its site and for its collector: the metal was another amount, or another's, then."""

    name = "receipts"
    names = frozenset({received.COLLECTION_RECORDED, received.COLLECTION_CORRECTED})
    tables: ClassVar[dict[str, str]] = {
        "": "lot TEXT, society TEXT, site TEXT, collector TEXT, day TEXT, number BIGINT, gross_mg BIGINT, fine_mg BIGINT, event TEXT, recorded_at TEXT, "
            "position BIGINT, PRIMARY KEY (lot, position, society)",
        "day": daily.table(*KEY)}
    indexes: ClassVar[dict[str, Sequence[str]]] = {"": ["position", "society, position"]}

    def fold(self, page: Sequence[Recorded]) -> list[Row | tuple[Correction, int]]:
        return [_received(r) if r.name == received.COLLECTION_RECORDED else (_correction(r.state), r.position) for r in page]

    def write(self, tx: Transaction, table: Callable[[str], str], change: Sequence[Row | tuple[Correction, int]]) -> None:
        if not change:
            return
        here = {row.lot: row for row in change if isinstance(row, Row)}
        before = {c[0].data.lot for c in change if not isinstance(c, Row)} - set(here)
        first = {lot: (site, collector, day_) for lot, site, collector, day_ in daily.some(
            tx, f"SELECT lot, site, collector, day FROM {table('')} WHERE lot IN", before)}
        first |= {lot: (row.site, row.collector, row.day) for lot, row in here.items()}
        rows = [row for c in change for row in ([c] if isinstance(c, Row) else _corrected(*c, first))]
        tx.load(table(""), COLUMNS, rows)
        daily.add(tx, table("day"), KEY, [(row[1:5], row.number, row.gross_mg, row.fine_mg, row.position) for row in rows])


def _received(r: Recorded) -> Row:
    e = _receipt(r.state)
    d = e.data
    return Row(d.lot, d.society, d.site, d.collector, day(e.occurred_on, e.recorded_at), 1, d.gross_mg, d.fine_mg, e.id, e.recorded_at, r.position)


def _corrected(e: Correction, position: int, first: dict[str, Any]) -> Iterator[Row]:
    """A row per society whose account it touches."""
    d = e.data
    site, collector, day_ = first.get(d.lot, ("", "", day(e.occurred_on, e.recorded_at)))
    for line in d.entries:
        if line.account == "source":
            number = (line.of == d.new.society) - (line.of == d.old.society) if d.new.society else 0
            yield Row(d.lot, line.of, site, collector, day_, number, -line.gross_mg, -line.fine_mg, e.id, e.recorded_at, position)
