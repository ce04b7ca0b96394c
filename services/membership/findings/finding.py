"""A finding: its breaches as known now, and its state by day as the organisation answered and somebody decided."""
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from services.membership import events
from shared.event import Event

from .spans import NEVER, Span, where

OPEN = frozenset({"observed", "to check", "answered", "confirmed"})
Steps = list[tuple[str, str]]              # a day, and the state from then on


@dataclass(frozen=True, slots=True)
class Finding:
    recorded: dict[str, Any] = field(default_factory=dict)
    """The last FindingRecorded; empty before the first."""
    said: tuple[tuple[str, str], ...] = ()
    """Answers and decisions: the day, and the state they bring."""

    def states(self) -> Steps:
        """An answer or decision is about the breach there is on its day, and holds until that breach is over; a later breach begins anew."""
        steps: Steps = []
        for breach in self.recorded.get("breaches", ()):
            span = Span(breach["from"], breach.get("until", NEVER))
            now = breach["state"]
            steps.append((span.start, now))
            for day, state in self.said:
                if span.start <= day < span.until:
                    now = now if state == "answered" and now in ("confirmed", "lifted") else state
                    steps.append((day, now))
            if span.until != NEVER:
                steps.append((span.until, "expired"))
        return steps

    def state_at(self, day: str) -> str:
        """'' while there is nothing found."""
        return ([state for begins, state in self.states() if begins <= day] or [""])[-1]

    def open(self) -> list[Span]:
        """The days on which it weighs on the organisation's standing."""
        return where(self.states(), lambda state: state in OPEN)


def stream(organisation: str, rule: str) -> str:
    return f"finding/{organisation}:{rule}"


def evolve(history: Sequence[Event]) -> Finding:
    recorded: dict[str, Any] = {}
    said: list[tuple[str, str]] = []
    for e in history:
        match e.name:
            case events.FINDING_RECORDED:
                recorded = e.data
            case events.FINDING_ANSWERED:
                said.append((e.data["counts_from"], "answered"))
            case events.FINDING_DECIDED:
                said.append((e.data["counts_from"], e.data["state"]))
    return Finding(recorded, tuple(sorted(said, key=lambda one: one[0])))
