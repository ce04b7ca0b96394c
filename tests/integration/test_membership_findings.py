"""The law's eye through HTTP: what is found arrives in reporting, changes with every fact, and is the same after a rebuild."""
import itertools
import time
from collections.abc import Iterator
from typing import Any

import pytest

from installation import upkeep
from installation.catalogue import open_service
from tests.clients import until
from tests.stranger import Reply, bearer, command, get
from tests.world import OneProcess, one_process

_numbers = itertools.count(1)
DECISION = {"rule": "OH-01", "decision": "Liste nominative reçue"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneProcess]:
    with one_process(tmp_path_factory.mktemp("findings") / "var", rate_per_s=0.0) as running:
        yield running


class Office:
    """Says commands about organisations, and sees what reporting received of it."""

    def __init__(self, world: OneProcess) -> None:
        self.config, self.token = world.config, bearer(world.config, "secretariat")

    def sends(self, name: str, token: str = "", /, **body: Any) -> Reply:
        return command(self.config, "membership", name, token or self.token, body, f"{name}-{next(_numbers)}")

    def says(self, name: str, /, **body: Any) -> str:
        """The id of the event that the command made first."""
        reply = self.sends(name, **body)
        assert reply.status == 201, reply.body
        return str(reply.json["events"][0]["id"])

    def founds(self, organisation: str, on: str, /, **body: Any) -> str:
        usual = {"level": "base", "form": "SCOOPS", "name": f"SCOOPS {organisation}"}
        return self.says("found-organisation", organisation=organisation, occurred_on=on, **{**usual, **body})

    def admits(self, organisation: str, *days: str) -> None:
        rows = [{"miner": f"m-f{next(_numbers):06}", "name": "Awa Exemple", "organisation": organisation, "admitted_on": day} for day in days]
        self.says("register-miners", rows=rows)

    def received(self, name: str) -> list[dict[str, Any]]:
        """What the events of that name say, as reporting holds them."""
        found: list[dict[str, Any]] = []
        after = "0"
        while page := get(self.config, f"/reporting/v1/received/membership?after={after}", bearer(self.config, "service")).json:
            found += [cloud["data"]["data"] for cloud in page if cloud["data"]["name"] == f"membership.{name}"]
            after = page[-1]["position"]
        return found

    def told(self, finding: str) -> list[dict[str, Any]]:
        return [data for data in self.received("FindingRecorded") if data["finding"] == finding]

    def finds(self, finding: str, *breaches: tuple[str, str | None]) -> dict[str, Any]:
        """Waits until these are the days on which the rule is not kept."""
        def days() -> list[tuple[str, str | None]]:
            return [(b["from"], b.get("until")) for b in (self.told(finding) or [{"breaches": []}])[-1]["breaches"]]

        give_up = time.monotonic() + 15
        while (now := days()) != list(breaches):
            assert time.monotonic() < give_up, f"{finding}: {now}"
            time.sleep(0.1)
        return (self.told(finding) or [{}])[-1]

    def stands(self, organisation: str, value: str, *why: str) -> None:
        """Waits until that is how it stands at the end of what is known."""
        def last() -> Any:
            steps = [data["standing"] for data in self.received("StandingChanged") if data["organisation"] == organisation]
            return steps and (steps[-1][-1]["value"], steps[-1][-1]["why"])

        until(lambda: last() == (value, list(why)), 15, f"{organisation}: {value} {why}, not {last()}")


@pytest.fixture
def office(world: OneProcess) -> Office:
    return Office(world)


def test_m5_a_scoops_of_three_is_found_from_its_founding_until_the_fifth_is_admitted(office: Office) -> None:
    founding = office.founds("dabia", "2022-01-01")
    office.admits("dabia", *["2022-01-01"] * 3)
    found = office.finds("dabia:OH-01", ("2022-01-01", None))
    assert {k: found[k] for k in ("organisation", "rule", "article", "severity", "tag")} == {
        "organisation": "dabia", "rule": "OH-01", "article": "AUSCOOP 204", "severity": "B", "tag": "V"}
    assert (found["breaches"][0]["state"], found["breaches"][0]["facts"]) == ("observed", {"members": 3})
    assert found["events"][0] == founding and len(found["events"]) == 4
    office.admits("dabia", "2022-03-01", "2022-04-15")
    office.finds("dabia:OH-01", ("2022-01-01", "2022-04-15"))


