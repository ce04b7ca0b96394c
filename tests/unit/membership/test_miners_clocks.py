"""Departures and the shares owed for them, in whatever order they were told; days beyond reason; deaths; children."""
from typing import Any

import pytest

from services.membership import events as e
from services.membership.miners import cards, days, refunds, standing
from services.membership.miners import commands as c
from services.membership.miners.refunds import Clock
from shared.errors import BadRequest, Conflict
from shared.event import Event
from shared.testing import happened
from tests.unit.membership.people import (
    AWA,
    DABIA,
    MOUSSA,
    NIENA,
    admitted,
    card,
    change,
    decided,
    fact,
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


def correct(event: str, new_occurred_on: str | None = None, **new: Any) -> Any:
    return of(c.CorrectFact, event=event, new_occurred_on=new_occurred_on, new=new)


# What the notice itself said

def notice(received_on: str, effective_on: str | None = None) -> dict[str, Any]:
    command = of(c.NoticeWithdrawal, organisation="dabia", received_on=received_on, effective_on=effective_on)
    return decided(fact(registered(), admitted("2020-01-01")), command)[0]


def as_told(data: dict[str, Any]) -> Event:
    return told(e.WITHDRAWAL_NOTICED, "", "notice", AWA, **{k: v for k, v in data.items() if k not in ("miner", "standing")})


@pytest.mark.parametrize(("received", "stated", "corrected", "effective"), [
    ("2024-05-10", None, "2024-03-10", "2024-03-10"),              # it named no day: at its receipt, now earlier
    ("2024-05-10", "2024-04-01", "2024-03-15", "2024-04-01"),      # received after the day it named; no longer
    ("2024-05-10", "2024-04-01", "2024-04-20", "2024-04-20"),
    ("2024-05-10", "2024-06-30", "2024-03-15", "2024-06-30")])
def test_a_corrected_receipt_counts_with_the_day_that_the_notice_named(received: str, stated: str | None, corrected: str, effective: str) -> None:
    said = notice(received, stated)
    assert said.get("stated_on") == stated
    (data,) = decided(fact(registered(), admitted("2020-01-01"), as_told(said)), correct("notice", received_on=corrected))
    assert (data["new"]["effective_on"], data["new"]["refund_due_by"]) == (effective, days.refund_due_by(effective))


def test_an_older_notice_named_a_day_where_it_took_effect_after_its_receipt() -> None:
    at_receipt, later = noticed("2024-05-10", "2024-05-10"), noticed("2024-06-30", "2024-05-10")
    for told_, effective in ((at_receipt, "2024-03-10"), (later, "2024-06-30")):
        (data,) = decided(fact(registered(), admitted("2020-01-01"), told_), correct("notice", received_on="2024-03-10"))
        assert data["new"]["effective_on"] == effective


# Clocks

FIRST, SECOND = Clock("2020-01-01", "", "1", "2019-01-01"), Clock("2025-01-01", "", "2", "2024-01-01")


@pytest.mark.parametrize(("extensions", "paid", "expected"), [
    ([], ["2019-06-01"], [("2020-01-01", "2019-06-01"), ("2025-01-01", "")]),
    ([], ["2024-06-01"], [("2020-01-01", ""), ("2025-01-01", "2024-06-01")]),
    ([], ["2024-06-01", "2024-07-01"], [("2020-01-01", "2024-07-01"), ("2025-01-01", "2024-06-01")]),       # what is still owed is paid
    ([], ["2019-06-01", "2019-06-01"], [("2020-01-01", "2019-06-01"), ("2025-01-01", "")]),                 # told twice: of no later one
    ([], ["2018-06-01"], [("2020-01-01", "2018-06-01"), ("2025-01-01", "")]),                               # before any notice: of the first
    ([("2024-02-01", "2025-12-31")], [], [("2020-01-01", ""), ("2025-12-31", "")]),
    ([("2019-02-01", "2020-12-31"), ("2019-03-01", "2020-03-01")], [], [("2020-12-31", ""), ("2025-01-01", "")])])        # it puts off, never forward
def test_a_refund_and_an_extension_belong_to_the_departure_of_their_day(extensions: Any, paid: Any, expected: Any) -> None:
    for notices in ((FIRST, SECOND), (SECOND, FIRST)):
        assert [(clock.due_by, clock.repaid) for clock in refunds.clocks(notices, extensions, paid)] == expected


def test_an_extension_is_later_than_the_day_that_holds_and_is_of_the_departure_of_its_day() -> None:
    def extended(due_by: str, occurred_on: str = "2024-07-01") -> Any:
        return of(c.ExtendRefund, AWA, occurred_on, organisation="dabia", due_by=due_by, decision="AG")

    before = told(e.REFUND_EXTENDED, "2024-06-01", organisation="dabia", due_by="2025-12-31", decision="AG")
    given = fact(registered(), admitted(), noticed("2024-02-29"), before)
    given.when(extended("2025-03-01")).then_refused(BadRequest, "due_by")
    assert len(decided(given, extended("2026-01-31"))) == 1
    assert len(decided(given, extended("2026-01-31", "2024-01-01"))) == 1                         # decided before the notice was there
    fact(registered(), admitted()).when(extended("2026-01-31")).then_refused(Conflict, "organisation")


def test_the_calendar_ends_and_no_clock_beyond_it() -> None:
    assert days.years_after("9998-03-01", 1) == "9999-03-01" and days.years_after("9999-03-01", 1) == "9999-12-31" == days.day_after("9999-12-31")


# Days beyond reason

@pytest.mark.parametrize(("field", "command"), [
    ("received_on", of(c.NoticeWithdrawal, organisation="dabia", received_on="9999-12-31")),
    ("effective_on", of(c.NoticeWithdrawal, organisation="dabia", received_on="2024-12-01", effective_on="9999-12-31")),
    ("valid_until", of(c.RecordMinerCard, card_type="x", number="1", valid_until="9999-12-31")),
    ("occurred_on", of(c.EndMembership, organisation="dabia", cause="other", occurred_on="2924-01-01")),
    ("new_occurred_on", correct("adm", "2924")),
    ("effective_on", correct("notice", effective_on="2924-01-01")),
    ("birth_year", correct("reg", birth_year=2026))])
def test_a_day_beyond_reason_is_a_slip_of_the_pen(field: str, command: Any) -> None:
    fact(DABIA, registered(), admitted("2020-01-01"), noticed("2024-12-31", "2024-12-01")).when(command).then_refused(BadRequest, field)


def test_a_day_not_far_ahead_is_recorded() -> None:
    assert decided(register(DABIA), one("2025", organisation="dabia", admitted_on="2025-12-31", birth_year=2006))
    assert decided(fact(registered(), admitted()), of(c.NoticeWithdrawal, organisation="dabia", received_on="2025-01-01", effective_on="2025-12-31"))


def test_a_list_says_which_rows_lie_beyond_reason() -> None:
    rows = row(birth_year=2099), row(MOUSSA, organisation="dabia", admitted_on="2924"), row("m-card001", card={"number": "1", "valid_until": "2924-01-01"})
    error = register(DABIA).when(many(*rows)).error
    assert isinstance(error, BadRequest)
    assert [fault["field"] for fault in error.more["errors"]] == ["rows.0.birth_year", "rows.1.admitted_on", "rows.2.card.valid_until"]  # type: ignore[attr-defined]


def test_a_card_that_names_no_last_day_holds_a_year_and_is_then_to_check() -> None:
    undated = of(c.RecordMinerCard, occurred_on="2024-02-29", card_type="miner", number="K")
    (data,) = decided(fact(registered("2024-02-29"), admitted("2024-02-29")), undated)
    assert data["standing"] == [step("2024-02-29"), step("2025-02-28", "card-undated")]
    (data,) = decided(fact(registered("2024-02-29"), admitted("2024-02-29"), card("2024-06-30")), undated)
    assert data["standing"][-1] == step("2025-02-28", "card-expired")
    assert [(p.years, p.tag) for p in cards.periods()] == [(1, "V2")]


# Deaths

def death(occurred_on: str = "2024-06-01", **more: Any) -> Event:
    return told(e.MEMBERSHIP_ENDED, occurred_on, "died", AWA, organisation="dabia", cause="death", members=[], **more)


BOTH = registered(), admitted("2020-01-01"), admitted("2021-01-01", "niena", "adm-2")


def test_a_death_told_of_one_society_ends_the_membership_of_every_other() -> None:
    (data,) = decided(fact(*BOTH), of(c.EndMembership, organisation="dabia", cause="death", occurred_on="2024-06-01"))
    assert members(data) == [change("2024-06-01", -1), change("2024-06-01", -1, "niena")] and data["everywhere"] is True
    late = of(c.AdmitMiner, organisation="niena", occurred_on="2024-07-01")
    assert members(decided(fact(NIENA, *BOTH, death(everywhere=True)), late)[0]) == []
    back = decided(fact(*BOTH, death(everywhere=True)), of(c.WithdrawFact, event="died"))
    assert members(back[0]) == [change("2024-06-01", 1), change("2024-06-01", 1, "niena")]
    assert len(decided(fact(*BOTH, death(everywhere=True)), of(c.RecordRefund, organisation="niena", occurred_on="2024-09-01"))) == 1


def test_an_older_death_ended_what_it_said_it_ended() -> None:
    back = decided(fact(*BOTH, death()), of(c.WithdrawFact, event="died"))
    assert members(back[0]) == [change("2024-06-01", 1)]
    other = decided(fact(*BOTH), of(c.EndMembership, organisation="dabia", cause="exclusion", occurred_on="2024-06-01"))
    assert members(other[0]) == [change("2024-06-01", -1)] and "everywhere" not in other[0]


# Children

def test_of_a_child_the_fact_is_recorded_and_not_who_it_is() -> None:
    child = one(name="Petit Exemple", phone="+223", photo="x", birth_year=2015, organisation="dabia", admitted_on="2024-12-01")
    registered_, joined = decided(register(DABIA), child)
    assert not {"name", "phone", "photo"} & set(registered_) and registered_["birth_year"] == 2015
    assert joined["standing"][0] == step("2024-11-17", "minor", "no-card", "no-membership")
    assert joined["standing"][-1] == step("2033-01-01", "no-card")
    assert decided(register(), one(birth_year=2007))[0]["name"]                    # of age in this year


def test_a_child_by_mistake_is_told_anew_and_a_child_after_all_is_not() -> None:
    child, grown = registered(birth_year=2015), registered(birth_year=1990)
    fact(child).when(correct("reg", name="Awa Diarra")).then_refused(Conflict, "name")
    fact(grown).when(correct("reg", name="Awa Diarra", birth_year=2015)).then_refused(Conflict, "name")
    (data,) = decided(fact(child), correct("reg", name="Awa Diarra", birth_year=1990))
    assert data["new"] == {"name": "Awa Diarra", "birth_year": 1990}
    (data,) = decided(fact(grown), correct("reg", birth_year=2015))
    assert data["standing"][0]["why"][0] == "minor"


# Societies that end, and people who are forgotten

def test_who_is_a_member_only_where_all_is_over_is_to_check() -> None:
    good = [step("2020-01-01"), step("2026-01-01", "card-expired")]
    lasting = [("dabia", "2020-01-01", ""), ("niena", "2020-01-01", "2022-01-01")]
    assert standing.among(good, lasting, {}) == good
    assert standing.among(good, lasting, {"niena": "2021-01-01"}) == good
    assert standing.among(good, lasting, {"dabia": "2023-01-01"}) == [
        step("2020-01-01"), step("2023-01-01", "society-dissolved"), step("2026-01-01", "card-expired", "society-dissolved")]
    assert standing.among(good, lasting, {"dabia": "2021-01-01", "niena": "2021-06-01"})[1] == step("2021-06-01", "society-dissolved")
    back = standing.among(good, [*lasting, ("faleme", "2024-01-01", "")], {"dabia": "2023-01-01"})
    assert back == [step("2020-01-01"), step("2023-01-01", "society-dissolved"), step("2024-01-01"), step("2026-01-01", "card-expired")]
    gone = [*good, {"from": "2027-01-01", "value": "suspended", "why": ["deceased"]}]
    assert standing.among(gone, lasting, {"dabia": "2028-01-01"}) == gone and standing.among([], [], {"dabia": "2020-01-01"}) == []


def test_a_forgotten_record_is_merged_only_into_one_that_is_forgotten_too() -> None:
    def forgotten(miner: str) -> Event:
        return happened(f"identity/{miner}", e.PERSON_FORGOTTEN, {"miner": miner})

    both, merge = (registered(), registered(miner=MOUSSA)), of(c.MergeMiners, MOUSSA, into=AWA, decision="PV")
    merging(*both, forgotten(MOUSSA)).when(merge).then_refused(Conflict, "miner")
    assert [new.name for new in merging(*both, forgotten(MOUSSA), forgotten(AWA)).when(merge).events] == [e.MINER_MERGED, e.DUPLICATE_TAKEN]
