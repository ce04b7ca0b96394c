"""Bars, and how long their metal took from the pit: the mean day of receipt goes with every lot, weighted by fine gold, through each blend.

A lot's mean day is kept in millionths of a day, floored at each blend: ten blends are less than a second off. It is that of the masses as
they were weighed into each blend; what is corrected later, the day of a receipt as well, was blended all the same.
"""
import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import msgspec

from services.reporting import received
from services.reporting.received_metal import Lot, day
from shared import dates
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction

from . import daily

_decode = msgspec.json.Decoder(Lot).decode
COLUMNS = ("lot", "serial", "custodian", "day", "number", "gross_mg", "fine_mg", "age", "event", "recorded_at", "position")
PER_DAY = 1_000_000
Told = tuple[str, Lot, int]
Pool = tuple[int, int, int, int]                # of what went in: fine mg, mean days times it, inputs, sum of their mean days


class Bars(View):
    """`age` is in millionths of a day, NULL where nothing is known of what the bar was made of. Of one assayed or corrected, a row for the difference."""

    name = "bars"
    version = 2
    names = frozenset({received.COLLECTION_RECORDED, received.COLLECTION_CORRECTED, received.LOT_SPENT, received.LOT_FORMED, received.LOT_ASSAYED,
                       received.LOT_CORRECTED})
    tables: ClassVar[dict[str, str]] = {
        "": "lot TEXT, serial TEXT, custodian TEXT, day TEXT, number BIGINT, gross_mg BIGINT, fine_mg BIGINT, age BIGINT, event TEXT, recorded_at TEXT, "
            "position BIGINT, PRIMARY KEY (lot, position)",
        "lot": "lot TEXT PRIMARY KEY, mean_day BIGINT", "pool": "transformation TEXT PRIMARY KEY, fine_mg BIGINT, weighted TEXT, inputs BIGINT, days TEXT"}
    indexes: ClassVar[dict[str, Sequence[str]]] = {"": ["position"]}

    def fold(self, page: Sequence[Recorded]) -> list[Told]:
        return [(r.name, _decode(r.state), r.position) for r in page]

    def write(self, tx: Transaction, table: Callable[[str], str], change: Sequence[Told]) -> None:
        if change:
            page = _Page(tx, table, change)
            for told in change:
                page.take(*told)
            page.keep()


class _Page:
    """What a page of events touches, read at once and written at once."""

    def __init__(self, tx: Transaction, table: Callable[[str], str], change: Sequence[Told]) -> None:
        self.tx, self.table = tx, table
        spent = {e.data.lot for name, e, _ in change if name == received.LOT_SPENT}
        changed = {e.data.lot for name, e, _ in change if name in (received.LOT_ASSAYED, received.LOT_CORRECTED)}
        blends = {e.data.transformation for _, e, _ in change if e.data.transformation}
        self.days: dict[str, int] = dict(daily.some(tx, f"SELECT lot, mean_day FROM {table('lot')} WHERE lot IN", spent))
        self.pools: dict[str, Pool] = {t: (int(fine), int(weighted), int(n), int(days)) for t, fine, weighted, n, days in daily.some(
            tx, f"SELECT transformation, fine_mg, weighted, inputs, days FROM {table('pool')} WHERE transformation IN", blends)}
        self.bars: dict[str, tuple[Any, ...]] = {lot: tuple(bar) for lot, *bar in daily.some(
            tx, f"SELECT lot, serial, custodian, day, age FROM {table('')} WHERE number = 1 AND lot IN", changed)}
        self.new: dict[str, int] = {}
        self.rows: list[tuple[Any, ...]] = []

    def take(self, name: str, e: Lot, position: int) -> None:
        d, day_ = e.data, day(e.occurred_on, e.recorded_at)
        match name:
            case received.COLLECTION_CORRECTED if d.new.occurred_on:
                self.new[d.lot] = self.days[d.lot] = dt.date.fromisoformat(dates.counted(d.new.occurred_on, day_)).toordinal() * PER_DAY
            case received.COLLECTION_RECORDED:
                self.new[d.lot] = self.days[d.lot] = dt.date.fromisoformat(day_).toordinal() * PER_DAY
            case received.LOT_SPENT if (mean := self.days.get(d.lot)) is not None:
                fine, weighted, inputs, days = self.pools.get(d.transformation, (0, 0, 0, 0))
                self.pools[d.transformation] = fine + d.fine_mg, weighted + d.fine_mg * mean, inputs + 1, days + mean
            case received.LOT_FORMED:
                formed = self._mean(d.transformation)
                if formed is not None:
                    self.new[d.lot] = self.days[d.lot] = formed
                if d.serial:
                    age = None if formed is None else dt.date.fromisoformat(day_).toordinal() * PER_DAY - formed
                    self.bars[d.lot] = d.serial, d.custodian, day_, age
                    self.rows.append((d.lot, d.serial, d.custodian, day_, 1, d.gross_mg, d.fine_mg, age, e.id, e.recorded_at, position))
            case received.LOT_ASSAYED if d.lot in self.bars:
                serial, custodian, cast, age = self.bars[d.lot]
                self.rows.append((d.lot, serial, custodian, cast, 0, 0, d.fine_mg - d.old_fine_mg, age, e.id, e.recorded_at, position))
            case received.LOT_CORRECTED if d.lot in self.bars:
                serial, custodian, cast, age = self.bars[d.lot]
                self.rows.append((d.lot, serial, custodian, cast, 0, d.gross_mg - d.old_gross_mg, d.fine_mg - d.old_fine_mg, age, e.id, e.recorded_at,
                                  position))

    def _mean(self, transformation: str) -> int | None:
        """Where nothing fine went in, each input counts the same."""
        fine, weighted, inputs, days = self.pools.get(transformation, (0, 0, 0, 0))
        return weighted // fine if fine else days // inputs if inputs else None

    def keep(self) -> None:
        self.tx.merge(self.table("lot"), sorted(self.new.items()), "ON CONFLICT (lot) DO UPDATE SET mean_day = excluded.mean_day")
        self.tx.merge(self.table("pool"), [(t, fine, str(weighted), n, str(days)) for t, (fine, weighted, n, days) in sorted(self.pools.items())],
                      "ON CONFLICT (transformation) DO UPDATE SET fine_mg = excluded.fine_mg, weighted = excluded.weighted, inputs = excluded.inputs, "
                      "days = excluded.days")
        self.tx.load(self.table(""), COLUMNS, self.rows)
