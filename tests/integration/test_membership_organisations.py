"""Organisations through HTTP: what was said of them comes out of reporting, at any date, and again after the views were rebuilt."""
import itertools
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from shared.rebuild import rebuild
from tests.stranger import bearer, command, get
from tests.world import OneProcess, one_process

TABLE = "/reporting/v1/tables/districts"
SOURCE = {"document": "procès-verbal", "section": "1"}
COLUMNS = ("base", "unions", "federations")
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneProcess]:
    with one_process(tmp_path_factory.mktemp("organisations") / "var", rate_per_s=0.0) as running:
        yield running


class Secretariat:
    """Says commands, asks for figures, and remembers what it asked."""

    def __init__(self, world: OneProcess) -> None:
        self.config, self.world = world.config, world
        self.token, self.position = bearer(world.config, "secretariat"), "0"
        self.asked: dict[str, None] = {}

    def says(self, name: str, organisation: str = "", on: str = "", /, **body: Any) -> str:
        """The id of the event that the command made first."""
        sent = {**({"organisation": organisation} if organisation else {}), **({"occurred_on": on} if on else {}), **body, "source": SOURCE}
        reply = command(self.config, "membership", name, self.token, sent, f"{name}-{next(_numbers)}")
        assert reply.status == 201, reply.body
        self.position = reply.json["position"]
        return str(reply.json["events"][0]["id"])

    def is_refused(self, status: int, field: str, name: str, organisation: str = "", /, **body: Any) -> Any:
        sent = {**({"organisation": organisation} if organisation else {}), **body}
        reply = command(self.config, "membership", name, self.token, sent, f"{name}-{next(_numbers)}")
        assert (reply.status, reply.json["field"]) == (status, field), reply.body
        return reply.json

    def ask(self, path: str) -> Any:
        """The answer, when the views have read what was said; but for how far they have read."""
        self.hear()
        reply = get(self.config, path, self.token)
        assert reply.status == 200, reply.body
        self.asked[path] = None
        return {k: v for k, v in reply.json.items() if k != "feeds"}

    def hear(self) -> None:
        for path in (f"{TABLE}?", "/membership/v1/organisations?"):
            assert get(self.config, f"{path}min_position=membership:{self.position}", self.token).status == 200

    def figures(self, district: str, as_of: str, known_at: str = "") -> dict[str, int]:
        """Of one district, as its organisations say; none where nobody is."""
        known = f"&known_at={known_at}" if known_at else ""
        table = self.ask(f"{TABLE}?basis=derived&as_of={as_of}{known}&min_position=membership:{self.position}")
        return {c: row[c] for row in table["rows"] if row["district"] == district for c in COLUMNS if row.get(c)}

    def behind(self, district: str, column: str, as_of: str) -> list[str]:
        return list(self.ask(f"{TABLE}/events?as_of={as_of}&district={district}&column={column}")["events"])

    def one(self, organisation: str) -> Any:
        path = f"/membership/v1/organisations/{organisation}"
        assert get(self.config, f"{path}?min_position=membership:{self.position}", self.token).status == 200
        return self.ask(path)

    def members(self, organisation: str, as_of: str, known_at: str = "9999") -> dict[str, int]:
        """Kind → how many, as reporting has it."""
        self.hear()
        with self.world.books() as books, books.services["reporting"].view("members").reading() as (tx, table, _):
            rows = tx.execute(f"SELECT kind, sum(delta) FROM {table('')} WHERE organisation = ? AND day <= ? AND recorded_at <= ? GROUP BY kind",
                              (organisation, as_of, known_at)).fetchall()
        return {kind: int(n) for kind, n in rows if n}

    def recorded_at(self, event: str) -> str:
        return str(self.ask(f"/reporting/v1/events/{event}")["when"]["recorded_at"])

    def again_after_a_rebuild(self) -> None:
        """Whatever was asked is answered the same from views that were filled anew."""
        with self.world.books() as books:
            books.everything_arrived()
            before = {path: self.ask(path) for path in self.asked}
            for service in ("membership", "reporting"):
                rebuild(books.services[service].views)
        assert {path: self.ask(path) for path in self.asked} == before


