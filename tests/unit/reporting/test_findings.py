"""Findings say where figures contradict each other, and what to check; they judge nobody."""
import json
from pathlib import Path

import pytest

from services.reporting import event_card, pages
from services.reporting.pages import safe
from shared import event
from tests.unit.reporting.conftest import Books


def test_two_values_for_one_day_are_a_contradiction_with_both_sources(books: Books) -> None:
    one, other = books.declare("union", 15, "2024-11"), books.declare("union", 17, "2024-11-30")
    (finding,) = books.findings("2025-01-01").values()
    assert finding["id"] == "contradiction:union:country:2024-11-30"
    assert finding["values"] == [15, 17]
    assert finding["events"] == [one.events[0]["id"], other.events[0]["id"]]


def test_the_same_value_twice_is_no_contradiction(books: Books) -> None:
    books.declare("union", 17, "2024-11", name="a")
    books.declare("union", 17, "2024-11-30", name="b")
    assert books.findings("2025-01-01") == {}


def test_values_of_two_days_are_no_contradiction(books: Books) -> None:
    books.declare("union", 15, "2023")
    books.declare("union", 17, "2024")
    assert books.findings("2025-01-01") == {}


def test_a_corrected_contradiction_is_none_but_was_one(books: Books) -> None:
    books.declare("union", 15, "2024-11", name="a")
    books.declare("union", 17, "2024-11", name="b")
    books.clock.set("2025-03-04T09:00:00.000")
    answer = books.command("membership", "correct-declaration", declaration="a", count=17)
    assert books.findings("2025-01-01") == {}
    corrected_at = event.decode(books["membership"].log.at(answer.position).state).recorded_at
    assert books.findings("2025-01-01", known_at=corrected_at) == {}
    assert "contradiction:union:country:2024-11-30" in books.findings("2025-01-01", known_at="2025-03-03T00:00:00.000Z")


def test_a_contradiction_is_found_on_dates_it_speaks_for_only(books: Books) -> None:
    books.declare("union", 15, "2024-11", name="a")
    books.declare("union", 17, "2024-11", name="b")
    assert books.findings("2024-11-29") == {}


@pytest.mark.parametrize(("federations", "unions", "found"), [(1, 1, True), (1, 0, True), (2, 0, True), (1, 2, False), (0, 1, False), (0, 0, False)])
def test_a_federation_with_fewer_than_two_unions_is_to_check(books: Books, federations: int, unions: int, found: bool) -> None:
    books.declare("federation", federations, "2024", "Kéniéba")
    books.declare("union", unions, "2024", "Kéniéba")
    assert ("few-unions:kenieba" in books.findings("2025-01-01")) is found


def test_a_district_of_which_one_column_was_not_stated_is_not_judged(books: Books) -> None:
    books.declare("federation", 1, "2024", "Kéniéba")
    assert books.findings("2025-01-01") == {}


@pytest.mark.parametrize(("total", "state", "agree"), [(121, "observed", 1), (120, "to check", 0)])
def test_the_sum_of_rows_is_compared_with_the_declared_total(books: Books, total: int, state: str, agree: int) -> None:
    books.declare("base", 25, "2024", "Kéniéba")
    books.declare("base", 96, "2024", "Kangaba")
    books.declare("base", total, "2024")
    finding = books.findings("2025-01-01")["sum:base:2024-12-31"]
    assert (finding["state"], finding["sum"], finding["agree"], finding["declared"]) == (state, 121, agree, [total])


def test_rows_of_another_day_than_the_total_are_not_compared(books: Books) -> None:
    books.declare("base", 25, "2023", "Kéniéba")
    books.declare("base", 99, "2024")
    assert books.findings("2025-01-01") == {}


@pytest.mark.parametrize(("federations", "found"), [(0, False), (8, True), (14, True), (15, False)])
def test_a_confederation_of_fewer_than_fifteen_federations_is_to_check(books: Books, federations: int, found: bool) -> None:
    books.declare("federation", federations, "2024")
    findings = books.findings("2025-01-01")
    assert [(f["rule"], f["article"], f["state"]) for f in findings.values()] == [("OH-02", "AUSCOOP 267", "to check")] * found


@pytest.mark.parametrize(("unions", "state"), [(3, "to check"), (4, "observed"), (5, None)])
def test_two_unions_for_each_federation_are_the_least(books: Books, unions: int, state: str | None) -> None:
    books.declare("federation", 2, "2019-11-17")
    books.declare("union", unions, "2019-11-17")
    found = books.findings("2020-01-01").get("unions-per-federation:2019-11-17", {})
    assert found.get("state") == state


# the report's own figures

RECORDS = Path(__file__).parents[3] / "data" / "report"


def test_the_reports_figures_and_contradictions_come_out_as_they_went_in(books: Books) -> None:
    for fact in (json.loads(line) for path in sorted(RECORDS.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()):
        if fact["service"] == "membership" and not (fact["command"] == "register-district" and fact["body"]["district"] in ("kenieba", "kangaba")):
            books.command("membership", fact["command"], fact["id"], **fact["body"])
    assert books.totals("2024-11-30") == {"base": 247, "unions": 17, "federations": 8}
    assert books.totals("2019-11-17") == {"base": 26, "unions": 4, "federations": 2}
    found = books.findings("2024-11-30")
    assert found["contradiction:union:country:2024-11-30"]["values"] == [15, 17]
    assert found["contradiction:mining_district:country:2024-11-30"]["values"] == [7, 9]
    assert [id_ for id_ in found if id_.startswith("few-unions:")] == [
        f"few-unions:{d}" for d in ("kolondieba", "kadiolo", "yanfolila", "sikasso", "bamako")]
    assert {id_: (f["sum"], f["state"], f["agree"], sorted(f["declared"])) for id_, f in found.items() if id_.startswith("sum:")} == {
        "sum:base:2024-11-30": (247, "observed", 3, [247, 247, 247]), "sum:union:2024-11-30": (17, "to check", 2, [15, 17, 17]),
        "sum:federation:2024-11-30": (8, "observed", 3, [8, 8, 8])}
    assert found["few-federations:2024-11-30"]["statements"][0]["value"] == 8
    first = books.findings("2019-11-17")
    assert [i for i in first if i.startswith("contradiction")] == []
    assert first["unions-per-federation:2019-11-17"]["state"] == "observed"             # 2 federations, 4 unions: the legal least


# as spreadsheets and pages

def test_the_table_as_csv_has_a_line_per_row_and_the_total(books: Books) -> None:
    books.declare("base", 25, "2024", "Kéniéba")
    lines = pages.districts_csv(books.table("2025-01-01")).splitlines()
    assert lines == ["as_of,basis,district,name,base,unions,federations", "2025-01-01,declared,kenieba,Kéniéba,25,,", "2025-01-01,declared,,TOTAL,25,,"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_a_text_that_a_spreadsheet_takes_for_a_formula_is_disarmed(text: str) -> None:
    assert safe(text) == "'" + text


def test_the_page_escapes_what_people_wrote(books: Books) -> None:
    books.district("bold", "<b>Bold</b>", 3)
    books.declare("base", 1, "2024", "bold")
    table, found = books.table("2025-01-01"), list(books.findings("2025-01-01").values())
    card = event_card.read(books["reporting"], table["rows"][0]["events"]["base"][0], ())
    html = pages.front(table, found, card)
    assert "<b>Bold</b>" not in html
    assert "&lt;b&gt;Bold&lt;/b&gt;" in html
