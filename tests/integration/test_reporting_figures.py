"""Figures about membership from HTTP command to answer: at any date on both axes, each with its events, in three formats, and again after a rebuild."""
import csv
import io
import itertools
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from installation import upkeep
from tests.clients import ask, token, until
from tests.world import OneProcess, Running, of_either_kind

TABLES = "/reporting/v1/tables"
TODAY = "2025-06-30"


class Said:
    """What the secretariat says, and what an auditor asks."""

    def __init__(self, world: Running) -> None:
        self.world, self.writer, self.position, self._numbers = world, world.client("secretary", "secretariat"), "0", itertools.count()

    def says(self, name: str, /, **body: Any) -> list[dict[str, Any]]:
        answer = self.writer.command("membership", name, body, f"figures-{next(self._numbers)}-{name}")
        self.position = max(self.position, answer["position"], key=int)
        return list(answer["events"])

    def asks(self, path: str, role: str = "auditor", status: int = 200, **headers: str) -> tuple[bytes, Any]:
        got, answered, body = ask(self.world.config, "reporting", path, token(self.world.direct, "installation", role, "tester"), **headers)
        assert got == status, body
        return body, answered

    def table(self, path: str) -> dict[str, Any]:
        """After everything that was said."""
        found = json.loads(self.asks(f"{TABLES}/{path}{'&' if '?' in path else '?'}min_position=membership:{self.position}")[0])
        assert isinstance(found, dict)
        return found

    def known_now(self, organisation: str) -> str:
        """When the last event about an organisation was recorded."""
        events = self.says("record-organisation-alias", organisation=organisation, alias=f"Alias {self.position}", evidence="test")
        self.table("standings")
        card = json.loads(self.asks(f"/reporting/v1/events/{events[0]['id']}?min_position=membership:{self.position}")[0])
        return str(card["when"]["recorded_at"])


def counted(table: dict[str, Any], *by: str) -> dict[Any, int]:
    return {tuple(row[d] for d in by) if len(by) > 1 else row[by[0]]: row["count"] for row in table["rows"]}


def tell(said: Said) -> None:
    """Three societies in two districts and a union, with miners who come, leave and are corrected."""
    for district in ("Kangaba", "Kéniéba"):
        said.says("register-district", district=district.lower().replace("é", "e"), name=district)
    for name, level, district, form in (("figures-a", "base", "Kangaba", "SCOOPS"), ("figures-b", "base", "Kéniéba", "SCOOPS"),
                                        ("figures-c", "base", "Kéniéba", ""), ("figures-u", "union", "Kangaba", "")):
        said.says("found-organisation", organisation=name, level=level, name=f"{name} {form}".strip(), district=district, occurred_on="2020-01-01",
                  **({"form": form} if form else {}))
    said.says("affiliate-organisation", organisation="figures-a", parent="figures-u", occurred_on="2020-06-01")
    said.says("register-organisation", organisation="figures-a", number="RSC-FIGURES-1", occurred_on="2020-02-01", register="Kangaba")
    rows = [{"miner": f"m-figures{n:03}", "name": f"Personne {n}", **({"sex": ("female", "male")[n % 2]} if n % 5 else {}),
             **({"birth_year": 1950 + 6 * n} if n % 4 else {}), "organisation": f"figures-{'ab'[n % 2]}", "admitted_on": f"2021-{1 + n % 3:02}-15",
             **({"card": {"card_type": "orpailleur", "number": f"N-{n}"}} if n < 3 else {})} for n in range(12)]
    said.says("register-miners", rows=rows, occurred_on="2021-01-01")
    said.says("end-membership", miner="m-figures001", organisation="figures-b", cause="other", occurred_on="2023-05-05")


@pytest.fixture(scope="module", params=["one process", "servers"])
def said(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Said]:
    with of_either_kind(request, tmp_path_factory.mktemp("figures")) as world:
        said = Said(world)
        tell(said)
        with world.books() as books:
            books.everything_arrived()             # and what follows: findings, standing
        yield said


