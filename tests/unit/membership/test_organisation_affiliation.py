"""Who belongs to whom, from when until when; and of two records of one society one is left."""
from typing import Any

import pytest

from services.membership import commands as c
from services.membership import events
from shared.application import New
from shared.errors import BadRequest, Conflict, NotFound
from tests.unit.membership.decided import TODAY, also_called, count, event, given, member, number, registered
from tests.unit.membership.facts import SOURCE, affiliated, detached, dissolved, fact, founded, moved

# affiliation

@pytest.mark.parametrize(("child", "parent"), [("base", "union"), ("base", "federation"), ("base", "confederation"), ("union", "confederation")])
def test_any_higher_level_may_be_a_parent_and_gains_a_member(child: str, parent: str) -> None:
    given(founded(level=child, on="2019"), founded("u", level=parent)).when(
        c.AffiliateOrganisation(organisation="dabia", parent="u", occurred_on="2020-05")).then(
        event(events.ORGANISATION_AFFILIATED, level=child, parent="u", parent_level=parent, members=[member("2020-05-31", 1, kind=child)]))


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
    given(founded(on="2019"), founded("u", level="union"), affiliated("u", on="2020"), detached("u", on="2021")).when(
        c.AffiliateOrganisation(organisation="dabia", parent="u", occurred_on="2022")).then(
        event(events.ORGANISATION_AFFILIATED, level="base", parent="u", parent_level="union", members=[member("2022-12-31", 1)]))


def test_an_affiliation_before_the_founding_counts_from_the_founding() -> None:
    """A founding known by its year counts from the last day of it."""
    given(founded(on="2020"), founded("u", level="union")).when(c.AffiliateOrganisation(organisation="dabia", parent="u", occurred_on="2020-05")).then(
        event(events.ORGANISATION_AFFILIATED, level="base", parent="u", parent_level="union", members=[member("2020-12-31", 1)]))


def test_an_affiliation_after_the_end_adds_no_member() -> None:
    given(founded(on="2019"), dissolved(on="2020"), founded("u", level="union")).when(
        c.AffiliateOrganisation(organisation="dabia", parent="u", occurred_on="2021")).then(
        event(events.ORGANISATION_AFFILIATED, level="base", parent="u", parent_level="union"))


def test_who_is_affiliated_is_detached_and_an_undated_end_counts_from_today() -> None:
    given(founded(on="2019"), founded("u", level="union"), affiliated("u", on="2020")).when(c.DetachOrganisation(organisation="dabia", parent="u")).then(
        event(events.ORGANISATION_DETACHED, level="base", parent="u", parent_level="union", counts_from=TODAY, members=[member(TODAY, -1)]))


def test_who_is_not_affiliated_is_not_detached() -> None:
    given(founded(), founded("u", level="union")).when(c.DetachOrganisation(organisation="dabia", parent="u")).then_refused(Conflict, "parent")


def test_a_dissolution_takes_the_member_from_every_parent() -> None:
    given(founded(on="2019"), affiliated("u", on="2020"), affiliated("v", on="2020"), detached("v", on="2021")).when(
        c.DissolveOrganisation(organisation="dabia", occurred_on="2022")).then(
        event(events.ORGANISATION_DISSOLVED, counts=[count("2022-12-31", -1)], members=[member("2022-12-31", -1)]))


def test_a_corrected_affiliation_moves_the_member_in_time() -> None:
    given(founded(on="2019"), affiliated("u", on="2020", id="e2")).when(c.CorrectFact(organisation="dabia", event="e2", new_occurred_on="2021")).then(
        event(events.FACT_CORRECTED, corrects="e2", fact=events.ORGANISATION_AFFILIATED, old={"occurred_on": "2020", "counts_from": "2020-12-31"},
              new={"occurred_on": "2021", "counts_from": "2021-12-31"}, counts=[], members=[member("2020-12-31", -1), member("2021-12-31", 1)]))


def test_a_withdrawn_end_of_an_affiliation_lets_it_last() -> None:
    given(founded(on="2019"), affiliated("u", on="2020"), detached("u", on="2021", id="e3")).when(c.WithdrawFact(organisation="dabia", event="e3")).then(
        event(events.FACT_WITHDRAWN, withdraws="e3", fact=events.ORGANISATION_DETACHED, old={"occurred_on": "2021", "counts_from": "2021-12-31"},
              counts=[], members=[member("2021-12-31", 1)]))


# duplicates

