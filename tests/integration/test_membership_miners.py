"""Miners through HTTP: what was said of them comes out of membership and reporting, at any date, and again after a rebuild."""
from collections.abc import Iterator
from typing import Any

import pytest

from services.membership import events
from shared import event
from tests.office import Office
from tests.world import OneProcess, one_process

CARD = {"card_type": "orpailleur", "issuer": "DNGM", "valid_from": "2023-01-01", "valid_until": "2024-06-30"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneProcess]:
    """Two societies in one district, one in another."""
    with one_process(tmp_path_factory.mktemp("miners") / "var", rate_per_s=0.0) as running:
        office = Office(running)
        for district, name in (("kangaba", "Kangaba"), ("kenieba", "Kéniéba")):
            office.says("register-district", district=district, name=name)
        for organisation, district in (("narena", "Kangaba"), ("dabia", "Kangaba"), ("faleme", "Kéniéba")):
            office.says("found-organisation", organisation=organisation, level="base", name=organisation.title(), district=district, occurred_on="2015")
        yield running


@pytest.fixture
def office(world: OneProcess) -> Office:
    return Office(world)


def stored(office: Office, stream: str) -> list[event.Event]:
    with office.world.books() as books:
        return [event.decode(row.state) for row in books.services["membership"].log.load(stream)]


def test_m9_a_miner_joins_leaves_and_is_repaid_and_reporting_counts_by_the_day(office: Office) -> None:
    office.says("register-miner", miner="m-fanta01", name="Fanta Camara", sex="female", birth_year=1988, village="Naréna", site="koflatie",
                phone="+223 70 00 00 01", organisation="narena", admitted_on="2022-05", card={**CARD, "number": "ML-1"}, occurred_on="2022-06-01")
    shown = office.asks("/membership/v1/miners/m-fanta01")
    assert shown["memberships"] == [{"organisation": "narena", "since": "2022-05-31"}] and "name" not in shown
    assert [(s["from"], s["value"], s["why"]) for s in shown["standing_in_time"]] == [
        ("2022-05-31", "to check", ["no-card"]), ("2023-01-01", "good", []), ("2024-07-01", "to check", ["card-expired"])]
    assert [office.members("narena", day) for day in ("2022-05-30", "2022-05-31", "2024-11-30")] == [0, 1, 1]

    office.says("notice-withdrawal", miner="m-fanta01", organisation="narena", received_on="2024-01-20", effective_on="2024-02-29")
    office.says("extend-refund", miner="m-fanta01", organisation="narena", due_by="2026-02-28", decision="AG du 2024-12-01")
    refused = office.is_refused(422, "due_by", "extend-refund", miner="m-fanta01", organisation="narena", due_by="2026-03-01", decision="AG")
    assert "AUSCOOP 11" in refused["rule"]
    office.says("record-refund", miner="m-fanta01", organisation="narena", occurred_on="2025-03-01")
    shown = office.asks("/membership/v1/miners/m-fanta01")
    (withdrawal,) = shown["withdrawals"]
    assert {k: withdrawal[k] for k in ("received_on", "effective_on", "refund_due_by", "extended", "refunded_on")} == {
        "received_on": "2024-01-20", "effective_on": "2024-02-29", "refund_due_by": "2026-02-28", "extended": True, "refunded_on": "2025-03-01"}
    assert shown["memberships"] == [{"organisation": "narena", "since": "2022-05-31", "until": "2024-02-29"}]
    assert [office.members("narena", day) for day in ("2024-02-28", "2024-02-29")] == [1, 0]
    office.again_after_a_rebuild()


