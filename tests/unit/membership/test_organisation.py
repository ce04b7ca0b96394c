"""An organisation's life: facts from outside are recorded; refused is only what is malformed, a duplicate or impossible."""
from typing import Any

import pytest

from services.membership import commands as c
from services.membership import events, organisation
from services.membership.standing import evolve
from shared.application import New
from shared.errors import BadRequest, Conflict, NotFound
from shared.testing import happened, specification
from tests.unit.membership.facts import SOURCE, affiliated, called, detached, dissolved, fact, founded, moved

TODAY = "2025-01-01"
given = specification(organisation, today=TODAY)
KENIEBA, KANGABA = called("Kéniéba", "kenieba"), called("Kangaba", "kangaba")


def event(name: str, /, **data: Any) -> New:
    return New("organisation/dabia", name, {"organisation": "dabia", **data})


def count(day: str, delta: int, district: str = "", level: str = "base") -> dict[str, Any]:
    return {"level": level, "from": day, "delta": delta, **({"district": district} if district else {})}


# founding

def test_a_founding_counts_in_its_district_from_the_last_possible_day() -> None:
    given(KENIEBA).when(c.FoundOrganisation(organisation="dabia", level="base", name="Dabia", district="KENIEBA", occurred_on="2020-05", source=SOURCE)).then(
        event(events.ORGANISATION_FOUNDED, level="base", name="Dabia", district="kenieba", source=SOURCE, counts=[count("2020-05-31", 1, "kenieba")]))


def test_an_undated_founding_counts_from_today() -> None:
    given().when(c.FoundOrganisation(organisation="dabia", level="union", name="Dabia")).then(
        event(events.ORGANISATION_FOUNDED, level="union", name="Dabia", counts_from=TODAY, counts=[count(TODAY, 1, level="union")]))


def test_a_founding_keeps_form_acronym_aliases_and_commune() -> None:
    given().when(c.FoundOrganisation(organisation="dabia", level="base", name="Dabia", form="SCOOPS", acronym="D", aliases=["Dabya"],
                                     commune="Niena", occurred_on="2020")).then(
        event(events.ORGANISATION_FOUNDED, level="base", name="Dabia", form="SCOOPS", acronym="D", aliases=["Dabya"], commune="Niena",
              counts=[count("2020-12-31", 1)]))


def test_an_organisation_is_founded_once() -> None:
    given(founded()).when(c.FoundOrganisation(organisation="dabia", level="base", name="Dabia")).then_refused(Conflict, "organisation")


def test_a_founding_in_an_unknown_district_is_refused() -> None:
    given().when(c.FoundOrganisation(organisation="dabia", level="base", name="Dabia", district="Nowhere")).then_refused(NotFound, "district")


@pytest.mark.parametrize("command", [
    c.RegisterOrganisation(organisation="dabia", number="N1"), c.AffiliateOrganisation(organisation="dabia", parent="u"),
    c.DetachOrganisation(organisation="dabia", parent="u"), c.RenameOrganisation(organisation="dabia", name="X"),
    c.RecordOrganisationAlias(organisation="dabia", alias="X", evidence="y"), c.MoveOrganisation(organisation="dabia", district="kenieba"),
    c.SuspendOrganisation(organisation="dabia"), c.ReinstateOrganisation(organisation="dabia"), c.DissolveOrganisation(organisation="dabia"),
    c.CorrectFact(organisation="dabia", event="e"), c.WithdrawFact(organisation="dabia", event="e")], ids=lambda command: type(command).__name__)
def test_nothing_is_recorded_of_an_organisation_that_nobody_founded(command: c.OnOrganisation) -> None:
    given(KENIEBA).when(command).then_refused(NotFound, "organisation")


# registration

def test_a_registration_takes_the_number() -> None:
    given(founded()).when(c.RegisterOrganisation(organisation="dabia", number="N2019 D9C6/0099/B", journal="N°1761", source=SOURCE)).then(
        event(events.ORGANISATION_REGISTERED, number="N2019 D9C6/0099/B", normalised="n2019d9c60099b", register="RSC", journal="N°1761", source=SOURCE),
        New("register-number/n2019d9c60099b", events.REGISTER_NUMBER_TAKEN, {"normalised": "n2019d9c60099b", "organisation": "dabia"}))