@pytest.fixture
def secretariat(world: OneProcess) -> Secretariat:
    return Secretariat(world)


def test_m1_an_organisation_is_constituted_registered_suspended_and_dissolved(secretariat: Secretariat) -> None:
    says = secretariat.says
    says("register-district", district="m1", name="Emun", rank=11)
    says("found-organisation", "m1-dabia", "2020-05", level="base", name="SCOOPS Dabia", form="SCOOPS", district="Emun", commune="Dabia",
         seat="près du puits", site="dabia-nord")
    says("hold-constitutive-assembly", "m1-dabia", "2020-05-14", venue="École de Dabia", founder_count=4)        # fewer than the law asks: a fact
    says("record-statutes", "m1-dabia", objects=["cooperative-spirit"], missions=["member-services"])
    assert secretariat.one("m1-dabia")["status"] == "in constitution"

    registered = says("register-organisation", "m1-dabia", "2020-06-01", number="N2020 D1/0001/B", journal="N°1800")
    says("found-organisation", "m1-other", "2021", level="base", name="Other", district="Emun")
    problem = secretariat.is_refused(409, "number", "register-organisation", "m1-other", number="n2020-d1-0001-b")
    assert "m1-dabia" in problem["detail"]
    shown = secretariat.one("m1-dabia")
    assert {k: shown[k] for k in ("status", "form", "number", "number_normalised", "district", "commune", "seat", "site")} == {
        "status": "registered", "form": "SCOOPS", "number": "N2020 D1/0001/B", "number_normalised": "n2020d1-0001b", "district": "m1", "commune": "Dabia",
        "seat": "près du puits", "site": "dabia-nord"}
    said = [line["name"] for line in shown["timeline"]]
    assert {"ConstitutiveAssemblyHeld", "StatutesRecorded", "OrganisationRegistered"} <= {name.rpartition(".")[2] for name in said}

    for command_name, status in (("suspend-organisation", "suspended"), ("reinstate-organisation", "registered")):
        says(command_name, "m1-dabia", "2022-01-01")
        assert secretariat.one("m1-dabia")["status"] == status
    ended = says("dissolve-organisation", "m1-dabia", "2023-03-01")
    assert secretariat.one("m1-dabia")["status"] == "dissolved"
    assert [secretariat.figures("m1", day) for day in ("2020-05-30", "2020-05-31", "2021-12-31", "2023-02-28", "2023-03-01")] == [
        {}, {"base": 1}, {"base": 2}, {"base": 2}, {"base": 1}]
    secretariat.is_refused(409, "organisation", "dissolve-organisation", "m1-dabia")

    says("withdraw-organisation-fact", "m1-dabia", event=ended, reason="jamais prononcée")
    assert secretariat.figures("m1", "2023-12-31") == {"base": 2}
    says("withdraw-organisation-fact", "m1-dabia", event=registered, reason="numéro d'une autre")
    assert (secretariat.one("m1-dabia")["status"], secretariat.one("m1-dabia")["number"]) == ("in constitution", "")
    wrong = says("register-organisation", "m1-other", "2021", number="N2020 D1/0001/B")
    says("correct-organisation-fact", "m1-other", event=wrong, number="N2020 D1/0002/B")
    says("register-organisation", "m1-dabia", "2020-06-01", number="N2020 D1/0001/B")
    assert secretariat.one("m1-other")["number"] == "N2020 D1/0002/B"
    secretariat.again_after_a_rebuild()