def test_m9_a_miner_belongs_to_several_in_time_and_facts_are_corrected(office: Office) -> None:
    first = office.says("register-miner", miner="m-bakary1", name="Bakary Sissoko", sex="male", birth_year=1990, occurred_on="2020")[0]["id"]
    joined = office.says("admit-miner", miner="m-bakary1", organisation="dabia", occurred_on="2021-01-01")[0]["id"]
    office.says("admit-miner", miner="m-bakary1", organisation="faleme", occurred_on="2022-01-01")
    office.says("end-membership", miner="m-bakary1", organisation="faleme", cause="exclusion", occurred_on="2023-01-01")
    office.says("move-miner", miner="m-bakary1", village="Dabia", occurred_on="2023-02")
    assert [office.members("dabia", "2020-12-31"), office.members("faleme", "2022-06-01"), office.members("faleme", "2023-01-01")] == [0, 1, 0]
    office.says("correct-miner-fact", miner="m-bakary1", event=joined, new_occurred_on="2020-06-01")
    office.says("correct-miner-fact", miner="m-bakary1", event=first, sex="female", birth_year=1991, name="Bakari Cissokho")
    assert office.members("dabia", "2020-06-01") == 1
    rows = office.asks("/reporting/v1/tables/members?by=sex&as_of=2020-07-01")["rows"]
    assert {row["sex"]: row["count"] for row in rows if row["count"]} == {"female": 1}
    shown = office.asks("/membership/v1/miners/m-bakary1")
    assert (shown["birth_year"], shown["sex"], shown["village"]) == (1991, "female", "Dabia")
    assert office.reads("m-bakary1").json["identity"] == {"name": "Bakari Cissokho"}
    again = office.says("admit-miner", miner="m-bakary1", organisation="narena", occurred_on="2021-01-01")[0]["id"]
    office.says("withdraw-miner-fact", miner="m-bakary1", event=again, reason="un homonyme")
    assert office.members("narena", "2021-06-01") == 0
    office.again_after_a_rebuild()


def test_m9_what_is_impossible_is_refused_and_what_breaks_a_rule_is_recorded(office: Office) -> None:
    office.says("register-miner", miner="m-issa001", name="Issa Koné", sex="male")
    office.is_refused(409, "miner", "register-miner", miner="m-issa001", name="Issa Koné")
    office.is_refused(404, "organisation", "admit-miner", miner="m-issa001", organisation="nowhere")
    office.is_refused(404, "organisation", "register-miner", miner="m-issa002", name="Issa", organisation="nowhere")
    office.is_refused(400, "miner", "register-miner", miner="issa-kone", name="Issa Koné")
    office.is_refused(400, "name", "register-miner", miner="m-issa003", name="…")
    office.says("found-organisation", organisation="ended", level="base", name="Ended", occurred_on="2015")
    office.says("dissolve-organisation", organisation="ended", occurred_on="2020-01-01")
    office.says("admit-miner", miner="m-issa001", organisation="ended", occurred_on="2021-01-01")
    office.says("register-miner", miner="m-child01", name="Enfant Exemple", birth_year=2015, organisation="narena")         # a fact, whatever the law says


def row(n: int, **more: Any) -> dict[str, Any]:
    return {"miner": f"m-list{n:05d}", "name": f"Membre Exemple{n}", "sex": "female", "birth_year": 1980, "organisation": "dabia",
            "admitted_on": "2024-01-01", **more}


def test_m9_a_list_is_recorded_whole_or_not_at_all(office: Office) -> None:
    before = office.members("dabia", "2024-06-01")
    rows = [row(n, card={**CARD, "number": f"L-{n}"}) for n in range(200)]
    assert office.tries("register-miners", "list-1", rows=rows, dry_run=True).json["events"] == []
    faulty = [*rows[:3], row(3, organisation="nowhere"), row(4, birth_year=12), row(0)]
    refused = office.is_refused(400, "rows.4.birth_year", "register-miners", rows=faulty)
    assert [fault["field"] for fault in refused["errors"]] == ["rows.4.birth_year"]
    refused = office.is_refused(400, "rows.3.organisation", "register-miners", rows=[*faulty[:4], faulty[5]])
    assert [fault["field"] for fault in refused["errors"]] == ["rows.3.organisation", "rows.4.miner"]
    assert office.members("dabia", "2024-06-01") == before
    done = office.tries("register-miners", "list-2", rows=rows)
    assert done.status == 201 and len(done.json["events"]) == 600
    again = office.tries("register-miners", "list-2", rows=rows)
    assert again.json == {**done.json, "repeated": True}
    conflict = office.is_refused(409, "rows.1.miner", "register-miners", rows=[row(900), row(7)])
    assert [fault["field"] for fault in conflict["errors"]] == ["rows.1.miner"]
    assert office.members("dabia", "2024-06-01") == before + 200
    office.again_after_a_rebuild()


