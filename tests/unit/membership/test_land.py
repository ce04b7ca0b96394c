"""Sites and corridors: what is recorded of them, and the little that is refused."""
from typing import Any

import pytest

from services.membership import events
from services.membership.land import corridor, site
from services.membership.land.commands import (
    AssignCorridor,
    CloseCorridor,
    CorrectSite,
    EndCorridorAssignment,
    ExtendCorridor,
    GrantCorridor,
    OnCorridor,
    OnSite,
    RegisterSite,
)
from services.membership.land.requests import GrantCorridor as GrantRequest
from services.membership.land.requests import RegisterSite as SiteRequest
from shared import requests
from shared.application import New
from shared.errors import BadRequest, Conflict, NotFound
from shared.event import Event
from shared.testing import happened, specification
from tests.unit.membership.facts import SOURCE, called, fact, founded

of_site = specification(site)
given = specification(corridor, today="2024-06-15")
SITE, CORRIDOR = "site/tegue", "corridor/c1"
KANGABA = called("Kangaba", "kangaba")


def registered(**data: Any) -> Event:
    return happened(SITE, events.SITE_REGISTERED, {"site": "tegue", "name": "Tèguè", **data})


def granted(**data: Any) -> Event:
    return happened(CORRIDOR, events.CORRIDOR_GRANTED, {"corridor": "c1", "name": "Couloir 1", "district": "kangaba", **data})


def extended(old: str, new: str) -> Event:
    return happened(CORRIDOR, events.CORRIDOR_EXTENDED, {"corridor": "c1", "old": {"valid_until": old}, "new": {"valid_until": new}, "assigned": []})


def closed(on: str) -> Event:
    return happened(CORRIDOR, events.CORRIDOR_CLOSED, {"corridor": "c1", "assigned": []}, occurred_on=on)


def assigned(to: str, on: str, /, *, id: str = "", **data: Any) -> Event:
    return happened(CORRIDOR, events.CORRIDOR_ASSIGNED, {"corridor": "c1", "organisation": to, **data}, occurred_on=on, id=id)


def ended(to: str, on: str = "", **data: Any) -> Event:
    return happened(CORRIDOR, events.CORRIDOR_ASSIGNMENT_ENDED, {"corridor": "c1", "organisation": to, **data}, occurred_on=on)


def standing(*history: Event) -> list[tuple[str, str | None]]:
    """First and last day of the assignments that nobody has ended."""
    state = corridor.evolve(history)
    return [(a.begins, state.until(a.valid_until)) for a in state.assignments] if state else []


# sites

def test_a_site_is_registered_in_a_district_under_any_of_its_names() -> None:
    of_site(called("Kolondiéba", "kolondieba")).when(
        RegisterSite(site="tegue", name="Tèguè", district="KOLON DIEBA", latitude_e6=12_639_200, longitude_e6=-8_002_900, source=SOURCE)).then(
        New(SITE, events.SITE_REGISTERED, {"site": "tegue", "name": "Tèguè", "district": "kolondieba", "latitude_e6": 12_639_200, "longitude_e6": -8_002_900,
                                           "source": SOURCE}))


def test_a_site_of_which_only_the_name_is_known_is_registered() -> None:
    of_site().when(RegisterSite(site="tegue", name="Tèguè")).then(New(SITE, events.SITE_REGISTERED, {"site": "tegue", "name": "Tèguè"}))


def test_a_site_is_registered_once() -> None:
    of_site(registered()).when(RegisterSite(site="tegue", name="Other")).then_refused(Conflict, "site")


@pytest.mark.parametrize("command", [RegisterSite(site="tegue", name="T", district="Nowhere"), CorrectSite(site="tegue", district="Nowhere")])
def test_a_site_in_an_unknown_district_is_refused(command: OnSite) -> None:
    of_site(*([registered()] if isinstance(command, CorrectSite) else [])).when(command).then_refused(NotFound, "district")


def test_a_correction_carries_what_changes_old_and_new() -> None:
    of_site(KANGABA, registered(commune="Minidian", latitude_e6=1, longitude_e6=2)).when(
        CorrectSite(site="tegue", name="Tèguè", aliases=["Tegue"], district="Kangaba", latitude_e6=1, longitude_e6=3, source=SOURCE)).then(
        New(SITE, events.SITE_CORRECTED, {"site": "tegue", "old": {"longitude_e6": 2}, "new": {"aliases": ["Tegue"], "district": "kangaba", "longitude_e6": 3},
                                          "source": SOURCE}))


