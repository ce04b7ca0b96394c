"""Whether it is registered in time, in the right register, and once (AUSCOOP 69-77)."""
from services.membership import events
from services.membership.presence import Fact

from .look import MOST_EVENTS, Compared, Look
from .spans import NEVER, Span, after, joined, where

MOST_NAMED = 5


def unregistered(look: Look) -> list[Span]:
    """On the last of the days it is still in time."""
    registered = look.of(events.ORGANISATION_REGISTERED)
    until = registered[0].counts_from if registered else NEVER
    return joined([Span(after(look.founding.counts_from, look.parameters["days"] + 1), until)]) if look.founding else []


def absent(look: Look, span: Span) -> Compared:
    registered = [f.event for f in look.of(events.ORGANISATION_REGISTERED)[:1]]
    return Compared({}, [*([look.founding.event] if look.founding else []), *registered], certain=False)


def wrong_register(look: Look) -> list[Span]:
    refused = look.parameters["refused"]
    return where([(f.counts_from, str(f.data.get("register", ""))) for f in look.of(events.ORGANISATION_REGISTERED)],
                 lambda register: any(word.casefold() in register.casefold() for word in refused))


def register(look: Look, span: Span) -> Compared:
    told = [f for f in look.of(events.ORGANISATION_REGISTERED) if f.counts_from < span.until]
    return Compared({"register": told[-1].data["register"]}, [f.event for f in told[-MOST_EVENTS:]])


def _numbers_so_far(look: Look) -> list[tuple[str, tuple[Fact, ...]]]:
    """Its registrations by day; one told again under another spelling is one."""
    by_number: dict[str, Fact] = {}
    steps = []
    for fact in look.of(events.ORGANISATION_REGISTERED):
        by_number.setdefault(str(fact.data["normalised"]), fact)
        steps.append((fact.counts_from, tuple(by_number.values())))
    return steps


def registered_twice(look: Look) -> list[Span]:
    return where(_numbers_so_far(look), lambda registered: len(registered) > 1)


def registrations(look: Look, span: Span) -> Compared:
    registered = [facts for day, facts in _numbers_so_far(look) if day < span.until][-1]
    return Compared({"numbers": ", ".join(str(f.data["number"]) for f in registered[-MOST_NAMED:])}, [f.event for f in registered[-MOST_EVENTS:]])
