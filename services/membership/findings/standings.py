"""How an organisation stands, by day: suspended, to check for what is found and not lifted, or good."""
from collections.abc import Mapping
from typing import Any

from services.membership import events
from services.membership.standing import Organisation

from . import life
from .finding import Finding
from .spans import NEVER, Span, both, gaps

Steps = list[dict[str, Any]]


def steps(organisation: Organisation, findings: Mapping[str, Finding]) -> Steps:
    """From its founding on, each with why: of what suspends it, else the rules, in order; [] for one without a day of founding."""
    founded = organisation.latest(events.ORGANISATION_FOUNDED)
    if founded is None:
        return []
    life_span = Span(founded.counts_from)
    suspends = _suspends(organisation)
    checks = {rule: finding.open() for rule, finding in findings.items()}
    days = {life_span.start, *(day for spans in (*suspends.values(), *checks.values()) for span in both(spans, [life_span]) for day in span)}
    result: Steps = []
    for day in sorted(days - {NEVER}):
        step = _at(day, suspends, checks)
        if not result or any(result[-1][k] != step[k] for k in ("value", "why")):
            result.append(step)
    return result


def _suspends(organisation: Organisation) -> dict[str, list[Span]]:
    """A duplicate never was an organisation of its own."""
    if organisation.into:
        return {"merged": [Span("")]}
    being = life.being(organisation)
    return {"dissolved": gaps(being), "suspended": both(life.suspended(organisation), being)}


def _at(day: str, suspends: Mapping[str, list[Span]], checks: Mapping[str, list[Span]]) -> dict[str, Any]:
    for value, reasons in (("suspended", suspends), ("to check", checks)):
        if why := sorted(name for name, spans in reasons.items() if any(s.start <= day < s.until for s in spans)):
            return {"from": day, "value": value, "why": why}
    return {"from": day, "value": "good", "why": []}
