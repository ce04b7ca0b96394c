"""Miners: on the books, members in time, the clocks of AUSCOOP 11, standing by day, corrections and duplicates."""
from typing import Any

import pytest

from services.membership import events as e
from services.membership.miners import commands as c
from services.membership.miners import days, duplicates, standing
from services.membership.miners.miner import evolve
from shared.application import New
from shared.errors import BadRequest, Conflict, NotFound, Unprocessable
from shared.testing import happened, specification
from tests.unit.membership.people import (
    AWA,
    DABIA,
    ENDED,
    MOUSSA,
    NIENA,
    TODAY,
    WHO,
    admitted,
    card,
    change,
    decided,
    fact,
    forgetting,
    many,
    members,
    merging,
    noticed,
    of,
    one,
    register,
    registered,
    row,
    step,
    told,
)

# On the books

def test_a_registration_tells_how_the_miner_stands() -> None:
    register().when(one(sex="female", birth_year=1990)).then(New(f"miner/{AWA}", e.MINER_REGISTERED, {
        "miner": AWA, "name": "Awa Diarra", "sex": "female", "birth_year": 1990, "standing": [step("2024-11-17", "no-card", "no-membership")]}))


def test_an_undated_registration_counts_from_today() -> None:
    (data,) = decided(register(), one(occurred_on=""))
    assert data["counts_from"] == TODAY and data["standing"][0]["from"] == TODAY


def test_card_and_admission_come_along_each_on_its_day_and_the_last_event_tells_the_standing() -> None:
    carded = {"card_type": "miner", "number": "K-1", "valid_until": "2025-12-31"}
    joining = one(organisation="dabia", admitted_on="2024-05", sex="female", birth_year=1990, card=carded)
    first, second, third = register(DABIA).when(joining).events
    assert [new.name for new in (first, second, third)] == [e.MINER_REGISTERED, e.MINER_CARD_RECORDED, e.MINER_ADMITTED]
    assert "standing" not in first.data and "standing" not in second.data and third.occurred_on == "2024-05"
    assert third.data["members"] == [change("2024-05-31", 1, sex="female", birth_year=1990)]
    assert third.data["standing"] == [step("2024-05-31", "no-card"), step("2024-11-17"), step("2026-01-01", "card-expired")]


def test_a_miner_is_registered_once() -> None:
    register(registered()).when(one()).then_refused(Conflict, "miner")


def test_an_unknown_organisation_is_refused_and_one_that_was_dissolved_is_a_fact() -> None:
    register().when(one(organisation="dabia")).then_refused(NotFound, "organisation")
    assert len(decided(register(DABIA, ENDED), one(organisation="dabia"))) == 2


def test_a_list_names_every_faulty_row() -> None:
    outcome = register(DABIA, registered()).when(many(
        row(), row(MOUSSA, organisation="nowhere"), row(MOUSSA), row("m-card001", card={"card_type": "x", "number": "1", "valid_from": "2025-01-02",
                                                                                      "valid_until": "2025-01-01"})))
    assert isinstance(outcome.error, BadRequest)
    errors = outcome.error.more["errors"]
    assert isinstance(errors, list)
    assert [fault["field"] for fault in errors] == ["rows.0.miner", "rows.1.organisation", "rows.2.miner", "rows.3.card.valid_until"]


def test_a_list_of_good_rows_about_known_miners_is_a_conflict() -> None:
    register(registered()).when(many(row(MOUSSA), row())).then_refused(Conflict, "rows.1.miner")


def test_a_dry_run_decides_nothing_and_finds_the_same_faults() -> None:
    register(DABIA).when(many(row(organisation="dabia"), dry_run=True)).then_nothing()
    register().when(many(row(organisation="dabia"), dry_run=True)).then_refused(BadRequest, "rows.0.organisation")


# Memberships in time

def test_nothing_is_told_of_an_unknown_miner() -> None:
    for command in (of(c.AdmitMiner, organisation="dabia"), of(c.MoveMiner, village="Narena"), of(c.RecordRefund, organisation="dabia")):
        fact(DABIA).when(command).then_refused(NotFound, "miner")


def test_an_admission_adds_to_the_members_and_to_the_standing() -> None:
    (data,) = decided(fact(DABIA, registered(), card()), of(c.AdmitMiner, organisation="dabia", occurred_on="2024-03-01"))
    assert members(data) == [change("2024-03-01", 1)]
    assert data["standing"] == [step("2024-01-01", "no-membership"), step("2024-03-01"), step("2025-01-01", "card-expired")]


