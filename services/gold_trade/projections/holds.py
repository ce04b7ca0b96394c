"""Which lots are held and why, and which steps lost more than was allowed (G5)."""
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any, ClassVar

import msgspec

from services.gold_trade import events
from shared import dates
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction


class _Finding(msgspec.Struct, gc=False):
    rule: str
    hold: bool


class _Data(msgspec.Struct, gc=False):
    lot: str = ""
    rule: str = ""
    parcel: str = ""
    matches: bool = True
    transformation: str = ""
    custodian: str = ""
    findings: list[_Finding] = []
    holds: list[str] = []
    gross_in_mg: int = 0
    gross_out_mg: int = 0


class _Event(msgspec.Struct, gc=False):
    id: str
    recorded_at: str
    data: _Data
    occurred_on: str = ""


_decode = msgspec.json.Decoder(_Event).decode
BALANCE = "mass-balance"
Row = tuple[str, tuple[Any, ...]]
HOLD = "hold"                           # a whole row
PROPOSE = "UPDATE {held} SET lift = ? WHERE lot = ? AND rule = ?"
LIFT = "DELETE FROM {held} WHERE lot = ? AND rule = ?"
GONE = "DELETE FROM {table} WHERE lot IN ({marks})"
MANY = 500                              # lots of such a statement
SEAL = "INSERT INTO {sealed} VALUES (?) ON CONFLICT DO NOTHING"
UNSEAL = "DELETE FROM {sealed} WHERE lot = ?"
MISMATCH = "INSERT INTO {held} SELECT lot, 'seal-mismatch', CAST(? AS TEXT), CAST(? AS TEXT), '' FROM {sealed} WHERE lot = ? ON CONFLICT DO NOTHING"
ANEW = "DELETE FROM {breach} WHERE transformation = ?"
BREACH = "INSERT INTO {breach} VALUES (?, ?, ?, ?, ?)"


class Holds(View):
    """What a lot was held for ends with the lot. `sealed` are lots under seal that are there still: older logs unseal some that were spent before."""

    name = "holds"
    version = 3
    names = frozenset({events.COLLECTION_RECORDED, events.COLLECTION_WITHDRAWN, events.LOT_HELD, events.HOLD_LIFT_PROPOSED, events.HOLD_LIFTED,
                       events.HOLD_CURED, events.LOT_FORMED, events.LOT_SPENT, events.LOT_SEALED, events.LOT_UNSEALED, events.TRANSFORMATION_RECORDED,
                       events.TRANSFORMATION_REVIEWED})
    tables: ClassVar[dict[str, str]] = {              # lift: the event of the first of two signatures under its end
        "": "lot TEXT, rule TEXT, since TEXT, event TEXT, lift TEXT, PRIMARY KEY (lot, rule)", "sealed": "lot TEXT PRIMARY KEY",
        "breach": "event TEXT PRIMARY KEY, transformation TEXT, custodian TEXT, day TEXT, loss_mg BIGINT"}
    indexes: ClassVar[dict[str, Sequence[str]]] = {"": ["rule"], "breach": ["day"]}

    def fold(self, page: Sequence[Recorded]) -> list[Row]:
        return [row for recorded in page for row in _rows(recorded.name, _decode(recorded.state))]

    def write(self, tx: Transaction, table: Callable[[str], str], change: Sequence[Row]) -> None:
        """In their order; holds that follow each other, and ends of lots, of which most never were held, in few statements."""
        for sql, some in groupby(change, key=lambda c: c[0]):
            rows = [values for _, values in some]
            if sql == GONE:
                for n in range(0, len(rows), MANY):
                    few = [lot for lot, in rows[n:n + MANY]]
                    for name in ("", "sealed"):
                        tx.execute(sql.format(table=table(name), marks=", ".join("?" * len(few))), few)
            elif sql == HOLD:
                tx.merge(table(""), rows, "ON CONFLICT DO NOTHING")
            else:
                for values in rows:
                    tx.execute(sql.format(held=table(""), sealed=table("sealed"), breach=table("breach")), values)


def _rows(name: str, e: _Event) -> Iterator[Row]:
    d, day = e.data, dates.counted(e.occurred_on, e.recorded_at[:10])
    match name:
        case events.HOLD_LIFT_PROPOSED:
            yield PROPOSE, (e.id, d.lot, d.rule)
        case events.HOLD_LIFTED | events.HOLD_CURED:
            yield LIFT, (d.lot, d.rule)
        case events.LOT_SPENT | events.COLLECTION_WITHDRAWN:
            yield GONE, (d.lot,)
        case events.LOT_SEALED:
            yield SEAL, (d.lot,)
        case events.LOT_UNSEALED:
            if not d.matches:
                yield MISMATCH, (day, e.id, d.lot)
            yield UNSEAL, (d.lot,)
        case events.TRANSFORMATION_RECORDED | events.TRANSFORMATION_REVIEWED:
            if name == events.TRANSFORMATION_REVIEWED:
                yield ANEW, (d.transformation,)
            if any(f.rule == BALANCE for f in d.findings):
                yield BREACH, (e.id, d.transformation, d.custodian, day, d.gross_in_mg - d.gross_out_mg)
        case _:
            why = [f.rule for f in d.findings if f.hold] + d.holds + ([d.rule] if d.rule else [])
            for rule in why:
                yield HOLD, (d.lot, rule, day, e.id, "")


def counts(tx: Transaction, table: Callable[[str], str]) -> dict[str, int]:
    """How many lots each rule holds."""
    return {rule: int(n) for rule, n in tx.execute(f"SELECT rule, count(*) FROM {table('')} GROUP BY rule ORDER BY rule").fetchall()}


def of(tx: Transaction, table: Callable[[str], str], lots: Sequence[str]) -> dict[str, list[dict[str, str]]]:
    """What holds each of these lots, and since when; `lift` where one of two people signed that it may go on."""
    found: dict[str, list[dict[str, str]]] = {}
    marks = ", ".join("?" * len(lots)) or "NULL"
    rows = tx.execute(f"SELECT lot, rule, since, event, lift FROM {table('')} WHERE lot IN ({marks}) ORDER BY lot, rule", lots).fetchall()
    for lot, rule, since, id_, lift in rows:
        found.setdefault(lot, []).append({"rule": rule, "since": since, "event": id_, **({"lift": lift} if lift else {})})
    return found


def breaches(tx: Transaction, table: Callable[[str], str]) -> int:
    return int(tx.execute(f"SELECT count(*) FROM {table('breach')}").fetchone()[0])
