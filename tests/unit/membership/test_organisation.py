"""An organisation's life: facts from outside are recorded; refused is only what is malformed, a duplicate or impossible."""
from typing import Any

import pytest

from services.membership import commands as c
from services.membership import events, presence
from services.membership.standing import evolve
from shared.application import New
from shared.errors import BadRequest, Conflict, NotFound
from shared.testing import happened
from tests.unit.membership.decided import KANGABA, KENIEBA, TODAY, count, event, given, number, registered
from tests.unit.membership.facts import SOURCE, affiliated, detached, dissolved, fact, founded, moved

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
    c.CorrectFact(organisation="dabia", event="e"), c.WithdrawFact(organisation="dabia", event="e"), c.RecordStatutes(organisation="dabia"),
    c.HoldConstitutiveAssembly(organisation="dabia"), c.RecordSeat(organisation="dabia", seat="X"),
    c.MergeOrganisations(organisation="dabia", into="u", decision="d")], ids=lambda command: type(command).__name__)
def test_nothing_is_recorded_of_an_organisation_that_nobody_founded(command: c.OnOrganisation) -> None:
    given(KENIEBA).when(command).then_refused(NotFound, "organisation")


# registration

def test_a_registration_takes_the_number() -> None:
    given(founded()).when(c.RegisterOrganisation(organisation="dabia", number="N2019 D9C6/0099/B", journal="N°1761", source=SOURCE)).then(
        event(events.ORGANISATION_REGISTERED, number="N2019 D9C6/0099/B", normalised="n2019d9c6-0099b", register="RSC", journal="N°1761", source=SOURCE),
        New("register-number/n2019d9c6-0099b", events.REGISTER_NUMBER_TAKEN, {"normalised": "n2019d9c6-0099b", "organisation": "dabia"}))


def test_a_separator_between_figures_makes_another_number() -> None:
    taken = happened("register-number/n2024d1-11-2", events.REGISTER_NUMBER_TAKEN, {"normalised": "n2024d1-11-2", "organisation": "other"})
    given(founded(), taken).when(c.RegisterOrganisation(organisation="dabia", number="N2024 D1/1/12")).then(
        event(events.ORGANISATION_REGISTERED, number="N2024 D1/1/12", normalised="n2024d1-1-12", register="RSC"),
        New("register-number/n2024d1-1-12", events.REGISTER_NUMBER_TAKEN, {"normalised": "n2024d1-1-12", "organisation": "dabia"}))
    given(founded(), taken).when(c.RegisterOrganisation(organisation="dabia", number="n2024-D1 11 2")).then_refused(Conflict, "number")


def test_a_number_reserved_without_separators_is_found_and_released() -> None:
    """As logs of before have it."""
    old, said = "n2024d1112", "N2024 D1/11/2"
    theirs = (founded(), registered(id="e2", number=said, normalised=old), number("dabia", number=old))
    given(*theirs, founded("niena")).when(c.RegisterOrganisation(organisation="niena", number=said)).then_refused(Conflict, "number")
    given(*theirs).when(c.RegisterOrganisation(organisation="dabia", number=said)).then_refused(Conflict, "number")
    released = New(f"register-number/{old}", events.REGISTER_NUMBER_RELEASED, {"normalised": old, "organisation": "dabia"})
    withdrawn = event(events.FACT_WITHDRAWN, withdraws="e2", fact=events.ORGANISATION_REGISTERED, counts=[],
                      old={"occurred_on": "2020", "counts_from": "2020-12-31", "number": said, "normalised": old})
    given(*theirs).when(c.WithdrawFact(organisation="dabia", event="e2")).then(withdrawn, released)
    respelt = fact(events.FACT_CORRECTED, corrects="e2", new={"number": said, "normalised": "n2024d1-11-2"})
    given(*theirs, respelt).when(c.WithdrawFact(organisation="dabia", event="e2")).then(
        withdrawn._replace(data={**withdrawn.data, "old": {**withdrawn.data["old"], "normalised": "n2024d1-11-2"}}), released)


def test_a_number_that_differs_only_in_spelling_is_the_same_number() -> None:
    taken = happened("register-number/n2019d9c60099b", events.REGISTER_NUMBER_TAKEN, {"normalised": "n2019d9c60099b", "organisation": "other"})
    given(founded(), taken).when(c.RegisterOrganisation(organisation="dabia", number="n2019-d9c6-0099-b")).then_refused(Conflict, "number")


def test_a_registration_is_recorded_once() -> None:
    given(founded(), registered(), number("dabia")).when(c.RegisterOrganisation(organisation="dabia", number="n-1")).then_refused(Conflict, "number")