def test_an_admission_needs_an_organisation_that_exists_and_is_not_told_twice() -> None:
    fact(registered()).when(of(c.AdmitMiner, organisation="dabia")).then_refused(NotFound, "organisation")
    fact(DABIA, registered(), admitted()).when(of(c.AdmitMiner, organisation="dabia", occurred_on="2024-06-01")).then_refused(Conflict, "organisation")


def test_an_earlier_admission_told_late_moves_the_beginning() -> None:
    (data,) = decided(fact(DABIA, registered(), admitted("2024-06-01")), of(c.AdmitMiner, organisation="dabia", occurred_on="2020-01-01"))
    assert members(data) == [change("2020-01-01", 1), change("2024-06-01", -1)]


def test_a_miner_may_be_a_member_of_several_at_once() -> None:
    (data,) = decided(fact(DABIA, NIENA, registered(), admitted()), of(c.AdmitMiner, organisation="niena", occurred_on="2024-06-01"))
    assert members(data) == [change("2024-06-01", 1, "niena")] and "standing" not in data


def test_a_membership_ends_by_its_cause_and_a_death_ends_more() -> None:
    (data,) = decided(fact(registered(), card(), admitted()), of(c.EndMembership, organisation="dabia", cause="death", occurred_on="2024-06-01"))
    assert members(data) == [change("2024-06-01", -1)]
    assert data["standing"][-1] == {"from": "2024-06-01", "value": "suspended", "why": ["deceased"]}
    fact(registered()).when(of(c.EndMembership, organisation="dabia", cause="other")).then_refused(Conflict, "organisation")


def test_a_card_is_good_through_its_last_day() -> None:
    (data,) = decided(fact(registered(), admitted()), of(c.RecordMinerCard, occurred_on="2024-02-01", card_type="miner", number="K", valid_until="2024-02-29"))
    assert data["standing"] == [step("2024-01-01", "no-card"), step("2024-02-01"), step("2024-03-01", "card-expired")]
    steps = data["standing"]
    assert [(standing.on(steps, day) or {})["value"] for day in ("2024-02-29", "2024-03-01")] == ["good", "to check"]
    assert standing.on(steps, "2023-12-31") is None


def test_a_new_card_lifts_the_expiry() -> None:
    (data,) = decided(fact(registered(), admitted(), card("2024-06-30")),
                      of(c.RecordMinerCard, card_type="miner", number="K2", valid_from="2024-06-01", valid_until="2025-06-30"))
    assert data["standing"] == [step("2024-01-01"), step("2025-07-01", "card-expired")]


def test_nothing_more_is_sealed_of_a_person_who_was_forgotten() -> None:
    forgotten = happened(f"identity/{AWA}", e.PERSON_FORGOTTEN, {"miner": AWA})
    fact(registered(), forgotten).when(of(c.RecordMinerCard, card_type="miner", number="K")).then_refused(Conflict, "miner")
    assert len(decided(fact(registered(), forgotten, NIENA), of(c.AdmitMiner, organisation="niena"))) == 1


# The clocks of AUSCOOP 11

@pytest.mark.parametrize(("received", "named", "effective", "due", "latest"), [
    ("2024-01-15", "2024-03-31", "2024-03-31", "2025-03-31", "2026-03-31"),
    ("2024-04-15", "2024-03-31", "2024-04-15", "2025-04-15", "2026-04-15"),        # named before it was received: at its receipt
    ("2024-04-15", None, "2024-04-15", "2025-04-15", "2026-04-15"),
    ("2024-02-29", None, "2024-02-29", "2025-02-28", "2026-02-28"),                # a leap day: the last of the month
    ("2023-02-28", None, "2023-02-28", "2024-02-28", "2025-02-28"),
    ("2022-02-28", "2022-03-01", "2022-03-01", "2023-03-01", "2024-03-01"),
    ("2024-12-31", None, "2024-12-31", "2025-12-31", "2026-12-31")])
def test_a_notice_starts_its_clocks(received: str, named: str | None, effective: str, due: str, latest: str) -> None:
    (data,) = decided(fact(registered(), card("2030-01-01", since="2020-01-01"), admitted("2020-01-01")),
                      of(c.NoticeWithdrawal, organisation="dabia", received_on=received, effective_on=named))
    assert (data["received_on"], data["effective_on"], data["refund_due_by"]) == (received, effective, due)
    assert members(data) == [change(effective, -1)] and step(effective, "no-membership") in data["standing"]
    assert days.latest_refund(effective) == latest


def test_who_is_no_member_cannot_give_notice() -> None:
    fact(registered()).when(of(c.NoticeWithdrawal, organisation="dabia", received_on="2024-01-15")).then_refused(Conflict, "organisation")


