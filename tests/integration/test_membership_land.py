"""Land and agreements through HTTP: what was said arrives in reporting's received log, and is there again after a rebuild."""
import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from installation import demo, upkeep
from shared.config import Config
from tests.clients import report, until
from tests.stranger import bearer, command, get
from tests.world import OneProcess, one_process

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneProcess]:
    """The report's facts loaded."""
    with one_process(tmp_path_factory.mktemp("land") / "var") as running:
        report(running.config, running.client(), running.kept)
        yield running


class Secretariat:
    """Says commands and keeps the data of the events they made, in order."""

    def __init__(self, config: Config) -> None:
        self.config, self.token, self.events = config, bearer(config, "secretariat"), list[str]()

    def says(self, name: str, /, **body: Any) -> None:
        reply = command(self.config, "membership", name, self.token, body, f"land-{name}-{next(_numbers)}")
        assert reply.status == 201, reply.body
        self.events += [e["id"] for e in reply.json["events"]]
        self.position = reply.json["position"]

    def is_refused(self, status: int, field: str, name: str, /, **body: Any) -> None:
        reply = command(self.config, "membership", name, self.token, body, f"refused-{name}-{sorted(body.items())}")
        assert (reply.status, reply.json["field"]) == (status, field), reply.body


@pytest.fixture
def secretariat(world: OneProcess) -> Secretariat:
    return Secretariat(world.config)


def received(config: Config) -> list[dict[str, Any]]:
    """Every event of membership as reporting holds it."""
    result: list[dict[str, Any]] = []
    after = "0"
    while page := get(config, f"/reporting/v1/received/membership?after={after}", bearer(config, "service")).json:
        result += [cloud["data"] for cloud in page]
        after = page[-1]["position"]
    return result


def arrived(said: Secretariat) -> list[tuple[str, dict[str, Any]]]:
    """What was said as reporting received it: name and data, without the citation."""
    auditor = bearer(said.config, "auditor")
    assert get(said.config, f"/reporting/v1/findings?min_position=membership:{said.position}", auditor).status == 200
    for event in said.events:
        card = get(said.config, f"/reporting/v1/events/{event}", auditor)
        assert card.status == 200 and card.json["id"] == event
    by_id = {e["id"]: e for e in received(said.config)}
    return [(by_id[e]["name"].partition(".")[2], {k: v for k, v in by_id[e]["data"].items() if k != "source"}) for e in said.events]


def again_after_a_rebuild(world: OneProcess, said: Secretariat) -> list[tuple[str, dict[str, Any]]]:
    world.end()
    upkeep.rebuild(world.config, "reporting", [])
    world.start()
    until(world.ready, 30, "every service ready")
    return arrived(said)