def test_a_number_that_differs_only_in_spelling_is_the_same_number() -> None:
    taken = happened("register-number/n2019d9c60099b", events.REGISTER_NUMBER_TAKEN, {"normalised": "n2019d9c60099b", "organisation": "other"})
    given(founded(), taken).when(c.RegisterOrganisation(organisation="dabia", number="n2019-d9c6-0099-b")).then_refused(Conflict, "number")


# affiliation

@pytest.mark.parametrize(("child", "parent"), [("base", "union"), ("base", "federation"), ("union", "confederation")])
def test_any_higher_level_may_be_a_parent(child: str, parent: str) -> None:
    given(founded(level=child), founded("u", level=parent)).when(c.AffiliateOrganisation(organisation="dabia", parent="u")).then(
        event(events.ORGANISATION_AFFILIATED, level=child, parent="u", parent_level=parent))


@pytest.mark.parametrize(("child", "parent"), [("base", "base"), ("federation", "union")])
def test_an_equal_or_lower_level_is_no_parent(child: str, parent: str) -> None:
    given(founded(level=child), founded("u", level=parent)).when(c.AffiliateOrganisation(organisation="dabia", parent="u")).then_refused(BadRequest, "parent")


def test_nobody_is_their_own_parent() -> None:
    given(founded()).when(c.AffiliateOrganisation(organisation="dabia", parent="dabia")).then_refused(BadRequest, "parent")


def test_an_unknown_parent_is_refused() -> None:
    given(founded()).when(c.AffiliateOrganisation(organisation="dabia", parent="u")).then_refused(NotFound, "parent")


def test_an_affiliation_that_stands_is_not_made_twice() -> None:
    given(founded(), founded("u", level="union"), affiliated("u")).when(
        c.AffiliateOrganisation(organisation="dabia", parent="u")).then_refused(Conflict, "parent")


def test_who_left_may_come_back() -> None:
    given(founded(), founded("u", level="union"), affiliated("u", on="2020"), detached("u", on="2021")).when(
        c.AffiliateOrganisation(organisation="dabia", parent="u", occurred_on="2022")).then(
        event(events.ORGANISATION_AFFILIATED, level="base", parent="u", parent_level="union"))


def test_who_is_affiliated_is_detached() -> None:
    given(founded(), founded("u", level="union"), affiliated("u")).when(c.DetachOrganisation(organisation="dabia", parent="u")).then(
        event(events.ORGANISATION_DETACHED, level="base", parent="u", parent_level="union"))


def test_who_is_not_affiliated_is_not_detached() -> None:
    given(founded(), founded("u", level="union")).when(c.DetachOrganisation(organisation="dabia", parent="u")).then_refused(Conflict, "parent")


# names

def test_a_new_name_carries_the_old_one() -> None:
    given(founded(name="Dabia"), fact(events.ORGANISATION_RENAMED, on="2021", name="Dabia II")).when(
        c.RenameOrganisation(organisation="dabia", name="Dabia III")).then(event(events.ORGANISATION_RENAMED, name="Dabia III", old_name="Dabia"))


def test_a_name_given_on_the_day_of_founding_is_the_later_one() -> None:
    given(founded(name="Dabia", on="2020-01-01"), fact(events.ORGANISATION_RENAMED, on="2020-01-01", name="Dabia II")).when(
        c.RenameOrganisation(organisation="dabia", name="Dabia III")).then(event(events.ORGANISATION_RENAMED, name="Dabia III", old_name="Dabia II"))


def test_an_alias_is_recorded_with_its_evidence() -> None:
    given(founded()).when(c.RecordOrganisationAlias(organisation="dabia", alias="CNCOM", evidence="without S")).then(
        event(events.ORGANISATION_ALIAS_RECORDED, alias="CNCOM", evidence="without S"))


# moving and ending

def test_a_move_takes_the_count_along() -> None:
    given(founded(on="2020", district="kenieba"), KANGABA).when(c.MoveOrganisation(organisation="dabia", district="Kangaba", occurred_on="2021-03-15")).then(
        event(events.ORGANISATION_MOVED, district="kangaba", counts=[count("2021-03-15", 1, "kangaba"), count("2021-03-15", -1, "kenieba")]))


