"""From the dated facts of one organisation to what it adds, day by day, to the counts of districts and to its parents' members."""
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shared import dates
from shared.event import Event

from . import events

CORRECTABLE = ("district", "number", "normalised", "name", "form", "acronym")        # what a correction may change, beside the date


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One event of the organisation as it stands after corrections; `counts_from` is a day (ISO)."""

    event: str
    name: str
    counts_from: str
    occurred_on: str
    data: Mapping[str, Any]

    def corrected(self, new: Mapping[str, Any]) -> "Fact":
        data = {**self.data, **{k: new[k] for k in CORRECTABLE if k in new}}
        return replace(self, data=data, occurred_on=new.get("occurred_on", self.occurred_on), counts_from=new.get("counts_from", self.counts_from))

    def said(self) -> dict[str, Any]:
        """What a correction or withdrawal keeps of it as the old values."""
        return {"occurred_on": self.occurred_on or None, "counts_from": self.counts_from, **{k: self.data.get(k) for k in CORRECTABLE}}


def as_fact(e: Event) -> Fact:
    """An undated fact counts from the day it was recorded: nobody can have known it to be older."""
    return Fact(event=e.id, name=e.name, occurred_on=e.occurred_on, data=e.data,
                counts_from=dates.counted(e.occurred_on, e.data.get("counts_from", e.recorded_at[:10])))


Contributions = Counter[tuple[str, str]]           # (district or parent, day) -> +1 or -1
Places = tuple[str, ...]
Follow = Callable[[Places, Fact], Places]


def district(here: Places, fact: Fact) -> Places:
    """The one it is in after `fact`; '' if nobody said."""
    if fact.name in (events.ORGANISATION_FOUNDED, events.ORGANISATION_MOVED):
        return (str(fact.data.get("district", "")),)
    return here


def parents(here: Places, fact: Fact) -> Places:
    """Those it is affiliated to after `fact`, in order of their beginning."""
    parent = fact.data.get("parent", "")
    if fact.name == events.ORGANISATION_AFFILIATED and parent not in here:
        return (*here, parent)
    return tuple(p for p in here if p != parent) if fact.name == events.ORGANISATION_DETACHED else here


def in_order(facts: Iterable[Fact]) -> list[Fact]:
    """By the day from which they count, and of one day as they were told, but for the founding."""
    return sorted(facts, key=lambda f: (f.counts_from, f.name != events.ORGANISATION_FOUNDED))


def contributions(facts: Iterable[Fact], follow: Follow) -> Contributions:
    """Where the organisation begins and ends to count among those that `follow` names: it does from its one founding to its end."""
    result: Contributions = Counter()
    in_being, here, counted = False, Places(), Places()
    for fact in in_order(facts):
        in_being = (in_being or fact.name == events.ORGANISATION_FOUNDED) and fact.name != events.ORGANISATION_DISSOLVED
        here = follow(here, fact)
        now = here if in_being else ()
        result.update({(place, fact.counts_from): 1 for place in now if place not in counted})
        result.subtract({(place, fact.counts_from): 1 for place in counted if place not in now})
        counted = now
    return result


def counts(before: Sequence[Fact], after: Sequence[Fact], level: str) -> list[dict[str, Any]]:
    """What an event changes in the counts of districts, so that no view has to look back; [] if nothing."""
    return [{"level": level, "from": day, "delta": delta, **({"district": slug} if slug else {})}
            for slug, day, delta in _difference(before, after, district)]


def members(before: Sequence[Fact], after: Sequence[Fact], level: str) -> list[dict[str, Any]] | None:
    """What it changes in the members of other organisations; None if nothing."""
    return [{"organisation": parent, "kind": level, "from": day, "delta": delta} for parent, day, delta in _difference(before, after, parents)] or None


def changes(before: Sequence[Fact], after: Sequence[Fact], level: str) -> dict[str, Any]:
    """Both."""
    return {"counts": counts(before, after, level), "members": members(before, after, level)}


def _difference(before: Sequence[Fact], after: Sequence[Fact], follow: Follow) -> list[tuple[str, str, int]]:
    difference = contributions(after, follow)
    difference.subtract(contributions(before, follow))
    return [(place, day, delta) for (place, day), delta in sorted(difference.items()) if delta]
