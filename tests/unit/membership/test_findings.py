"""Every rule: kept, broken, the day between, its window and territory, and a correction that takes it back."""
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from services.membership import events, standing
from services.membership.findings import rules, standings
from services.membership.findings.around import Around, Change, Clock, Held
from services.membership.findings.assessment import Assessed, assess
from services.membership.findings.finding import Finding
from services.membership.findings.spans import Span
from shared.event import Event
from tests.unit.membership.facts import dissolved, fact, founded, moved

Breach = tuple[str, str, str]
FOUNDED = "2020-01-01"
NOTHING = Around()


def looked(rule: str, history: Sequence[Event], around: Around = NOTHING, **changed: Any) -> Assessed:
    """By one rule of the installation, with some of its fields changed."""
    organisation = standing.evolve(history)
    assert organisation
    one = msgspec.structs.replace(rules.table()[rule], **changed)
    return assess({rule: one}, organisation, around)[rule]


def breaches(rule: str, history: Sequence[Event], around: Around = NOTHING, **changed: Any) -> list[Breach]:
    return [(b["from"], b.get("until", ""), b["state"]) for b in looked(rule, history, around, **changed).breaches]


def members(*days: str, kind: str = "miner", left: Sequence[str] = ()) -> Around:
    return Around(members=sorted([*(Change(kind, day, 1, f"in-{n}") for n, day in enumerate(days)), *(Change(kind, day, -1, "out") for day in left)],
                                 key=lambda change: change.day))


def scoops(**more: Any) -> Event:
    return founded(on=FOUNDED, form="SCOOPS", **more)


def assembly(level: str = "base", **more: Any) -> list[Event]:
    return [founded(on=FOUNDED, level=level, form="SCOOPS"), fact(events.CONSTITUTIVE_ASSEMBLY_HELD, on="2020-02-01", id="assembly", **more)]


# OH-01, OH-02: so many members

def test_oh_01_is_broken_from_the_founding_until_the_fifth_is_admitted() -> None:
    three = [FOUNDED] * 3
    assert breaches("OH-01", [scoops()], members(*three)) == [(FOUNDED, "", "observed")]
    assert breaches("OH-01", [scoops()], members(*three, "2020-03-01")) == [(FOUNDED, "", "observed")]
    assert breaches("OH-01", [scoops()], members(*three, "2020-03-01", "2020-04-01")) == [(FOUNDED, "2020-04-01", "observed")]
    assert breaches("OH-01", [scoops()], members(*[FOUNDED] * 5)) == []


def test_oh_01_names_the_numbers_compared_and_the_events_behind_them() -> None:
    found = looked("OH-01", [scoops(id="founding")], members(FOUNDED, FOUNDED, "2020-02-01"))
    assert found.breaches[0]["facts"] == {"members": 3}
    assert found.events == ["founding", "in-0", "in-1", "in-2"]
    ended = looked("OH-01", [scoops(id="founding")], members(FOUNDED, FOUNDED, FOUNDED, FOUNDED, "2020-02-01", "2020-03-01"))
    assert ended.breaches[0]["facts"] == {"members": 4}
    assert ended.events == ["founding", "in-0", "in-1", "in-2", "in-3", "in-4"]
    assert rules.table()["OH-01"].text({"members": 3})["en"] == "A SCOOPS has at least 5 members; 3 on record."


def test_oh_01_is_broken_again_when_one_leaves() -> None:
    assert breaches("OH-01", [scoops()], members(*[FOUNDED] * 5, left=["2021-06-01"])) == [("2021-06-01", "", "observed")]


def test_oh_01_is_to_check_on_days_without_anybody_and_silent_where_nobody_said_anything() -> None:
    assert breaches("OH-01", [scoops()], members("2020-02-01")) == [(FOUNDED, "", "to check")]
    assert breaches("OH-01", [scoops()]) == []


def test_oh_01_counts_legal_persons_too() -> None:
    around = Around(members=[*members(*[FOUNDED] * 3).members, *members(FOUNDED, FOUNDED, kind="base").members])
    assert breaches("OH-01", [scoops()], around) == []