def rebuilt(said: Said) -> None:
    world = said.world
    if isinstance(world, OneProcess):
        world.end()
        upkeep.rebuild(world.config, "reporting", [])
        world.start()
        until(world.ready, 30, "every service ready")
    else:
        upkeep.rebuild(world.direct.of("reporting"), "reporting", [])


def behind(said: Said, address: str) -> list[dict[str, Any]]:
    """Every event at an address that a figure gives, page by page, each as its card."""
    cards = []
    while address:
        body, headers = said.asks(f"{address}&limit=5")
        cards += [json.loads(said.asks(f"/reporting/v1/events/{event}")[0]) for event in json.loads(body)["events"]]
        link = headers["Link"] or ""
        address = link.partition(">")[0].removeprefix("<").replace("limit=5&", "").replace("&limit=5", "") if link else ""
    return cards


def without_stamps(table: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in table.items() if k != "feeds"}


def test_m4_members_are_counted_at_any_date_by_one_dimension_or_two(said: Said) -> None:
    for _ in ("live", "rebuilt"):
        assert counted(said.table(f"members?as_of={TODAY}"), "district") == {"kangaba": 6, "kenieba": 5}
        assert counted(said.table("members?as_of=2023-05-04"), "district") == {"kangaba": 6, "kenieba": 6}
        assert counted(said.table("members?as_of=2021-01-31"), "district") == {"kangaba": 2, "kenieba": 2}
        assert counted(said.table(f"members?as_of={TODAY}&by=sex"), "sex") == {"female": 4, "male": 4, "unstated": 3}
        assert counted(said.table(f"members?as_of={TODAY}&by=level"), "level") == {"base": 11}
        both = said.table(f"members?as_of={TODAY}&by=sex,district")
        assert sum(counted(both, "sex", "district").values()) == both["total"] == 11
        bands = counted(said.table(f"members?as_of={TODAY}&by=age_band"), "age_band")
        assert sum(bands.values()) == 11 and bands["unstated"] == 3
        rebuilt(said)


def test_m4_a_correction_changes_the_figures_and_earlier_knowledge_keeps_them(said: Said) -> None:
    rows = said.says("register-miner", miner="m-figures100", name="Personne 100", sex="female", organisation="figures-c", admitted_on="2022-02-15")
    admission = next(e["id"] for e in rows if e["name"].endswith("MinerAdmitted"))
    before = said.known_now("figures-c")
    said.says("correct-miner-fact", miner="m-figures100", event=admission, new_occurred_on="2024-03-15")
    for _ in ("live", "rebuilt"):
        of = "members?by=organisation&as_of=2023-01-01"
        assert counted(said.table(of), "organisation")["figures-c"] == 0
        assert counted(said.table(f"{of}&known_at={before}"), "organisation")["figures-c"] == 1
        growth = [(r["month"], r["new"], r["left"]) for r in said.table("growth?from=2022-01&to=2024-12")["rows"] if r["of"] == "miner"]
        assert [month for month in growth if month[1:] != (0, 0)] == [("2023-05", 0, 1), ("2024-03", 1, 0)]
        rebuilt(said)
    said.says("withdraw-miner-fact", miner="m-figures100", event=admission)
    assert counted(said.table("members?by=organisation&as_of=2025-01-01"), "organisation")["figures-c"] == 0


def test_m4_growth_goes_from_opening_to_closing_month_by_month(said: Said) -> None:
    table = said.table("growth?from=2020-12&to=2021-03")
    of = {(r["of"], r["month"]): (r["opening"], r["new"], r["left"], r["closing"]) for r in table["rows"]}
    assert [of["miner", month] for month in ("2020-12", "2021-01", "2021-02", "2021-03")] == [(0, 0, 0, 0), (0, 4, 0, 4), (4, 4, 0, 8), (8, 4, 0, 12)]
    assert of["base", "2020-12"] == (3, 0, 0, 3) and of["union", "2021-03"] == (1, 0, 0, 1)