def test_m17_sites_and_corridors_are_kept_with_who_works_in_them_and_until_when(world: OneProcess, secretariat: Secretariat) -> None:
    says, is_refused = secretariat.says, secretariat.is_refused
    says("register-site", site="site-1", name="Site 1", district="KOLON DIEBA", commune="Nangalasso", latitude="10.3512", longitude="-6.801")
    says("correct-site", site="site-1", latitude="10.351234", longitude="-6.801")
    says("grant-corridor", corridor="k1", name="Couloir 1", district="Kolondieba", order="2024-1", valid_from="2024-01-01", valid_until="2024-12-31",
         sites=["site-1"], occurred_on="2023-12")
    says("assign-corridor", corridor="k1", organisation="niena", valid_until="2025-06-30", occurred_on="2024-02-01")
    is_refused(409, "organisation", "assign-corridor", corridor="k1", organisation="niena", occurred_on="2024-06-01")
    is_refused(404, "organisation", "assign-corridor", corridor="k1", organisation="nobody")
    is_refused(404, "district", "grant-corridor", corridor="k2", name="C", district="Nulle part")
    is_refused(404, "sites", "grant-corridor", corridor="k2", name="C", district="Kangaba", sites=["nowhere"])
    is_refused(400, "valid_until", "grant-corridor", corridor="k2", name="C", district="Kangaba", valid_from="2024-02-01", valid_until="2024-01-01")
    is_refused(400, "latitude", "register-site", site="site-2", name="S", latitude=10.35, longitude="-6.8")
    says("extend-corridor", corridor="k1", valid_until="2026-12-31", occurred_on="2024-11-01")
    says("assign-corridor", corridor="k1", organisation="mandiela", occurred_on="2024-03-01")
    says("end-corridor-assignment", corridor="k1", organisation="mandiela", occurred_on="2024-10-01")
    says("close-corridor", corridor="k1", occurred_on="2024-11-15")
    is_refused(409, "corridor", "assign-corridor", corridor="k1", organisation="djambougou", occurred_on="2024-11-20")
    expected = [
        ("SiteRegistered", {"site": "site-1", "name": "Site 1", "district": "kolondieba", "commune": "Nangalasso", "latitude_e6": 10_351_200,
                            "longitude_e6": -6_801_000}),
        ("SiteCorrected", {"site": "site-1", "old": {"latitude_e6": 10_351_200}, "new": {"latitude_e6": 10_351_234}}),
        ("CorridorGranted", {"corridor": "k1", "name": "Couloir 1", "district": "kolondieba", "order": "2024-1", "valid_from": "2024-01-01",
                             "valid_until": "2024-12-31", "sites": ["site-1"]}),
        ("CorridorAssigned", {"corridor": "k1", "organisation": "niena", "valid_until": "2025-06-30", "until": "2024-12-31"}),
        ("CorridorExtended", {"corridor": "k1", "old": {"valid_until": "2024-12-31"}, "new": {"valid_until": "2026-12-31"}, "assigned": ["niena"]}),
        ("CorridorAssigned", {"corridor": "k1", "organisation": "mandiela", "until": "2026-12-31"}),
        ("CorridorAssignmentEnded", {"corridor": "k1", "organisation": "mandiela", "assignment": secretariat.events[5]}),
        ("CorridorClosed", {"corridor": "k1", "assigned": ["niena"]})]
    assert arrived(secretariat) == expected
    assert again_after_a_rebuild(world, secretariat) == expected


def test_m14_an_agreement_is_kept_from_its_signing_to_its_end(world: OneProcess, secretariat: Secretariat) -> None:
    says, is_refused = secretariat.says, secretariat.is_refused
    parties = [{"partner": "caisse"}, {"organisation": "cnscom"}]
    is_refused(404, "parties.0.partner", "sign-agreement", agreement="credit", title="Crédit", parties=parties)
    says("register-partner", partner="caisse", name="Caisse Exemple", kind="financing")
    is_refused(409, "partner", "register-partner", partner="caisse", name="Autre", kind="other")
    says("sign-agreement", agreement="credit", title="Crédit", parties=parties, valid_from="2024-01-01", valid_until="2024-12-31", state="planned",
         deliverables=["10 plans d'affaires"], occurred_on="2023-12-01")
    is_refused(400, "valid_until", "amend-agreement", agreement="credit", amendment="plus court", valid_until="2023-12-31")
    says("amend-agreement", agreement="credit", amendment="signé, un an de plus", state="signed", valid_until="2025-12-31", occurred_on="2024-01-15")
    says("record-deliverable", agreement="credit", deliverable="10 plans d'affaires", occurred_on="2024-06")
    is_refused(409, "deliverable", "record-deliverable", agreement="credit", deliverable="10 plans d'affaires")
    says("end-agreement", agreement="credit", occurred_on="2024-11-30")
    is_refused(409, "agreement", "end-agreement", agreement="credit")
    expected = [
        ("PartnerRegistered", {"partner": "caisse", "name": "Caisse Exemple", "kind": "financing"}),
        ("AgreementSigned", {"agreement": "credit", "title": "Crédit", "parties": parties, "state": "planned", "valid_from": "2024-01-01",
                             "valid_until": "2024-12-31", "deliverables": ["10 plans d'affaires"]}),
        ("AgreementAmended", {"agreement": "credit", "amendment": "signé, un an de plus", "old": {"valid_until": "2024-12-31", "state": "planned"},
                              "new": {"valid_until": "2025-12-31", "state": "signed"}}),
        ("AgreementDeliverableRecorded", {"agreement": "credit", "deliverable": "10 plans d'affaires"}),
        ("AgreementEnded", {"agreement": "credit"})]
    assert arrived(secretariat) == expected
    assert again_after_a_rebuild(world, secretariat) == expected