def test_oh_01_looks_at_scoops_only() -> None:
    for form in ("COOP-CA", None):
        assert breaches("OH-01", [founded(on=FOUNDED, form=form)], members(FOUNDED)) == []


def test_oh_01_takes_the_founders_that_were_counted_until_as_many_are_on_record() -> None:
    assert breaches("OH-01", assembly(founder_count=4)) == [(FOUNDED, "", "observed")]
    assert breaches("OH-01", assembly(founder_count=7)) == []
    assert breaches("OH-01", assembly(founder_count=7), members(*[FOUNDED] * 3)) == []
    seven = members(*[FOUNDED] * 7, left=["2021-01-01"] * 3)
    assert breaches("OH-01", assembly(founder_count=7), seven) == [("2021-01-01", "", "observed")]
    assert breaches("OH-01", assembly(founders=["a", "b"])) == [(FOUNDED, "", "observed")]


def test_oh_01_ends_with_the_organisation() -> None:
    assert breaches("OH-01", [scoops(), dissolved(on="2022-01-01")], members(FOUNDED)) == [(FOUNDED, "2022-01-01", "observed")]


def test_a_duplicate_breaks_nothing() -> None:
    merged = fact(events.ORGANISATION_MERGED, into="niena", decision="the same", counts=[])
    assert breaches("OH-01", [scoops(), merged], members(FOUNDED)) == []


def test_a_rule_is_silent_outside_its_window() -> None:
    assert breaches("OH-01", [scoops()], members(FOUNDED), effective_from="2020-06-01", effective_to="2020-06-30") == [("2020-06-01", "2020-07-01", "observed")]
    assert breaches("OH-01", [scoops()], members(FOUNDED), effective_to="2019-12-31") == []
    assert breaches("OH-01", [scoops()], members(FOUNDED), effective_to=FOUNDED) == [(FOUNDED, "2020-01-02", "observed")]


def test_a_rule_is_silent_outside_its_territory() -> None:
    history = [founded(on=FOUNDED, form="SCOOPS", district="kenieba"), moved("kangaba", on="2021-01-01"), moved("kenieba", on="2022-01-01")]
    assert breaches("OH-01", history, members(FOUNDED), territory=("kangaba",)) == [("2021-01-01", "2022-01-01", "observed")]
    assert breaches("OH-01", history, members(FOUNDED), territory=("kenieba",)) == [(FOUNDED, "2021-01-01", "observed"), ("2022-01-01", "", "observed")]
    assert breaches("OH-01", [scoops()], members(FOUNDED), territory=("kangaba",)) == []


def test_a_correction_takes_it_back() -> None:
    wrong = scoops(id="founding")
    corrected = fact(events.FACT_CORRECTED, corrects="founding", fact=events.ORGANISATION_FOUNDED, old={}, new={"counts_from": "2020-05-01"}, counts=[])
    assert breaches("OH-01", [wrong, corrected], members(FOUNDED, *["2020-05-01"] * 4)) == []
    admitted_and_withdrawn = Around(members=[*members(*[FOUNDED] * 5).members, Change("miner", FOUNDED, -1, "withdrawn")])
    assert breaches("OH-01", [scoops()], admitted_and_withdrawn) == [(FOUNDED, "", "observed")]


def test_oh_02_asks_fifteen_of_a_coop_ca() -> None:
    history = [founded(on=FOUNDED, form="COOP-CA")]
    assert breaches("OH-02", history, members(*[FOUNDED] * 14)) == [(FOUNDED, "", "observed")]
    assert breaches("OH-02", history, members(*[FOUNDED] * 15)) == []


def test_oh_02_is_to_check_at_the_top_where_members_may_be_of_several_kinds() -> None:
    history = [founded(on=FOUNDED, level="confederation", form="COOP-CA")]
    assert breaches("OH-02", history, members(*[FOUNDED] * 8, kind="federation")) == [(FOUNDED, "", "to check")]
    several = [*members(*[FOUNDED] * 8, kind="federation").members, *members(*[FOUNDED] * 7, kind="union").members]
    assert breaches("OH-02", history, Around(members=several)) == []