def test_m9_lists_come_in_pages_by_organisation_district_and_sex(office: Office) -> None:
    office.says("register-miners", rows=[row(n, organisation="faleme", sex="male" if n % 3 else "female") for n in range(1000, 1070)])
    seen: list[str] = []
    path = "/membership/v1/miners?organisation=faleme&limit=20"
    while path:
        page = office.asks(path)
        seen += [line["miner"] for line in page["miners"]]
        path = f"/membership/v1/miners?organisation=faleme&limit=20&after={page['next']}" if page["next"] else ""
    assert seen == sorted(f"m-list{n:05d}" for n in range(1000, 1070))
    women = office.asks("/membership/v1/miners?district=kenieba&sex=female&limit=200")["miners"]
    assert len(women) == 23 and all(line["sex"] == "female" and line["organisations"] == ["faleme"] for line in women)
    assert office.asks("/membership/v1/miners?organisation=nowhere")["miners"] == []
    office.says("move-organisation", organisation="faleme", district="Kangaba", occurred_on="2024-06-01")
    assert office.asks("/membership/v1/miners?district=kenieba&sex=female&limit=200")["miners"] == []
    assert len(office.asks("/membership/v1/miners?district=kangaba&sex=male&limit=200")["miners"]) >= 46
    office.says("move-organisation", organisation="faleme", district="Kéniéba", occurred_on="2024-06-02")
    assert office.gets("/membership/v1/miners?after=Fanta").status == 400


def test_m9_duplicates_are_found_however_spelt_and_merged_or_dismissed_by_decision(office: Office) -> None:
    def pairs() -> set[tuple[str, ...]]:
        return {tuple(line["miner"] for line in found["miners"]) for found in office.asks("/membership/v1/duplicates")["duplicates"]}

    office.says("register-miners", rows=[
        {"miner": "m-dup0001", "name": "Salimata Coulibaly", "birth_year": 1979, "village": "Niéna", "organisation": "narena", "admitted_on": "2021",
         "card": {**CARD, "number": "D-1"}},
        {"miner": "m-dup0002", "name": "KULIBALI Salimata", "birth_year": 1979, "village": "Niena", "organisation": "dabia", "admitted_on": "2022"},
        {"miner": "m-dup0003", "name": "Oumar Diallo", "card": {**CARD, "number": "d 1"}},
        {"miner": "m-dup0004", "name": "Salimata Coulibaly", "birth_year": 1980, "village": "Niéna"}])
    assert pairs() == {("m-dup0001", "m-dup0002"), ("m-dup0001", "m-dup0003")}
    office.says("dismiss-duplicate", miners=["m-dup0003", "m-dup0001"], decision="PV 1: carte mal recopiée")
    before = office.members("narena", "2024-01-01"), office.members("dabia", "2024-06-01")
    office.says("merge-miners", miner="m-dup0002", into="m-dup0001", decision="PV 2")
    assert pairs() == set()
    assert (office.members("narena", "2024-01-01"), office.members("dabia", "2024-06-01")) == before                  # she is a member of both
    assert office.asks("/membership/v1/miners/m-dup0002")["merged_into"] == "m-dup0001"
    assert office.asks("/membership/v1/miners/m-dup0001")["organisations"] == ["dabia", "narena"]
    assert office.searches(name="salimata kulibaly") == ["m-dup0001", "m-dup0004"]
    office.is_refused(409, "miner", "record-miner-card", miner="m-dup0002", card_type="x", number="9")
    office.again_after_a_rebuild()