def test_a_withdrawn_registration_releases_its_number_which_may_be_taken_again() -> None:
    given(founded(), registered(id="e2"), number("dabia")).when(c.WithdrawFact(organisation="dabia", event="e2")).then(
        event(events.FACT_WITHDRAWN, withdraws="e2", fact=events.ORGANISATION_REGISTERED, counts=[],
              old={"occurred_on": "2020", "counts_from": "2020-12-31", "number": "N 1", "normalised": "n1"}),
        New("register-number/n1", events.REGISTER_NUMBER_RELEASED, {"normalised": "n1", "organisation": "dabia"}))
    given(founded("niena"), number("dabia"), number("dabia", events.REGISTER_NUMBER_RELEASED)).when(
        c.RegisterOrganisation(organisation="niena", number="N1")).then(
        New("organisation/niena", events.ORGANISATION_REGISTERED, {"organisation": "niena", "number": "N1", "normalised": "n1", "register": "RSC"}),
        New("register-number/n1", events.REGISTER_NUMBER_TAKEN, {"normalised": "n1", "organisation": "niena"}))


def test_a_corrected_number_is_taken_and_the_wrong_one_released() -> None:
    given(founded(), registered(id="e2"), number("dabia")).when(c.CorrectFact(organisation="dabia", event="e2", number="N 2")).then(
        event(events.FACT_CORRECTED, corrects="e2", fact=events.ORGANISATION_REGISTERED, counts=[], new={"number": "N 2", "normalised": "n2"},
              old={"occurred_on": "2020", "counts_from": "2020-12-31", "number": "N 1", "normalised": "n1"}),
        New("register-number/n2", events.REGISTER_NUMBER_TAKEN, {"normalised": "n2", "organisation": "dabia"}),
        New("register-number/n1", events.REGISTER_NUMBER_RELEASED, {"normalised": "n1", "organisation": "dabia"}))


def test_a_number_corrected_in_its_spelling_only_stays_taken() -> None:
    given(founded(), registered(id="e2"), number("dabia")).when(c.CorrectFact(organisation="dabia", event="e2", number="N-1")).then(
        event(events.FACT_CORRECTED, corrects="e2", fact=events.ORGANISATION_REGISTERED, counts=[], new={"number": "N-1", "normalised": "n1"},
              old={"occurred_on": "2020", "counts_from": "2020-12-31", "number": "N 1", "normalised": "n1"}))


def test_a_number_is_not_corrected_to_somebody_elses_nor_where_none_is_named() -> None:
    given(founded(id="e1"), registered(id="e2"), number("dabia"), number("niena", number="n2")).when(
        c.CorrectFact(organisation="dabia", event="e2", number="N 2")).then_refused(Conflict, "number")
    given(founded(id="e1")).when(c.CorrectFact(organisation="dabia", event="e1", number="N 2")).then_refused(BadRequest, "number")


def test_without_its_registration_an_organisation_is_in_constitution() -> None:
    state = evolve([founded(), registered(id="e2"), fact(events.FACT_WITHDRAWN, withdraws="e2")])
    assert state and (state.number, state.status_on(TODAY)) == ("", "in constitution")


# assembly, statutes, seat

def test_a_founding_keeps_seat_and_site() -> None:
    given().when(c.FoundOrganisation(organisation="dabia", level="base", name="Dabia", seat="near the well", site="dabia-north", occurred_on="2020")).then(
        event(events.ORGANISATION_FOUNDED, level="base", name="Dabia", seat="near the well", site="dabia-north", counts=[count("2020-12-31", 1)]))


def test_a_constitutive_assembly_is_held_somewhere_by_founders() -> None:
    given(founded("u", level="union"), founded(), founded("niena")).when(
        c.HoldConstitutiveAssembly(organisation="u", venue="CNPM", founders=["dabia", "niena", "dabia"], founder_count=12, delegates_each=6)).then(
        New("organisation/u", events.CONSTITUTIVE_ASSEMBLY_HELD, {
            "organisation": "u", "venue": "CNPM", "founders": ["dabia", "niena"], "founder_count": 12, "delegates_each": 6}))


def test_an_assembly_with_four_founders_is_recorded_whatever_the_law_asks() -> None:
    given(founded()).when(c.HoldConstitutiveAssembly(organisation="dabia", founder_count=4)).then(event(events.CONSTITUTIVE_ASSEMBLY_HELD, founder_count=4))


def test_founders_are_organisations_that_somebody_founded() -> None:
    given(founded()).when(c.HoldConstitutiveAssembly(organisation="dabia", founders=["nobody"])).then_refused(NotFound, "founders")
    given(founded()).when(c.HoldConstitutiveAssembly(organisation="dabia", founders=["dabia"])).then_refused(BadRequest, "founders")


def test_a_constitutive_assembly_is_held_once_but_one_that_was_not_is_withdrawn() -> None:
    held = fact(events.CONSTITUTIVE_ASSEMBLY_HELD, id="e2")
    given(founded(), held).when(c.HoldConstitutiveAssembly(organisation="dabia")).then_refused(Conflict, "organisation")
    given(founded(), held, fact(events.FACT_WITHDRAWN, withdraws="e2")).when(c.HoldConstitutiveAssembly(organisation="dabia")).then(
        event(events.CONSTITUTIVE_ASSEMBLY_HELD))


