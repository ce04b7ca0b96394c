"""What is found is told when it changes; what is answered and decided holds for the breach there is."""
from typing import Any

import pytest

from services.membership import events
from services.membership.findings import commands as c
from services.membership.findings import decisions, finding, rules
from services.membership.findings.around import Around, Change
from shared import event
from shared.application import New
from shared.errors import Conflict, NotFound
from shared.event import Event
from shared.testing import happened
from tests.unit.membership.facts import founded, moved

FOUNDED = "2020-01-01"
RULES = {id_: rules.table()[id_] for id_ in ("OH-01", "OH-03")}
LOOK = c.AssessOrganisation(organisation="dabia")
SCOOPS = founded(on=FOUNDED, form="SCOOPS", name="SCOOPS Dabia", district="kenieba", id="founding")


def members(*days: str) -> Around:
    return Around(members=[Change("miner", day, 1, f"in-{n}") for n, day in enumerate(days)])


def look(around: Around, *told: Event, by: rules.Rules = RULES) -> list[New]:
    histories: dict[str, list[Event]] = {stream: [] for stream in decisions.streams_of_assessment(LOOK, by)}
    for e in told:
        histories[e.stream].append(e)
    return decisions.decide_assessment(histories, LOOK, by, around)


def as_told(news: list[New]) -> list[Event]:
    return [happened(new.stream, new.name, new.data) for new in news]


def recorded(*breaches: dict[str, Any], rule: str = "OH-01") -> Event:
    return happened(f"finding/dabia:{rule}", events.FINDING_RECORDED, {"breaches": [{"state": "observed", **b} for b in breaches]})


def said(name: str, day: str, **data: Any) -> Event:
    return happened("finding/dabia:OH-01", name, {"counts_from": day, **data})


def test_a_finding_is_told_with_its_rule_its_days_its_numbers_and_events_and_the_standing_with_it() -> None:
    first, second = look(members(FOUNDED), SCOOPS)
    assert first == New("finding/dabia:OH-01", events.FINDING_RECORDED, {
        "finding": "dabia:OH-01", "organisation": "dabia", "rule": "OH-01", "article": "AUSCOOP 204", "severity": "B", "tag": "V",
        "breaches": [{"from": FOUNDED, "state": "observed", "facts": {"members": 1}}], "events": ["founding", "in-0"]})
    assert second == New("standing/dabia", events.STANDING_CHANGED, {
        "organisation": "dabia", "standing": [{"from": FOUNDED, "value": "to check", "why": ["OH-01"]}]})


def test_what_was_told_is_not_told_again() -> None:
    told = as_told(look(members(FOUNDED), SCOOPS))
    assert look(members(FOUNDED), SCOOPS, *told) == []
    assert look(members(FOUNDED), SCOOPS, moved("kangaba", on="2021-01-01"), *told) == []


def test_what_is_told_has_the_form_in_which_it_is_stored() -> None:
    for new in look(members(FOUNDED), SCOOPS):
        assert event.plain(dict(new.data)) == new.data


def test_of_a_rule_that_is_kept_nothing_is_told() -> None:
    (only,) = look(members(*[FOUNDED] * 5), SCOOPS)
    assert only.data == {"organisation": "dabia", "standing": [{"from": FOUNDED, "value": "good", "why": []}]}


def test_a_finding_that_was_none_is_taken_back() -> None:
    told = as_told(look(members(FOUNDED), SCOOPS))
    taken_back, stands = look(members(*[FOUNDED] * 5), SCOOPS, *told)
    assert (taken_back.data["breaches"], taken_back.data["events"]) == ([], [])
    assert stands.data["standing"] == [{"from": FOUNDED, "value": "good", "why": []}]
    assert look(members(*[FOUNDED] * 5), SCOOPS, *told, *as_told([taken_back, stands])) == []


def test_another_rule_is_told_anew() -> None:
    told = as_told(look(members(FOUNDED), SCOOPS))
    (new,) = look(members(FOUNDED), SCOOPS, *told, by=rules.read({"rules": {
        "OH-01": {"article": "AUSCOOP 204 nouveau", "severity": "W", "tag": "V", "check": "too-few-members", "levels": ["base"], "observed": ["base"],
                  "effective_from": "2011-05-15", "fr": "", "en": "", "parameters": {"least": 5, "kinds": ["miner"], "founders": True}}}}))
    assert (new.name, new.data["article"], new.data["severity"]) == (events.FINDING_RECORDED, "AUSCOOP 204 nouveau", "W")


