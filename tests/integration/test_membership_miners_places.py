"""Miners through HTTP: what a society may say of its neighbour's members, where the members of a society that ended are, who is found and read."""
import re
from collections.abc import Iterator
from typing import Any

import pytest

from services.membership import events
from shared import event
from tests.clients import until
from tests.office import Office
from tests.stranger import get
from tests.world import OneProcess, one_process

GOOD = {"card_type": "orpailleur", "valid_from": "2019-01-01", "valid_until": "2060-12-31"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneProcess]:
    with one_process(tmp_path_factory.mktemp("places") / "var", rate_per_s=0.0) as running:
        office = Office(running)
        for district, name in (("kangaba", "Kangaba"), ("kenieba", "Kéniéba")):
            office.says("register-district", district=district, name=name)
        for organisation, district in (("narena", "Kangaba"), ("faleme", "Kéniéba")):
            found(office, organisation, district)
        yield running


@pytest.fixture
def office(world: OneProcess) -> Office:
    return Office(world)


def found(office: Office, organisation: str, district: str) -> None:
    office.says("found-organisation", organisation=organisation, level="base", name=organisation.title(), district=district, occurred_on="2015")


def register(office: Office, miner: str, organisation: str = "narena", name: str = "Awa Exemple", **more: Any) -> list[dict[str, Any]]:
    return office.says("register-miner", miner=miner, name=name, organisation=organisation, admitted_on="2020-01-01", occurred_on="2020-01-01", **more)


def shown(office: Office, miner: str) -> Any:
    return office.asks(f"/membership/v1/miners/{miner}")


def page(office: Office, path: str) -> str:
    """Once it holds all that the office was told is recorded."""
    assert office.gets("/membership/v1/miners").status == 200
    return get(office.config, path, office.token).body.decode()


def test_m9_a_societys_officer_does_not_tell_of_a_membership_elsewhere(office: Office) -> None:
    register(office, "m-both0001")
    elsewhere = office.says("admit-miner", miner="m-both0001", organisation="faleme", occurred_on="2021-01-01")[0]["id"]
    here = office.says("admit-miner", miner="m-both0001", organisation="narena", occurred_on="2019-01-01")[0]["id"]
    for place in ("organisation:narena", "district:kangaba"):
        officer = Office(office.world, "society-officer" if place.startswith("organisation") else "district-officer", [place], office)
        for name, body in (
                ("end-membership", {"organisation": "faleme", "cause": "exclusion", "occurred_on": "2022-01-01"}),
                ("notice-withdrawal", {"organisation": "faleme", "received_on": "2022-01-01"}),
                ("extend-refund", {"organisation": "faleme", "due_by": "2023-01-01", "decision": "AG"}),
                ("record-refund", {"organisation": "faleme", "occurred_on": "2022-02-01"}),
                ("withdraw-miner-fact", {"event": elsewhere, "reason": "x"}),
                ("correct-miner-fact", {"event": elsewhere, "new_occurred_on": "2022"}),
                ("correct-miner-fact", {"event": here, "organisation": "faleme"})):
            officer.is_refused(403, "", name, miner="m-both0001", **body)
    assert officer.says("correct-miner-fact", miner="m-both0001", event=here, new_occurred_on="2018-01-01")
    memberships = shown(Office(office.world, before=officer), "m-both0001")["memberships"]
    assert [(m["organisation"], m["since"]) for m in memberships] == [("faleme", "2021-01-01"), ("narena", "2018-01-01")]
    # Who left may still be told of by the society that was left: it corrects what was between them.
    office.says("end-membership", miner="m-both0001", organisation="narena", cause="other", occurred_on="2023-01-01")
    assert officer.says("correct-miner-fact", miner="m-both0001", event=here, new_occurred_on="2018-06-01")
    officer.is_refused(403, "", "move-miner", miner="m-both0001", village="x")


def test_m9_members_of_a_duplicate_are_where_the_society_is_that_stays(office: Office) -> None:
    for organisation, district in (("bala", "Kangaba"), ("balla", "Kangaba"), ("bala-kenieba", "Kéniéba")):
        found(office, organisation, district)
    register(office, "m-merged01", "balla", card={**GOOD, "number": "M-1"})
    office.says("merge-organisations", organisation="balla", into="bala", decision="PV 1")
    office.says("merge-organisations", organisation="bala", into="bala-kenieba", decision="PV 2")
    assert shown(office, "m-merged01")["standing"]["value"] == "good"
    for place, sees in (("district:kenieba", True), ("district:kangaba", False), ("organisation:bala-kenieba", True), ("organisation:narena", False)):
        officer = Office(office.world, "district-officer" if place.startswith("district") else "society-officer", [place], office)
        assert (officer.gets("/membership/v1/miners/m-merged01").status, officer.reads("m-merged01").status) == ((200, 200) if sees else (404, 404)), place
        assert (officer.tries("move-miner", miner="m-merged01", village="x").status == 201) == sees
        assert ("m-merged01" in [line["miner"] for line in officer.asks("/membership/v1/miners?limit=200")["miners"]]) == sees
    office.again_after_a_rebuild()


