"""Which organisation may work in which corridor until when, as membership tells it."""
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

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
    name = "corridors"
    names = received.CORRIDORS
    tables: ClassVar[dict[str, str]] = {
        "": "corridor TEXT PRIMARY KEY, until TEXT",
        "assigned": "organisation TEXT, corridor TEXT, since TEXT, until TEXT, PRIMARY KEY (organisation, corridor)"}

    def fold(self, page: Sequence[Recorded]) -> list[tuple[str, tuple[Any, ...]]]:
        return [statement for row in page for statement in _statements(row.name, _decode(row.state))]

    def write(self, tx: Transaction, table: Callable[[str], str], change: Sequence[tuple[str, tuple[Any, ...]]]) -> None:
        for sql, values in change:
            tx.execute(sql.format(corridor=table(""), assigned=table("assigned")), values)


CORRIDOR = "INSERT INTO {corridor} VALUES (?, ?) ON CONFLICT (corridor) DO UPDATE SET until = excluded.until"
ASSIGNED = "INSERT INTO {assigned} VALUES (?, ?, ?, ?) ON CONFLICT (organisation, corridor) DO UPDATE SET since = excluded.since, until = excluded.until"
ENDED = "UPDATE {assigned} SET until = ? WHERE organisation = ? AND corridor = ?"


def _statements(name: str, e: received.CorridorEvent) -> list[tuple[str, tuple[Any, ...]]]:
    day = dates.counted(e.occurred_on, e.recorded_at[:10])
    match name:
        case received.CORRIDOR_GRANTED:
            return [(CORRIDOR, (e.data.corridor, e.data.valid_until or NO_END))]
        case received.CORRIDOR_EXTENDED:
            return [(CORRIDOR, (e.data.corridor, (e.data.new.valid_until if e.data.new else "") or NO_END))]
        case received.CORRIDOR_CLOSED:
            return [(CORRIDOR, (e.data.corridor, day))]
        case received.CORRIDOR_ASSIGNED:
            return [(ASSIGNED, (e.data.organisation, e.data.corridor, day, e.data.valid_until or NO_END))]
    return [(ENDED, (day, e.data.organisation, e.data.corridor))]


def spans(tx: Transaction, table: Callable[[str], str], organisation: str) -> list[Span]:
    """When it may work in some corridor: days, both included."""
    rows = tx.execute(f"SELECT a.since, a.until, c.until FROM {table('assigned')} a JOIN {table('')} c ON c.corridor = a.corridor WHERE a.organisation = ?",
                      (organisation,)).fetchall()
    return [(since, min(until, end)) for since, until, end in rows]
