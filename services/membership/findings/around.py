"""What other streams say about one organisation: its members, the corridors assigned to it, the shares it owes to those who left."""
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from services.membership import events
from shared.projection import Projection
from shared.tables import Transaction

from .spans import NEVER, Span, after

# Facts as the events told them, by the organisation they are about; `place` is their order in the log. A table of the process each.
TABLES = {
    "member": "organisation TEXT, kind TEXT, day TEXT, delta BIGINT, event TEXT",
    "refund": "event TEXT PRIMARY KEY, organisation TEXT, miner TEXT, day TEXT, what TEXT, due_by TEXT, place BIGINT",
    "assignment": "event TEXT PRIMARY KEY, organisation TEXT, corridor TEXT, day TEXT, what TEXT, valid_until TEXT, place BIGINT",
    "corridor": "corridor TEXT PRIMARY KEY, valid_from TEXT, valid_until TEXT, closed TEXT"}
INDEXES: dict[str, Sequence[str]] = {"member": ["organisation"], "refund": ["organisation", "miner"], "assignment": ["organisation"]}


def mend(tx: Transaction, table: Callable[[str], str], name: str, day: str, data: Mapping[str, Any]) -> Iterable[str]:
    """Changes what older events left in the tables; the organisations about which something else is known now."""
    corridor, refund = table("corridor"), table("refund")
    match name:
        case events.CORRIDOR_GRANTED:
            tx.execute(f"INSERT INTO {corridor} VALUES (?, ?, ?, '') ON CONFLICT DO NOTHING",
                       (data["corridor"], data.get("valid_from", ""), data.get("valid_until", "")))
        case events.CORRIDOR_EXTENDED:
            tx.execute(f"UPDATE {corridor} SET valid_until = ? WHERE corridor = ?", (data["new"].get("valid_until", ""), data["corridor"]))
        case events.CORRIDOR_CLOSED:
            tx.execute(f"UPDATE {corridor} SET closed = ? WHERE corridor = ?", (day, data["corridor"]))
        case events.MINER_FACT_CORRECTED:
            return _correct(tx, refund, data["corrects"], data["new"])
        case events.MINER_FACT_WITHDRAWN:
            return _take_out(tx, refund, "event", data["withdraws"])
        case events.MINER_MERGED:                       # what was said of the duplicate is told again, of the one it was merged into
            return _take_out(tx, refund, "miner", data["miner"])
    return list(data.get("assigned", ()))


def _take_out(tx: Transaction, refund: str, column: str, value: str) -> list[str]:
    of = [row[0] for row in tx.execute(f"SELECT DISTINCT organisation FROM {refund} WHERE {column} = ?", (value,)).fetchall()]
    if of:
        tx.execute(f"DELETE FROM {refund} WHERE {column} = ?", (value,))
    return of


def _correct(tx: Transaction, refund: str, event: str, new: Mapping[str, Any]) -> list[str]:
    for organisation, day, due_by in tx.execute(f"SELECT organisation, day, due_by FROM {refund} WHERE event = ?", (event,)).fetchall():
        now = new.get("organisation", organisation), new.get("counts_from", day), new.get("refund_due_by", due_by)
        tx.execute(f"UPDATE {refund} SET organisation = ?, day = ?, due_by = ? WHERE event = ?", (*now, event))
        return [organisation, now[0]]
    return []


class Change(NamedTuple):
    """So many members of a kind more, or less, from a day on."""

    kind: str
    day: str
    delta: int
    event: str


class Clock(NamedTuple):
    """A share to be repaid (AUSCOOP 11): until `due_by`, that day included; `repaid` is the day it was, or ''."""

    due_by: str
    repaid: str
    event: str


class Held(NamedTuple):
    """A corridor that it may work in."""

    span: Span
    event: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    members: Sequence[Change] = ()
    clocks: Sequence[Clock] = ()
    corridors: Sequence[Held] = ()


def read(projection: Projection, organisation: str) -> Around:
    """As the process knows it now. Raises Unavailable before the process has its tables."""
    with projection.reading() as (tx, table, _):
        return Around(members=_members(tx, table, organisation), clocks=_clocks(tx, table, organisation), corridors=_corridors(tx, table, organisation))


def _members(tx: Transaction, table: Callable[[str], str], organisation: str) -> list[Change]:
    rows = tx.execute(f"SELECT kind, day, delta, event FROM {table('member')} WHERE organisation = ? ORDER BY day, event, kind, delta", (organisation,))
    return [Change(*row) for row in rows.fetchall()]


def _clocks(tx: Transaction, table: Callable[[str], str], organisation: str) -> list[Clock]:
    """Of each miner one after the other: a notice starts a clock, an extension sets it, the refund stops it."""
    clocks: dict[tuple[str, int], Clock] = {}
    left: dict[str, int] = {}
    rows = tx.execute(f"SELECT miner, what, day, due_by, event FROM {table('refund')} WHERE organisation = ? ORDER BY place", (organisation,))
    for miner, what, day, due_by, event in rows.fetchall():
        if what == "noticed":
            left[miner] = left.get(miner, 0) + 1
            clocks[miner, left[miner]] = Clock(due_by, "", event)
        elif clock := clocks.get((miner, left.get(miner, 0))):
            clocks[miner, left[miner]] = clock._replace(due_by=due_by) if what == "extended" else clock._replace(repaid=clock.repaid or day)
    return list(clocks.values())


def _corridors(tx: Transaction, table: Callable[[str], str], organisation: str) -> list[Held]:
    """An assignment holds while its corridor does; its last day is a day on which it holds."""
    rows = tx.execute(f"""
        SELECT a.corridor, a.what, a.day, a.event, a.valid_until, c.valid_from, c.valid_until, c.closed
        FROM {table('assignment')} a LEFT JOIN {table('corridor')} c ON c.corridor = a.corridor
        WHERE a.organisation = ? ORDER BY a.place""", (organisation,))
    held: dict[str, list[Held]] = {}
    for corridor, what, day, event, *days in rows.fetchall():
        mine = held.setdefault(corridor, [])
        if what == "assigned":
            until, begins, ends, closed = (d or "" for d in days)
            last = [after(d, 1) for d in (until, ends) if d]
            mine.append(Held(Span(max(day, begins), min((*last, closed or NEVER))), event))
        elif mine:                                      # of several, the one that began last
            last_begun = max(mine, key=lambda h: h.span.start)
            mine[mine.index(last_begun)] = last_begun._replace(span=Span(last_begun.span.start, min(last_begun.span.until, day)))
    return [h for several in held.values() for h in several if h.span.start < h.span.until]