def test_m1_a_duplicate_is_merged_by_decision_and_never_was_a_second_society(secretariat: Secretariat) -> None:
    says = secretariat.says
    says("register-district", district="m1-merged", name="Emun deux", rank=12)
    says("found-organisation", "m1-union", "2019", level="union", name="Union", district="Emun deux")
    for organisation, name in (("m1-niena", "Niéna"), ("m1-niena-bis", "Doublon")):
        says("found-organisation", organisation, "2020", level="base", name=name, district="Emun deux")
        says("affiliate-organisation", organisation, "2021", parent="m1-union")
    first = says("register-organisation", "m1-niena-bis", number="N 77")
    assert secretariat.figures("m1-merged", "2022-01-01") == {"base": 2, "unions": 1}
    assert secretariat.members("m1-union", "2022-01-01") == {"base": 2}

    secretariat.is_refused(400, "into", "merge-organisations", "m1-niena-bis", into="m1-union", decision="PV 7")
    secretariat.is_refused(404, "into", "merge-organisations", "m1-niena-bis", into="m1-nobody", decision="PV 7")
    merged = says("merge-organisations", "m1-niena-bis", into="m1-niena", decision="PV 7")
    assert secretariat.figures("m1-merged", "2020-12-31") == {"base": 1, "unions": 1}
    assert secretariat.figures("m1-merged", "2022-01-01") == {"base": 1, "unions": 1}
    assert secretariat.figures("m1-merged", "2022-01-01", secretariat.recorded_at(first)) == {"base": 2, "unions": 1}      # as one knew it then
    assert secretariat.members("m1-union", "2022-01-01") == {"base": 1}
    assert merged in secretariat.behind("m1-merged", "base", "2022-01-01")

    problem = secretariat.is_refused(409, "organisation", "rename-organisation", "m1-niena-bis", name="X")
    assert "m1-niena" in problem["rule"]
    shown = secretariat.one("m1-niena-bis")
    assert (shown["status"], shown["merged_into"]) == ("merged", "m1-niena")
    says("register-organisation", "m1-niena", "2020-03", number="N 77")                # the number is the survivor's
    survivor = secretariat.one("m1-niena")
    assert survivor["status"] == "registered" and "Doublon" in survivor["names"]
    secretariat.again_after_a_rebuild()


def test_m2_affiliations_of_four_levels_are_dated_and_keep_their_history(secretariat: Secretariat) -> None:
    says = secretariat.says
    says("register-district", district="m2", name="Emdeux", rank=13)
    for organisation, level in (("m2-conf", "confederation"), ("m2-fed", "federation"), ("m2-a", "union"), ("m2-b", "union"), ("m2-base", "base")):
        says("found-organisation", organisation, "2019-06-01", level=level, name=organisation, district="Emdeux")
    says("affiliate-organisation", "m2-fed", "2019-11-17", parent="m2-conf")
    says("affiliate-organisation", "m2-a", "2020", parent="m2-fed")
    joined = says("affiliate-organisation", "m2-base", "2020-02-01", parent="m2-a")
    says("detach-organisation", "m2-base", "2022-02-01", parent="m2-a")
    says("affiliate-organisation", "m2-base", "2022-03", parent="m2-b")
    assert [secretariat.members("m2-a", day) for day in ("2020-01-31", "2020-02-01", "2022-01-31", "2022-02-01")] == [{}, {"base": 1}, {"base": 1}, {}]
    assert [secretariat.members("m2-b", day) for day in ("2022-03-30", "2022-03-31")] == [{}, {"base": 1}]
    assert secretariat.members("m2-fed", "2021-01-01") == {"union": 1} and secretariat.members("m2-conf", "2021-01-01") == {"federation": 1}
    shown = secretariat.one("m2-base")
    assert shown["parents"] == ["m2-b"]
    about = [(line["name"].rpartition(".")[2], line["day"], line["data"].get("parent")) for line in reversed(shown["timeline"]) if "parent" in line["data"]]
    assert about == [("OrganisationAffiliated", "2020-02-01", "m2-a"), ("OrganisationDetached", "2022-02-01", "m2-a"),
                     ("OrganisationAffiliated", "2022-03-31", "m2-b")]

    before = secretariat.recorded_at(says("rename-organisation", "m2-fed", name="Fed"))
    says("correct-organisation-fact", "m2-base", event=joined, new_occurred_on="2021-02-01")
    assert (secretariat.members("m2-a", "2020-06-01"), secretariat.members("m2-a", "2020-06-01", before)) == ({}, {"base": 1})
    says("dissolve-organisation", "m2-base", "2024-01-01")
    assert [secretariat.members("m2-b", day) for day in ("2023-12-31", "2024-01-01")] == [{"base": 1}, {}]
    assert secretariat.figures("m2", "2024-01-01") == {"unions": 2, "federations": 1}
    secretariat.again_after_a_rebuild()


