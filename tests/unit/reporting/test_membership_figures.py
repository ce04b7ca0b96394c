"""What reporting says of findings, standing and what is on record, on any date on both axes; and what it says to whom."""
import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from services.reporting.figures import completeness, findings, growth, members, standings
from services.reporting.figures.asked import Asked
from services.reporting.figures.sheet import Sheet
from services.reporting.metal import stock
from shared.errors import BadRequest, Forbidden
from shared.rebuild import rebuild
from shared.testing import Clock
from tests.unit.reporting.raw_events import Raw, change

MONDAY, TUESDAY = "2025-03-03T12:00:00.000Z", "2025-03-04T12:00:00.000Z"
LATE = Asked(as_of="2025-01-01")


@pytest.fixture
def raw(tmp_path: Path) -> Iterator[Raw]:
    with Clock("2025-03-03T08:00:00.000Z").patched() as clock, Raw(tmp_path) as opened:
        opened.clock = clock
        opened.founds("o1", "2020-01-01", "kangaba", form="SCOOPS")
        opened.founds("o2", "2020-01-01", "kenieba")
        yield opened


def tuesday(raw: Raw) -> None:
    raw.clock.set("2025-03-04T08:00:00.000")


def states(raw: Raw, as_of: str, known_at: str = "", **only: Any) -> dict[str, str]:
    found, _ = findings.read(raw.carried(), Asked(as_of=as_of, known_at=known_at), only, "", 500)
    return {f["finding"]: f["state"] for f in found["findings"]}


def breach(start: str, until: str = "", state: str = "observed") -> dict[str, Any]:
    return {"from": start, "state": state, **({"until": until} if until else {}), "facts": {"members": 3}}


# findings

def test_m5_a_finding_has_its_state_on_every_day(raw: Raw) -> None:
    raw.finds("o1", "OH-01", breach("2020-01-01", "2022-01-01"), breach("2023-01-01", state="to check"))
    of = "o1:OH-01"
    assert [states(raw, day) for day in ("2019-12-31", "2020-01-01", "2021-12-31", "2022-01-01", "2023-01-01")] == [
        {}, {of: "observed"}, {of: "observed"}, {of: "expired"}, {of: "to check"}]


def test_m5_an_answer_and_a_decision_are_about_the_breach_there_is_on_their_day(raw: Raw) -> None:
    stream, on = "finding/o1:OH-01", {"finding": "o1:OH-01", "organisation": "o1", "rule": "OH-01"}
    raw.finds("o1", "OH-01", breach("2020-01-01", "2022-01-01"), breach("2023-01-01"))
    raw.tells("FindingAnswered", stream, **on, answer="a", counts_from="2020-06-01")
    raw.tells("FindingDecided", stream, **on, state="confirmed", decision="d", counts_from="2021-01-01")
    raw.tells("FindingAnswered", stream, **on, answer="b", counts_from="2021-06-01")
    days = ("2020-05-31", "2020-06-01", "2021-01-01", "2021-06-01", "2022-01-01", "2023-01-01")
    assert [states(raw, day)["o1:OH-01"] for day in days] == ["observed", "answered", "confirmed", "confirmed", "expired", "observed"]


def test_m5_an_answer_after_a_doubt_is_an_answer(raw: Raw) -> None:
    stream, on = "finding/o1:OH-01", {"finding": "o1:OH-01", "organisation": "o1", "rule": "OH-01"}
    raw.finds("o1", "OH-01", breach("2020-01-01"))
    raw.tells("FindingDecided", stream, **on, state="to check", decision="d", counts_from="2021-01-01")
    assert states(raw, "2021-01-01") == {"o1:OH-01": "to check"}
    word = raw.tells("FindingAnswered", stream, **on, answer="b", counts_from="2021-01-01")
    assert states(raw, "2021-01-01") == {"o1:OH-01": "answered"}
    (found,) = findings.read(raw.carried(), LATE, {}, "", 5)[0]["findings"]
    assert found["events"][-1] == word