def test_a_move_to_where_it_is_already_counts_nothing() -> None:
    given(founded(on="2020", district="kenieba"), KENIEBA).when(c.MoveOrganisation(organisation="dabia", district="Kéniéba", occurred_on="2021")).then(
        event(events.ORGANISATION_MOVED, district="kenieba", counts=[]))


def test_a_move_to_an_unknown_district_is_refused() -> None:
    given(founded()).when(c.MoveOrganisation(organisation="dabia", district="Nowhere")).then_refused(NotFound, "district")


def test_a_suspension_and_its_end_are_recorded() -> None:
    given(founded()).when(c.SuspendOrganisation(organisation="dabia")).then(event(events.ORGANISATION_SUSPENDED))
    given(founded()).when(c.ReinstateOrganisation(organisation="dabia")).then(event(events.ORGANISATION_REINSTATED))


def test_a_dissolution_ends_the_count() -> None:
    given(founded(on="2020", district="kenieba")).when(c.DissolveOrganisation(organisation="dabia", occurred_on="2022")).then(
        event(events.ORGANISATION_DISSOLVED, counts=[count("2022-12-31", -1, "kenieba")]))


def test_an_organisation_is_dissolved_once() -> None:
    given(founded(), dissolved()).when(c.DissolveOrganisation(organisation="dabia")).then_refused(Conflict, "organisation")


# late, corrected, withdrawn

def test_a_move_told_after_the_dissolution_it_preceded_counts_where_it_belongs() -> None:
    given(founded(on="2020-01-01", district="kenieba"), dissolved(on="2022-01-01"), KANGABA).when(
        c.MoveOrganisation(organisation="dabia", district="Kangaba", occurred_on="2021-01-01")).then(
        event(events.ORGANISATION_MOVED, district="kangaba", counts=[
            count("2021-01-01", 1, "kangaba"), count("2022-01-01", -1, "kangaba"), count("2021-01-01", -1, "kenieba"), count("2022-01-01", 1, "kenieba")]))


def test_a_move_dated_after_the_end_counts_nothing() -> None:
    given(founded(on="2020", district="kenieba"), dissolved(on="2021"), KANGABA).when(
        c.MoveOrganisation(organisation="dabia", district="Kangaba", occurred_on="2022")).then(
        event(events.ORGANISATION_MOVED, district="kangaba", counts=[]))


def test_a_corrected_date_moves_the_count() -> None:
    given(founded(on="2020-05", district="kenieba", id="e1")).when(
        c.CorrectFact(organisation="dabia", event="e1", new_occurred_on="2019-11-17", source=SOURCE)).then(
        event(events.FACT_CORRECTED, corrects="e1", fact=events.ORGANISATION_FOUNDED, source=SOURCE,
              old={"occurred_on": "2020-05", "counts_from": "2020-05-31", "district": "kenieba"},
              new={"occurred_on": "2019-11-17", "counts_from": "2019-11-17"},
              counts=[count("2019-11-17", 1, "kenieba"), count("2020-05-31", -1, "kenieba")]))


def test_a_corrected_district_moves_the_count() -> None:
    given(founded(on="2020-05", district="kenieba", id="e1"), KANGABA).when(c.CorrectFact(organisation="dabia", event="e1", district="KANGABA")).then(
        event(events.FACT_CORRECTED, corrects="e1", fact=events.ORGANISATION_FOUNDED,
              old={"occurred_on": "2020-05", "counts_from": "2020-05-31", "district": "kenieba"}, new={"district": "kangaba"},
              counts=[count("2020-05-31", 1, "kangaba"), count("2020-05-31", -1, "kenieba")]))


def test_an_undated_fact_is_given_its_date_by_a_correction() -> None:
    given(founded(id="e1", recorded_at="2025-01-01T08:00:00.000Z")).when(c.CorrectFact(organisation="dabia", event="e1", new_occurred_on="2019")).then(
        event(events.FACT_CORRECTED, corrects="e1", fact=events.ORGANISATION_FOUNDED, old={"counts_from": "2025-01-01"},
              new={"occurred_on": "2019", "counts_from": "2019-12-31"}, counts=[count("2019-12-31", 1), count("2025-01-01", -1)]))


def test_a_correction_to_what_stands_changes_nothing() -> None:
    given(founded(on="2020-05", id="e1")).when(c.CorrectFact(organisation="dabia", event="e1", new_occurred_on="2020-05")).then_nothing()