def test_m5_a_finding_goes_when_the_fact_was_wrong(office: Office) -> None:
    office.founds("niena", "2023-01-01")
    registered = office.says("register-organisation", organisation="niena", number="N2023/1", occurred_on="2023-06-01")
    office.finds("niena:OH-05", ("2023-04-02", "2023-06-01"))
    office.says("correct-organisation-fact", organisation="niena", event=registered, new_occurred_on="2023-02-01")
    office.finds("niena:OH-05")


def test_m5_a_union_and_a_federation_are_looked_at_by_what_is_affiliated(office: Office) -> None:
    office.founds("union-f", "2023-01-01", level="union", form="COOP-CA", name="Union COOP-CA F")
    office.founds("federation-f", "2023-01-01", level="federation", form="COOP-CA", name="Fédération COOP-CA F")
    for name in ("dioila", "massigui"):
        office.founds(name, "2023-01-01")
    office.says("affiliate-organisation", organisation="dioila", parent="union-f", occurred_on="2023-02-01")
    office.says("affiliate-organisation", organisation="union-f", parent="federation-f", occurred_on="2023-02-01")
    office.finds("union-f:OH-20", ("2023-01-01", None))
    assert office.finds("federation-f:OH-23", ("2023-01-01", None))["breaches"][0]["state"] == "to check"
    office.says("affiliate-organisation", organisation="massigui", parent="union-f", occurred_on="2023-03-01")
    office.finds("union-f:OH-20", ("2023-01-01", "2023-03-01"))


def test_m5_a_share_that_is_not_repaid_within_the_year_is_found(office: Office) -> None:
    office.founds("kokoyo", "2020-01-01")
    office.says("register-miners", rows=[{"miner": "m-leaver1", "name": "Awa Exemple", "organisation": "kokoyo", "admitted_on": "2020-01-01"}])
    office.says("notice-withdrawal", miner="m-leaver1", organisation="kokoyo", received_on="2021-01-10")
    office.finds("kokoyo:OH-31", ("2022-01-11", None))
    office.says("extend-refund", miner="m-leaver1", organisation="kokoyo", due_by="2022-12-31", decision="AG du 2021-12-01, point 3")
    office.finds("kokoyo:OH-31", ("2023-01-01", None))
    office.says("record-refund", miner="m-leaver1", organisation="kokoyo", occurred_on="2022-06-01")
    office.finds("kokoyo:OH-31")


def test_m5_an_organisation_answers_and_somebody_decides(office: Office) -> None:
    office.founds("tabakoto", "2024-01-01")
    office.admits("tabakoto", *["2024-01-01"] * 2)
    office.stands("tabakoto", "to check", "ML-02", "OH-01", "OH-05")
    own = bearer(office.config, "society-officer", ["organisation:tabakoto"])
    foreign = bearer(office.config, "society-officer", ["organisation:dabia"])
    answer = {"organisation": "tabakoto", "rule": "OH-01", "answer": "Trois adhésions sont en cours", "occurred_on": "2024-02-01"}
    assert office.sends("answer-finding", foreign, **answer).status == 403
    assert office.sends("answer-finding", own, **answer).status == 201
    decision = {"organisation": "tabakoto", **DECISION, "state": "lifted", "occurred_on": "2024-03-01"}
    assert office.sends("decide-finding", own, **decision).status == 403
    office.says("decide-finding", **decision)
    office.stands("tabakoto", "to check", "ML-02", "OH-05")
    until(lambda: [d["state"] for d in office.received("FindingDecided") if d["finding"] == "tabakoto:OH-01"] == ["lifted"], 10)
    assert [d["answer"] for d in office.received("FindingAnswered") if d["finding"] == "tabakoto:OH-01"] == [answer["answer"]]