def test_a_duplicate_takes_back_all_that_it_added() -> None:
    given(founded("niena"), founded(on="2020", district="kenieba"), affiliated("u", on="2021"), moved("kangaba", on="2022")).when(
        c.MergeOrganisations(organisation="dabia", into="niena", decision="minutes 7", source=SOURCE)).then(
        event(events.ORGANISATION_MERGED, into="niena", decision="minutes 7", source=SOURCE, members=[member("2021-12-31", -1)],
              counts=[count("2022-12-31", -1, "kangaba"), count("2020-12-31", -1, "kenieba"), count("2022-12-31", 1, "kenieba")]),
        also_called("Dabia", "minutes 7", source=SOURCE))


def test_the_number_of_a_duplicate_goes_to_the_survivor_that_has_none() -> None:
    given(founded("niena"), founded(on="2020"), registered(), number("dabia")).when(
        c.MergeOrganisations(organisation="dabia", into="niena", decision="d")).then(
        event(events.ORGANISATION_MERGED, into="niena", decision="d", number="N 1", counts=[count("2020-12-31", -1)]), also_called("Dabia", "d"),
        New("register-number/n1", events.REGISTER_NUMBER_TAKEN, {"normalised": "n1", "organisation": "niena"}))
    given(founded("niena"), number("dabia"), number("niena")).when(c.RegisterOrganisation(organisation="niena", number="N 1")).then(
        New("organisation/niena", events.ORGANISATION_REGISTERED, {"organisation": "niena", "number": "N 1", "normalised": "n1", "register": "RSC"}))


def test_the_number_of_a_duplicate_is_free_again_if_the_survivor_has_its_own() -> None:
    given(founded("niena"), registered("niena", normalised="n2"), founded(on="2020"), registered(), number("dabia")).when(
        c.MergeOrganisations(organisation="dabia", into="niena", decision="d")).then(
        event(events.ORGANISATION_MERGED, into="niena", decision="d", counts=[count("2020-12-31", -1)]), also_called("Dabia", "d"),
        New("register-number/n1", events.REGISTER_NUMBER_RELEASED, {"normalised": "n1", "organisation": "dabia"}))


MERGED = fact(events.ORGANISATION_MERGED, into="niena", decision="d")


@pytest.mark.parametrize("command", [
    c.RegisterOrganisation(organisation="dabia", number="N1"), c.AffiliateOrganisation(organisation="dabia", parent="u"),
    c.RenameOrganisation(organisation="dabia", name="X"), c.DissolveOrganisation(organisation="dabia"), c.WithdrawFact(organisation="dabia", event="e1"),
    c.CorrectFact(organisation="dabia", event="e1", new_occurred_on="2020"), c.MergeOrganisations(organisation="dabia", into="niena", decision="d"),
    c.RecordSeat(organisation="dabia", seat="X")], ids=lambda command: type(command).__name__)
def test_nothing_more_is_recorded_of_a_duplicate_but_where_to_say_it_is_told(command: c.OnOrganisation) -> None:
    refused = given(founded(id="e1"), MERGED, founded("u", level="union"), founded("niena")).when(command)
    refused.then_refused(Conflict, "organisation")
    assert refused.error and "niena" in refused.error.detail and "niena" in refused.error.rule


def test_a_duplicate_gains_no_member_but_who_is_its_member_may_leave() -> None:
    merged = fact(events.ORGANISATION_MERGED, "u", into="v", decision="d")
    given(founded(), founded("u", level="union"), merged).when(c.AffiliateOrganisation(organisation="dabia", parent="u")).then_refused(Conflict, "parent")
    given(founded(on="2019"), affiliated("u", on="2020"), founded("u", level="union"), merged).when(
        c.DetachOrganisation(organisation="dabia", parent="u", occurred_on="2021")).then(
        event(events.ORGANISATION_DETACHED, level="base", parent="u", parent_level="union", members=[member("2021-12-31", -1)]))


def test_only_two_organisations_of_one_level_are_one() -> None:
    def merge(into: str) -> Any:
        return given(founded(), founded("u", level="union"), founded("niena"), fact(events.ORGANISATION_MERGED, "niena", into="x", decision="d")).when(
            c.MergeOrganisations(organisation="dabia", into=into, decision="d"))

    merge("nobody").then_refused(NotFound, "into")
    merge("dabia").then_refused(BadRequest, "into")
    merge("u").then_refused(BadRequest, "into")
    merge("niena").then_refused(Conflict, "into")