def test_a_lifted_finding_changes_the_standing_from_its_day_on() -> None:
    told = as_told(look(members(FOUNDED), SCOOPS))
    (stands,) = look(members(FOUNDED), SCOOPS, *told, said(events.FINDING_DECIDED, "2021-05-01", state="lifted"))
    assert stands.data["standing"] == [{"from": FOUNDED, "value": "to check", "why": ["OH-01"]}, {"from": "2021-05-01", "value": "good", "why": []}]


def test_an_organisation_that_nobody_founded_is_not_found() -> None:
    with pytest.raises(NotFound):
        look(members(FOUNDED))


# states

def test_the_state_is_that_of_the_last_word_until_the_breach_is_over() -> None:
    state = finding.evolve([recorded({"from": "2020-01-01", "until": "2021-01-01"}, {"from": "2022-01-01"}),
                            said(events.FINDING_ANSWERED, "2020-03-01"), said(events.FINDING_DECIDED, "2020-05-01", state="confirmed"),
                            said(events.FINDING_ANSWERED, "2020-06-01"), said(events.FINDING_DECIDED, "2020-08-01", state="lifted"),
                            said(events.FINDING_DECIDED, "2020-09-01", state="to check"), said(events.FINDING_ANSWERED, "2020-10-01")])
    by_day = {"2019-12-31": "", "2020-01-01": "observed", "2020-02-29": "observed", "2020-03-01": "answered", "2020-05-01": "confirmed",
              "2020-06-02": "confirmed", "2020-08-01": "lifted", "2020-09-01": "to check", "2020-10-01": "answered", "2021-01-01": "expired",
              "2021-12-31": "expired", "2022-01-01": "observed"}
    assert {day: state.state_at(day) for day in by_day} == by_day


def test_a_decision_holds_from_the_first_day_of_a_breach_and_not_on_the_day_after_its_last() -> None:
    found = recorded({"from": "2020-01-01", "until": "2021-01-01"}, {"from": "2021-01-01"})
    first = finding.evolve([found, said(events.FINDING_DECIDED, "2020-01-01", state="lifted")])
    assert (first.state_at("2020-01-01"), first.state_at("2021-01-01")) == ("lifted", "observed")
    after = finding.evolve([found, said(events.FINDING_DECIDED, "2021-01-01", state="lifted")])
    assert [after.state_at(day) for day in ("2020-12-31", "2021-01-01")] == ["observed", "lifted"]
    assert ("2021-01-01", "lifted") not in after.states()[:2]


def test_what_is_told_late_counts_from_its_day() -> None:
    state = finding.evolve([recorded({"from": "2020-01-01"}), said(events.FINDING_DECIDED, "2020-06-01", state="lifted"),
                            said(events.FINDING_ANSWERED, "2020-03-01")])
    assert [state.state_at(day) for day in ("2020-02-01", "2020-04-01", "2020-07-01")] == ["observed", "answered", "lifted"]


# answers and decisions

def decide(command: Any, *told: Event) -> list[New]:
    histories = {stream: [e for e in told if e.stream == stream] for stream in decisions.streams_of_finding(command)}
    return decisions.decide_finding(histories, command, today="2024-11-24")


ANSWER = c.AnswerFinding(organisation="dabia", rule="OH-01", answer="Deux adhésions sont en cours.")
DECISION = c.DecideFinding(organisation="dabia", rule="OH-01", state="lifted", decision="Liste reçue.", occurred_on="2024-10")


def test_an_answer_and_a_decision_are_recorded_with_their_day() -> None:
    of = {"finding": "dabia:OH-01", "organisation": "dabia", "rule": "OH-01"}
    found = recorded({"from": "2020-01-01"})
    assert decide(ANSWER, found) == [New("finding/dabia:OH-01", events.FINDING_ANSWERED, {**of, "answer": ANSWER.answer, "counts_from": "2024-11-24"})]
    assert decide(DECISION, found) == [New("finding/dabia:OH-01", events.FINDING_DECIDED, {
        **of, "state": "lifted", "decision": "Liste reçue.", "counts_from": "2024-10-31"})]


def test_what_nobody_found_is_neither_answered_nor_decided() -> None:
    for command in (ANSWER, DECISION):
        with pytest.raises(NotFound):
            decide(command)
        with pytest.raises(NotFound):
            decide(command, recorded({"from": "2020-01-01"}, rule="OH-03"))


def test_a_breach_that_is_still_to_come_is_not_decided() -> None:
    for told in (recorded({"from": "2025-01-01"}), recorded()):
        with pytest.raises(Conflict) as refused:
            decide(DECISION, told)
        assert refused.value.field == "occurred_on"