# OH-03: the name

@pytest.mark.parametrize(("form", "name", "more", "kept"), [
    ("SCOOPS", "SCOOPS Benkadi", {}, True), ("SCOOPS", "Benkadi-scoops", {}, True), ("SCOOPS", "Benkadi", {}, False), ("SCOOPS", "Benkadi COOP-CA", {}, False),
    ("COOP-CA", "Benkadi coop ca", {}, True), ("COOP-CA", "Coopérative Camara", {}, False), ("COOP-CA", "Confédération", {"acronym": "CNSCOM-COOP-CA"}, True),
    (None, "Benkadi", {}, True)])
def test_oh_03_looks_for_the_form_in_the_name(form: str | None, name: str, more: dict[str, Any], kept: bool) -> None:
    assert breaches("OH-03", [founded(on=FOUNDED, form=form, name=name, **more)]) == ([] if kept else [(FOUNDED, "", "to check")])


def test_oh_03_is_kept_from_the_day_of_a_better_name() -> None:
    renamed = fact(events.ORGANISATION_RENAMED, on="2021-01-01", name="SCOOPS Dabia", old_name="Dabia")
    assert breaches("OH-03", [scoops(), renamed]) == [(FOUNDED, "2021-01-01", "to check")]
    assert looked("OH-03", [scoops(), renamed]).breaches[0]["facts"] == {"form": "SCOOPS", "name": "Dabia"}
    still = fact(events.ORGANISATION_RENAMED, on="2021-01-01", name="Benkadi", old_name="Dabia", id="renamed")
    found = looked("OH-03", [scoops(id="founding"), still])
    assert (found.breaches[0]["facts"]["name"], found.events) == ("Benkadi", ["founding", "renamed"])


# OH-05: registration

def registered(on: str, register: str = "RSC", **more: Any) -> Event:
    return fact(events.ORGANISATION_REGISTERED, on=on, **{"number": "N1", "normalised": "n1", "register": register, **more})


def test_oh_05_gives_ninety_days() -> None:
    assert breaches("OH-05", [scoops()]) == [("2020-04-01", "", "to check")]
    assert breaches("OH-05", [scoops(), registered("2020-03-31")]) == []
    assert breaches("OH-05", [scoops(), registered("2020-04-01")]) == []
    assert breaches("OH-05", [scoops(), registered("2020-04-02")]) == [("2020-04-01", "2020-04-02", "to check")]
    assert breaches("OH-05", [scoops()], parameters={"days": 30}) == [("2020-02-01", "", "to check")]
    assert breaches("OH-05", [founded(on=FOUNDED, level="confederation")]) == []


def test_oh_05_names_the_founding_and_the_registration_that_came_late() -> None:
    late = [scoops(id="founding"), registered("2021-01-01", id="late"), registered("2022-01-01", id="later")]
    assert looked("OH-05", late).events == ["founding", "late"]


def test_oh_05_comes_back_when_the_registration_is_withdrawn() -> None:
    withdrawn = fact(events.FACT_WITHDRAWN, withdraws="r", fact=events.ORGANISATION_REGISTERED, old={}, counts=[])
    assert breaches("OH-05", [scoops(), registered("2020-02-01", id="r"), withdrawn]) == [("2020-04-01", "", "to check")]


def test_oh_05b_is_about_the_register_of_trade() -> None:
    assert breaches("OH-05b", [scoops(), registered("2020-02-01", "rccm Bamako")]) == [("2020-02-01", "", "observed")]
    assert breaches("OH-05b", [scoops(), registered("2020-02-01", "RCCM"), registered("2020-05-01")]) == [("2020-02-01", "2020-05-01", "observed")]
    assert breaches("OH-05b", [scoops(), registered("2020-02-01")]) == []
    twice = looked("OH-05b", [scoops(), registered("2020-02-01", "RCCM", id="a"), registered("2020-03-01", "RCCM 2", id="b"), registered("2020-05-01", id="c")])
    assert (twice.breaches[0]["facts"], twice.events) == ({"register": "RCCM 2"}, ["a", "b"])