def test_m5_what_is_said_of_a_finding_is_for_who_oversees_or_is_concerned(office: Office) -> None:
    """Principle 2: shown by role."""
    office.founds("sansanto", "2024-01-01")
    office.admits("sansanto", *["2024-01-01"] * 2)
    office.finds("sansanto:OH-01", ("2024-01-01", None))
    said = ("deux adherents en voyage", "visite faite sur place")
    office.says("answer-finding", organisation="sansanto", rule="OH-01", answer=said[0], occurred_on="2024-02-01")
    office.says("decide-finding", organisation="sansanto", rule="OH-01", decision=said[1], state="confirmed", occurred_on="2024-03-01")
    paths = ["/membership/v1/organisations/sansanto", "/membership/organisations/sansanto?all=1", "/membership/findings?rule=OH-01"]

    def words(role: str, *territory: str) -> set[bool]:
        bodies = [get(office.config, path, bearer(office.config, role, territory)).body.decode() for path in paths]
        assert all("sansanto" in body for body in bodies)
        return {word in body for body in bodies for word in said}

    until(lambda: words("secretariat") == {True}, 10)
    for role, territory in (("auditor", ()), ("chamber", ()), ("society-officer", ("organisation:sansanto",))):
        assert words(role, *territory) == {True}, role
    for role, territory in (("trainer", ()), ("refinery", ("actor:exemple",))):
        assert words(role, *territory) == {False}, role


def test_m5_a_society_registered_twice_is_found(office: Office) -> None:
    office.founds("kofoulatie", "2020-01-01")
    for number, on in (("N1/AAA", "2020-02-01"), ("N1/BBB", "2020-05-01")):
        second = office.says("register-organisation", organisation="kofoulatie", number=number, occurred_on=on)
    found = office.finds("kofoulatie:OH-05c", ("2020-05-01", None))
    assert found["breaches"][0]["facts"] == {"numbers": "N1/AAA, N1/BBB"} and found["breaches"][0]["state"] == "to check"
    office.says("withdraw-organisation-fact", organisation="kofoulatie", event=second)
    office.finds("kofoulatie:OH-05c")


def test_m5_what_nobody_found_is_not_decided(office: Office) -> None:
    office.founds("selefougou", "2022-01-01")
    office.admits("selefougou", *["2022-01-01"] * 3)
    office.finds("selefougou:OH-01", ("2022-01-01", None))
    for name, more in (("answer-finding", {"rule": "OH-31", "answer": "non"}), ("decide-finding", {**DECISION, "rule": "OH-31", "state": "lifted"})):
        reply = office.sends(name, organisation="selefougou", **more)
        assert (reply.status, reply.json["field"]) == (404, "rule")
    early = office.sends("decide-finding", organisation="selefougou", **DECISION, state="lifted", occurred_on="2021")
    assert (early.status, early.json["field"]) == (409, "occurred_on")
    odd = office.sends("decide-finding", organisation="selefougou", **{**DECISION, "rule": "first"}, state="lifted")
    assert (odd.status, odd.json["field"]) == (400, "rule")


def test_m5_what_is_suspended_or_dissolved_stands_so(office: Office) -> None:
    office.founds("massala", "2024-01-01", form="COOP-CA", name="Massala COOP-CA")
    office.says("suspend-organisation", organisation="massala", occurred_on="2024-05-01")
    office.stands("massala", "suspended", "suspended")
    office.says("dissolve-organisation", organisation="massala", occurred_on="2024-08-01")
    office.stands("massala", "suspended", "dissolved")
    office.finds("massala:ML-02", ("2024-01-01", "2024-08-01"))


def test_m5_a_rebuild_finds_the_same_and_tells_nothing_twice(office: Office, world: OneProcess) -> None:
    def heads() -> list[list[dict[str, Any]]]:
        return [office.received(name) for name in ("FindingRecorded", "StandingChanged", "FindingAnswered", "FindingDecided")]

    until(lambda: left(world) == 0, 15, "nothing left to look at")
    before = heads()
    world.end()
    upkeep.rebuild(world.config, "membership", [])
    upkeep.rebuild(world.config, "reporting", [])
    assert left(world) > 0
    world.start()
    until(world.ready, 30, "every service ready")
    until(lambda: left(world) == 0, 15, "everything looked at again")
    assert heads() == before


def left(world: OneProcess) -> int:
    """How many organisations are still to be looked at."""
    service = open_service(world.config, "membership")
    try:
        assessment = service.view("assessment")
        table = assessment.view.table(assessment.current().number)("")
        return int(assessment.tables.query(f"SELECT count(*) FROM {table} WHERE done = 0")[0][0])
    finally:
        service.close()
