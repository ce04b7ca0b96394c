"""What cannot have been is refused, what is dated ahead is still to come, and what was told wrong is told right."""
import datetime as dt
from collections.abc import Iterator

import pytest

from tests.clients import until
from tests.office import Office
from tests.world import OneProcess, one_process


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneProcess]:
    with one_process(tmp_path_factory.mktemp("order") / "var", rate_per_s=0.0) as running:
        yield running


@pytest.fixture
def office(world: OneProcess) -> Office:
    return Office(world)


def found(office: Office, organisation: str, on: str = "2015", level: str = "base") -> str:
    return str(office.says("found-organisation", organisation=organisation, level=level, name=f"Exemple {organisation}", occurred_on=on)[0]["id"])


def one(office: Office, organisation: str) -> dict[str, object]:
    return dict(office.asks(f"/membership/v1/organisations/{organisation}"))


def in_status(office: Office, status: str) -> set[str]:
    return {row["organisation"] for row in office.asks(f"/membership/v1/organisations?status={status.replace(' ', '%20')}&limit=200")["organisations"]}


def test_a_status_is_that_of_today(office: Office) -> None:
    ahead = (dt.date.today() + dt.timedelta(days=400)).isoformat()
    found(office, "avenir")
    office.says("dissolve-organisation", organisation="avenir", occurred_on=ahead)
    assert one(office, "avenir")["status"] == "in constitution" and "avenir" in in_status(office, "in constitution") - in_status(office, "dissolved")
    found(office, "passe")
    office.says("dissolve-organisation", organisation="passe", occurred_on="2020-01-01")
    assert one(office, "passe")["status"] == "dissolved" and "passe" in in_status(office, "dissolved")

    def without(name: str) -> bool:
        return f"Exemple {name}" in office.gets("/membership/land").body.decode()

    until(lambda: without("avenir") and not without("passe"), 10)


def test_no_end_is_recorded_before_its_beginning(office: Office) -> None:
    found(office, "ordre")
    found(office, "union-ordre", level="union")
    office.is_refused(409, "occurred_on", "dissolve-organisation", organisation="ordre", occurred_on="2010-01-01")
    office.says("affiliate-organisation", organisation="ordre", parent="union-ordre", occurred_on="2020-06")
    office.is_refused(409, "occurred_on", "detach-organisation", organisation="ordre", parent="union-ordre", occurred_on="2019")
    office.says("detach-organisation", organisation="ordre", parent="union-ordre", occurred_on="2021")
    ended = office.says("dissolve-organisation", organisation="ordre", occurred_on="2022-01-01")[0]["id"]
    office.is_refused(409, "new_occurred_on", "correct-organisation-fact", organisation="ordre", event=ended, new_occurred_on="2014")
    assert one(office, "ordre")["status"] == "dissolved"


def test_numbers_that_differ_in_where_figures_are_parted_are_two(office: Office) -> None:
    for organisation, number in (("chiffre-a", "N2024 D1/11/2"), ("chiffre-b", "N2024 D1/1/12")):
        found(office, organisation)
        office.says("register-organisation", organisation=organisation, number=number, occurred_on="2016")
    found(office, "chiffre-c")
    office.is_refused(409, "number", "register-organisation", organisation="chiffre-c", number="n2024-d1-11-2")


def test_the_form_and_the_name_of_a_founding_are_corrected(office: Office) -> None:
    event = found(office, "typo")
    office.says("correct-organisation-fact", organisation="typo", event=event, name="Société Exemple Typo", form="SCOOPS", acronym="SET")
    it = one(office, "typo")
    assert (it["name"], it["form"], it["acronym"]) == ("Société Exemple Typo", "SCOOPS", "SET")
    office.is_refused(400, "form", "correct-organisation-fact", organisation="typo", event=event, form="GIE")
    refused = office.is_refused(409, "event", "withdraw-organisation-fact", organisation="typo", event=event)
    assert "never counted" in refused["rule"]
    until(lambda: "Corrigé" in office.gets("/membership/organisations/typo").body.decode(), 10)


def test_a_survivor_without_a_number_is_told_that_its_registration_is_still_to_be_recorded(office: Office) -> None:
    found(office, "double")
    found(office, "reste")
    office.says("register-organisation", organisation="double", number="N2020 D7/7/7", occurred_on="2016")
    office.says("merge-organisations", organisation="double", into="reste", decision="PV", occurred_on="2024-01-01")
    kept = "N2020 D7/7/7 lui est gardé ; son immatriculation reste à noter"
    until(lambda: kept in office.gets("/membership/organisations/reste").body.decode(), 10)
    office.says("register-organisation", organisation="reste", number="N2020 D7/7/7", occurred_on="2016")
    assert one(office, "reste")["status"] == "registered"


def test_after_a_rebuild_it_is_the_same(office: Office) -> None:
    found(office, "encore")
    office.says("dissolve-organisation", organisation="encore", occurred_on="2020-01-01")
    one(office, "encore"), in_status(office, "dissolved")
    office.again_after_a_rebuild()
