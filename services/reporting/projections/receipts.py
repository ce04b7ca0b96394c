"""Metal received at the pit: a row for each receipt, and for what a correction changes of it, on both time axes; and sums by day as known now."""
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple

import msgspec

from services.reporting import received
from services.reporting.received_metal import Correction, Receipt, day
from shared import dates
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


Where = tuple[str, str, str]                    # site, collector and day
Sums = dict[str, list[int]]                     # society to number, gross and fine mg


class Receipts(View):
    """A correction counts on the receipt's own day, at its site and for its collector: the metal was another amount, or another's, then.

    Where the day or the site was wrong, all of it goes from where it was to where it is.
    """

    name = "receipts"
    version = 2
    names = frozenset({received.COLLECTION_RECORDED, received.COLLECTION_CORRECTED, received.COLLECTION_WITHDRAWN})
    tables: ClassVar[dict[str, str]] = {
        "": "lot TEXT, society TEXT, site TEXT, collector TEXT, day TEXT, number BIGINT, gross_mg BIGINT, fine_mg BIGINT, event TEXT, recorded_at TEXT, "
            "position BIGINT, PRIMARY KEY (lot, position, society, site, day)",
        "day": daily.table(*KEY)}
    indexes: ClassVar[dict[str, Sequence[str]]] = {"": ["position", "society, position"]}

    def fold(self, page: Sequence[Recorded]) -> list[Row | tuple[Correction, int]]:
        return [_received(r) if r.name == received.COLLECTION_RECORDED else (_correction(r.state), r.position) for r in page]

    def write(self, tx: Transaction, table: Callable[[str], str], change: Sequence[Row | tuple[Correction, int]]) -> None:
        if not change:
            return
        rows, lots = [], _lots(tx, table(""), {c[0].data.lot for c in change if not isinstance(c, Row)})
        for c in change:
            if isinstance(c, Row):
                rows.append(c)
                if c.lot in lots:
                    lots[c.lot] = _Lot((c.site, c.collector, c.day), {c.society: [c.number, c.gross_mg, c.fine_mg]})
            else:
                rows += lots[c[0].data.lot].corrected(*c)
        tx.load(table(""), COLUMNS, rows)
        daily.add(tx, table("day"), KEY, [(row[1:5], row.number, row.gross_mg, row.fine_mg, row.position) for row in rows])


class _Lot:
    """Where a receipt counts by now, and how much of it for whom."""

    def __init__(self, where: Where, sums: Sums) -> None:
        self.where, self.sums = where, sums

    def corrected(self, e: Correction, position: int) -> list[Row]:
        """A row for each society, day and site whose sums it changes."""
        rows: dict[tuple[str, Where], list[int]] = defaultdict(lambda: [0, 0, 0])
        for line in e.data.entries:
            if line.account == "source":
                _add(rows[line.of, self.where], [0, -line.gross_mg, -line.fine_mg])
        old, new = e.data.old, e.data.new
        if new is None or new.society:
            rows[old.society, self.where][0] -= 1
        if new and new.society:
            rows[new.society, self.where][0] += 1
        for (society, _), changed in rows.items():
            _add(self.sums.setdefault(society, [0, 0, 0]), changed)
        site, collector, day_ = self.where
        now = (new.site or site, collector, dates.counted(new.occurred_on, day_)) if new else self.where
        if now != self.where:
            for society, sums in self.sums.items():
                _add(rows[society, self.where], [-n for n in sums])
                _add(rows[society, now], sums)
            self.where = now
        return [Row(e.data.lot, society, *where, number, gross, fine, e.id, e.recorded_at, position)
                for (society, where), (number, gross, fine) in rows.items() if number or gross or fine]


def _add(sums: list[int], more: Sequence[int]) -> None:
    sums[:] = [a + b for a, b in zip(sums, more, strict=True)]


def _lots(tx: Transaction, name: str, lots: set[str]) -> dict[str, _Lot]:
    """Those that were received before this page; the others are nowhere yet."""
    found = {lot: _Lot(("", "", ""), {}) for lot in lots}
    rows = daily.some(tx, f"SELECT lot, site, collector, day, society, number, gross_mg, fine_mg FROM {name} WHERE lot IN", lots)
    sums: dict[str, dict[Where, Sums]] = defaultdict(lambda: defaultdict(dict))
    for lot, site, collector, day_, society, *masses in rows:
        _add(sums[lot][site, collector, day_].setdefault(society, [0, 0, 0]), masses)
    for lot, places in sums.items():
        where = max(places, key=lambda place: sum(n for n, _, _ in places[place].values()))           # one of them has it
        found[lot] = _Lot(where, places[where])
    return found


def _received(r: Recorded) -> Row:
    e = _receipt(r.state)
    d = e.data
    return Row(d.lot, d.society, d.site, d.collector, day(e.occurred_on, e.recorded_at), 1, d.gross_mg, d.fine_mg, e.id, e.recorded_at, r.position)
