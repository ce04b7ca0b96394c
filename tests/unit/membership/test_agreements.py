"""Partners and agreements: who signed what, until when, what was amended, delivered and ended."""
from typing import Any

import pytest

from services.membership import events
from services.membership.agreements import agreement, partner
from services.membership.agreements.commands import (
    AmendAgreement,
    EndAgreement,
    OnAgreement,
    RecordDeliverable,
    RegisterPartner,
    SignAgreement,
    WithdrawAgreementFact,
)
from services.membership.agreements.requests import SignAgreement as SignRequest
from shared import requests
from shared.application import New
from shared.errors import BadRequest, Conflict, NotFound
from shared.event import Event
from shared.testing import happened, specification
from tests.unit.membership.facts import SOURCE, fact, founded

of_partner = specification(partner)
given = specification(agreement, today="2024-06-15")
STREAM = "agreement/ae"
PARTIES = [{"partner": "bit"}, {"organisation": "cnscom"}]
CNSCOM = founded("cnscom", level="confederation")


def registered(name: str = "bit") -> Event:
    return happened(f"partner/{name}", events.PARTNER_REGISTERED, {"partner": name, "name": name.upper(), "kind": "international"})


def signed(on: str = "", id: str = "", **data: Any) -> Event:
    return happened(STREAM, events.AGREEMENT_SIGNED, {"agreement": "ae", "title": "Accord", "parties": PARTIES, "state": "signed", **data},
                    occurred_on=on, id=id)


def ended(on: str, id: str = "") -> Event:
    return happened(STREAM, events.AGREEMENT_ENDED, {"agreement": "ae"}, occurred_on=on, id=id)


def withdrawn(event: str) -> Event:
    return happened(STREAM, events.AGREEMENT_FACT_WITHDRAWN, {"agreement": "ae", "withdraws": event, "fact": "x"})


def test_a_partner_is_registered_once() -> None:
    command = RegisterPartner(partner="bit", name="BIT", kind="international", aliases=["OIT"], source=SOURCE)
    of_partner().when(command).then(
        New("partner/bit", events.PARTNER_REGISTERED, {"partner": "bit", "name": "BIT", "kind": "international", "aliases": ["OIT"], "source": SOURCE}))
    of_partner(registered()).when(command).then_refused(Conflict, "partner")


def test_an_agreement_is_signed_between_partners_and_organisations() -> None:
    given(registered(), CNSCOM).when(SignAgreement(agreement="ae", title="Accord", parties=PARTIES, purpose="travail décent", valid_from="2024-01-01",
                                                   valid_until="2024-12-31", deliverables=["kits"], source=SOURCE)).then(
        New(STREAM, events.AGREEMENT_SIGNED, {"agreement": "ae", "title": "Accord", "parties": PARTIES, "state": "signed", "purpose": "travail décent",
                                              "valid_from": "2024-01-01", "valid_until": "2024-12-31", "deliverables": ["kits"], "source": SOURCE}))


def test_an_agreement_may_be_planned_only() -> None:
    given(registered(), CNSCOM).when(SignAgreement(agreement="ae", title="Accord", parties=PARTIES, state="planned")).then(
        New(STREAM, events.AGREEMENT_SIGNED, {"agreement": "ae", "title": "Accord", "parties": PARTIES, "state": "planned"}))


@pytest.mark.parametrize(("history", "field"), [([registered()], "parties.1.organisation"), ([CNSCOM], "parties.0.partner")])
def test_every_party_exists(history: list[Event], field: str) -> None:
    given(*history).when(SignAgreement(agreement="ae", title="Accord", parties=PARTIES)).then_refused(NotFound, field)


def test_a_duplicate_is_no_party() -> None:
    merged = fact(events.ORGANISATION_MERGED, "cnscom", into="other", decision="minutes", counts=[])
    given(registered(), CNSCOM, merged).when(SignAgreement(agreement="ae", title="Accord", parties=PARTIES)).then_refused(Conflict, "parties.1.organisation")


def test_an_agreement_is_recorded_once() -> None:
    given(registered(), CNSCOM, signed()).when(SignAgreement(agreement="ae", title="Other", parties=PARTIES)).then_refused(Conflict, "agreement")


@pytest.mark.parametrize(("parties", "field"), [
    ([], "parties"), ([{"partner": "bit"}], "parties"), ([{"partner": "bit"}, {"partner": "bit"}], "parties"), ([{"partner": "bit"}, {}], "parties.1.partner"),
    ([{"partner": "bit"}, {"partner": "cmm", "organisation": "cnscom"}], "parties.1.partner")])
def test_a_party_is_a_partner_or_an_organisation_and_there_are_two_at_least(parties: list[dict[str, str]], field: str) -> None:
    with pytest.raises(BadRequest) as refused:
        requests.read(SignRequest(), {"agreement": "ae", "title": "Accord", "parties": parties})
    assert refused.value.field == field


def test_an_agreement_ends_no_day_before_it_begins() -> None:
    given(registered(), CNSCOM).when(SignAgreement(agreement="ae", title="A", parties=PARTIES, valid_from="2024-01-02", valid_until="2024-01-01")).then_refused(
        BadRequest, "valid_until")
    given(signed(valid_from="2024-01-02")).when(AmendAgreement(agreement="ae", amendment="plus court", valid_until="2024-01-01")).then_refused(
        BadRequest, "valid_until")


