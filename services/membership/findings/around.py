"""What other streams say about one organisation: its members, the corridors assigned to it, the shares it owes to those who left."""
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from services.membership import events
from services.membership.miners import refunds
from services.membership.miners.refunds import Clock as Clock
from shared.projection import Projection
from shared.tables import Transaction

from .spans import NEVER, Span, after

# Facts as the events told them, by the organisation they are about; `place` is their order in the log. A table of the process each.
# The day of a notice is that of its receipt: from then on what is said of a refund may be of this departure.
TABLES = {
    "member": "organisation TEXT, kind TEXT, day TEXT, delta BIGINT, event TEXT",
    "refund": "event TEXT PRIMARY KEY, organisation TEXT, miner TEXT, day TEXT, what TEXT, due_by TEXT",
    "assignment": "event TEXT PRIMARY KEY, organisation TEXT, corridor TEXT, day TEXT, what TEXT, valid_until TEXT, assignment TEXT, place BIGINT",
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
    for organisation, what, day, due_by in tx.execute(f"SELECT organisation, what, day, due_by FROM {refund} WHERE event = ?", (event,)).fetchall():
        since = new.get("received_on" if what == "noticed" else "counts_from", day)
        now = new.get("organisation", organisation), since, new.get("refund_due_by", due_by)
        tx.execute(f"UPDATE {refund} SET organisation = ?, day = ?, due_by = ? WHERE event = ?", (*now, event))
        return [organisation, now[0]]
    return []


class Change(NamedTuple):
    """So many members of a kind more, or less, from a day on."""

    kind: str
    day: str
    delta: int
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
    """Of each miner one after the other."""
    told: dict[str, dict[str, list[tuple[str, str, str]]]] = {}
    rows = tx.execute(f"SELECT miner, what, day, due_by, event FROM {table('refund')} WHERE organisation = ? ORDER BY miner, event", (organisation,))
    for miner, what, *fact in rows.fetchall():
        told.setdefault(miner, {"noticed": [], "extended": [], "repaid": []})[what].append(tuple(fact))
    return [clock for of in told.values() for clock in refunds.clocks(
        [Clock(due_by, "", event, day) for day, due_by, event in of["noticed"]], [(day, due_by) for day, due_by, _ in of["extended"]],
        [day for day, *_ in of["repaid"]])]


def _corridors(tx: Transaction, table: Callable[[str], str], organisation: str) -> list[Held]:
    """An assignment holds while its corridor does; its last day is a day on which it holds."""
    rows = tx.execute(f"""
        SELECT a.corridor, a.what, a.day, a.event, a.assignment, a.valid_until, c.valid_from, c.valid_until, c.closed
        FROM {table('assignment')} a LEFT JOIN {table('corridor')} c ON c.corridor = a.corridor
        WHERE a.organisation = ? ORDER BY a.place""", (organisation,))
    held: dict[str, list[Held]] = {}
    for corridor, what, day, event, assignment, *days in rows.fetchall():
        mine = held.setdefault(corridor, [])
        if what == "assigned":
            until, begins, ends, closed = (d or "" for d in days)
            last = [after(d, 1) for d in (until, ends) if d]
            mine.append(Held(Span(max(day, begins), min((*last, closed or NEVER))), event))
        elif over := _ended(mine, assignment, day):
            mine[mine.index(over)] = over._replace(span=Span(over.span.start, min(over.span.until, day)))
    return [h for several in held.values() for h in several if h.span.start < h.span.until]


def _ended(held: Sequence[Held], assignment: str, day: str) -> Held | None:
    """Old events do not name the one they end: the one in force on that day, else the one that began last."""
    if assignment:
        return next((h for h in held if h.event == assignment), None)
    in_force = [h for h in held if h.span.start <= day < h.span.until]
    return max(in_force or held, key=lambda h: h.span.start, default=None)