def test_m9_an_officer_keeps_to_the_territory_and_learns_nothing_of_others(office: Office) -> None:
    office.says("register-miners", rows=[row(2000), row(2001, organisation="faleme"), {"miner": "m-nowhere1", "name": "Personne Ailleurs"}])
    society, district = (Office(office.world, role, [place], office) for role, place in (
        ("society-officer", "organisation:dabia"), ("district-officer", "district:kangaba")))
    for officer in (society, district):
        assert officer.says("register-miner", miner=f"m-own{id(officer) % 10**9:09d}", name="Nouveau Membre", organisation="dabia")
        assert officer.says("record-miner-card", miner="m-list02000", card_type="orpailleur", number=f"T-{id(officer)}")
        for foreign in ("m-list02001", "m-nowhere1", "m-unknown"):
            told = [officer.is_refused(403, "", name, miner=foreign, **body) for name, body in (
                ("record-miner-card", {"card_type": "x", "number": "1"}), ("admit-miner", {"organisation": "dabia"}), ("move-miner", {"village": "x"}))]
            assert {problem["detail"] for problem in told} == {"outside your territory"}
            assert officer.gets(f"/membership/v1/miners/{foreign}").status == officer.reads(foreign).status == 404
        officer.is_refused(403, "", "register-miner", miner="m-other001", name="X", organisation="faleme")
        officer.is_refused(403, "", "register-miner", miner="m-other001", name="X")
        officer.is_refused(403, "", "register-miners", rows=[row(3000), row(3001, organisation="faleme")])
        officer.is_refused(403, "", "admit-miner", miner="m-list02000", organisation="faleme")
        assert officer.tries("forget-person", miner="m-list02000").status == officer.tries("merge-miners", miner="m-a", into="m-b", decision="x").status == 403
        assert officer.reads("m-list02000").json["identity"] == {"name": "Membre Exemple2000"}
        assert officer.searches(name="exemple2000") == ["m-list02000"] and officer.searches(name="exemple2001") == officer.searches(name="ailleurs") == []
        listed = {o for line in officer.asks("/membership/v1/miners?limit=200")["miners"] for o in line["organisations"]}
        assert "faleme" not in listed and officer.asks("/membership/v1/miners?organisation=faleme")["miners"] == []
    auditor = Office(office.world, "auditor", (), office)
    assert auditor.gets("/membership/v1/miners/m-list02000").status == 200 and auditor.reads("m-list02000").status == 403


def test_m9_a_society_may_settle_with_who_left_it(office: Office) -> None:
    office.says("register-miners", rows=[row(4000)])
    society = Office(office.world, "society-officer", ["organisation:dabia"], office)
    society.says("notice-withdrawal", miner="m-list04000", organisation="dabia", received_on="2024-03-01")
    office.says("admit-miner", miner="m-list04000", organisation="faleme", occurred_on="2024-04-01")
    society.says("record-refund", miner="m-list04000", organisation="dabia", occurred_on="2024-05-01")
    society.is_refused(403, "", "move-miner", miner="m-list04000", village="x")
    society.is_refused(403, "", "end-membership", miner="m-list04000", organisation="faleme", cause="other")
    assert society.reads("m-list04000").status == 404


def test_m9_every_reading_of_an_identity_is_an_event(office: Office) -> None:
    office.says("register-miner", miner="m-read001", name="Aminata Touré", phone="+22370000077", card={**CARD, "number": "R-1"})
    reply = office.reads("m-read001", "name", "card", "phone", "photo")
    assert reply.json["identity"] == {"name": "Aminata Touré", "phone": "+22370000077", "card": [
        {"event": reply.json["identity"]["card"][0]["event"], "card_type": "orpailleur", "number": "R-1"}]}
    assert reply.headers["cache-control"] == "no-store"
    office.reads("m-read001", "name")
    said = stored(office, "identity/m-read001")
    assert [(e.name, e.actor.role, e.data["fields"]) for e in said] == [
        (events.IDENTITY_READ, "secretariat", ["name", "card", "phone", "photo"]), (events.IDENTITY_READ, "secretariat", ["name"])]
    assert said[0].data["purpose"] == "verification of the list" and b"Aminata" not in b"".join(event.encode(e) for e in said)