def test_r2_every_figure_is_explained_by_the_events_at_its_address(said: Said) -> None:
    for by in ("district,sex", "organisation", "age_band"):
        table = said.table(f"members?as_of=2023-04-01&by={by}")
        assert table["rows"]
        for row in table["rows"]:
            cards = behind(said, row["all"])
            assert row["events"] == list(dict.fromkeys((cards[0]["id"], cards[-1]["id"])))
            said_of = [c for card in cards for c in card["data"]["members"] if c["from"] <= "2023-04-01"]
            assert sum(c["delta"] for c in said_of) == row["count"], row
    for row in said.table("growth?from=2021-01&to=2023-06")["rows"]:
        net: Counter[tuple[str, str]] = Counter()
        for card in behind(said, row["all"]):
            data = card["data"]
            for c in data["members"] if row["of"] == "miner" else [c for c in data["counts"] if c["level"] == row["of"]]:
                net[data.get("miner") or data["organisation"], c["from"]] += c["delta"] if c["from"][:7] == row["month"] else 0
        assert (row["new"], row["left"]) == (sum(n for n in net.values() if n > 0), -sum(n for n in net.values() if n < 0)), row


def test_m5_findings_are_told_by_organisation_and_by_article_with_their_events(said: Said) -> None:
    for _ in ("live", "rebuilt"):
        found = said.table(f"findings/organisations?as_of={TODAY}&organisation=figures-b")["findings"]
        assert found and all(f["organisation"] == "figures-b" and f["events"] for f in found)
        for f in found:
            cards = [json.loads(said.asks(f"/reporting/v1/events/{event}")[0]) for event in f["events"]]
            assert cards[-1]["name"] == "membership.FindingRecorded" and cards[-1]["data"]["rule"] == f["rule"]
        by_article = said.table(f"findings/by-article?as_of={TODAY}")["rows"]
        for row in by_article:
            listed = json.loads(said.asks(row["all"])[0])["findings"]
            assert len(listed) == row["count"] and {(f["rule"], f["article"], f["state"]) for f in listed} == {(row["rule"], row["article"], row["state"])}
        standing = said.table(f"standings?as_of={TODAY}")["rows"]
        assert sum(row["count"] for row in standing) == 4
        for row in standing:
            assert [o["value"] for o in json.loads(said.asks(row["all"])[0])["rows"]] == [row["value"]] * row["count"]
        rebuilt(said)


def test_m4_completeness_says_what_is_on_record_and_of_whom_it_is_missing(said: Said) -> None:
    for _ in ("live", "rebuilt"):
        of = {(r["of"], r["what"]): (r["recorded"], r["total"]) for r in said.table(f"completeness?as_of={TODAY}")["rows"]}
        assert (of["base", "number"], of["base", "district"], of["base", "form"], of["base", "corridor"]) == ((1, 3), (3, 3), (2, 3), (0, 3))
        assert of["union", "members"] == (1, 1)
        assert (of["miner", "sex"], of["miner", "birth_year"], of["miner", "card"]) == ((8, 11), (8, 11), (2, 11))
        missing = said.table(f"completeness/organisations?as_of={TODAY}&level=base&what=form")["rows"]
        assert [row["organisation"] for row in missing] == ["figures-c"]
        rebuilt(said)


@pytest.mark.parametrize("path", ["members?by=district,sex", "growth?from=2021-01&to=2021-06", "completeness?", "findings/organisations?limit=3",
                                  "findings/by-article?", "standings?", "standings/organisations?", "completeness/organisations?what=form"])
