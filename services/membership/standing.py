"""An organisation as it stands after all corrections: its facts, and what follows from them."""
from collections.abc import Sequence
from dataclasses import dataclass

from shared.errors import NotFound
from shared.event import Event

from . import events
from .presence import Fact, as_fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    id: str
    level: str
    facts: tuple[Fact, ...]

    def fact(self, event: str) -> Fact:
        for fact in self.facts:
            if fact.event == event:
                return fact
        raise NotFound(f"organisation '{self.id}' has no event {event}", field="event")

    def latest(self, *names: str) -> Fact | None:
        """The fact of these names that counts last; among equal days the one recorded last."""
        found = sorted((f for f in self.facts if f.name in names), key=lambda f: f.counts_from)
        return found[-1] if found else None

    @property
    def parents(self) -> list[str]:
        """Affiliations that stand at the end of the known timeline, in order of their beginning."""
        standing: dict[str, None] = {}
        for fact in sorted(self.facts, key=lambda f: f.counts_from):
            if fact.name == events.ORGANISATION_AFFILIATED:
                standing[fact.data["parent"]] = None
            elif fact.name == events.ORGANISATION_DETACHED:
                standing.pop(fact.data["parent"], None)
        return list(standing)

    @property
    def district(self) -> str:
        """Where it is at the end of the known timeline; '' if nobody said."""
        last = self.latest(events.ORGANISATION_FOUNDED, events.ORGANISATION_MOVED)
        return str(last.data.get("district", "")) if last else ""

    @property
    def status(self) -> str:
        last = self.latest(events.ORGANISATION_SUSPENDED, events.ORGANISATION_REINSTATED, events.ORGANISATION_DISSOLVED)
        names = {events.ORGANISATION_SUSPENDED: "suspended", events.ORGANISATION_DISSOLVED: "dissolved"}
        if last and last.name in names:
            return names[last.name]
        return "registered" if self.latest(events.ORGANISATION_REGISTERED) else "in constitution"


def evolve(history: Sequence[Event]) -> Organisation | None:
    """The organisation with its facts as they stand after corrections; None if nobody founded it."""
    if not history:
        return None
    facts: list[Fact] = []
    for e in history:
        match e.name:
            case events.FACT_CORRECTED:
                facts = [f.corrected(e.data["new"]) if f.event == e.data["corrects"] else f for f in facts]
            case events.FACT_WITHDRAWN:
                facts = [f for f in facts if f.event != e.data["withdraws"]]
            case _:
                facts.append(as_fact(e))
    return Organisation(id=history[0].data["organisation"], level=history[0].data["level"], facts=tuple(facts))