@pytest.mark.parametrize(("due_by", "refused"), [
    ("2026-02-28", None), ("2025-03-01", None), ("2026-03-01", Unprocessable), ("2025-02-28", BadRequest)])
def test_a_refund_is_put_off_to_two_years_at_most(due_by: str, refused: Any) -> None:
    outcome = fact(registered(), admitted(), noticed("2024-02-29")).when(of(c.ExtendRefund, organisation="dabia", due_by=due_by, decision="AG"))
    if refused:
        outcome.then_refused(refused, "due_by")
    else:
        outcome.then(New(f"miner/{AWA}", e.REFUND_EXTENDED, {"miner": AWA, "organisation": "dabia", "due_by": due_by, "decision": "AG", "counts_from": TODAY}))


def test_a_refund_needs_a_departure_and_is_told_once_for_each() -> None:
    refund = of(c.RecordRefund, organisation="dabia", occurred_on="2024-10-01")
    repaid = told(e.REFUND_RECORDED, "2024-09-01", organisation="dabia")
    fact(registered(), admitted()).when(refund).then_refused(Conflict, "organisation")
    assert len(decided(fact(registered(), admitted(), noticed()), refund)) == 1
    fact(registered(), admitted(), noticed(), repaid).when(refund).then_refused(Conflict, "organisation")
    again = admitted("2024-09-10", id="adm-2"), told(e.MEMBERSHIP_ENDED, "2024-09-20", "end", organisation="dabia", cause="other", members=[])
    assert len(decided(fact(registered(), admitted(), noticed(), repaid, *again), refund)) == 1
    fact(registered()).when(of(c.ExtendRefund, organisation="dabia", due_by="2026-01-01", decision="x")).then_refused(Conflict, "organisation")


# Corrections

def correct(event: str, new_occurred_on: str | None = None, **new: Any) -> Any:
    return of(c.CorrectFact, event=event, new_occurred_on=new_occurred_on, new=new)


def test_a_corrected_birth_year_changes_what_figures_know_of_the_member() -> None:
    (data,) = decided(fact(registered(sex="female", birth_year=1990), admitted()), correct("reg", birth_year=1991))
    assert members(data) == [change("2024-01-01", -1, sex="female", birth_year=1990), change("2024-01-01", 1, sex="female", birth_year=1991)]
    assert data["old"]["birth_year"] == 1990 and data["new"] == {"birth_year": 1991} and "name" not in data["old"]


def test_a_corrected_day_moves_the_membership() -> None:
    (data,) = decided(fact(registered(), admitted()), correct("adm", "2023-05"))
    assert members(data) == [change("2023-05-31", 1), change("2024-01-01", -1)]
    assert data["old"]["counts_from"] == "2024-01-01" and data["new"] == {"occurred_on": "2023-05", "counts_from": "2023-05-31"}


def test_a_corrected_notice_starts_its_clocks_anew() -> None:
    (data,) = decided(fact(registered(), admitted(), noticed("2024-02-29", "2024-01-15")), correct("notice", received_on="2024-06-01"))
    assert data["new"] == {"received_on": "2024-06-01", "stated_on": "2024-02-29", "effective_on": "2024-06-01", "refund_due_by": "2025-06-01"}
    assert members(data) == [change("2024-02-29", 1), change("2024-06-01", -1)]


def test_a_correction_names_what_the_fact_holds() -> None:
    fact(registered(), admitted()).when(correct("adm", birth_year=1991)).then_refused(BadRequest, "birth_year")
    fact(registered(), admitted()).when(correct("nothing", birth_year=1991)).then_refused(NotFound, "event")
    fact(registered(), admitted()).when(correct("adm", organisation="nowhere")).then_refused(NotFound, "organisation")
    fact(registered(), card()).when(correct("card-1", valid_until="2023-01-01")).then_refused(BadRequest, "valid_until")
    fact(registered(birth_year=1990)).when(correct("reg", birth_year=1990)).then_nothing()


def test_a_corrected_card_changes_the_standing() -> None:
    (data,) = decided(fact(registered(), admitted(), card("2024-06-30")), correct("card-1", valid_until="2024-08-31"))
    assert data["standing"] == [step("2024-01-01"), step("2024-09-01", "card-expired")] and data["members"] == []


def test_a_withdrawn_fact_did_not_happen() -> None:
    (data,) = decided(fact(registered(), admitted()), of(c.WithdrawFact, event="adm"))
    assert members(data) == [change("2024-01-01", -1)] and data["old"]["organisation"] == "dabia"
    fact(registered()).when(of(c.WithdrawFact, event="reg")).then_refused(Conflict, "event")


