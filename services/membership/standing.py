"""An organisation as it stands after all corrections: its facts, and what follows from them."""
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

from shared.application import Histories
from shared.errors import Conflict, NotFound
from shared.event import Event

from . import events, presence
from .presence import Fact, as_fact, in_order
from .validity import is_before


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    id: str
    level: str
    facts: tuple[Fact, ...]
    into: str = ""
    """The organisation it was a duplicate of, if it was one."""

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
    def parents(self) -> tuple[str, ...]:
        """Affiliations that stand at the end of the known timeline, in order of their beginning."""
        return self._at_last(presence.parents)

    @property
    def district(self) -> str:
        """Where it is at the end of the known timeline; '' if nobody said."""
        return "".join(self._at_last(presence.district))

    def _at_last(self, follow: presence.Follow) -> presence.Places:
        return reduce(follow, presence.in_order(self.facts), ())

    @property
    def name(self) -> str:
        last = self.latest(events.ORGANISATION_FOUNDED, events.ORGANISATION_RENAMED)
        return str(last.data["name"]) if last else ""

    @property
    def number(self) -> str:
        """Its registration's, normalised; '' for one that is not registered."""
        registered = self.latest(events.ORGANISATION_REGISTERED)
        return str(registered.data["normalised"]) if registered else ""

    @property
    def founded_on(self) -> str:
        """As precisely as it was said; '' where nobody said."""
        founded = self.latest(events.ORGANISATION_FOUNDED)
        return founded.occurred_on if founded else ""

    def belongs_since(self, parent: str) -> str:
        """When the affiliation to a parent began that began last, as precisely as it was said."""
        began = sorted((f for f in self.facts if f.name == events.ORGANISATION_AFFILIATED and f.data["parent"] == parent), key=lambda f: f.counts_from)
        return began[-1].occurred_on if began else ""

    @property
    def dissolution(self) -> Fact | None:
        """Its end; one that lies before the founding ends nothing (an old log may hold such)."""
        return next((f for f in in_order(self.facts) if f.name == events.ORGANISATION_DISSOLVED and not is_before(f.counts_from, self.founded_on)), None)

    def status_on(self, day: str) -> str:
        """What is dated later is still to come."""
        if self.into:
            return "merged"
        if self.dissolution and self.dissolution.counts_from <= day:
            return "dissolved"
        then = replace(self, facts=tuple(f for f in self.facts if f.counts_from <= day))
        last = then.latest(events.ORGANISATION_SUSPENDED, events.ORGANISATION_REINSTATED)
        if last and last.name == events.ORGANISATION_SUSPENDED:
            return "suspended"
        return "registered" if then.latest(events.ORGANISATION_REGISTERED) else "in constitution"

    def statuses(self) -> list[tuple[str, str]]:
        """The days on which the status changes, and what it is from then on; '' is before all days."""
        days = ["", *sorted({f.counts_from for f in self.facts})]
        steps = [(day, self.status_on(day)) for day in days]
        return [step for n, step in enumerate(steps) if n == 0 or step[1] != steps[n - 1][1]]


def evolve(history: Sequence[Event]) -> Organisation | None:
    """The organisation with its facts as they stand after corrections; None if nobody founded it."""
    if not history:
        return None
    facts: list[Fact] = []
    into = ""
    for e in history:
        match e.name:
            case events.FACT_CORRECTED:
                facts = [f.corrected(e.data["new"]) if f.event == e.data["corrects"] else f for f in facts]
            case events.FACT_WITHDRAWN:
                facts = [f for f in facts if f.event != e.data["withdraws"]]
            case events.ORGANISATION_MERGED:
                into = e.data["into"]
            case _:
                facts.append(as_fact(e))
    return Organisation(id=history[0].data["organisation"], level=history[0].data["level"], facts=tuple(facts), into=into)


def stream(organisation: str) -> str:
    return f"organisation/{organisation}"


def known(histories: Histories, organisation: str, field: str = "organisation") -> Organisation:
    """Raises NotFound for one that nobody founded, and Conflict for a duplicate, naming the one it was merged into."""
    state = evolve(histories[stream(organisation)])
    if state is None:
        raise NotFound(f"no organisation '{organisation}'", field=field, rule="found-organisation first")
    if state.into:
        raise Conflict(f"'{organisation}' was a duplicate of '{state.into}'", field=field, rule=f"say it of '{state.into}'")
    return state