def test_a_correction_is_of_what_the_last_one_left() -> None:
    of_site(registered(village="A"), happened(SITE, events.SITE_CORRECTED, {"site": "tegue", "old": {"village": "A"}, "new": {"village": "B"}})).when(
        CorrectSite(site="tegue", village="C")).then(New(SITE, events.SITE_CORRECTED, {"site": "tegue", "old": {"village": "B"}, "new": {"village": "C"}}))


def test_a_correction_that_changes_nothing_is_nothing() -> None:
    of_site(registered(village="A")).when(CorrectSite(site="tegue", village="A")).then_nothing()


def test_an_unknown_site_is_not_corrected() -> None:
    of_site().when(CorrectSite(site="tegue", village="A")).then_refused(NotFound, "site")


@pytest.mark.parametrize(("text", "millionths"), [
    ("12.6392", 12_639_200), ("-8", -8_000_000), ("-0.000001", -1), ("90.000000", 90_000_000), ("07.5", 7_500_000)])
def test_degrees_are_whole_millionths_and_never_a_float(text: str, millionths: int) -> None:
    assert requests.read(SiteRequest(), {"site": "s", "name": "S", "latitude": text, "longitude": "179.999999"}) == {
        "site": "s", "name": "S", "latitude_e6": millionths, "longitude_e6": 179_999_999}


@pytest.mark.parametrize("said", ["12.6392001", "90.5", "91", "12,5", "1e1", "", " 1", ".5", "5.", 12.6392, 12, None])
def test_degrees_in_any_other_form_are_refused(said: object) -> None:
    with pytest.raises(BadRequest) as refused:
        requests.read(SiteRequest(), {"site": "s", "name": "S", "latitude": said, "longitude": "1"})
    assert refused.value.field == "latitude"


def test_one_coordinate_without_the_other_is_refused() -> None:
    for one, other in (("latitude", "longitude"), ("longitude", "latitude")):
        with pytest.raises(BadRequest) as refused:
            requests.read(SiteRequest(), {"site": "s", "name": "S", one: "1"})
        assert refused.value.field == other


# corridors

def test_a_corridor_is_granted_for_sites_of_a_district() -> None:
    given(KANGABA, registered()).when(
        GrantCorridor(corridor="c1", name="Couloir 1", district="KANGABA", order="n° 1", collectivity="Commune", sites=["tegue", "tegue"],
                      valid_from="2024-01-01", valid_until="2024-12-31", source=SOURCE)).then(
        New(CORRIDOR, events.CORRIDOR_GRANTED, {"corridor": "c1", "name": "Couloir 1", "district": "kangaba", "order": "n° 1", "collectivity": "Commune",
                                                "sites": ["tegue"], "valid_from": "2024-01-01", "valid_until": "2024-12-31", "source": SOURCE}))


def test_a_corridor_is_granted_once() -> None:
    given(KANGABA, granted()).when(GrantCorridor(corridor="c1", name="Other", district="Kangaba")).then_refused(Conflict, "corridor")


@pytest.mark.parametrize(("changes", "field"), [({"district": "Nowhere"}, "district"), ({"sites": ["tegue", "unknown"]}, "sites")])
def test_a_corridor_needs_a_known_district_and_known_sites(changes: dict[str, Any], field: str) -> None:
    given(KANGABA, registered()).when(GrantCorridor(**{"corridor": "c1", "name": "Couloir 1", "district": "Kangaba", **changes})).then_refused(NotFound, field)


def test_a_corridor_ends_no_day_before_it_begins() -> None:
    given(KANGABA).when(GrantCorridor(corridor="c1", name="C", district="Kangaba", valid_from="2024-01-02", valid_until="2024-01-01")).then_refused(
        BadRequest, "valid_until")
    given(granted(valid_from="2024-01-02")).when(ExtendCorridor(corridor="c1", valid_until="2024-01-01")).then_refused(BadRequest, "valid_until")
    given(KANGABA).when(GrantCorridor(corridor="c1", name="C", district="Kangaba", valid_from="2024-01-01", valid_until="2024-01-01")).then(
        New(CORRIDOR, events.CORRIDOR_GRANTED, {"corridor": "c1", "name": "C", "district": "kangaba", "valid_from": "2024-01-01", "valid_until": "2024-01-01"}))


@pytest.mark.parametrize("day", ["2024-02-30", "2024", "2024-02", "2024-01-01/2024-01-02", "2024-1-1"])
def test_validity_is_said_in_days(day: str) -> None:
    with pytest.raises(BadRequest) as refused:
        requests.read(GrantRequest(), {"corridor": "c1", "name": "C", "district": "Kangaba", "valid_until": day})
    assert refused.value.field == "valid_until"