def test_m5_a_newer_timeline_takes_the_place_of_the_older_and_earlier_knowledge_keeps_it(raw: Raw) -> None:
    raw.finds("o1", "OH-01", breach("2020-01-01"))
    raw.finds("o2", "OH-01", breach("2020-01-01"))
    tuesday(raw)
    raw.finds("o1", "OH-01")
    raw.finds("o2", "OH-01", breach("2021-01-01"))
    for _ in range(2):
        assert states(raw, "2020-06-01") == {}
        assert states(raw, "2021-06-01", known_at=TUESDAY) == {"o2:OH-01": "observed"}
        assert states(raw, "2020-06-01", known_at=MONDAY) == {"o1:OH-01": "observed", "o2:OH-01": "observed"}
        rebuild(raw.reporting.views, page=2)


def test_m5_findings_are_found_by_what_they_are_about_and_come_in_pages(raw: Raw) -> None:
    ids = [raw.finds(o, rule, breach("2020-01-01"), article=article) for o in ("o1", "o2") for rule, article in (("OH-01", "AUSCOOP 204"), ("OH-03", "A"))]
    assert set(states(raw, "2021-01-01", district="kangaba")) == {"o1:OH-01", "o1:OH-03"}
    assert set(states(raw, "2021-01-01", rule="OH-03", organisation="o2")) == {"o2:OH-03"}
    assert set(states(raw, "2021-01-01", article="A", state="observed")) == {"o1:OH-03", "o2:OH-03"}
    assert states(raw, "2021-01-01", state="lifted") == {}
    seen, after = [], ""
    for _ in range(4):
        page, after = findings.read(raw.reporting, LATE, {}, after, 1)
        seen += [event for f in page["findings"] for event in f["events"]]
    assert seen == ids


def test_m5_findings_are_counted_by_article_and_state(raw: Raw) -> None:
    first = [raw.finds(o, "OH-01", breach("2020-01-01")) for o in ("o1", "o2")]
    over = raw.finds("o1", "OH-03", breach("2020-01-01", "2021-01-01"), article="B")
    rows = findings.by_article(raw.carried(), LATE)["rows"]
    assert [(r["rule"], r["article"], r["state"], r["count"], r["events"]) for r in rows] == [
        ("OH-01", "AUSCOOP 204", "observed", 2, first), ("OH-03", "B", "expired", 1, [over])]


def test_what_lies_outside_the_territory_is_not_told(raw: Raw) -> None:
    for o in ("o1", "o2"):
        raw.finds(o, "OH-01", breach("2020-01-01"))
        raw.tells("StandingChanged", f"standing/{o}", organisation=o, standing=[{"from": "2020-01-01", "value": "good", "why": []}])
        raw.admits("m-000001", o, "2021-01-01")
    reporting = raw.carried()
    for territory, own in (("district:kangaba", "o1"), ("organisation:o2", "o2"), ("organisation:none", "")):
        asked = Asked(as_of="2025-01-01", territory=frozenset({territory}))
        wanted = [own] if own else []
        assert [f["organisation"] for f in findings.read(reporting, asked, {}, "", 5)[0]["findings"]] == wanted
        assert [r["organisation"] for r in standings.organisations(reporting, asked, {}, "", 5)[0]["rows"]] == wanted
        assert [r["organisation"] for r in members.read(reporting, asked, ("organisation",), limit=5)[0]["rows"]] == wanted
        assert [r["organisation"] for r in completeness.organisations(reporting, asked, "base", "members", True, "", 5)[0]["rows"]] == wanted
        assert len(members.events_behind(reporting, asked, {}, 0, 5)[0]["events"]) == len(wanted)


# standing