def test_an_amendment_carries_the_terms_that_change_old_and_new() -> None:
    amended = happened(STREAM, events.AGREEMENT_AMENDED, {"agreement": "ae", "amendment": "1", "old": {"valid_until": "2024-12-31"},
                                                          "new": {"valid_until": "2025-12-31"}})
    given(signed(valid_until="2024-12-31"), amended).when(
        AmendAgreement(agreement="ae", amendment="2", title="Accord", state="planned", valid_until="2026-12-31", source=SOURCE)).then(
        New(STREAM, events.AGREEMENT_AMENDED, {"agreement": "ae", "amendment": "2", "old": {"valid_until": "2025-12-31", "state": "signed"},
                                               "new": {"valid_until": "2026-12-31", "state": "planned"}, "source": SOURCE}))
    given(signed()).when(AmendAgreement(agreement="ae", amendment="1", valid_until="2025-01-01")).then(
        New(STREAM, events.AGREEMENT_AMENDED, {"agreement": "ae", "amendment": "1", "old": {}, "new": {"valid_until": "2025-01-01"}}))


def test_an_amendment_of_what_is_not_kept_here_is_recorded_too() -> None:
    given(signed()).when(AmendAgreement(agreement="ae", amendment="autre compte bancaire")).then(
        New(STREAM, events.AGREEMENT_AMENDED, {"agreement": "ae", "amendment": "autre compte bancaire", "old": {}, "new": {}}))


def test_after_the_end_only_amendments_of_before_it_are_recorded() -> None:
    for on in ("2024-02-01", "2024", ""):
        given(signed(), ended("2024-02-01")).when(AmendAgreement(agreement="ae", amendment="1", occurred_on=on)).then_refused(Conflict, "agreement")
    given(signed(), ended("2024-02-01")).when(AmendAgreement(agreement="ae", amendment="1", occurred_on="2024-01")).then(
        New(STREAM, events.AGREEMENT_AMENDED, {"agreement": "ae", "amendment": "1", "old": {}, "new": {}}))


def test_an_agreement_ends_once() -> None:
    given(signed()).when(EndAgreement(agreement="ae", source=SOURCE)).then(New(STREAM, events.AGREEMENT_ENDED, {"agreement": "ae", "source": SOURCE}))
    given(signed(), ended("2024")).when(EndAgreement(agreement="ae")).then_refused(Conflict, "agreement")


def test_no_agreement_ends_or_is_amended_before_it_is_signed() -> None:
    given(signed("2024")).when(EndAgreement(agreement="ae", occurred_on="2020")).then_refused(Conflict, "occurred_on")
    given(signed("2024")).when(AmendAgreement(agreement="ae", amendment="1", occurred_on="2023-12-31")).then_refused(Conflict, "occurred_on")
    for signing in (signed("2024"), signed()):
        given(signing).when(EndAgreement(agreement="ae", occurred_on="2024-02")).then(New(STREAM, events.AGREEMENT_ENDED, {"agreement": "ae"}))


def test_what_was_recorded_by_mistake_is_withdrawn_and_may_be_recorded_anew() -> None:
    given(signed(id="s"), ended("2024-01-01", id="e")).when(WithdrawAgreementFact(agreement="ae", event="e", source=SOURCE)).then(
        New(STREAM, events.AGREEMENT_FACT_WITHDRAWN, {"agreement": "ae", "withdraws": "e", "fact": events.AGREEMENT_ENDED, "source": SOURCE}))
    given(signed(id="s"), ended("2024-01-01", id="e"), withdrawn("e")).when(EndAgreement(agreement="ae", occurred_on="2024-03-01")).then(
        New(STREAM, events.AGREEMENT_ENDED, {"agreement": "ae"}))
    given(signed(id="s")).when(WithdrawAgreementFact(agreement="ae", event="s")).then(
        New(STREAM, events.AGREEMENT_FACT_WITHDRAWN, {"agreement": "ae", "withdraws": "s", "fact": events.AGREEMENT_SIGNED, "parties": PARTIES}))
    again = SignAgreement(agreement="ae", title="Le vrai", parties=PARTIES)
    given(registered(), CNSCOM, signed(id="s"), ended("2024", id="e"), withdrawn("s")).when(again).then(
        New(STREAM, events.AGREEMENT_SIGNED, {"agreement": "ae", "title": "Le vrai", "parties": PARTIES, "state": "signed"}))
    state = agreement.evolve([signed(id="s"), ended("2024", id="e"), withdrawn("s"), signed(title="Le vrai")])
    assert state and (state.terms["title"], state.ended_on) == ("Le vrai", "")


def test_only_what_stands_is_withdrawn() -> None:
    for history, error, field in (((signed(id="s"),), NotFound, "event"), ((signed(id="s"), ended("2024", id="e"), withdrawn("e")), NotFound, "event"),
                                  ((signed(id="s"), withdrawn("s")), NotFound, "agreement")):
        given(*history).when(WithdrawAgreementFact(agreement="ae", event="e")).then_refused(error, field)


def test_what_was_delivered_is_recorded_once_listed_or_not() -> None:
    command = RecordDeliverable(agreement="ae", deliverable="20 kits", source=SOURCE)
    delivered = New(STREAM, events.DELIVERABLE_RECORDED, {"agreement": "ae", "deliverable": "20 kits", "source": SOURCE})
    given(signed(), ended("2024")).when(command).then(delivered)
    given(signed(), happened(STREAM, events.DELIVERABLE_RECORDED, dict(delivered.data))).when(command).then_refused(Conflict, "deliverable")


@pytest.mark.parametrize("command", [AmendAgreement(agreement="ae", amendment="1"), EndAgreement(agreement="ae"),
                                     RecordDeliverable(agreement="ae", deliverable="kits")])
def test_what_nobody_recorded_is_not_found(command: OnAgreement) -> None:
    given().when(command).then_refused(NotFound, "agreement")
