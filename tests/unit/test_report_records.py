"""The records under data/report say what the report says: cited, dated no finer than it is, in our own words."""
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared import dates

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "data" / "report").glob("*.jsonl"))
RECORDS = [json.loads(line) for path in FILES for line in path.read_text(encoding="utf-8").splitlines()]
BODIES = [r["body"] for r in RECORDS]
COUNTS = [r["body"] for r in RECORDS if r["command"] == "declare-count"]
ACTIVITIES = [r["body"] for r in RECORDS if r["command"] == "record-activity"]
REPORT = ROOT.parent / "shared" / "seed" / "rapport-bilan-2019-2024.txt"     # beside the checkout, or absent
OFFICIAL_NAME = "Confédération Nationale des Sociétés Coopératives des Orpailleurs du Mali"
SECTION = re.compile(
    r"Introduction|I(, tableau(, ligne [1-9]|, total)?)?|II|II, réalisation ([1-9]|[12]\d|3[0-8])(; III, 3-2)?|III, 3-2")
KINDS = {
    "training", "training_of_trainers", "coaching", "awareness_campaign", "advocacy", "workshop", "conference",
    "round_table", "forum", "survey", "mission_received", "mission_sent", "kit_distribution", "restoration_campaign",
    "constitution_support", "business_plan", "tool_design", "representation", "insurance", "meeting"}
ROLES = {"organised", "participated", "supported", "received", "conceived", "unclear"}


def values(node: Any) -> Iterator[Any]:
    if isinstance(node, dict):
        for key, value in node.items():
            assert key.isascii()
            yield from values(value)
    elif isinstance(node, list):
        for value in node:
            yield from values(value)
    else:
        yield node


def words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFD", text.casefold())
    return re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c)))


def runs(text: str, length: int) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[i:i + length]) for i in range(len(found) - length + 1)}


def cells(measure: str) -> list[int]:
    return [c["count"] for c in COUNTS if c["measure"] == measure and "district" in c]


def test_every_file_holds_records_and_ids_are_unique() -> None:
    assert FILES and all(path.stat().st_size for path in FILES)
    for ids in ([r["id"] for r in RECORDS], [c["declaration"] for c in COUNTS], [a["activity"] for a in ACTIVITIES]):
        assert [i for i, n in Counter(ids).items() if n > 1] == []


def test_every_record_cites_a_section_of_the_report() -> None:
    for record in RECORDS:
        source = record["body"]["source"]
        assert source["document"] == "rapport-bilan-2019-2024"
        assert SECTION.fullmatch(source["section"]), record["id"]


def test_every_record_names_a_service_and_a_command() -> None:
    for record in RECORDS:
        assert set(record) == {"id", "service", "command", "body"}
        assert record["service"] in {"membership", "training", "gold_trade"}
        assert re.fullmatch(r"[a-z]+(-[a-z]+)+", record["command"])


def test_every_date_is_a_date() -> None:
    for body in BODIES:
        for field in ("occurred_on", "as_of"):
            if field in body:
                dates.parse(body[field], field)
    assert all(c["occurred_on"] == c["as_of"] for c in COUNTS)


def test_only_the_activities_the_report_dates_are_dated() -> None:
    assert {a["activity"]: a["occurred_on"] for a in ACTIVITIES if "occurred_on" in a} == {
        "A1": "2020-11", "A23.1": "2022-08-07/2022-08-11", "A23.2": "2022-08-12/2022-08-17",
        "A24": "2022-09-07/2022-09-09", "A25": "2023-01-30/2023-01-31", "A26": "2023-12-22", "A34": "2023-11"}


@pytest.mark.parametrize(("measure", "total"), [("base", 247), ("union", 17), ("federation", 8)])
def test_the_nine_districts_sum_to_the_total_row(measure: str, total: int) -> None:
    assert len(cells(measure)) == 9
    assert sum(cells(measure)) == total
    assert [c["count"] for c in COUNTS if c["measure"] == measure and c["source"].get("row") == "TOTAL"] == [total]


