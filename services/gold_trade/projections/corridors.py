"""Which organisation may work in which corridor from when until when, as membership tells it."""
import datetime as dt
from collections.abc import Callable, Sequence
from typing import ClassVar

import msgspec

from services.gold_trade import received
from shared import dates
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction

_decode = msgspec.json.Decoder(received.CorridorEvent).decode
NO_END = "9999-12-31"
Span = tuple[str, str]


class Corridors(View):
    """A row for every assignment, for a receipt is looked at by its own day: what is assigned again later was not assigned then.

    `since` and `until` are first and last days; `closed` and `ended` the first on which it is so no more, '' while it is.
    """

    name = "corridors"
    version = 2
    names = received.CORRIDORS
    tables: ClassVar[dict[str, str]] = {
        "": "corridor TEXT PRIMARY KEY, since TEXT, until TEXT, closed TEXT",
        "assigned": "event TEXT PRIMARY KEY, organisation TEXT, corridor TEXT, since TEXT, until TEXT, ended TEXT"}
    indexes: ClassVar[dict[str, Sequence[str]]] = {"assigned": ["organisation"]}

    def fold(self, page: Sequence[Recorded]) -> list[tuple[str, received.CorridorEvent]]:
        return [(row.name, _decode(row.state)) for row in page]

    def write(self, tx: Transaction, table: Callable[[str], str], change: Sequence[tuple[str, received.CorridorEvent]]) -> None:
        for name, e in change:
            _write(tx, table(""), table("assigned"), name, e)


def _write(tx: Transaction, corridor: str, assigned: str, name: str, e: received.CorridorEvent) -> None:
    d, day = e.data, dates.counted(e.occurred_on, e.recorded_at[:10])
    match name:
        case received.CORRIDOR_GRANTED:
            tx.execute(f"INSERT INTO {corridor} VALUES (?, ?, ?, '') ON CONFLICT (corridor) DO NOTHING", (d.corridor, d.valid_from, d.valid_until or NO_END))
        case received.CORRIDOR_EXTENDED:
            tx.execute(f"UPDATE {corridor} SET until = ? WHERE corridor = ?", ((d.new.valid_until if d.new else "") or NO_END, d.corridor))
        case received.CORRIDOR_CLOSED:
            tx.execute(f"UPDATE {corridor} SET closed = ? WHERE corridor = ?", (day, d.corridor))
        case received.CORRIDOR_ASSIGNED:
            tx.execute(f"INSERT INTO {assigned} VALUES (?, ?, ?, ?, ?, '')", (e.id, d.organisation, d.corridor, d.begins or day, d.valid_until or NO_END))
        case received.CORRIDOR_ASSIGNMENT_ENDED:
            tx.execute(f"UPDATE {assigned} SET ended = ? WHERE event = ?", (day, d.assignment or _meant(tx, assigned, d, day)))


def _meant(tx: Transaction, assigned: str, d: received.Corridor, day: str) -> str:
    """Older events do not name the assignment they end: the one in force on that day, else the one that began last."""
    row = tx.execute(f"SELECT event FROM {assigned} WHERE organisation = ? AND corridor = ? AND ended = '' "
                     "ORDER BY CASE WHEN since <= ? AND until >= ? THEN 0 ELSE 1 END, since DESC LIMIT 1", (d.organisation, d.corridor, day, day)).fetchone()
    return str(row[0]) if row else ""


def spans(tx: Transaction, table: Callable[[str], str], organisation: str) -> list[Span]:
    """When it may work in some corridor: days, both included."""
    rows = tx.execute(f"SELECT a.since, c.since, a.until, c.until, a.ended, c.closed FROM {table('assigned')} a JOIN {table('')} c "
                      "ON c.corridor = a.corridor WHERE a.organisation = ?", (organisation,)).fetchall()
    found = [(max(since, begins), min(until, end, _before(ended), _before(closed))) for since, begins, until, end, ended, closed in rows]
    return sorted((first, last) for first, last in found if first <= last)


def _before(day: str) -> str:
    """The last day before something ended on `day`; '' is never."""
    return dt.date.fromordinal(max(dt.date.fromisoformat(day).toordinal() - 1, 1)).isoformat() if day else NO_END