@pytest.mark.parametrize("command", [ExtendCorridor(corridor="c1", valid_until="2025-01-01"), CloseCorridor(corridor="c1"),
                                     AssignCorridor(corridor="c1", organisation="dabia"), EndCorridorAssignment(corridor="c1", organisation="dabia")])
def test_what_was_never_granted_is_not_found(command: OnCorridor) -> None:
    given(founded()).when(command).then_refused(NotFound, "corridor")


def test_an_extension_and_a_closing_name_who_it_is_assigned_to() -> None:
    history = (granted(valid_until="2024-12-31"), assigned("zan", "2023"), assigned("dabia", "2023"), assigned("left", "2023"), ended("left"),
               assigned("dabia", "2024-02", valid_until="2024-03-01"))
    given(*history).when(ExtendCorridor(corridor="c1", valid_until="2025-12-31", source=SOURCE)).then(
        New(CORRIDOR, events.CORRIDOR_EXTENDED, {"corridor": "c1", "old": {"valid_until": "2024-12-31"}, "new": {"valid_until": "2025-12-31"},
                                                 "assigned": ["dabia", "zan"], "source": SOURCE}))
    given(*history).when(CloseCorridor(corridor="c1")).then(New(CORRIDOR, events.CORRIDOR_CLOSED, {"corridor": "c1", "assigned": ["dabia", "zan"]}))


def test_an_extension_to_the_day_it_has_is_nothing() -> None:
    given(granted(valid_until="2024"), extended("2024", "2025-12-31")).when(ExtendCorridor(corridor="c1", valid_until="2025-12-31")).then_nothing()


def test_a_corridor_is_closed_once() -> None:
    given(granted(), closed("2024-01-01")).when(CloseCorridor(corridor="c1")).then_refused(Conflict, "corridor")


@pytest.mark.parametrize(("corridor_until", "own", "until"), [
    (None, None, None), ("2025-01-31", None, "2025-01-31"), (None, "2024-12-31", "2024-12-31"), ("2025-01-31", "2024-12-31", "2024-12-31"),
    ("2024-06-30", "2024-12-31", "2024-06-30")])
def test_an_assignment_holds_until_the_earlier_of_both_ends(corridor_until: str | None, own: str | None, until: str | None) -> None:
    given(granted(valid_until=corridor_until), founded()).when(
        AssignCorridor(corridor="c1", organisation="dabia", valid_until=own, occurred_on="2024-02", source=SOURCE)).then(
        New(CORRIDOR, events.CORRIDOR_ASSIGNED, {"corridor": "c1", "organisation": "dabia", "valid_until": own, "until": until, "source": SOURCE}))


def test_a_corridor_is_assigned_to_a_known_organisation() -> None:
    given(granted()).when(AssignCorridor(corridor="c1", organisation="dabia")).then_refused(NotFound, "organisation")


def test_a_corridor_is_not_assigned_to_a_duplicate() -> None:
    merged = fact(events.ORGANISATION_MERGED, into="zan", decision="minutes", counts=[])
    given(granted(), founded(), merged).when(AssignCorridor(corridor="c1", organisation="dabia")).then_refused(Conflict, "organisation")


def test_an_assignment_ends_no_day_before_it_began() -> None:
    given(granted(), founded()).when(AssignCorridor(corridor="c1", organisation="dabia", occurred_on="2024-02", valid_until="2024-01-31")).then_refused(
        BadRequest, "valid_until")


@pytest.mark.parametrize("again", ["2024-01-01", "2024-03-31", "", "2023"])
def test_a_second_assignment_while_the_first_lasts_is_a_conflict(again: str) -> None:
    """Undated counts from today, 15 June 2024; a year from its last day."""
    standing = assigned("dabia", "2023-06", valid_until="2024-06-15")
    given(granted(), standing, founded()).when(AssignCorridor(corridor="c1", organisation="dabia", occurred_on=again)).then_refused(Conflict, "organisation")


@pytest.mark.parametrize(("more", "on"), [
    ([], "2024-04-01"),                                                        # it ran out by its own date
    ([extended("2025-01-01", "2024-02-29")], "2024-03-01"),                    # the corridor's was earlier
    ([ended("dabia", "2024-02")], "2024-02-15")])                              # somebody ended it
def test_an_assignment_may_follow_one_that_ended(more: list[Event], on: str) -> None:
    given(granted(), assigned("dabia", "2023-06", valid_until="2024-03-31"), *more, founded()).when(
        AssignCorridor(corridor="c1", organisation="dabia", occurred_on=on)).then(
        New(CORRIDOR, events.CORRIDOR_ASSIGNED, {"corridor": "c1", "organisation": "dabia", "until": "2024-02-29" if more and on == "2024-03-01" else None}))


