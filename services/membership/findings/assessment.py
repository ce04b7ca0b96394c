"""One organisation looked at by the rules: on which days each is not kept, over the whole of its life. Pure."""
from collections.abc import Iterable
from typing import Any, NamedTuple

from services.membership.standing import Organisation

from . import life
from .around import Around
from .checks import CHECKS
from .look import Look
from .rules import Rule, Rules
from .spans import NEVER, Span, after, both, where

MOST_EVENTS = 100                  # that one finding names; of more, the last


class Assessed(NamedTuple):
    """What is found by one rule; no breaches where it is kept, or does not apply."""

    breaches: list[dict[str, Any]]
    events: list[str]


def assess(rules: Rules, organisation: Organisation, around: Around) -> dict[str, Assessed]:
    """By the id of the rule."""
    return {rule.id: _by(rule, organisation, around) for rule in rules.values()}


def in_force(rule: Rule, organisation: Organisation) -> list[Span]:
    """The days on which the rule applies to it: it is in being, the rule is in force, and there where the organisation is."""
    if organisation.level not in rule.levels or (rule.forms and life.form(organisation) not in rule.forms):
        return []
    days = both(life.being(organisation), [Span(rule.effective_from, after(rule.effective_to, 1) if rule.effective_to else NEVER)])
    return both(days, where(life.districts(organisation), lambda here: here in rule.territory)) if rule.territory else days


def _by(rule: Rule, organisation: Organisation, around: Around) -> Assessed:
    days = in_force(rule, organisation)
    if not days:
        return Assessed([], [])
    check, look = CHECKS[rule.check], Look(organisation=organisation, around=around, parameters=rule.parameters)
    breaches: list[dict[str, Any]] = []
    events: list[str] = []
    for span in both(check.breached(look), days):
        compared = check.compared(look, span)
        certain = compared.certain and organisation.level in rule.observed
        breaches.append(_breach(span, "observed" if certain else "to check", compared.facts))
        events += compared.events
    return Assessed(breaches, _once(events)[-MOST_EVENTS:])


def _breach(span: Span, state: str, facts: dict[str, Any]) -> dict[str, Any]:
    return {"from": span.start, **({"until": span.until} if span.until != NEVER else {}), "state": state, **({"facts": facts} if facts else {})}


def _once(events: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(events))
