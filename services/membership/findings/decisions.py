"""What follows from looking at an organisation, and from what is said of a finding; nothing where nothing has changed."""
from collections.abc import Mapping, Sequence
from typing import Any

from services.membership import events, organisation, standing
from services.membership.standing import Organisation
from shared import dates
from shared.application import Histories, New
from shared.errors import Conflict, NotFound
from shared.event import Event

from . import commands as c
from . import finding, standings
from .around import Around
from .assessment import Assessed, assess
from .finding import Finding
from .rules import Rule, Rules


def standing_stream(of: str) -> str:
    return f"standing/{of}"


def streams_of_assessment(command: c.AssessOrganisation, rules: Rules) -> list[str]:
    of = command.organisation
    return [standing_stream(of), standing.stream(of), *(finding.stream(of, rule) for rule in rules)]


def streams_of_finding(command: c.AnswerFinding | c.DecideFinding) -> list[str]:
    return [finding.stream(command.organisation, command.rule), standing.stream(command.organisation)]


touches = organisation.touches


def decide_assessment(histories: Histories, command: c.AssessOrganisation, rules: Rules, around: Around) -> list[New]:
    """The whole timeline of each rule and of the standing, where it is another than was told last. Raises NotFound."""
    of = standing.evolve(histories[standing.stream(command.organisation)])
    if of is None:
        raise NotFound(f"no organisation '{command.organisation}'", field="organisation", rule="found-organisation first")
    findings = {rule: finding.evolve(histories[finding.stream(of.id, rule)]) for rule in rules}
    news = []
    for rule, assessed in assess(rules, of, around).items():
        data = _recorded(rules[rule], of, assessed)
        if data != findings[rule].recorded and (assessed.breaches or findings[rule].recorded.get("breaches")):
            findings[rule] = Finding(data, findings[rule].said)
            news.append(New(finding.stream(of.id, rule), events.FINDING_RECORDED, data))
    return [*news, *_standing(of, findings, histories[standing_stream(of.id)])]


def decide_finding(histories: Histories, command: c.AnswerFinding | c.DecideFinding, today: str) -> list[New]:
    """`today` is the day from which an undated answer or decision counts. Raises NotFound, and Conflict for a day on which nothing was found yet."""
    key = finding.stream(command.organisation, command.rule)
    state = finding.evolve(histories[key])
    if not state.recorded:
        raise NotFound(f"no finding '{command.organisation}:{command.rule}'", field="rule", rule="what was found may be answered and decided")
    day = dates.counted(command.occurred_on, today)
    if not state.state_at(day):
        raise Conflict(f"nothing was found by {day}", field="occurred_on", rule="what was found may be answered and decided")
    data = {"finding": key.partition("/")[2], "organisation": command.organisation, "rule": command.rule, "counts_from": day}
    if isinstance(command, c.DecideFinding):
        return [New(key, events.FINDING_DECIDED, {**data, "state": command.state, "decision": command.decision})]
    return [New(key, events.FINDING_ANSWERED, {**data, "answer": command.answer})]


def _recorded(rule: Rule, of: Organisation, assessed: Assessed) -> dict[str, Any]:
    return {"finding": f"{of.id}:{rule.id}", "organisation": of.id, "rule": rule.id, "article": rule.article, "severity": rule.severity, "tag": rule.tag,
            "breaches": assessed.breaches, "events": assessed.events}


def _standing(of: Organisation, findings: Mapping[str, Finding], told: Sequence[Event]) -> list[New]:
    steps = standings.steps(of, findings)
    if steps == (told[-1].data["standing"] if told else []):
        return []
    return [New(standing_stream(of.id), events.STANDING_CHANGED, {"organisation": of.id, "standing": steps})]
