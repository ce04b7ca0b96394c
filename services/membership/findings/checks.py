"""What a rule may look at: each check says on which days it is not kept, and what was compared. Pure; data/rules.toml names them."""
import re
from collections.abc import Mapping, Sequence

from services.membership import events
from services.membership.presence import Fact

from . import life, registrations
from .around import Change, Clock
from .look import MOST_EVENTS, Check, Compared, Look
from .spans import NEVER, Span, after, both, gaps, joined, where

FORMS = {"SCOOPS": re.compile(r"\bSCOOPS\b", re.IGNORECASE), "COOP-CA": re.compile(r"\bCOOP[- ]?CA\b", re.IGNORECASE)}


def _changes(look: Look) -> list[Change]:
    return [m for m in look.around.members if m.kind in look.parameters["kinds"]]


def _founders(look: Look) -> int:
    """How many founded it, if the assembly's record says so and the rule counts founders."""
    held = look.organisation.latest(events.CONSTITUTIVE_ASSEMBLY_HELD) if look.parameters.get("founders") else None
    return int(held.data.get("founder_count") or len(held.data.get("founders", ()))) if held else 0


def _numbers(look: Look) -> list[tuple[str, int]]:
    """How many members it has, by day. The founders that were counted stand for them until as many are on record.

    Nothing where nobody said anything of its members: what is not stated is not 0 (principle 9).
    """
    stated = _founders(look)
    if look.founding is None or not (stated or look.around.members):
        return []
    by_day = {look.founding.counts_from: 0}
    for change in _changes(look):
        by_day[change.day] = by_day.get(change.day, 0) + change.delta
    steps, recorded = [], 0
    for day, delta in sorted(by_day.items()):
        recorded += delta
        if recorded >= stated:
            stated = 0
        steps.append((day, max(recorded, stated)))
    return steps


def _within(steps: Sequence[tuple[str, int]], span: Span) -> list[int]:
    """The values there are on its days."""
    before = [n for day, n in steps if day <= span.start][-1:]
    return [*before, *(n for day, n in steps if span.start < day < span.until)]


def _member_events(look: Look, span: Span) -> list[str]:
    told = [f.event for f in (look.founding, look.organisation.latest(events.CONSTITUTIVE_ASSEMBLY_HELD) if _founders(look) else None) if f]
    return [*told, *[m.event for m in _changes(look) if m.day <= span.until][-MOST_EVENTS:]]


def _too_few(look: Look) -> list[Span]:
    return where(_numbers(look), lambda n: n < look.parameters["least"])


def _few(look: Look, span: Span) -> Compared:
    """A list of members may be incomplete; one without anybody surely is."""
    values = _within(_numbers(look), span)
    return Compared({"members": values[-1]}, _member_events(look, span), certain=min(values) > 0)


def _too_many(look: Look) -> list[Span]:
    return where(_numbers(look), lambda n: n > look.parameters["most"])


def _many(look: Look, span: Span) -> Compared:
    return Compared({"members": max(_within(_numbers(look), span))}, _member_events(look, span))


def _named(fact: Fact, form: str) -> bool:
    return any(FORMS[form].search(str(fact.data.get(field, ""))) for field in ("name", "acronym"))


def _formless(look: Look) -> list[Span]:
    """Where nobody stated a form there is none to be named. An acronym told at the founding stays."""
    form = life.form(look.organisation)
    founding = look.founding
    if founding is None or form not in FORMS or FORMS[form].search(str(founding.data.get("acronym", ""))):
        return []
    return where(life.names(look.organisation), lambda fact: not _named(fact, form))


def _name(look: Look, span: Span) -> Compared:
    told = [f for day, f in life.names(look.organisation) if day < span.until]
    return Compared({"name": told[-1].data["name"], "form": life.form(look.organisation)}, [f.event for f in told[-MOST_EVENTS:]])


def _few_delegates(look: Look) -> list[Span]:
    """What was not kept at the assembly cannot be made good by time."""
    held = look.organisation.latest(events.CONSTITUTIVE_ASSEMBLY_HELD)
    few = held and held.data.get("delegates_each", look.parameters["least"]) < look.parameters["least"]
    return [Span(held.counts_from)] if held and few else []


def _delegates(look: Look, span: Span) -> Compared:
    held = look.of(events.CONSTITUTIVE_ASSEMBLY_HELD)[-1]
    return Compared({"delegates": held.data["delegates_each"]}, [held.event])


def _late(clock: Clock) -> Span:
    return Span(after(clock.due_by, 1), clock.repaid or NEVER)


def _overdue(look: Look) -> list[Span]:
    return joined(map(_late, look.around.clocks))


def _owed(look: Look, span: Span) -> Compared:
    """That a repayment is not on record does not say that there was none."""
    owed = [c for c in look.around.clocks if both([_late(c)], [span])]
    return Compared({"shares": len(owed)}, [c.event for c in owed][-MOST_EVENTS:], certain=False)


def _without_corridor(look: Look) -> list[Span]:
    return gaps(held.span for held in look.around.corridors)


def _corridors(look: Look, span: Span) -> Compared:
    ended = [held.event for held in look.around.corridors if held.span.until <= span.start]
    return Compared({}, [*([look.founding.event] if look.founding else []), *ended[-MOST_EVENTS:]], certain=False)


CHECKS: Mapping[str, Check] = {
    "too-few-members": Check({"least": int, "kinds": list, "founders": bool}, frozenset({"members"}), _too_few, _few),
    "too-many-members": Check({"most": int, "kinds": list}, frozenset({"members"}), _too_many, _many),
    "name-without-form": Check({}, frozenset({"name", "form"}), _formless, _name),
    "unregistered": Check({"days": int}, frozenset(), registrations.unregistered, registrations.absent),
    "wrong-register": Check({"refused": list}, frozenset({"register"}), registrations.wrong_register, registrations.register),
    "registered-twice": Check({}, frozenset({"numbers"}), registrations.registered_twice, registrations.registrations),
    "too-few-delegates": Check({"least": int}, frozenset({"delegates"}), _few_delegates, _delegates),
    "refund-overdue": Check({}, frozenset({"shares"}), _overdue, _owed),
    "without-corridor": Check({}, frozenset(), _without_corridor, _corridors)}
