"""A place has one slug and many spellings; two places of a kind never share one."""
import pytest

from services.membership import events, place
from services.membership.commands import RecordPlaceAlias, RegisterDistrict, RegisterRegion
from shared.application import New
from shared.errors import BadRequest, Conflict, NotFound
from shared.testing import specification
from tests.unit.membership.facts import SOURCE, called, naming, registered_district

given = specification(place)


def test_a_district_is_registered_and_takes_its_names() -> None:
    given().when(RegisterDistrict(district="kayes-sadiola", name="Kayes / Sadiola", aliases=["Sadiola"], rank=3, source=SOURCE)).then(
        New("district/kayes-sadiola", events.DISTRICT_REGISTERED,
            {"district": "kayes-sadiola", "name": "Kayes / Sadiola", "rank": 3, "source": SOURCE}),
        naming("Kayes / Sadiola", "kayes-sadiola"), naming("Sadiola", "kayes-sadiola"))


def test_a_name_equal_to_the_slug_is_taken_once() -> None:
    given().when(RegisterDistrict(district="kenieba", name="Kéniéba")).then(
        New("district/kenieba", events.DISTRICT_REGISTERED, {"district": "kenieba", "name": "Kéniéba"}), naming("Kéniéba", "kenieba"))


def test_a_district_is_registered_once() -> None:
    given(registered_district("kenieba", "Kéniéba")).when(RegisterDistrict(district="kenieba", name="Other")).then_refused(Conflict, "district")


@pytest.mark.parametrize("command", [
    RegisterDistrict(district="second", name="KOLON DIEBA"),
    RegisterDistrict(district="second", name="Second", aliases=["kolondiéba"]),
    RegisterDistrict(district="kolon-dieba", name="Second")])
def test_two_districts_cannot_share_a_name_an_alias_or_a_slug(command: RegisterDistrict) -> None:
    given(called("Kolondiéba", "kolondieba")).when(command).then_refused(Conflict, "name")


def test_a_region_and_a_district_may_share_a_name() -> None:
    given(called("Sikasso", "sikasso", "district")).when(RegisterRegion(region="sikasso", name="Sikasso")).then(
        New("region/sikasso", events.REGION_REGISTERED, {"region": "sikasso", "name": "Sikasso"}), naming("Sikasso", "sikasso", "region"))


def test_an_alias_is_recorded_with_its_evidence() -> None:
    given(registered_district("kenieba", "Kéniéba")).when(RecordPlaceAlias(kind="district", slug="kenieba", alias="Kénièba-ville", evidence="map")).then(
        naming("Kénièba-ville", "kenieba", evidence="map"))


def test_an_alias_the_place_has_already_changes_nothing() -> None:
    given(registered_district("kenieba", "Kéniéba"), called("Kéniéba", "kenieba")).when(
        RecordPlaceAlias(kind="district", slug="kenieba", alias="KENIEBA", evidence="map")).then_nothing()


def test_an_alias_of_another_place_is_refused() -> None:
    given(registered_district("kenieba", "Kéniéba"), called("Sadiola", "kayes-sadiola")).when(
        RecordPlaceAlias(kind="district", slug="kenieba", alias="SADIOLA", evidence="map")).then_refused(Conflict, "name")


def test_an_alias_needs_a_place() -> None:
    given().when(RecordPlaceAlias(kind="district", slug="nowhere", alias="X", evidence="map")).then_refused(NotFound, "slug")


def test_a_name_without_a_letter_is_refused() -> None:
    given().when(RegisterDistrict(district="dots", name="…")).then_refused(BadRequest, "name")


@pytest.mark.parametrize(("one", "other"), [
    ("KOLON DIEBA", "Kolondiéba"), ("KAYES / SADIOLA", "Kayes-Sadiola"), ("Kénièba", "KENIEBA"), ("Se\u0301gou", "S\u00e9gou")])
def test_spellings_of_one_place_are_one_name(one: str, other: str) -> None:
    assert place.normalise(one) == place.normalise(other)


@pytest.mark.parametrize("written", ["KOLON DIEBA", "kolondieba", "Kolondiéba"])
def test_a_place_is_found_by_any_spelling(written: str) -> None:
    key = place.name_stream("district", written)
    assert place.found("district", written, {key: [called("Kolondiéba", "kolondieba")]}, "district") == "kolondieba"
