"""Which lot came of which: receipts, what was spent into what, and what was formed, with the masses that count there now, and who has it."""
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import groupby
from typing import Any, ClassVar, NamedTuple

import msgspec

from services.gold_trade import events
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction


class _Share(msgspec.Struct, gc=False):
    miner: str
    parts: int


class _Mass(msgspec.Struct, gc=False):
    gross_mg: int | None = None
    fine_mg: int | None = None
    society: str = ""
    miners: list[_Share] | None = None


class _Changed(_Mass, gc=False):
    site: str = ""
    occurred_on: str = ""


class _Data(_Mass, gc=False):
    lot: str = ""
    transformation: str = ""
    collector: str = ""
    custodian: str = ""
    incident: str = ""
    serial: str = ""
    site: str = ""
    new: _Changed | None = None


class _Event(msgspec.Struct, gc=False):
    id: str
    recorded_at: str
    data: _Data
    occurred_on: str = ""


_decode = msgspec.json.Decoder(_Event).decode
Change = tuple[str, tuple[Any, ...]]

NEW = ""                                # a whole row
SPENT = "UPDATE {lot} SET spent_in = v.column1 FROM (VALUES {rows}) AS v WHERE {lot}.lot = v.column2"
TAKEN = "UPDATE {lot} SET custodian = v.column1 FROM (VALUES {rows}) AS v WHERE {lot}.lot = v.column2"
MANY = 500                              # rows of such a statement
KEPT = "INSERT INTO {earlier} SELECT lot, CAST(? AS TEXT), CAST(? AS BIGINT), gross_mg, fine_mg, society, miners FROM {lot} WHERE lot = ?"
ASSAYED = "UPDATE {lot} SET fine_mg = ? WHERE lot = ?"
MISSING = "UPDATE {lot} SET missing = ? WHERE lot = ?"
RECOVERED = "UPDATE {lot} SET missing = '', custodian = ? WHERE lot = ?"
CORRECTED = ("UPDATE {lot} SET gross_mg = coalesce(?, gross_mg), fine_mg = coalesce(?, fine_mg), society = coalesce(?, society), "
             "miners = coalesce(?, miners), site = coalesce(?, site), day = coalesce(?, day) WHERE lot = ?")
REWEIGHED = "UPDATE {lot} SET gross_mg = ?, fine_mg = ? WHERE lot = ?"
WITHDRAWN = "UPDATE {lot} SET gross_mg = 0, fine_mg = 0, missing = 'withdrawn' WHERE lot = ?"


class Genealogy(View):
    """`formed_in` is '' for a receipt; `spent_in` is '' for a lot that is still one; `missing` says how: a receipt may have been withdrawn.

    Masses, society and miners follow assays and corrections; what they were `until` one was recorded stays in `earlier` (X4).
    """

    name = "genealogy"
    version = 4
    names = frozenset({events.COLLECTION_RECORDED, events.COLLECTION_CORRECTED, events.COLLECTION_WITHDRAWN, events.LOT_FORMED, events.LOT_SPENT,
                       events.LOT_ASSAYED, events.LOT_CORRECTED, events.LOT_TAKEN, events.LOT_LOST, events.LOT_RECOVERED})
    tables: ClassVar[dict[str, str]] = {
        "": "lot TEXT PRIMARY KEY, gross_mg BIGINT, fine_mg BIGINT, formed_in TEXT, serial TEXT, spent_in TEXT, society TEXT, miners TEXT, site TEXT, "
            "event TEXT, day TEXT, custodian TEXT, missing TEXT, recorded_at TEXT",
        "earlier": "lot TEXT, until TEXT, position BIGINT, gross_mg BIGINT, fine_mg BIGINT, society TEXT, miners TEXT"}
    indexes: ClassVar[dict[str, Sequence[str]]] = {"": ["spent_in, lot", "formed_in", "serial", "custodian, spent_in, lot"], "earlier": ["lot"]}

    def fold(self, page: Sequence[Recorded]) -> list[Change]:
        return [change for row in page for change in _changes(row, _decode(row.state))]

    def write(self, tx: Transaction, table: Callable[[str], str], change: Sequence[Change]) -> None:
        """New rows first, then what became of them in its order; what comes in long rows, the lots of a step or a handover, in few statements."""
        tx.load(table(""), Row._fields, [values for sql, values in change if sql == NEW])
        for sql, some in groupby((c for c in change if c[0] != NEW), key=lambda c: c[0]):
            rows = [values for _, values in some]
            if sql in (SPENT, TAKEN):
                last = {lot: value for value, lot in rows}
                for few in _batches(list(last.items())):
                    tx.execute(sql.format(lot=table(""), rows=", ".join(["(?, ?)"] * len(few))), [v for lot, value in few for v in (value, lot)])
            else:
                for values in rows:
                    tx.execute(sql.format(lot=table(""), earlier=table("earlier")), values)