def test_statutes_and_seat_are_recorded() -> None:
    given(founded()).when(c.RecordStatutes(organisation="dabia", objects=["cooperative-spirit"], missions=["oversight", "alert"], source=SOURCE)).then(
        event(events.STATUTES_RECORDED, objects=["cooperative-spirit"], missions=["oversight", "alert"], source=SOURCE))
    given(founded()).when(c.RecordSeat(organisation="dabia", seat="Bamako", commune="Commune IV")).then(
        event(events.SEAT_RECORDED, seat="Bamako", commune="Commune IV"))


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


# what stands

@pytest.mark.parametrize(("facts", "status"), [
    ([], "in constitution"),
    ([fact(events.ORGANISATION_REGISTERED, on="2020")], "registered"),
    ([fact(events.ORGANISATION_SUSPENDED, on="2021")], "suspended"),
    ([fact(events.ORGANISATION_SUSPENDED, on="2021"), fact(events.ORGANISATION_REINSTATED, on="2022")], "in constitution"),
    ([fact(events.ORGANISATION_REINSTATED, on="2022"), fact(events.ORGANISATION_SUSPENDED, on="2021")], "in constitution"),
    ([fact(events.ORGANISATION_SUSPENDED, on="2021-01-01"), fact(events.ORGANISATION_REINSTATED, on="2021-01-01")], "in constitution"),
    ([fact(events.ORGANISATION_REGISTERED, on="2020"), dissolved(on="2022")], "dissolved"),
    ([fact(events.ORGANISATION_REGISTERED, on="2020"), dissolved(on="2030-01-01")], "registered"),
    ([fact(events.ORGANISATION_REGISTERED, on="2025-06"), fact(events.ORGANISATION_SUSPENDED, on="2031")], "in constitution"),
    ([dissolved(on="2010")], "in constitution"),
    ([fact(events.ORGANISATION_REGISTERED, on="2020"), dissolved(on="2022"), fact(events.ORGANISATION_MERGED, into="niena", decision="d")], "merged")])
def test_the_status_is_that_of_the_latest_day_and_among_equal_days_the_last_told(facts: list[Any], status: str) -> None:
    state = evolve([founded(on="2019"), *facts])
    assert state and state.status_on(TODAY) == status


def test_parents_are_those_that_stand_whatever_the_order_of_telling() -> None:
    state = evolve([founded(on="2019"), detached("u", on="2021"), affiliated("u", on="2020"), affiliated("v", on="2020-06")])
    assert state and state.parents == ("v",)


def test_an_organisation_moved_before_it_was_founded_is_where_it_was_founded() -> None:
    state = evolve([founded(on="2020", district="kenieba"), moved("kangaba", on="2019")])
    assert state and presence.counts((), state.facts, "base") == [count("2020-12-31", 1, "kenieba")]


def test_the_status_changes_on_the_days_of_the_facts() -> None:
    state = evolve([founded(on="2019"), fact(events.ORGANISATION_REGISTERED, on="2020-01-05"), fact(events.ORGANISATION_SUSPENDED, on="2021"),
                    fact(events.ORGANISATION_REINSTATED, on="2022"), dissolved(on="2030-01-01")])
    assert state and state.statuses() == [("", "in constitution"), ("2020-01-05", "registered"), ("2021-12-31", "suspended"), ("2022-12-31", "registered"),
                                          ("2030-01-01", "dissolved")]


# impossible orders

def test_no_society_ends_before_it_began_and_a_right_dissolution_may_follow() -> None:
    given(founded(on="2015")).when(c.DissolveOrganisation(organisation="dabia", occurred_on="2010")).then_refused(Conflict, "occurred_on")
    given(founded(on="2015"), dissolved(on="2010")).when(c.DissolveOrganisation(organisation="dabia", occurred_on="2020-01-01")).then(
        event(events.ORGANISATION_DISSOLVED, counts=[count("2020-01-01", -1)]))
    given(founded(on="2015")).when(c.DissolveOrganisation(organisation="dabia", occurred_on="2015-06")).then(
        event(events.ORGANISATION_DISSOLVED, counts=[]))


def test_no_affiliation_ends_before_it_began() -> None:
    ever = (founded(on="2010"), founded("u", level="union"), affiliated("u", on="2011"), detached("u", on="2012"), affiliated("u", on="2020-06"))
    given(*ever).when(c.DetachOrganisation(organisation="dabia", parent="u", occurred_on="2019")).then_refused(Conflict, "occurred_on")


def test_a_correction_puts_no_end_before_a_beginning() -> None:
    ever = (founded(on="2010", id="f"), founded("u", level="union"), affiliated("u", on="2011", id="a"), detached("u", on="2012", id="d"),
            dissolved(on="2015", id="e"))
    for which, day in (("f", "2016"), ("e", "2009"), ("a", "2013"), ("d", "2010-01-01")):
        given(*ever).when(c.CorrectFact(organisation="dabia", event=which, new_occurred_on=day)).then_refused(Conflict, "new_occurred_on")