def test_standing_is_counted_by_value_and_district_on_both_axes(raw: Raw) -> None:
    def steps(*said: tuple[str, str]) -> list[dict[str, Any]]:
        return [{"from": day, "value": value, "why": [] if value == "good" else ["OH-01"]} for day, value in said]

    def counted(as_of: str, known_at: str = "") -> list[tuple[str, str, int]]:
        rows = standings.read(raw.carried(), Asked(as_of=as_of, known_at=known_at))["rows"]
        return sorted((r["district"], r["value"], r["count"]) for r in rows)

    raw.tells("StandingChanged", "standing/o1", organisation="o1", standing=steps(("2020-01-01", "to check"), ("2021-01-01", "good")))
    raw.tells("StandingChanged", "standing/o2", organisation="o2", standing=steps(("2020-01-01", "good")))
    tuesday(raw)
    event = raw.tells("StandingChanged", "standing/o1", organisation="o1", standing=steps(("2020-01-01", "suspended")))
    assert counted("2019-12-31") == []
    assert counted("2022-01-01") == [("kangaba", "suspended", 1), ("kenieba", "good", 1)]
    assert counted("2020-06-01", MONDAY) == [("kangaba", "to check", 1), ("kenieba", "good", 1)]
    assert counted("2022-01-01", MONDAY) == [("kangaba", "good", 1), ("kenieba", "good", 1)]
    (row,) = standings.organisations(raw.reporting, LATE, {"value": "suspended"}, "", 5)[0]["rows"]
    assert (row["organisation"], row["why"], row["since"], row["events"]) == ("o1", ["OH-01"], "2020-01-01", [event])


# what is on record

def recorded(raw: Raw, what: str, as_of: str = "2025-01-01", known_at: str = "", level: str = "base") -> list[str]:
    page, _ = completeness.organisations(raw.carried(), Asked(as_of=as_of, known_at=known_at), level, what, True, "", 500)
    rows = [row for row in completeness.read(raw.reporting, Asked(as_of=as_of, known_at=known_at))["rows"] if (row["of"], row["what"]) == (level, what)]
    assert [row["recorded"] for row in rows] in ([len(page["rows"])], [])
    return [row["organisation"] for row in page["rows"]]


def test_what_is_on_record_of_organisations(raw: Raw) -> None:
    raw.founds("o3", "2021-01-01")
    raw.tells("OrganisationAffiliated", "organisation/o1", "2021-01-01", organisation="o1", level="base", parent="o3", parent_level="union",
              members=[change("o3", "2021-01-01", 1, "base")])
    assert recorded(raw, "form") == ["o1"]
    assert recorded(raw, "district") == ["o1", "o2"]
    assert (recorded(raw, "members"), recorded(raw, "members", "2020-12-31")) == (["o3"], [])
    missing, _ = completeness.organisations(raw.reporting, LATE, "base", "form", False, "", 500)
    assert [(row["organisation"], row["event"]) for row in missing["rows"]] == [("o2", None), ("o3", None)]


def test_a_registration_counts_from_its_day_as_corrected_and_until_withdrawn(raw: Raw) -> None:
    event = raw.tells("OrganisationRegistered", "organisation/o1", "2021-05", organisation="o1", number="1", normalised="1", register="r")
    assert (recorded(raw, "number", "2021-05-30"), recorded(raw, "number", "2021-05-31")) == ([], ["o1"])
    tuesday(raw)
    fact = {"organisation": "o1", "fact": "x", "old": {}, "counts": []}
    raw.tells("OrganisationFactCorrected", "organisation/o1", **fact, corrects=event, new={"counts_from": "2021-01-01"})
    assert (recorded(raw, "number", "2021-02-01"), recorded(raw, "number", "2021-02-01", MONDAY)) == (["o1"], [])
    raw.clock.set("2025-03-05T08:00:00.000")
    raw.tells("OrganisationFactWithdrawn", "organisation/o1", **fact, withdraws=event)
    assert (recorded(raw, "number"), recorded(raw, "number", known_at=TUESDAY)) == ([], ["o1"])