def _batches(rows: Sequence[tuple[str, Any]]) -> Iterator[Sequence[tuple[str, Any]]]:
    return (rows[n:n + MANY] for n in range(0, len(rows), MANY))


def _changes(row: Recorded, e: _Event) -> Iterator[Change]:
    if row.name in (events.LOT_ASSAYED, events.LOT_CORRECTED, events.COLLECTION_CORRECTED, events.COLLECTION_WITHDRAWN):
        yield KEPT, (e.recorded_at, row.position, e.data.lot)
    yield _change(row.name, e)


def _change(name: str, e: _Event) -> Change:
    d, day = e.data, e.occurred_on or e.recorded_at[:10]
    match name:
        case events.COLLECTION_RECORDED:
            return NEW, Row(d.lot, d.gross_mg or 0, d.fine_mg or 0, "", "", "", d.society, _told(d.miners or []), d.site, e.id, day, d.collector, "",
                            e.recorded_at)
        case events.LOT_FORMED:
            return NEW, Row(d.lot, d.gross_mg or 0, d.fine_mg or 0, d.transformation, d.serial, "", "", "[]", "", e.id, day, d.custodian, "",
                            e.recorded_at)
        case events.LOT_SPENT:
            return SPENT, (d.transformation, d.lot)
        case events.LOT_ASSAYED:
            return ASSAYED, (d.fine_mg, d.lot)
        case events.LOT_CORRECTED:
            return REWEIGHED, (d.gross_mg, d.fine_mg, d.lot)
        case events.LOT_TAKEN:
            return TAKEN, (d.custodian, d.lot)
        case events.LOT_LOST:
            return MISSING, (d.incident, d.lot)
        case events.LOT_RECOVERED:
            return RECOVERED, (d.custodian, d.lot)
        case events.COLLECTION_WITHDRAWN:
            return WITHDRAWN, (d.lot,)
    new = d.new or _Changed()
    return CORRECTED, (new.gross_mg, new.fine_mg, new.society or None, None if new.miners is None else _told(new.miners), new.site or None,
                       new.occurred_on or None, d.lot)


def _told(miners: Sequence[_Share]) -> str:
    return json.dumps([[m.miner, m.parts] for m in miners])


class Row(NamedTuple):
    lot: str
    gross_mg: int
    fine_mg: int
    formed_in: str
    serial: str
    spent_in: str
    society: str
    miners: str
    site: str
    event: str
    day: str
    custodian: str
    missing: str
    recorded_at: str


def in_stock(tx: Transaction, table: Callable[[str], str], custodians: Collection[str] | None, held: tuple[str, bool] | None, after: str,
             limit: int) -> list[Row]:
    """By id, those behind `after`; of these custodians, if given; `held` is the table of holds and whether a lot stands in it."""
    where, values = "spent_in = '' AND missing = '' AND lot > ?", [after]
    if custodians is not None:
        where += f" AND custodian IN ({', '.join('?' * len(custodians)) or 'NULL'})"
        values += sorted(custodians)
    if held:
        where += f" AND {'' if held[1] else 'NOT '}EXISTS (SELECT 1 FROM {held[0]} h WHERE h.lot = t.lot)"
    rows = tx.execute(f"SELECT * FROM {table('')} t WHERE {where} ORDER BY lot LIMIT ?", (*values, limit)).fetchall()
    return list(map(Row._make, rows))


def one(tx: Transaction, table: Callable[[str], str], lot: str) -> Row | None:
    """By its id, or a bar by its serial number."""
    row = tx.execute(f"SELECT * FROM {table('')} WHERE lot = ? OR (serial = ? AND serial <> '')", (lot, lot)).fetchone()
    return Row._make(row) if row else None
