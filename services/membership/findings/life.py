"""The life of one organisation: from its dated facts to the days on which it is in being, suspended, somewhere, called something."""
from collections.abc import Iterator

from services.membership import events, presence
from services.membership.presence import Fact, in_order
from services.membership.standing import Organisation

from .spans import Span, where

Steps = list[tuple[str, str]]              # a day, and what is so from then on


def being(organisation: Organisation) -> list[Span]:
    """From its founding to its end; no day of a duplicate, which never was an organisation of its own."""
    start = ""
    for fact in () if organisation.into else in_order(organisation.facts):
        if fact.name == events.ORGANISATION_FOUNDED:
            start = fact.counts_from
        elif fact.name == events.ORGANISATION_DISSOLVED and start:
            return [Span(start, fact.counts_from)] if start < fact.counts_from else []
    return [Span(start)] if start else []


def suspended(organisation: Organisation) -> list[Span]:
    steps = [(f.counts_from, f.name) for f in _of(organisation, events.ORGANISATION_SUSPENDED, events.ORGANISATION_REINSTATED)]
    return where(steps, lambda name: name == events.ORGANISATION_SUSPENDED)


def districts(organisation: Organisation) -> Steps:
    """Where it is, '' while nobody said."""
    here: presence.Places = ()
    return [(f.counts_from, "".join(here := presence.district(here, f))) for f in in_order(organisation.facts)]


def names(organisation: Organisation) -> list[tuple[str, Fact]]:
    """What it is called: the fact that says so, from its day on."""
    return [(f.counts_from, f) for f in _of(organisation, events.ORGANISATION_FOUNDED, events.ORGANISATION_RENAMED)]


def form(organisation: Organisation) -> str:
    """SCOOPS, COOP-CA, or '' where nobody said."""
    founded = organisation.latest(events.ORGANISATION_FOUNDED)
    return str(founded.data.get("form", "")) if founded else ""


def _of(organisation: Organisation, *wanted: str) -> Iterator[Fact]:
    return (f for f in in_order(organisation.facts) if f.name in wanted)