def test_m3_any_higher_level_is_a_parent_and_none_in_between_is_needed(secretariat: Secretariat) -> None:
    says = secretariat.says
    says("register-district", district="m3", name="Emtrois", rank=14)
    for organisation, level in (("m3-conf", "confederation"), ("m3-fed", "federation"), ("m3-union", "union"), ("m3-1", "base"), ("m3-2", "base")):
        says("found-organisation", organisation, "2020-01-01", level=level, name=organisation, district="Emtrois")
    says("affiliate-organisation", "m3-1", "2020-02-01", parent="m3-fed")              # no union in between
    says("affiliate-organisation", "m3-2", "2020-02-01", parent="m3-conf")             # nobody in between
    says("affiliate-organisation", "m3-union", "2020-02-01", parent="m3-conf")
    says("affiliate-organisation", "m3-1", "2020-03-01", parent="m3-union")            # and two at once
    assert secretariat.members("m3-conf", "2020-12-31") == {"base": 1, "union": 1}
    assert secretariat.members("m3-fed", "2020-12-31") == secretariat.members("m3-union", "2020-12-31") == {"base": 1}
    for child, parent in (("m3-union", "m3-1"), ("m3-1", "m3-2"), ("m3-conf", "m3-conf"), ("m3-fed", "m3-fed")):
        secretariat.is_refused(400, "parent", "affiliate-organisation", child, parent=parent)
    secretariat.is_refused(404, "parent", "affiliate-organisation", "m3-1", parent="m3-nobody")
    assert secretariat.figures("m3", "2020-12-31") == {"base": 2, "unions": 1, "federations": 1}
    assert secretariat.one("m3-1")["parents"] == ["m3-fed", "m3-union"]
    secretariat.again_after_a_rebuild()


def test_m4_structure_and_counts_are_known_for_any_past_date(secretariat: Secretariat) -> None:
    says = secretariat.says
    says("register-district", district="m4", name="Emquatre", rank=15)
    start = [("federation", 2), ("union", 4), ("base", 26)]                            # 17 November 2019
    for level, many in start:
        for n in range(many):
            says("found-organisation", f"m4-{level}-{n}", "2019-11-17", level=level, name=f"{level} {n}", district="Emquatre")
    for n in range(3):
        says("found-organisation", f"m4-later-{n}", f"202{n}", level="base", name=f"later {n}", district="Emquatre")
        says("affiliate-organisation", f"m4-later-{n}", f"202{n}", parent="m4-union-0")
    says("dissolve-organisation", "m4-union-3", "2021-07-01")
    says("register-district", district="m4-new", name="Emquatre neuf", rank=16)
    says("move-organisation", "m4-base-0", "2022-02-01", district="Emquatre neuf")
    assert secretariat.figures("m4", "2019-11-16") == {}
    assert secretariat.figures("m4", "2019-11-17") == {"base": 26, "unions": 4, "federations": 2}
    assert secretariat.figures("m4", "2021-12-31") == {"base": 28, "unions": 3, "federations": 2}
    assert secretariat.figures("m4", "2022-12-31") == {"base": 28, "unions": 3, "federations": 2}
    assert secretariat.figures("m4-new", "2022-12-31") == {"base": 1}
    assert [secretariat.members("m4-union-0", f"202{n}-12-31") for n in range(3)] == [{"base": 1}, {"base": 2}, {"base": 3}]
    assert len(secretariat.behind("m4", "base", "2019-11-17")) == 26
    secretariat.again_after_a_rebuild()