def test_oh_05c_is_about_two_registrations_at_once() -> None:
    one, two = registered("2020-02-01", id="a"), registered("2020-05-01", id="b", number="N 2", normalised="n2")
    assert breaches("OH-05c", [scoops(), one]) == []
    assert breaches("OH-05c", [scoops(), one, two]) == [("2020-05-01", "", "to check")]
    found = looked("OH-05c", [scoops(), one, two])
    assert (found.breaches[0]["facts"], found.events) == ({"numbers": "N1, N 2"}, ["a", "b"])
    withdrawn = fact(events.FACT_WITHDRAWN, withdraws="b", fact=events.ORGANISATION_REGISTERED, old={}, counts=[])
    assert breaches("OH-05c", [scoops(), one, two, withdrawn]) == []


# OH-20 to OH-24: what an apex is made of

@pytest.mark.parametrize(("rule", "level", "kind", "state"), [
    ("OH-20", "union", "base", "observed"), ("OH-23", "federation", "union", "to check"), ("OH-24", "confederation", "federation", "to check")])
def test_an_apex_has_two_members_of_the_level_below(rule: str, level: str, kind: str, state: str) -> None:
    history = [founded(on=FOUNDED, level=level)]
    assert breaches(rule, history) == []
    assert breaches(rule, history, members(FOUNDED, kind=kind)) == [(FOUNDED, "", state)]
    assert breaches(rule, history, members(FOUNDED, FOUNDED, kind=kind)) == []
    assert breaches(rule, history, members(FOUNDED, FOUNDED, kind=kind, left=["2022-01-01"])) == [("2022-01-01", "", state)]
    assert breaches(rule, [founded(on=FOUNDED)], members(FOUNDED, kind=kind)) == []


def test_oh_23_is_to_check_for_a_federation_of_societies() -> None:
    """They may be such as can form no union (AUSCOOP 141)."""
    assert breaches("OH-23", [founded(on=FOUNDED, level="federation")], members(*[FOUNDED] * 6, kind="base")) == [(FOUNDED, "", "to check")]


@pytest.mark.parametrize(("rule", "level"), [("OH-21", "union"), ("OH-23b", "federation")])
def test_each_founder_sends_three_delegates(rule: str, level: str) -> None:
    assert breaches(rule, assembly(level, delegates_each=2)) == [("2020-02-01", "", "observed")]
    assert breaches(rule, assembly(level, delegates_each=3)) == []
    assert breaches(rule, assembly(level)) == []
    assert breaches(rule, assembly("base", delegates_each=1)) == []
    assert looked(rule, assembly(level, delegates_each=0)).breaches[0]["facts"] == {"delegates": 0}


# OH-31: shares to be repaid

def test_oh_31_is_broken_on_the_day_after_the_last_on_which_a_share_was_due() -> None:
    assert breaches("OH-31", [scoops()], Around(clocks=[Clock("2021-06-30", "", "n")])) == [("2021-07-01", "", "to check")]
    assert breaches("OH-31", [scoops()], Around(clocks=[Clock("2021-06-30", "2021-06-30", "n")])) == []
    assert breaches("OH-31", [scoops()], Around(clocks=[Clock("2021-06-30", "2021-07-01", "n")])) == []
    assert breaches("OH-31", [scoops()], Around(clocks=[Clock("2021-06-30", "2021-07-02", "n")])) == [("2021-07-01", "2021-07-02", "to check")]


def test_oh_31_joins_the_days_of_several_and_counts_them() -> None:
    clocks = [Clock("2021-01-31", "2021-03-01", "a"), Clock("2021-02-15", "", "b"), Clock("2020-12-31", "2021-01-01", "c")]
    found = looked("OH-31", [scoops()], Around(clocks=clocks))
    assert [(b["from"], b.get("until"), b["facts"]) for b in found.breaches] == [("2021-02-01", None, {"shares": 2})]
    assert found.events == ["a", "b"]
    apart = looked("OH-31", [scoops()], Around(clocks=[Clock("2021-01-31", "2021-03-01", "a"), Clock("2021-04-30", "2021-06-01", "b")]))
    assert [b["facts"]["shares"] for b in apart.breaches] == [1, 1]