def test_a_second_correction_starts_from_the_first() -> None:
    first = fact(events.FACT_CORRECTED, corrects="e1", new={"occurred_on": "2019", "counts_from": "2019-12-31"})
    given(founded(on="2020", id="e1"), first).when(c.CorrectFact(organisation="dabia", event="e1", new_occurred_on="2018")).then(
        event(events.FACT_CORRECTED, corrects="e1", fact=events.ORGANISATION_FOUNDED, old={"occurred_on": "2019", "counts_from": "2019-12-31"},
              new={"occurred_on": "2018", "counts_from": "2018-12-31"}, counts=[count("2018-12-31", 1), count("2019-12-31", -1)]))


def test_an_event_that_does_not_exist_is_not_corrected() -> None:
    given(founded(id="e1")).when(c.CorrectFact(organisation="dabia", event="e2", new_occurred_on="2019")).then_refused(NotFound, "event")


def test_a_district_is_corrected_only_where_one_is_named() -> None:
    given(founded(), dissolved(id="e2"), KANGABA).when(c.CorrectFact(organisation="dabia", event="e2", district="Kangaba")).then_refused(BadRequest, "district")


def test_a_withdrawn_dissolution_lets_the_organisation_count_again() -> None:
    given(founded(on="2020", district="kenieba"), dissolved(on="2022", id="e2")).when(c.WithdrawFact(organisation="dabia", event="e2")).then(
        event(events.FACT_WITHDRAWN, withdraws="e2", fact=events.ORGANISATION_DISSOLVED, old={"occurred_on": "2022", "counts_from": "2022-12-31"},
              counts=[count("2022-12-31", 1, "kenieba")]))


def test_after_a_withdrawn_dissolution_there_may_be_another() -> None:
    gone = fact(events.FACT_WITHDRAWN, withdraws="e2")
    given(founded(on="2020"), dissolved(on="2022", id="e2"), gone).when(c.DissolveOrganisation(organisation="dabia", occurred_on="2023")).then(
        event(events.ORGANISATION_DISSOLVED, counts=[count("2023-12-31", -1)]))


def test_a_fact_is_withdrawn_once() -> None:
    given(founded(), dissolved(id="e2"), fact(events.FACT_WITHDRAWN, withdraws="e2")).when(
        c.WithdrawFact(organisation="dabia", event="e2")).then_refused(NotFound, "event")


def test_a_founding_is_not_withdrawn() -> None:
    given(founded(id="e1")).when(c.WithdrawFact(organisation="dabia", event="e1")).then_refused(Conflict, "event")


# what stands

@pytest.mark.parametrize(("facts", "status"), [
    ([], "in constitution"),
    ([fact(events.ORGANISATION_REGISTERED, on="2020")], "registered"),
    ([fact(events.ORGANISATION_SUSPENDED, on="2021")], "suspended"),
    ([fact(events.ORGANISATION_SUSPENDED, on="2021"), fact(events.ORGANISATION_REINSTATED, on="2022")], "in constitution"),
    ([fact(events.ORGANISATION_REINSTATED, on="2022"), fact(events.ORGANISATION_SUSPENDED, on="2021")], "in constitution"),
    ([fact(events.ORGANISATION_SUSPENDED, on="2021-01-01"), fact(events.ORGANISATION_REINSTATED, on="2021-01-01")], "in constitution"),
    ([fact(events.ORGANISATION_REGISTERED, on="2020"), dissolved(on="2022")], "dissolved")])
def test_the_status_is_that_of_the_latest_day_and_among_equal_days_the_last_told(facts: list[Any], status: str) -> None:
    state = evolve([founded(on="2019"), *facts])
    assert state and state.status == status


def test_parents_are_those_that_stand_whatever_the_order_of_telling() -> None:
    state = evolve([founded(on="2019"), detached("u", on="2021"), affiliated("u", on="2020"), affiliated("v", on="2020-06")])
    assert state and state.parents == ["v"]


def test_an_organisation_moved_before_it_was_founded_is_where_it_was_founded() -> None:
    state = evolve([founded(on="2020", district="kenieba"), moved("kangaba", on="2019")])
    assert state and organisation.changes((), state.facts, "base") == [count("2020-12-31", 1, "kenieba")]
