"""How organisations and miners stand, day by day, as membership tells it."""
import json
from collections.abc import Callable, Collection, Sequence
from typing import ClassVar

import msgspec

from services.gold_trade import received
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction

_decode = msgspec.json.Decoder(received.StandingEvent).decode
UNKNOWN = "unknown"
Steps = tuple[tuple[str, str], ...]        # from a day on, a value


class Standings(View):
    name = "standings"
    names = received.STANDINGS
    joins = True
    tables: ClassVar[dict[str, str]] = {"": "subject TEXT PRIMARY KEY, steps TEXT"}

    def fold(self, page: Sequence[Recorded]) -> dict[str, str]:
        """Subject to its steps: each telling is the whole timeline, so the last one stands."""
        result = {}
        for row in page:
            told = _decode(row.state).data
            if told.standing is not None:
                subject = f"miner/{told.miner}" if told.miner else f"organisation/{told.organisation}"
                result[subject] = json.dumps([[step.day, step.value] for step in told.standing])
        return result

    def join(self, change: dict[str, str], more: dict[str, str]) -> dict[str, str]:
        return {**change, **more}

    def write(self, tx: Transaction, table: Callable[[str], str], change: dict[str, str]) -> None:
        if change:
            tx.merge(table(""), list(change.items()), "ON CONFLICT (subject) DO UPDATE SET steps = excluded.steps")


def steps(tx: Transaction, table: Callable[[str], str], subjects: Collection[str]) -> dict[str, Steps]:
    """Subject to its timeline, an empty one if nobody told of it."""
    rows = tx.execute(f"SELECT subject, steps FROM {table('')} WHERE subject IN ({', '.join('?' * len(subjects))})", tuple(subjects)).fetchall()
    return {**dict.fromkeys(subjects, ()), **{subject: tuple(map(tuple, json.loads(told))) for subject, told in rows}}


def at(timeline: Steps, day: str) -> str:
    """How it stands on `day`; unknown for one nobody told of, or not yet on that day."""
    before = [value for since, value in timeline if since <= day]
    return before[-1] if before else UNKNOWN