def test_m9_members_of_a_society_that_was_dissolved_are_to_check_and_stay_in_its_district(office: Office) -> None:
    found(office, "ended", "Kéniéba")
    register(office, "m-ended001", "ended", card={**GOOD, "number": "E-1"})
    assert shown(office, "m-ended001")["standing"]["value"] == "good"
    ended = office.says("dissolve-organisation", organisation="ended", occurred_on="2022-01-01")[0]["id"]
    steps = shown(office, "m-ended001")["standing_in_time"]
    assert {"from": "2022-01-01", "value": "to check", "why": ["society-dissolved"]} in steps
    officer = Office(office.world, "district-officer", ["district:kenieba"], office)
    assert officer.gets("/membership/v1/miners/m-ended001").status == officer.reads("m-ended001").status == 200
    assert "société dissoute" in page(office, "/membership/miners/m-ended001")
    office.says("admit-miner", miner="m-ended001", organisation="narena", occurred_on="2024-01-01")
    assert shown(office, "m-ended001")["standing"]["value"] == "good"
    office.says("withdraw-organisation-fact", organisation="ended", event=ended)
    assert "society-dissolved" not in {why for step in shown(office, "m-ended001")["standing_in_time"] for why in step["why"]}
    office.again_after_a_rebuild()


def test_m9_who_became_part_of_another_over_several_merges_is_found(office: Office) -> None:
    for miner, name in (("m-chain001", "Zoumana Premier"), ("m-chain002", "Zoumana Deuxieme"), ("m-chain003", "Zoumana Troisieme")):
        register(office, miner, name=name)
    office.says("merge-miners", miner="m-chain001", into="m-chain002", decision="PV")
    office.says("merge-miners", miner="m-chain002", into="m-chain003", decision="PV")
    district = Office(office.world, "district-officer", ["district:kangaba"], office)
    assert office.searches(name="premier") == district.searches(name="premier") == ["m-chain003"]


def test_m9_a_card_that_was_corrected_or_withdrawn_is_nobodys_any_more(office: Office) -> None:
    def alike() -> list[list[str]]:
        return [[line["miner"] for line in pair["miners"]] for pair in office.asks("/membership/v1/duplicates")["duplicates"]]

    register(office, "m-card0001", name="Awa Un", card={**GOOD, "number": "Q-777"})
    card = register(office, "m-card0002", name="Issa Deux", card={**GOOD, "number": "Q 777"})[1]["id"]
    assert alike() == [["m-card0001", "m-card0002"]] and office.searches(card="q777") == ["m-card0001", "m-card0002"]
    office.says("correct-miner-fact", miner="m-card0002", event=card, number="Q-778")
    assert alike() == [] and office.searches(card="Q-777") == ["m-card0001"] and office.searches(card="Q-778") == ["m-card0002"]
    office.says("withdraw-miner-fact", miner="m-card0002", event=card, reason="x")
    assert office.searches(card="Q-778") == []
    first = register(office, "m-like0001", name="Sira Pareille", birth_year=1980, village="Niéna")[0]["id"]
    register(office, "m-like0002", name="Sira Pareille", birth_year=1980, village="Niéna")
    assert alike() == [["m-like0001", "m-like0002"]]
    office.says("correct-miner-fact", miner="m-like0001", event=first, birth_year=1981)
    assert alike() == []


def test_m9_names_in_other_scripts_are_found(office: Office) -> None:
    for n, name in enumerate(("محمد كوليبالي", "ߡߎߛߊ߫ ߖߊߙߊ", "Мариам Диарра")):
        register(office, f"m-script{n:02d}", name=name)
        assert [office.searches(name=word) for word in name.split()] == [[f"m-script{n:02d}"]] * 2


def test_m9_of_a_child_nobody_learns_who_it_is(office: Office) -> None:
    told = register(office, "m-child001", name="Petite Exemple", phone="+223 70", birth_year=2024)
    assert shown(office, "m-child001")["identity"] == "minor" and "minor" in shown(office, "m-child001")["standing"]["why"]
    assert office.reads("m-child001").status == 409 and office.searches(name="petite exemple") == []
    html = page(office, "/membership/miners/m-child001")
    assert "Un enfant" in html and "Lire l'identité" not in html
    with office.world.books() as books:
        stored = b"".join(row.state for row in books.services["membership"].log.load("miner/m-child001"))
    assert b"sealed" not in stored
    office.says("correct-miner-fact", miner="m-child001", event=told[0]["id"], birth_year=1984, name="Petite Exemple")
    assert office.reads("m-child001").json["identity"] == {"name": "Petite Exemple"} and office.searches(name="petite exemple") == ["m-child001"]


