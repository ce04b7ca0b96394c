"""Who may not see people: no table, page, list of findings or event points at a few of them, or at where they work (principle 7)."""
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.office import Office
from tests.stranger import Reply, bearer, get
from tests.world import OneProcess, one_process

DAY = "2024-11-30"
SOCIETIES = {"one-woman": (1, 0), "two-women": (2, 10), "many": (15, 18)}                # women, men
LATITUDE, LONGITUDE = "12.123456", "-8.654321"
EXACT = ("12123456", "8654321", "latitude", "longitude")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneProcess]:
    with one_process(tmp_path_factory.mktemp("few") / "var", rate_per_s=0.0) as running:
        yield running


@pytest.fixture(scope="module")
def secretariat(world: OneProcess) -> Office:
    office = Office(world)
    for district in ("kangaba", "kenieba"):
        office.says("register-district", district=district, name=district.title())
    for society, (women, men) in SOCIETIES.items():
        office.says("found-organisation", organisation=society, level="base", name=f"{society} SCOOPS", form="SCOOPS", occurred_on="2015",
                    district="kangaba" if society == "many" else "kenieba")
        office.says("register-miners", occurred_on="2020-01-01", rows=[
            {"miner": f"m-{society.replace('-', '')}{n:03}", "name": "Membre Exemple", "sex": "female" if n < women else "male", "birth_year": 1990,
             "organisation": society, "admitted_on": "2020-01-01"} for n in range(women + men)])
    with world.books() as books:
        books.everything_arrived()
    return office


def of(world: OneProcess, secretariat: Office, role: str, *territory: str) -> Office:
    return Office(world, role, territory, before=secretariat)


def counted(rows: list[dict[str, Any]]) -> dict[str, int | None]:
    return {row["organisation"]: row.get("count") for row in rows}


def test_a_table_says_nothing_of_a_few_nor_of_what_they_follow_from(world: OneProcess, secretariat: Office) -> None:
    trainer = of(world, secretariat, "trainer")
    table = f"/reporting/v1/tables/members?by=organisation&as_of={DAY}"
    assert counted(trainer.asks(table)["rows"]) == {"many": 33, "one-woman": None, "two-women": None}
    assert counted(secretariat.asks(table)["rows"]) == {"many": 33, "one-woman": 1, "two-women": 12}
    by_sex = {(row["organisation"], row["sex"]): row.get("count") for row in trainer.asks(table.replace("organisation", "organisation,sex"))["rows"]}
    assert [by_sex["two-women", sex] for sex in ("female", "male")] == [by_sex["one-woman", "female"], None] == [None, None]


def test_a_directory_tells_miners_in_steps_and_not_by_sex(world: OneProcess, secretariat: Office) -> None:
    trainer, auditor = of(world, secretariat, "trainer"), of(world, secretariat, "auditor")
    rows = {row["organisation"]: row["members"] for row in trainer.asks("/membership/v1/organisations?limit=50")["organisations"]}
    assert rows == {"one-woman": {}, "two-women": {"miner": 10}, "many": {"miner": 30}}
    assert {row["organisation"]: row["members"] for row in trainer.asks("/membership/v1/organisations?view=tree")["tree"]} == rows
    assert trainer.asks("/membership/v1/organisations/one-woman")["members"] == {}
    assert auditor.asks("/membership/v1/organisations/one-woman")["members"] == {"miner": 1, "miner/female": 1}
    assert "moins de 5" in page(trainer, "/membership/organisations/one-woman") and "tranches de 5" in page(trainer, "/membership/organisations/many")
    assert "1 orpailleur" in page(auditor, "/membership/organisations/one-woman")


def page(office: Office, path: str) -> str:
    reply = get(office.config, path, office.token, Accept="text/html")
    assert reply.status == 200, reply.body
    return reply.body.decode()


def test_a_finding_does_not_say_how_few_they_are(world: OneProcess, secretariat: Office) -> None:
    chamber, auditor = of(world, secretariat, "chamber"), of(world, secretariat, "auditor")
    table = f"/reporting/v1/tables/findings/organisations?rule=OH-01&organisation=one-woman&as_of={DAY}"
    (found,) = chamber.asks(table)["findings"]
    (seen,) = auditor.asks(table)["findings"]
    assert (found["organisation"], found["facts"], seen["facts"]) == ("one-woman", {"members": "< 5"}, {"members": 1})
    assert "members: < 5" in chamber.gets(f"{table}&format=csv").body.decode()
    told = found["events"][-1]
    assert {b["facts"]["members"] for b in chamber.asks(f"/reporting/v1/events/{told}")["data"]["breaches"]} == {"< 5"}
    assert {b["facts"]["members"] for b in auditor.asks(f"/reporting/v1/events/{told}")["data"]["breaches"]} == {1}
    whole = json.dumps([chamber.asks("/membership/v1/organisations/one-woman")[part] for part in ("findings", "timeline")])
    assert '"members": "< 5"' in whole and '"members": 1' not in whole
    for path in ("/membership/findings?rule=OH-01", "/membership/organisations/one-woman?all=1"):
        assert "&lt; 5 au registre" in page(chamber, path) and "1 au registre" in page(auditor, path) and "1 au registre" not in page(chamber, path)


def test_where_people_work_is_for_who_may_see_people(world: OneProcess, secretariat: Office) -> None:
    told = [secretariat.says("register-site", site="exact-site", name="Site", district="kangaba", latitude=LATITUDE, longitude=LONGITUDE)[0]["id"],
            secretariat.says("correct-site", site="exact-site", latitude="12.5", longitude="-8.5")[0]["id"]]
    chamber, auditor = of(world, secretariat, "chamber"), of(world, secretariat, "auditor")
    for event in told:
        assert not [word for word in EXACT if word in json.dumps(chamber.asks(f"/reporting/v1/events/{event}")["data"])]
        assert not [word for word in EXACT if word in page(chamber, f"/reporting/v1/events/{event}")]
        assert "latitude_e6" in json.dumps(auditor.asks(f"/reporting/v1/events/{event}")["data"])


def test_members_one_by_one_are_those_of_the_officer_s_district(world: OneProcess, secretariat: Office) -> None:
    officer = of(world, secretariat, "district-officer", "district:kenieba")
    for by in ("organisation", "organisation,sex", "district,organisation"):
        table = officer.asks(f"/reporting/v1/tables/members?by={by}&as_of={DAY}")
        assert ({row["organisation"] for row in table["rows"]}, table["total"]) == ({"one-woman", "two-women"}, 13)


def test_the_last_months_there_are_are_answered_at_once(world: OneProcess, secretariat: Office) -> None:
    reply = span(world, "9999-12", "9999-12")
    assert reply.status == 200 and {row["month"] for row in reply.json["rows"]} == {"9999-12"}
    refused = span(world, "2000-01", "9999-12")
    assert (refused.status, refused.json["field"], refused.json["rule"]) == (400, "from", "at most 240 months")


def span(world: OneProcess, first: str, last: str) -> Reply:
    return get(world.config, f"/reporting/v1/tables/growth?from={first}&to={last}", bearer(world.config, "trainer"))
