"""What happened to metal, who took part in it and which lots: what EPCIS queries are answered from."""
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar, NamedTuple

from services.gold_trade import events
from services.gold_trade.epcis.vocabulary import KINDS, STEPS
from shared import dates, event
from shared.event import Event
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction

COLUMNS = ("position", "id", "name", "at", "recorded_at", "type", "action", "step", "disposition", "thing", "occurred_on", "data")
EVENT, PARTY, LOT = "", "party", "lot"
Row = tuple[str, tuple[Any, ...]]


class Physical(View):
    """One row per physical event; `thing` joins it to its lots, which a transformation names one event at a time."""

    name = "physical"
    version = 2
    names = frozenset({*KINDS, events.LOT_SPENT, events.LOT_FORMED})
    tables: ClassVar[dict[str, str]] = {
        EVENT: "position BIGINT PRIMARY KEY, id TEXT, name TEXT, at TEXT, recorded_at TEXT, type TEXT, action TEXT, step TEXT, disposition TEXT, "
               "thing TEXT, occurred_on TEXT, data TEXT",
        PARTY: "position BIGINT, actor TEXT", LOT: "thing TEXT, lot TEXT, role TEXT, gross_mg BIGINT, serial TEXT"}
    indexes: ClassVar[dict[str, Sequence[str]]] = {EVENT: ["id"], PARTY: ["actor, position"], LOT: ["thing", "lot"]}

    def fold(self, page: Sequence[Recorded]) -> list[Row]:
        return [row for recorded in page for row in _rows(recorded.position, event.decode(recorded.state))]

    def write(self, tx: Transaction, table: Callable[[str], str], change: Sequence[Row]) -> None:
        for suffix, columns in ((EVENT, COLUMNS), (PARTY, ("position", "actor")), (LOT, ("thing", "lot", "role", "gross_mg", "serial"))):
            if rows := [values for kind, values in change if kind == suffix]:
                tx.load(table(suffix), columns, rows)


def _rows(position: int, e: Event) -> Iterator[Row]:
    d = e.data
    if e.name in (events.LOT_SPENT, events.LOT_FORMED):
        role = "in" if e.name == events.LOT_SPENT else "out"
        yield LOT, (f"transformation/{d['transformation']}", d["lot"], role, d["gross_mg"], d.get("serial", ""))
        return
    kind = KINDS[e.name]
    thing = f"transformation/{d['transformation']}" if "transformation" in d else e.id
    at = f"{dates.counts_from(e.occurred_on)}T00:00:00.000Z" if e.occurred_on else e.recorded_at
    step = STEPS[d["step"]] if "step" in d else kind.step
    disposition = "stolen" if d.get("incident") == "stolen" else kind.disposition
    yield EVENT, (position, e.id, e.name, at, e.recorded_at, kind.type, kind.action, step, disposition, thing, e.occurred_on,
                  json.dumps({k: v for k, v in d.items() if k not in ("entries", "relied_on", "source", "miners")}))
    booked = {line["of"] for line in d.get("entries", ()) if line["account"] != "source"}          # that one is a society's
    for actor in sorted(booked | {d[k] for k in ("collector", "custodian", "giver", "taker", "owner", "old_owner") if d.get(k)}):
        yield PARTY, (position, actor)
    mass = d.get("new", {}).get("gross_mg", d.get("gross_mg", 0))
    for lot in d.get("lots", [d["lot"]] if "lot" in d else []):
        yield LOT, (thing, lot, "", mass if "lot" in d else 0, "")


class Found(NamedTuple):
    position: int
    id: str
    name: str
    at: str
    recorded_at: str
    type: str
    action: str
    step: str
    disposition: str
    thing: str
    occurred_on: str
    data: str


def find(tx: Transaction, table: Callable[[str], str], where: Sequence[tuple[str, Sequence[Any]]], after: int, limit: int) -> list[Found]:
    """In the order they were recorded; `where` are conditions on the event's row `e` with their values."""
    clauses = " AND ".join(["e.position > ?", *(clause.format(party=table(PARTY), lot=table(LOT)) for clause, _ in where)])
    values = [after, *(v for _, some in where for v in some), limit]
    rows = tx.execute(f"SELECT {', '.join(f'e.{c}' for c in COLUMNS)} FROM {table(EVENT)} e WHERE {clauses} ORDER BY e.position LIMIT ?", values).fetchall()
    return list(map(Found._make, rows))


def lots(tx: Transaction, table: Callable[[str], str], thing: str) -> list[tuple[str, str, int, str]]:
    """(lot, role, gross mg, serial), role `in` or `out` of a transformation."""
    return [(lot, role, int(mg), serial) for lot, role, mg, serial in tx.execute(
        f"SELECT lot, role, gross_mg, serial FROM {table(LOT)} WHERE thing = ? ORDER BY lot", (thing,)).fetchall()]


def original(tx: Transaction, table: Callable[[str], str], id_: str) -> Found | None:
    row = tx.execute(f"SELECT {', '.join(COLUMNS)} FROM {table(EVENT)} WHERE id = ?", (id_,)).fetchone()
    return Found._make(row) if row else None