def test_a_corridor_is_on_record_while_it_is_assigned(raw: Raw) -> None:
    raw.tells("CorridorAssigned", "corridor/c", "2021-01-01", corridor="c", organisation="o1", until="2021-12-31")
    raw.tells("CorridorAssigned", "corridor/c", "2021-01-01", corridor="c", organisation="o2", valid_until="2022-06-30", until="2021-12-31")
    assert [recorded(raw, "corridor", day) for day in ("2020-12-31", "2021-12-31", "2022-01-01")] == [[], ["o1", "o2"], []]
    tuesday(raw)
    raw.tells("CorridorExtended", "corridor/c", corridor="c", old={}, new={"valid_until": "2023-12-31"}, assigned=["o1", "o2"])
    assert [recorded(raw, "corridor", day) for day in ("2022-06-30", "2022-07-01", "2024-01-01")] == [["o1", "o2"], ["o1"], []]
    raw.tells("CorridorAssignmentEnded", "corridor/c", "2023-01-01", corridor="c", organisation="o1")
    raw.tells("CorridorExtended", "corridor/c", corridor="c", old={}, new={"valid_until": "2029-12-31"}, assigned=["o2"])
    raw.tells("CorridorClosed", "corridor/c", "2022-03-01", corridor="c", assigned=["o2"])
    for _ in range(2):
        assert [recorded(raw, "corridor", day) for day in ("2022-02-28", "2022-03-01", "2022-12-31", "2023-01-01")] == [["o1", "o2"], ["o1"], ["o1"], []]
        assert recorded(raw, "corridor", "2021-06-01", MONDAY) == ["o1", "o2"]
        rebuild(raw.reporting.views, page=2)


def test_organisations_on_record_stand_beside_those_declared(raw: Raw) -> None:
    event = raw.tells("CountDeclared", "declaration/d", declaration="d", measure="base", count=247, as_of="2024-11", counts_from="2024-11-30", source={})
    row = completeness.read(raw.carried(), LATE)["rows"][0]
    assert (row["of"], row["what"], row["recorded"], row["total"], row["percent"], row["events"]) == ("base", "organisation", 2, 247, 0.8, [event])


def test_a_card_is_on_record_from_its_day_as_corrected_and_until_withdrawn(raw: Raw) -> None:
    def carded(as_of: str = "2025-01-01", known_at: str = "") -> tuple[int, int]:
        rows = completeness.read(raw.carried(), Asked(as_of=as_of, known_at=known_at))["rows"]
        (row,) = [r for r in rows if r["what"] == "card"]
        return row["recorded"], row["total"]

    for miner in ("m-000001", "m-000002", "m-000003"):
        raw.admits(miner, "o1", "2021-01-01")
    cards = [raw.tells("MinerCardRecorded", f"miner/{m}", "2022-01-01", miner=m, card_type="c") for m in ("m-000001", "m-000002")]
    assert (carded("2021-12-31"), carded()) == ((0, 3), (2, 3))
    tuesday(raw)
    raw.tells("MinerFactWithdrawn", "miner/m-000001", miner="m-000001", withdraws=cards[0], fact="MinerCardRecorded", old={}, members=[])
    raw.tells("MinerFactCorrected", "miner/m-000002", miner="m-000002", corrects=cards[1], fact="MinerCardRecorded", old={}, members=[],
              new={"counts_from": "2021-06-01"})
    assert (carded(), carded("2021-12-31"), carded(known_at=MONDAY), carded("2021-12-31", MONDAY)) == ((1, 3), (1, 3), (2, 3), (0, 3))
    raw.tells("MinerMerged", "miner/m-000002", miner="m-000002", into="m-000003", decision="d", members=[change("o1", "2021-01-01", -1)])
    raw.tells("MinerCardRecorded", "miner/m-000003", "2022-01-01", miner="m-000003", card_type="c")
    assert carded() == (1, 2)


# to whom what is said