def test_m9_days_beyond_reason_are_refused_and_break_nothing(office: Office) -> None:
    register(office, "m-far00001")
    office.is_refused(400, "received_on", "notice-withdrawal", miner="m-far00001", organisation="narena", received_on="9999-06-01")
    office.is_refused(400, "effective_on", "notice-withdrawal", miner="m-far00001", organisation="narena", received_on="2024-01-01", effective_on="9999-06-01")
    office.is_refused(400, "occurred_on", "admit-miner", miner="m-far00001", organisation="faleme", occurred_on="9999")
    office.is_refused(400, "birth_year", "register-miner", miner="m-far00002", name="Demain", birth_year=2099)
    office.is_refused(400, "admitted_on", "register-miner", miner="m-far00002", name="Demain", organisation="narena", admitted_on="2924")


def test_m9_a_death_ends_every_membership(office: Office) -> None:
    register(office, "m-died0001")
    found(office, "diaspora", "Kéniéba")
    office.says("admit-miner", miner="m-died0001", organisation="diaspora", occurred_on="2021-01-01")
    office.says("end-membership", miner="m-died0001", organisation="narena", cause="death", occurred_on="2023-01-01")
    assert [office.members("diaspora", day) for day in ("2022-12-31", "2023-01-01")] == [1, 0]
    assert shown(office, "m-died0001")["organisations"] == []


def test_oh31_the_page_and_the_finding_agree_in_whatever_order_it_was_told(office: Office) -> None:
    found(office, "clocks", "Kangaba")
    office.says("register-miner", miner="m-clock001", name="Awa Exemple", organisation="clocks", admitted_on="2016-01-01", occurred_on="2016-01-01")
    office.says("notice-withdrawal", miner="m-clock001", organisation="clocks", received_on="2017-01-01")
    office.says("admit-miner", miner="m-clock001", organisation="clocks", occurred_on="2018-01-01")
    office.says("notice-withdrawal", miner="m-clock001", organisation="clocks", received_on="2020-01-01")
    office.says("extend-refund", miner="m-clock001", organisation="clocks", due_by="2021-12-31", decision="AG", occurred_on="2020-06-01")
    office.is_refused(400, "due_by", "extend-refund", miner="m-clock001", organisation="clocks", due_by="2021-03-01", decision="AG", occurred_on="2020-06-02")
    office.says("record-refund", miner="m-clock001", organisation="clocks", occurred_on="2017-06-01")            # of the first, told last
    assert [(w["refund_due_by"], w.get("extended"), w.get("refunded_on")) for w in shown(office, "m-clock001")["withdrawals"]] == [
        ("2018-01-01", None, "2017-06-01"), ("2021-12-31", True, None)]

    def overdue() -> list[tuple[str, int]]:
        found_ = office.asks("/membership/v1/organisations/clocks")["findings"]
        return [(f["since"], f["facts"]["shares"]) for f in found_ if f["rule"] == "OH-31"]

    until(lambda: overdue() == [("2022-01-01", 1)], 30, "the finding says what the page says")
    html = re.sub(r"<[^>]+>", "", page(office, "/membership/miners/m-clock001"))
    assert "jusqu'au 31 décembre 2016" in html and "until 2016-12-31" in html                     # the last day of the first membership
    assert "au plus tard le 31 décembre 2021" in html and "shares due by 2021-12-31" in html


def test_a_page_names_the_last_day_of_what_is_past(office: Office) -> None:
    found(office, "lately", "Kangaba")
    office.says("register-organisation", organisation="lately", number="N2016 D1/0001", register="RSC", occurred_on="2016-06-01")

    def passed() -> list[tuple[str, str]]:
        findings = office.asks("/membership/v1/organisations/lately")["findings"]
        return [(f["since"], f.get("until", "")) for f in findings if f["rule"] == "OH-05"]

    until(lambda: passed() == [("2016-03-31", "2016-06-01")], 30, "the finding is past")
    html = re.sub(r"<[^>]+>", "", page(office, "/membership/organisations/lately"))
    assert "du 31 mars 2016 au 31 mai 2016" in html and "from 2016-03-31 to 2016-05-31" in html


def test_x12_a_representative_is_forgotten_and_the_chain_stays_whole(office: Office) -> None:
    named = office.says("name-representative", organisation="narena", function="president", name="Secretissime Exemple")[0]["id"]
    assert office.tries("forget-representative", organisation="narena", event="nothing").status == 404
    officer = Office(office.world, "society-officer", ["organisation:narena"], office)
    assert officer.tries("forget-representative", organisation="narena", event=named).status == 403
    told = office.says("forget-representative", organisation="narena", event=named, reason="demande écrite")
    assert [line["name"] for line in told] == [events.REPRESENTATIVE_FORGOTTEN]
    assert office.tries("forget-representative", organisation="narena", event=named).json["events"] == []
    with office.world.books() as books:
        membership = books.services["membership"]
        person = next(e.data["person"] for row in membership.log.load("organisation/narena") if (e := event.decode(row.state)).id == named)

        def gone() -> bool:
            known = membership.key_store.known(person["subject"])
            return known is not None and known.key is None

        until(gone, 30, "the key is forgotten")
    assert "est oublié" in page(office, "/membership/organisations/narena")
    assert office.tries("name-representative", organisation="narena", function="treasurer", name="Secretissime Exemple").status == 409
    office.again_after_a_rebuild()