def test_r6_csv_and_xlsx_hold_what_the_json_holds(said: Said, path: str) -> None:
    address = f"{TABLES}/{path}&as_of={TODAY}"
    answer = json.loads(said.asks(address)[0])
    rows = answer["findings"] if "findings/organisations" in path else answer["rows"]
    text, headers = said.asks(f"{address}&format=csv")
    assert headers["Content-Type"].startswith("text/csv")
    lines = list(csv.DictReader(io.StringIO(text.decode())))
    book, headers = said.asks(f"{address}&format=xlsx")
    assert headers["Content-Type"].endswith("spreadsheetml.sheet") and f"{TODAY}.xlsx" in headers["Content-Disposition"]
    head, *cells = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert len(lines) == len(cells) == len(rows) > 0
    assert head == list(lines[0])
    for row, line, of_sheet in zip(rows, lines, cells, strict=True):
        sheet = dict(zip(head, of_sheet, strict=True))
        for column in head:
            value = answer["as_of"] if column == "as_of" else row.get(column)
            match value:
                case bool() | dict():
                    continue
                case int() | float():
                    assert float(line[column]) == sheet[column] == value
                case list():
                    assert line[column] == sheet[column] == " ".join(value)
                case _:
                    assert line[column] == sheet[column] == (value or "")
    by_header, _ = said.asks(address, Accept="text/csv")
    assert by_header == text


def test_r6_a_table_is_not_sent_twice_and_its_pages_have_a_link(said: Said) -> None:
    address = f"{TABLES}/members?as_of={TODAY}&by=organisation"
    whole, headers = said.asks(address)
    said.asks(address, status=304, If_None_Match=headers["ETag"])
    page, headers = said.asks(f"{address}&limit=1")
    pages = [json.loads(page)]
    while link := headers["Link"]:
        page, headers = said.asks(link.partition(">")[0].removeprefix("<"))
        pages.append(json.loads(page))
    assert [row for p in pages for row in p["rows"]] == json.loads(whole)["rows"]
    assert {p["total"] for p in pages} == {json.loads(whole)["total"]}


def test_r11_every_table_says_how_far_the_feeds_are_held(said: Said) -> None:
    for path in ("members", "growth", "completeness", "findings/organisations", "findings/by-article", "standings"):
        assert int(said.table(path)["feeds"]["membership"]) >= int(said.position)
    for wrong in ("members?by=sex,sex", "members?by=name", "growth?from=2024-13", "growth?from=2024-02&to=2024-01", "members?format=pdf", "standings?x=1"):
        said.asks(f"{TABLES}/{wrong}", status=400)


def test_r7_few_people_of_one_organisation_are_not_shown_to_who_may_not_see_people(said: Said) -> None:
    said.says("register-miner", miner="m-figures200", name="Personne 200", organisation="figures-c", admitted_on="2025-01-15", birth_year=2015)
    address = f"{TABLES}/members?as_of={TODAY}&by=organisation&min_position=membership:{said.position}"
    shown = {row["organisation"]: row for row in json.loads(said.asks(address, "chamber")[0])["rows"]}
    assert shown["figures-c"] == {"organisation": "figures-c", "suppressed": True}
    assert shown["figures-a"]["count"] == 6 and "events" not in shown["figures-a"]
    said.asks(f"{TABLES}/members/events?as_of={TODAY}&organisation=figures-c", "chamber", status=403)
    answer = json.loads(said.asks(f"{TABLES}/members?as_of={TODAY}&min_position=membership:{said.position}", "chamber")[0])
    (notice,) = answer["notices"]
    assert notice["count"] >= 1 and "event" not in json.dumps(notice)


def test_r4_the_front_page_shows_what_is_recorded_where_nobody_declared_anything(said: Said) -> None:
    said.table("standings")
    page, _ = said.asks("/?as_of=2025-06-30", Accept="text/html")
    text = page.decode()
    assert "Organisations enregistrées une à une" in text and 'href="/membership?district=kenieba&amp;level=base">2</a>' in text