def test_few_people_of_one_organisation_are_not_pointed_at(raw: Raw) -> None:
    """Nor found from a sum: the district's and the country's are told; beside what is left out the next smallest is, too, on every page."""
    for organisation, women, men in (("o1", 9, 6), ("o2", 3, 0), ("o3", 6, 6), ("o4", 9, 9)):
        if organisation > "o2":
            raw.founds(organisation, "2020-01-01", "kenieba")
        for n in range(women + men):
            raw.admits(f"m-{organisation}{n:05}", organisation, "2021-01-01", sex="female" if n < women else "male")
    reporting, asked = raw.carried(), Asked(as_of="2025-01-01", people=False)
    rows = members.read(reporting, asked, ("organisation",), limit=9)[0]["rows"]
    assert {row["organisation"]: row.get("count") for row in rows} == {"o1": 15, "o2": None, "o3": None, "o4": 18}
    assert [row["suppressed"] for row in rows] == [False, True, True, False]
    pages = [members.read(reporting, asked, ("organisation",), after, 1)[0]["rows"] for after in ("", "o1", "o2", "o3")]
    assert [row for page in pages for row in page] == rows
    by_sex = {(row["organisation"], row["sex"]): row.get("count") for row in members.read(reporting, asked, ("organisation", "sex"), limit=9)[0]["rows"]}
    assert by_sex["o2", "female"] is by_sex["o3", "female"] is by_sex["o3", "male"] is None and by_sex["o1", "male"] == 6
    assert all(row["count"] for row in members.read(reporting, Asked(as_of="2025-01-01"), ("organisation", "sex"), limit=9)[0]["rows"])
    assert {row["sex"]: (row["count"], len(row["events"])) for row in members.read(reporting, asked, ("sex",))[0]["rows"]} == {
        "female": (27, 2), "male": (21, 2)}
    for key in ({"organisation": "o4"}, {"district": "kenieba", "level": "base", "sex": "male"}):
        with pytest.raises(Forbidden):
            members.events_behind(reporting, asked, dict(key), 0, 5)


def test_few_people_of_a_district_are_those_of_its_one_society(raw: Raw) -> None:
    for organisation, men in (("o1", 2), ("o2", 8)):
        for n in range(men):
            raw.admits(f"m-{organisation}{n:05}", organisation, "2021-01-01", sex="male")
    reporting, asked = raw.carried(), Asked(as_of="2025-01-01", people=False)
    table = members.read(reporting, asked, ("district",))[0]
    assert table["total"] == 10 and all(row["suppressed"] and "events" not in row for row in table["rows"])
    with pytest.raises(Forbidden):
        members.events_behind(reporting, asked, {"district": "kangaba"}, 0, 5)
    assert members.events_behind(reporting, asked, {"sex": "male"}, 0, 50)[0]["events"]


def test_few_people_of_a_district_of_several_societies_are_told(raw: Raw) -> None:
    for n, organisation in enumerate(("o1", "o3", "o4")):
        if n:
            raw.founds(organisation, "2020-01-01", "kangaba")
        raw.admits(f"m-women{n}", organisation, "2021-01-01", sex="female")
    for n in range(5):
        raw.admits(f"m-men{n}", "o1", "2021-01-01", sex="male")
    rows = members.read(raw.carried(), Asked(as_of="2025-01-01", people=False), ("district", "sex"))[0]["rows"]
    assert {row["sex"]: row.get("count") for row in rows} == {"female": 3, "male": 5}


def test_members_one_by_one_and_their_total_are_those_of_the_territory(raw: Raw) -> None:
    raw.founds("o3", "2020-01-01", "kangaba")
    for n, organisation in enumerate(("o1", "o2", "o2", "o3")):
        raw.admits(f"m-00000{n}", organisation, "2021-01-01", birth_year=2010 if organisation == "o2" else 1990)
    reporting = raw.carried()
    for by in (("organisation",), ("organisation", "sex"), ("district", "organisation")):
        table = members.read(reporting, Asked(as_of="2025-01-01", territory=frozenset({"district:kangaba"})), by, limit=9)[0]
        assert [row["organisation"] for row in table["rows"]] == ["o1", "o3"] and (table["total"], table["notices"]) == (2, [])
    assert members.read(reporting, Asked(as_of="2025-01-01", territory=frozenset({"organisation:o2"})), ("organisation",), limit=9)[0]["total"] == 2


