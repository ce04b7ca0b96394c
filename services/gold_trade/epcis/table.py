"""The table of what partners are told, a row for each event of EPCIS: how rows change one another, and how they are found."""
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec

from services.gold_trade import events
from shared import dates
from shared.event import Event
from shared.tables import Transaction

from . import vocabulary as v

EVENT, PARTY, LOT = "", "party", "lot"
NEITHER = ("entries", "relied_on", "source", "miners")                   # is told to a partner
Table = Callable[[str], str]


class Found(NamedTuple):
    """One event of EPCIS. `root` is the event or the step of ours that it tells of, `thing` has its lots and its parties.

    `told_at` and `zone` are the time as a partner told it; `paper`, `source` and `destination` hold a type and a URI; `reason` is of an error
    declaration, and `corrective` the id of the event that is right.
    """

    place: int
    root: str
    id: str
    name: str
    at: str
    told_at: str
    zone: str
    recorded_at: str
    type: str
    action: str
    step: str
    disposition: str
    thing: str
    paper: str
    source: str
    destination: str
    reason: str
    corrective: str
    occurred_on: str
    data: str


COLUMNS = {EVENT: Found._fields, PARTY: ("thing", "actor"), LOT: ("thing", "lot", "role", "gross_mg", "bar")}


def text(data: Any) -> str:
    return msgspec.json.encode(data).decode()


def counted_at(occurred_on: str) -> str:
    return f"{dates.counts_from(occurred_on)}T00:00:00.000Z" if occurred_on else ""


def copied(tx: Transaction, table: Table, of: str, to: str) -> None:
    """The parties of one thing are those of another."""
    tx.execute(f"INSERT INTO {table(PARTY)} SELECT CAST(? AS TEXT), actor FROM {table(PARTY)} WHERE thing = ? ON CONFLICT DO NOTHING", (to, of))


def captured(tx: Transaction, table: Table, id_: str, at: str, told_at: str, zone: str, ours: str, root: str) -> None:
    """What we told under a name of `ours` was told by a partner under another, and at a moment of its own."""
    tx.execute(f"UPDATE {table(EVENT)} SET id = ?, at = ?, told_at = ?, zone = ? WHERE root = ? AND id = ?", (id_, at, told_at, zone, root, ours))
    tx.execute(f"UPDATE {table(EVENT)} SET corrective = ? WHERE root = ? AND corrective = ?", (id_, root, ours))


def corrected(tx: Transaction, table: Table, position: int, e: Event, root: str) -> None:
    """The last event that was right is told once more, declared an error, and what is right now; both to whom the first was told."""
    row = tx.execute(f"SELECT {', '.join(Found._fields)} FROM {table(EVENT)} WHERE root = ? ORDER BY place DESC LIMIT 1", (root,)).fetchone()
    if row is None:                                                      # somebody decided that this view leaves it out
        return
    last = Found._make(row)
    wrong = last._replace(place=2 * position, recorded_at=e.recorded_at, reason=v.NEVER_WAS)
    if e.name == events.COLLECTION_WITHDRAWN:
        tx.load(table(EVENT), Found._fields, [wrong])
        return
    new = {k: value for k, value in {**e.data.get("new", {}), "findings": e.data.get("findings")}.items() if value is not None and k not in NEITHER}
    data, day = {**msgspec.json.decode(last.data), **new}, new.get("occurred_on", last.occurred_on)
    mass = new.get("gross_mg", e.data.get("gross_mg"))                   # of a receipt, or of a lot that was formed
    right = last._replace(place=2 * position + 1, recorded_at=e.recorded_at, id=v.event_id(e.id), thing=e.id, data=text(data), occurred_on=day,
                          at=last.at if day == last.occurred_on else counted_at(day))
    tx.load(table(EVENT), Found._fields, [wrong._replace(reason=v.WRONG, corrective=right.id), right])
    tx.execute(f"INSERT INTO {table(LOT)} SELECT CAST(? AS TEXT), lot, role, CASE WHEN lot = ? AND role <> 'in' THEN coalesce(CAST(? AS BIGINT), gross_mg) "
               f"ELSE gross_mg END, bar FROM {table(LOT)} WHERE thing = ?", (e.id, v.lot(e.data["lot"]), mass, last.thing))
    copied(tx, table, last.thing, e.id)


def find(tx: Transaction, table: Table, where: Sequence[tuple[str, Sequence[Any]]], order: str, limit: int) -> list[Found]:
    """`where` are conditions on the event's row `e` with their values; `order` is how its rows stand, `place` among it."""
    clauses = " AND ".join(clause.format(party=table(PARTY), lot=table(LOT)) for clause, _ in where) or "1 = 1"
    rows = tx.execute(f"SELECT {', '.join(f'e.{c}' for c in Found._fields)} FROM {table(EVENT)} e WHERE {clauses} ORDER BY {order} LIMIT ?",
                      [*(value for _, some in where for value in some), limit]).fetchall()
    return list(map(Found._make, rows))


def lots(tx: Transaction, table: Table, thing: str) -> list[tuple[str, str, int, str]]:
    """(URI, role, gross mg, a bar's URI); the role is `in` or `out` of a transformation, `parent` for the parcel."""
    return [(lot, role, int(mg), bar) for lot, role, mg, bar in tx.execute(
        f"SELECT lot, role, gross_mg, bar FROM {table(LOT)} WHERE thing = ? ORDER BY lot", (thing,)).fetchall()]
