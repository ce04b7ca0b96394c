"""How each organisation stands, step by step; a newer timeline retracts the one before."""
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import msgspec

from services.reporting import received
from services.reporting.received_facts import StandingEvent
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction

_decode = msgspec.json.Decoder(StandingEvent).decode
COLUMNS = ("organisation", "value", "why", "day", "until", "event", "recorded_at", "retracted_at", "position")
ENDLESS = "9999"


class Standings(View):
    """A step stands from `day` to the day before `until`."""

    name = "standings"
    names = frozenset({received.STANDING_CHANGED})
    tables: ClassVar[dict[str, str]] = {
        "": "organisation TEXT, value TEXT, why TEXT, day TEXT, until TEXT, event TEXT, recorded_at TEXT, retracted_at TEXT, position BIGINT"}
    indexes: ClassVar[dict[str, Sequence[str]]] = {"": ["organisation"]}

    def fold(self, page: Sequence[Recorded]) -> list[tuple[str, str, list[tuple[Any, ...]]]]:
        """(organisation, recorded_at, its new rows), in order."""
        result = []
        for r in page:
            e = _decode(r.state)
            steps = sorted(e.data.standing, key=lambda s: s.day)
            ends = [*(s.day for s in steps[1:]), ENDLESS]
            rows = [(e.data.organisation, s.value, " ".join(s.why), s.day, until, e.id, e.recorded_at, "", r.position)
                    for s, until in zip(steps, ends, strict=False)]
            result.append((e.data.organisation, e.recorded_at, rows))
        return result

    def write(self, tx: Transaction, table: Callable[[str], str], change: Sequence[tuple[str, str, list[tuple[Any, ...]]]]) -> None:
        for organisation, recorded_at, rows in change:
            tx.execute(f"UPDATE {table('')} SET retracted_at = ? WHERE organisation = ? AND retracted_at = ''", (recorded_at, organisation))
            tx.load(table(""), COLUMNS, rows)


def standing_as_of(table: Callable[[str], str]) -> str:
    """SQL for the step on which each organisation stands; takes day, day, time, time."""
    return f"SELECT * FROM {table('')} WHERE day <= ? AND until > ? AND recorded_at <= ? AND (retracted_at = '' OR retracted_at > ?)"