def test_m14_an_end_recorded_by_mistake_is_withdrawn(secretariat: Secretariat) -> None:
    says, is_refused = secretariat.says, secretariat.is_refused
    says("register-partner", partner="bureau", name="Bureau Exemple", kind="other")
    says("sign-agreement", agreement="appui", title="Appui inventé", parties=[{"partner": "bureau"}, {"organisation": "cnscom"}], occurred_on="2024-01-10")
    is_refused(409, "occurred_on", "end-agreement", agreement="appui", occurred_on="2020-05-01")
    is_refused(409, "occurred_on", "amend-agreement", agreement="appui", amendment="x", occurred_on="2023")

    def ended() -> list[bool]:
        path = f"/membership/land?min_position=membership:{secretariat.position}"
        body = get(secretariat.config, path, secretariat.token).body.decode()
        return ["terminé" in row for row in body.split("<") if "Appui inventé" in row] and ["Appui inventé" in body]

    says("end-agreement", agreement="appui", occurred_on="2024-03-01")
    says("withdraw-agreement-fact", agreement="appui", event=secretariat.events[-1], reason="fin d'un autre accord")
    says("end-agreement", agreement="appui", occurred_on="2024-06-01")
    says("withdraw-agreement-fact", agreement="appui", event=secretariat.events[1], reason="jamais signé")
    until(lambda: not ended(), 10)
    is_refused(404, "agreement", "end-agreement", agreement="appui")
    says("sign-agreement", agreement="appui", title="Appui inventé", parties=[{"partner": "bureau"}, {"organisation": "cnscom"}], occurred_on="2024-02-10")
    until(ended, 10)


def test_m17_an_end_is_that_of_the_assignment_in_force_and_none_begins_before_its_corridor(secretariat: Secretariat) -> None:
    says, is_refused = secretariat.says, secretariat.is_refused
    says("grant-corridor", corridor="k3", name="Couloir 3", district="Kangaba", valid_from="2021-01-01", occurred_on="2020-11")
    for day, more in (("2020-12-15", {"valid_until": "2021-12-31"}), ("2023-01-01", {})):
        says("assign-corridor", corridor="k3", organisation="djambougou", occurred_on=day, **more)
    for day in ("2020-12-20", "2022-06-30"):
        is_refused(409, "organisation", "end-corridor-assignment", corridor="k3", organisation="djambougou", occurred_on=day)
    says("end-corridor-assignment", corridor="k3", organisation="djambougou", occurred_on="2021-06-30")
    is_refused(409, "occurred_on", "close-corridor", corridor="k3", occurred_on="2019")
    told = arrived(secretariat)
    assert (told[1][1]["begins"], told[3][1]["assignment"]) == ("2021-01-01", secretariat.events[1])
    one = get(secretariat.config, f"/membership/v1/organisations/djambougou?min_position=membership:{secretariat.position}", secretariat.token).json
    assert [c for c in one["corridors"] if c["corridor"] == "k3"] == [{"corridor": "k3", "name": "Couloir 3", "begins": "2023-01-01", "until": ""}]


def test_m14_what_the_report_says_of_partners_and_agreements_is_told_with_its_passage(world: OneProcess) -> None:
    stated = {r["body"]["agreement"]: r["body"] for r in demo.records() if r["command"] == "sign-agreement"}
    told = {e["data"]["agreement"]: e["data"] for e in received(world.config) if e["name"].endswith(".AgreementSigned") and e["data"].get("source")}
    assert len(stated) >= 5 and told == stated


def test_m17_a_site_of_the_report_bears_each_of_its_spellings(world: OneProcess) -> None:
    said = [e["data"] for e in received(world.config) if e["data"].get("site") == "m-pediassa"]
    assert said[0]["name"] == "M'Pèdiassa" and said[0]["district"] == "kolondieba"
    assert [(e["new"]["aliases"], e["source"]["section"]) for e in said[1:]] == [
        (["M'Pè-Diassa"], "II, réalisation 19"), (["M'Pè-Diassa", "Mpè Diassa"], "II, réalisation 37")]