# Duplicates and forgetting

HAWA = (registered("2023-01-01", MOUSSA, sex="female"), admitted("2022-01-01", "niena", "adm-h", MOUSSA), card("2026-12-31", "card-2", MOUSSA))


def test_a_merged_duplicate_counts_no_longer_and_its_memberships_and_cards_go_over() -> None:
    outcome = merging(registered(sex="female"), admitted(), card(), *HAWA).when(of(c.MergeMiners, MOUSSA, "2024-11-20", into=AWA, decision="PV"))
    gone, taken, joined, carded = outcome.events
    assert (taken.stream, taken.name, taken.data["duplicate"]) == (f"miner/{AWA}", e.DUPLICATE_TAKEN, MOUSSA)
    assert (gone.stream, gone.name) == (f"miner/{MOUSSA}", e.MINER_MERGED) and members(dict(gone.data)) == [change("2022-01-01", -1, "niena", sex="female")]
    assert gone.data["standing"][-1] == {"from": "2024-11-20", "value": "suspended", "why": ["merged"]}
    assert (joined.stream, joined.occurred_on) == (f"miner/{AWA}", "2022-01-01")
    assert members(dict(joined.data)) == [change("2022-01-01", 1, "niena", sex="female")]
    assert carded.name == e.MINER_CARD_RECORDED and carded.data["number"] == "K2" and carded.data["standing"][-1]["from"] == "2027-01-01"


def test_what_both_records_say_is_not_taken_over() -> None:
    same = registered("2024-01-01", MOUSSA), admitted(miner=MOUSSA)
    assert [new.name for new in merging(registered(), admitted(), *same).when(of(c.MergeMiners, MOUSSA, into=AWA, decision="PV")).events] == [
        e.MINER_MERGED, e.DUPLICATE_TAKEN]


def test_a_merge_is_refused_where_it_makes_no_sense() -> None:
    merge = of(c.MergeMiners, MOUSSA, into=AWA, decision="PV")
    merging(registered()).when(merge).then_refused(NotFound, "miner")
    merging(registered(), registered(miner=MOUSSA)).when(of(c.MergeMiners, AWA, into=AWA, decision="PV")).then_refused(BadRequest, "into")
    merged = told(e.MINER_MERGED, "", "", MOUSSA, into=AWA, decision="PV", members=[])
    merging(registered(), registered(miner=MOUSSA), merged).when(merge).then_refused(Conflict, "miner")
    merging(registered(), registered(miner=MOUSSA), happened(f"identity/{AWA}", e.PERSON_FORGOTTEN, {"miner": AWA})).when(merge).then_refused(Conflict, "into")
    fact(registered(miner=MOUSSA), merged).when(of(c.MoveMiner, MOUSSA, village="x")).then_refused(Conflict, "miner")


def test_a_pair_is_dismissed_once() -> None:
    class Dismiss:
        streams = staticmethod(duplicates.streams)
        decide = staticmethod(duplicates.dismiss)

    dismissing = specification(Dismiss())
    command = c.DismissDuplicate(caller=WHO, miners=[MOUSSA, AWA], decision="PV")
    key = f"duplicate/{AWA}+{MOUSSA}"
    both, said = (registered(), registered(miner=MOUSSA)), {"miners": [AWA, MOUSSA], "decision": "PV"}
    dismissing(*both).when(command).then(New(key, e.DUPLICATE_DISMISSED, said))
    dismissing(*both, happened(key, e.DUPLICATE_DISMISSED, said)).when(command).then_nothing()
    dismissing(registered()).when(command).then_refused(NotFound, "miners")


def test_a_person_is_forgotten_once() -> None:
    forgotten = happened(f"identity/{AWA}", e.PERSON_FORGOTTEN, {"miner": AWA})
    forgetting(registered()).when(of(c.ForgetPerson)).then(New(f"identity/{AWA}", e.PERSON_FORGOTTEN, {"miner": AWA}))
    forgetting(registered(), forgotten).when(of(c.ForgetPerson)).then_nothing()
    forgetting().when(of(c.ForgetPerson)).then_refused(NotFound, "miner")


def test_organisations_are_those_that_last_or_else_those_that_were() -> None:
    assert evolve(AWA, [registered(), admitted(), admitted("2024-02-01", "niena", "adm-2"), noticed()]).organisations == {"niena"}
    assert evolve(AWA, [registered(), admitted(), noticed()]).organisations == {"dabia"}
    assert evolve(AWA, [registered()]).organisations == set()