def test_the_contradictions_of_the_report_are_kept() -> None:
    now = [c for c in COUNTS if "district" not in c and c["as_of"] != "2019-11" and c["as_of"] != "2019-11-17"]
    assert sorted(c["count"] for c in now if c["measure"] == "union") == [15, 17, 17]
    assert sorted(c["count"] for c in now if c["measure"] == "mining_district") == [7, 9]


def test_what_each_section_says_of_the_ae_stands_side_by_side() -> None:
    """Accord d'Exécution of three or of two parties; Accord d'Etablissement, planned."""
    said = {r["body"]["source"]["section"]: r["body"] for r in RECORDS if r["command"] == "sign-agreement" and "(AE)" in r["body"]["title"]}
    parties = {section: sorted(next(iter(p.values())) for p in body["parties"]) for section, body in said.items()}
    assert parties == {"Introduction": ["bit", "cmm", "cnscom"], "II": ["bit", "cmm"], "III, 3-2": ["bit", "cnscom"]}
    assert {section: (body["title"].partition(" (")[0], body["state"]) for section, body in said.items()} == {
        "Introduction": ("Accord d'Exécution", "signed"), "II": ("Accord d'Exécution", "signed"), "III, 3-2": ("Accord d'Etablissement", "planned")}


def test_the_confederation_has_its_assembly_its_seat_and_a_code_for_each_object_and_mission() -> None:
    of = {r["command"]: r["body"] for r in RECORDS if r["body"].get("organisation") == "cnscom"}
    assert of["hold-constitutive-assembly"]["occurred_on"] == of["found-organisation"]["occurred_on"] == "2019-11-17"
    assert "COULIBALY" in of["hold-constitutive-assembly"]["venue"] and "occurred_on" not in of["record-seat"]
    statutes = of["record-statutes"]
    assert (len(statutes["objects"]), len(statutes["missions"])) == (6, 13)
    assert len({*statutes["objects"], *statutes["missions"]}) == 19


def test_zeros_are_the_four_stated_ones() -> None:
    assert [(c["district"], c["measure"]) for c in COUNTS if c["count"] == 0] == [
        ("KAYES / SADIOLA", "federation"), ("YANFOLILA", "union"), ("BOUGOUNI", "federation"), ("BAMAKO", "union")]


def test_every_counted_district_is_registered_under_one_name() -> None:
    registered: Counter[str] = Counter()
    for body in BODIES:
        if "rank" in body:
            registered.update("".join(words(name)) for name in (body["name"], *body.get("aliases", [])))
    assert set(registered.values()) == {1}
    assert all(registered["".join(words(c["district"]))] == 1 for c in COUNTS if "district" in c)


def test_all_38_activities_are_there_and_one_is_gold_trade() -> None:
    trained = {a["activity"].partition(".")[0] for a in ACTIVITIES}
    traded = {r["id"] for r in RECORDS if r["service"] == "gold_trade"}
    assert traded == {"A10"}
    assert trained == {f"A{n}" for n in range(1, 39)} - traded
    assert all(a["source"]["section"] == "II, réalisation " + a["activity"][1:].partition(".")[0] for a in ACTIVITIES)


def test_activities_use_the_agreed_kinds_roles_and_units() -> None:
    for activity in ACTIVITIES:
        assert activity["kind"] in KINDS
        assert activity["role"] in ROLES
        assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", topic) for topic in activity["topics"])
        assert all(re.fullmatch(r"[a-z_]+", figure["of"]) for figure in activity.get("figures", []))


def test_values_are_never_null_float_or_empty() -> None:
    for body in BODIES:
        for value in values(body):
            assert isinstance(value, str | int)
            assert value != ""
            assert unicodedata.is_normalized("NFC", str(value))


def test_texts_are_short() -> None:
    for body in BODIES:
        for value in values(body):
            assert len(words(str(value))) <= 14, value


@pytest.mark.skipif(not REPORT.exists(), reason="the report is not part of the repository")
def test_texts_are_not_the_reports_sentences_but_its_names_are() -> None:
    report = REPORT.read_text(encoding="utf-8").replace("’", "'")
    sentences = runs(report, 8)
    for body in BODIES:
        for value in values(body):
            assert value == OFFICIAL_NAME or not runs(str(value), 8) & sentences, value
        for name in (*body.get("places", []), *([body["district"]] if "count" in body and "district" in body else [])):
            assert name in report