def test_x5_what_happened_and_when_it_was_known_are_two_axes(secretariat: Secretariat) -> None:
    """Dated by year, month, range, or not at all; told late, and told wrong."""
    says = secretariat.says
    says("register-district", district="x5", name="Ixcinq", rank=17)
    events = {on: says("found-organisation", f"x5-{n}", on, level="base", name=f"x5 {n}", district="Ixcinq")
              for n, on in enumerate(("2020", "2020-05", "2020-05-12", "2020-05-10/2020-05-20", ""))}
    assert [secretariat.figures("x5", day).get("base", 0) for day in ("2020-05-12", "2020-05-20", "2020-05-31", "2020-12-31", "2024-12-31")] == [1, 2, 3, 4, 4]
    assert secretariat.figures("x5", secretariat.recorded_at(events[""])[:10]) == {"base": 5}              # undated: from the day of its recording
    known = secretariat.recorded_at(events[""])

    says("found-organisation", "x5-late", "2019-01-01", level="base", name="told late", district="Ixcinq")
    says("correct-organisation-fact", "x5-0", event=events["2020"], new_occurred_on="2018", reason="acte retrouvé")
    assert (secretariat.figures("x5", "2019-12-31"), secretariat.figures("x5", "2019-12-31", known)) == ({"base": 2}, {})
    assert (secretariat.figures("x5", "2020-12-31"), secretariat.figures("x5", "2020-12-31", known)) == ({"base": 5}, {"base": 4})
    line = next(li for li in secretariat.one("x5-0")["timeline"] if li["event"] == events["2020"])
    assert (line["occurred_on"], line["day"]) == ("2020", "2018-12-31")                # what was said first stays, with what became of it
    secretariat.is_refused(400, "new_occurred_on", "correct-organisation-fact", "x5-0", event=events["2020"], new_occurred_on="2020-13")
    secretariat.again_after_a_rebuild()


def test_x6_names_and_spellings_are_recorded_with_their_evidence(secretariat: Secretariat) -> None:
    says = secretariat.says
    says("register-district", district="x6", name="Ixsiéba", aliases=["Ixsieba Cercle"], rank=18)
    says("record-place-alias", kind="district", slug="x6", alias="IXI DIEBA", evidence="carte de 2012")
    for n, spelling in enumerate(("IXSIEBA", "Ixsiéba cercle", "ixi-diéba", "x6")):
        says("found-organisation", f"x6-{n}", "2020", level="base", name=f"Société n° {n}", district=spelling)
    secretariat.is_refused(404, "district", "found-organisation", "x6-9", level="base", name="x", district="Ixsi")
    assert secretariat.figures("x6", "2020-12-31") == {"base": 4}
    secretariat.is_refused(400, "evidence", "record-organisation-alias", "x6-0", alias="Ixcoop")
    evidence = says("record-organisation-alias", "x6-0", alias="Ixcoop-Nièna", evidence="enseigne du siège")
    says("rename-organisation", "x6-0", "2022", name="Société des Ixi")
    for q in ("ixcoop niena", "SOCIETE N° 0", "societe des ixi"):
        assert [o["organisation"] for o in secretariat.ask(f"/membership/v1/organisations?q={quote(q)}")["organisations"]] == ["x6-0"], q
    shown = secretariat.one("x6-0")
    assert shown["name"] == "Société des Ixi" and {"Ixcoop-Nièna", "Société n° 0"} <= set(shown["names"])
    assert next(li for li in shown["timeline"] if li["event"] == evidence)["data"]["evidence"] == "enseigne du siège"
    secretariat.again_after_a_rebuild()