def test_an_earlier_assignment_may_be_recorded_after_a_later_one_and_none_over_it() -> None:
    history = (granted(), assigned("dabia", "2023-06-01", valid_until="2024-03-31"), founded())
    given(*history).when(AssignCorridor(corridor="c1", organisation="dabia", occurred_on="2022-01-01", valid_until="2023-05-31")).then(
        New(CORRIDOR, events.CORRIDOR_ASSIGNED, {"corridor": "c1", "organisation": "dabia", "valid_until": "2023-05-31", "until": "2023-05-31"}))
    given(*history).when(AssignCorridor(corridor="c1", organisation="dabia", occurred_on="2022-01-01")).then_refused(Conflict, "organisation")


def test_one_corridor_is_assigned_to_several_organisations() -> None:
    given(granted(), assigned("zan", "2023"), founded()).when(AssignCorridor(corridor="c1", organisation="dabia")).then(
        New(CORRIDOR, events.CORRIDOR_ASSIGNED, {"corridor": "c1", "organisation": "dabia"}))


def test_after_a_closing_only_what_happened_before_it_is_recorded() -> None:
    history = (granted(), closed("2024-02-01"), founded())
    for on in ("2024-02-01", "2024-02", ""):
        given(*history).when(AssignCorridor(corridor="c1", organisation="dabia", occurred_on=on)).then_refused(Conflict, "corridor")
    given(*history).when(ExtendCorridor(corridor="c1", valid_until="2025-01-01")).then_refused(Conflict, "corridor")
    given(*history).when(AssignCorridor(corridor="c1", organisation="dabia", occurred_on="2024-01-31")).then(
        New(CORRIDOR, events.CORRIDOR_ASSIGNED, {"corridor": "c1", "organisation": "dabia", "until": "2024-01-31"}))


def test_an_assignment_is_ended_once() -> None:
    end = EndCorridorAssignment(corridor="c1", organisation="dabia", source=SOURCE)
    given(granted(), assigned("dabia", "2023", id="a"), founded()).when(end).then(
        New(CORRIDOR, events.CORRIDOR_ASSIGNMENT_ENDED, {"corridor": "c1", "organisation": "dabia", "assignment": "a", "source": SOURCE}))
    given(granted(), assigned("dabia", "2023"), ended("dabia"), founded()).when(end).then_refused(Conflict, "organisation")
    given(granted(), assigned("zan", "2023"), founded()).when(end).then_refused(Conflict, "organisation")


def test_an_end_is_that_of_the_assignment_in_force_on_its_day() -> None:
    first, second = assigned("dabia", "2021-01-01", id="a", valid_until="2021-12-31"), assigned("dabia", "2023-01-01", id="b")

    def end(on: str) -> EndCorridorAssignment:
        return EndCorridorAssignment(corridor="c1", organisation="dabia", occurred_on=on)

    for on, of in (("2021-06-30", "a"), ("2021-12-31", "a"), ("2023-01-01", "b")):
        given(granted(), first, second, founded()).when(end(on)).then(
            New(CORRIDOR, events.CORRIDOR_ASSIGNMENT_ENDED, {"corridor": "c1", "organisation": "dabia", "assignment": of}))
    for on in ("2020-12-31", "2022-01-01"):
        given(granted(), first, second, founded()).when(end(on)).then_refused(Conflict, "organisation")
    for more in ({"assignment": "a"}, {}):
        assert standing(granted(), first, second, ended("dabia", "2021-06-30", **more)) == [("2023-01-01", None)]
    assert standing(granted(), first, second, ended("dabia", "2022-06-30")) == [("2021-01-01", "2021-12-31")], "as an old log has been read ever since"


def test_an_assignment_begins_no_day_before_its_corridor() -> None:
    corridor_ = granted(valid_from="2024-03-01", valid_until="2025-12-31")
    given(corridor_, founded()).when(AssignCorridor(corridor="c1", organisation="dabia", occurred_on="2024-01-15")).then(
        New(CORRIDOR, events.CORRIDOR_ASSIGNED, {"corridor": "c1", "organisation": "dabia", "until": "2025-12-31", "begins": "2024-03-01"}))
    given(corridor_, founded()).when(AssignCorridor(corridor="c1", organisation="dabia", occurred_on="2024-01-15", valid_until="2024-02-28")).then_refused(
        BadRequest, "valid_until")
    for more in ({"begins": "2024-03-01"}, {}):
        assert standing(corridor_, assigned("dabia", "2024-01-15", **more)) == [("2024-03-01", "2025-12-31")]