def test_a_minor_is_a_notice_and_never_a_person(raw: Raw) -> None:
    raw.admits("m-000001", "o1", "2021-01-01", birth_year=2008)
    raw.admits("m-000002", "o1", "2021-01-01", birth_year=2007)
    raw.admits("m-000003", "o1", "2021-01-01")
    reporting = raw.carried()
    for by in (("district",), ("age_band",), ("organisation",)):
        (notice,) = members.read(reporting, LATE, by, limit=5)[0]["notices"]
        assert (notice["rule"], notice["state"], notice["count"]) == ("minor", "to check", 1) and "events" not in notice
    bands = {row["age_band"]: row for row in members.read(reporting, Asked(as_of="2025-01-01", people=False), ("age_band",))[0]["rows"]}
    assert {band: row["count"] for band, row in bands.items()} == {"0-17": 1, "18-24": 1, "unstated": 1}
    assert "events" not in bands["0-17"] and bands["18-24"]["events"]
    with pytest.raises(Forbidden):
        members.events_behind(reporting, Asked(as_of="2025-01-01", people=False), {"age_band": "0-17"}, 0, 5)


def test_a_span_of_months_has_an_order_and_a_length(raw: Raw) -> None:
    for first, last in (("2024-02", "2024-01"), ("2000-01", "2024-01"), ("0000-01", "9999-12")):
        with pytest.raises(BadRequest):
            growth.read(raw.carried(), LATE, first, last)
        with pytest.raises(BadRequest):
            stock.read(raw.reporting, LATE, "kind", first, last)


def test_the_last_month_there_is_ends_a_span(raw: Raw) -> None:
    """As text the month behind it would stand before it, and so on for ever."""
    months = growth.read(raw.carried(), Asked(as_of="9999-12-31"), "9999-11", "9999-12")["rows"]
    assert [(row["of"], row["month"]) for row in months] == [("base", "9999-11"), ("base", "9999-12")]
    assert stock.read(raw.reporting, Asked(as_of="9999-12-31"), "kind", "9999-12", "9999-12")["rows"] == []


# the same table in other formats

def test_no_text_of_a_table_is_a_formula_and_both_formats_hold_the_same() -> None:
    sheet = Sheet("t", ("name", "count", "percent", "why", "missing", "facts", "sure"))
    answer = {"as_of": "2025-01-01", "rows": [{"name": "=1+1", "count": 3, "percent": 38.9, "why": ["a", "b"], "facts": {"least": 5}, "sure": True},
                                              {"name": "@x", "count": 0, "percent": None, "why": [], "missing": None, "facts": {}, "sure": False}]}
    rows = list(csv.reader(io.StringIO(sheet.csv(answer).decode())))
    assert rows == [["as_of", "name", "count", "percent", "why", "missing", "facts", "sure"],
                    ["2025-01-01", "'=1+1", "3", "38.9", "a b", "", "least: 5", "yes"],
                    ["2025-01-01", "'@x", "0", "", "", "", "", "no"]]
    cells = CalamineWorkbook.from_filelike(io.BytesIO(sheet.xlsx(answer))).get_sheet_by_index(0).to_python()
    assert cells[1:] == [["2025-01-01", "=1+1", 3.0, 38.9, "a b", "", "least: 5", "yes"], ["2025-01-01", "@x", 0.0, "", "", "", "", "no"]]
    assert sheet.xlsx(answer) == sheet.xlsx(answer)
    assert b"<f>" not in sheet.xlsx(answer)