# CMM-01: a hundred members

def test_cmm_01_warns_of_the_hundred_and_first() -> None:
    hundred = [FOUNDED] * 100
    assert breaches("CMM-01", [scoops()], members(*hundred)) == []
    assert breaches("CMM-01", [scoops()], members(*hundred, "2021-01-01", left=["2021-05-01"])) == [("2021-01-01", "2021-05-01", "to check")]
    found = looked("CMM-01", [scoops()], members(*hundred, "2021-01-01", "2021-02-01"))
    assert found.breaches[0]["facts"] == {"members": 102} and len(found.events) <= 100


# ML-02: a corridor

def test_ml_02_is_broken_while_no_corridor_holds() -> None:
    assert breaches("ML-02", [scoops()]) == [("2023-08-29", "", "to check")]
    held = [Held(Span("2023-01-01", "2024-01-01"), "a"), Held(Span("2023-12-01", "2024-07-01"), "b"), Held(Span("2025-01-01"), "c")]
    assert breaches("ML-02", [scoops()], Around(corridors=held)) == [("2024-07-01", "2025-01-01", "to check")]
    assert looked("ML-02", [scoops(id="founding")], Around(corridors=held)).events == ["founding", "a", "b"]
    assert breaches("ML-02", [founded(on=FOUNDED, level="union")]) == []


# how it stands

def stands(history: Sequence[Event], **found: Finding) -> list[tuple[str, str, str]]:
    organisation = standing.evolve(history)
    assert organisation
    return [(s["from"], s["value"], " ".join(s["why"])) for s in standings.steps(organisation, {k.replace("_", "-"): v for k, v in found.items()})]


def finding(*found: dict[str, Any], said: Sequence[tuple[str, str]] = ()) -> Finding:
    return Finding({"breaches": [{"state": "to check", **b} for b in found]}, tuple(said))


def test_an_organisation_of_which_nothing_is_found_stands_well() -> None:
    assert stands([scoops()]) == [(FOUNDED, "good", "")]


def test_findings_make_it_to_check_while_they_last() -> None:
    one, two = finding({"from": "2020-02-01", "until": "2020-04-01"}), finding({"from": "2020-03-01", "until": "2020-05-01"})
    assert stands([scoops()], OH_05=two, OH_01=one) == [
        (FOUNDED, "good", ""), ("2020-02-01", "to check", "OH-01"), ("2020-03-01", "to check", "OH-01 OH-05"), ("2020-04-01", "to check", "OH-05"),
        ("2020-05-01", "good", "")]


def test_a_lifted_finding_weighs_no_more_and_a_confirmed_or_answered_one_does() -> None:
    lasting = {"from": "2020-02-01"}
    for said in ("confirmed", "answered", "to check"):
        assert stands([scoops()], OH_01=finding(lasting, said=[("2020-03-01", said)])) == [(FOUNDED, "good", ""), ("2020-02-01", "to check", "OH-01")]
    lifted = finding(lasting, said=[("2020-03-01", "lifted"), ("2020-06-01", "to check")])
    assert stands([scoops()], OH_01=lifted) == [
        (FOUNDED, "good", ""), ("2020-02-01", "to check", "OH-01"), ("2020-03-01", "good", ""), ("2020-06-01", "to check", "OH-01")]


def test_suspended_dissolved_and_merged_come_before_all_findings() -> None:
    lasting = finding({"from": FOUNDED})
    rests = [fact(events.ORGANISATION_SUSPENDED, on="2021-01-01"), fact(events.ORGANISATION_REINSTATED, on="2021-02-01")]
    assert stands([scoops(), *rests, dissolved(on="2022-01-01")], OH_01=lasting) == [
        (FOUNDED, "to check", "OH-01"), ("2021-01-01", "suspended", "suspended"), ("2021-02-01", "to check", "OH-01"), ("2022-01-01", "suspended", "dissolved")]
    merged = fact(events.ORGANISATION_MERGED, into="niena", decision="the same", counts=[])
    assert stands([scoops(), merged]) == [(FOUNDED, "suspended", "merged")]
