"""Figures about metal from HTTP command to answer: from the pit to the bar, at any date on both axes, each with its events, and again after a rebuild."""
import csv
import io
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from services.gold_trade.assays.exchange import commitment
from services.gold_trade.projections import ledger
from shared import event
from tests.integration.test_reporting_figures import TABLES, Said, behind, rebuilt
from tests.world import Running, of_either_kind

DAY = "2025-06-01"                       # every figure of the story, and its corrections, are before it
METAL = f"{TABLES}/metal"
DIMENSIONS = ("receipts?by=district,month", "receipts?by=society", "receipts?by=day,union", "receipts?by=site,collector", "losses?by=custodian,step",
              "assay-differences?by=month", "stock?from=2024-01&to=2025-05", "stock?by=custodian&from=2025-04&to=2025-05", "holds?", "bars?by=custodian,month",
              "consignments?by=buyer,month")
NONCES = {"seller": "ab" * 16, "buyer": "cd" * 16}


class Traded(Said):
    """What membership and gold_trade are told, and the figures about metal after all of it."""

    def __init__(self, world: Running) -> None:
        super().__init__(world)
        self.clerk, self.gold = world.client("clerk", "secretariat"), "0"

    def trades(self, name: str, /, by_clerk: bool = False, **body: Any) -> list[dict[str, Any]]:
        answer = (self.clerk if by_clerk else self.writer).command("gold_trade", name, body, f"metal-{next(self._numbers)}-{name}")
        self.gold = max(self.gold, answer["position"], key=int)
        return list(answer["events"])

    def receives(self, lot: str, day: str, gross: int, society: str = "metal-a", collector: str = "metal-collector", **more: Any) -> str:
        return str(self.trades("record-collection", lot=lot, collector=collector, society=society, gross_mg=gross, fineness_per_100k=90_000, method="xrf",
                               miners=[], occurred_on=day, **more)[0]["id"])

    def metal(self, path: str, role: str = "auditor") -> dict[str, Any]:
        address = f"{METAL}/{path}{'' if path.endswith('?') else '&' if '?' in path else '?'}min_position=gold_trade:{self.gold}"
        return dict(json.loads(self.asks(address, role)[0]))

    def moment(self) -> str:
        """Between what was told and what will be."""
        time.sleep(0.01)
        now = event.now()
        time.sleep(0.01)
        return now


def rows(table: dict[str, Any], *by: str) -> dict[Any, tuple[int, int, int]]:
    return {tuple(r[d] for d in by) if len(by) > 1 else r[by[0]]: (r["count"], r["gross_mg"], r["fine_mg"]) for r in table["rows"]}


def total(table: dict[str, Any]) -> tuple[int, int, int]:
    return table["total"]["count"], table["total"]["gross_mg"], table["total"]["fine_mg"]


def tell(said: Traded) -> None:
    """Two societies, one of which moves; six receipts, two blends, a bar, a consignment, a theft."""
    for district in ("Kangaba", "Kéniéba"):
        said.says("register-district", district=district.lower().replace("é", "e"), name=district)
    for name, level, district in (("metal-a", "base", "Kangaba"), ("metal-b", "base", "Kéniéba"), ("metal-u", "union", "Kangaba")):
        said.says("found-organisation", organisation=name, level=level, name=name, district=district, occurred_on="2020-01-01")
    said.says("move-organisation", organisation="metal-b", district="Kangaba", occurred_on="2024-06-01")
    said.says("affiliate-organisation", organisation="metal-a", parent="metal-u", occurred_on="2024-02-01")
    for actor, kind in (("metal-collector", "collector"), ("metal-comptoir", "comptoir"), ("metal-refinery", "refinery"), ("metal-lab", "refinery")):
        said.trades("register-actor", actor=actor, kind=kind, name=actor)
    for n, (day, society, gross) in enumerate((("2024-01-15", "metal-a", 10_000), ("2024-02-15", "metal-a", 20_000), ("2024-05-20", "metal-b", 30_000),
                                               ("2024-06-20", "metal-b", 40_000), ("2024-06-20", "metal-b", 5_000), ("2024-06-21", "metal-c", 1_000))):
        said.receives(f"metal-r{n}", day, gross, society, **({"site": "metal-site"} if n % 2 else {}))
    said.trades("offer-handover", handover="metal-h1", giver="metal-collector", taker="metal-comptoir", lots=["metal-r0", "metal-r1", "metal-r2"],
                occurred_on="2024-07-01")
    said.trades("accept-handover", by_clerk=True, handover="metal-h1", weighed_mg=60_000, occurred_on="2024-07-01")
    said.trades("transform-lots", transformation="metal-t1", step="melt", custodian="metal-comptoir", inputs=["metal-r0", "metal-r1", "metal-r2"],
                outputs=[{"lot": "metal-m1", "gross_mg": 59_400}], tolerance_per_100k=1000, occurred_on="2024-07-10")
    said.trades("transform-lots", transformation="metal-t2", step="cast", custodian="metal-comptoir", inputs=["metal-m1"],
                outputs=[{"lot": "metal-bar", "gross_mg": 54_000, "fineness_per_100k": 99_000, "serial": "ML-1"}], tolerance_per_100k=20_000,
                occurred_on="2024-07-20")
    said.trades("report-loss", lot="metal-r4", incident="stolen", occurred_on="2024-08-01")
    said.trades("agree-contract", contract="metal-k1", seller="metal-collector", buyer="metal-refinery", occurred_on="2024-01-01")
    said.trades("send-consignment", consignment="metal-c1", contract="metal-k1", lots=["metal-r3"], occurred_on="2024-09-01")
    said.trades("melt-consignment", consignment="metal-c1", lot="metal-cm", weighed_mg=39_900, occurred_on="2024-09-05")
    results = {"seller": 90_100, "buyer": 90_060}
    for by_clerk, (party, fineness) in enumerate(results.items()):
        said.trades("commit-assay", by_clerk=bool(by_clerk), consignment="metal-c1", party=party, occurred_on="2024-09-06",
                    commitment=commitment("metal-c1", party, fineness, NONCES[party]))
    for by_clerk, (party, fineness) in enumerate(results.items()):
        said.trades("reveal-assay", by_clerk=bool(by_clerk), consignment="metal-c1", party=party, fineness_per_100k=fineness, nonce=NONCES[party],
                    occurred_on="2024-09-06")


@pytest.fixture(scope="module", params=["one process", "servers"])
def said(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traded]:
    with of_either_kind(request, tmp_path_factory.mktemp("metal")) as world:
        said = Traded(world)
        tell(said)
        with world.books() as books:
            books.everything_arrived()
        yield said


def test_g1_receipts_are_counted_by_place_and_time_as_they_were_on_their_day(said: Traded) -> None:
    for _ in ("live", "rebuilt"):
        of = f"as_of={DAY}&by="
        assert rows(said.metal(f"receipts?{of}society"), "society") == {
            "metal-a": (2, 30_000, 27_000), "metal-b": (3, 75_000, 67_500), "metal-c": (1, 1_000, 900)}
        assert rows(said.metal(f"receipts?{of}district"), "district") == {
            None: (1, 1_000, 900), "kangaba": (4, 75_000, 67_500), "kenieba": (1, 30_000, 27_000)}
        assert rows(said.metal(f"receipts?{of}union,month"), "union", "month")["metal-u", "2024-02"] == (1, 20_000, 18_000)
        assert rows(said.metal(f"receipts?{of}union"), "union") == {None: (5, 86_000, 77_400), "metal-u": (1, 20_000, 18_000)}
        assert rows(said.metal(f"receipts?{of}year,site"), "year", "site")["2024", "metal-site"] == (3, 61_000, 54_900)
        assert rows(said.metal(f"receipts?{of}day"), "day")["2024-06-20"] == (2, 45_000, 40_500)
        assert total(said.metal("receipts?as_of=2024-05-20")) == (3, 60_000, 54_000)
        assert {r["fineness_per_100k"] for r in said.metal(f"receipts?{of}collector")["rows"]} == {90_000}
        rebuilt(said)


def test_g5_losses_assays_bars_and_holds_are_told_by_who_had_the_metal(said: Traded) -> None:
    for _ in ("live", "rebuilt"):
        losses = rows(said.metal(f"losses?as_of={DAY}&by=custodian,step"), "custodian", "step")
        assert losses == {("metal-comptoir", "melt"): (1, 600, 0), ("metal-comptoir", "cast"): (1, 5_400, 540),
                          ("metal-collector", "stolen"): (1, 5_000, 4_500), ("metal-refinery", "melt"): (1, 100, 0)}
        assays = rows(said.metal(f"assay-differences?as_of={DAY}&by=custodian"), "custodian")
        assert assays == {"metal-refinery": (1, 0, 36_000 - 39_900 * 180_160 // 200_000)}             # the cast lost more metal than that, so it is loss
        (bar,) = said.metal(f"bars?as_of={DAY}&by=custodian,month")["rows"]
        age = (10_000 * 187 + 20_000 * 156 + 30_000 * 61) * 100 // 60_000 / 100
        assert (bar["custodian"], bar["month"], bar["count"], bar["fine_mg"], bar["days_to_bar"]) == ("metal-comptoir", "2024-07", 1, 53_460, age)
        (sent,) = said.metal(f"consignments?as_of={DAY}&by=buyer")["rows"]
        assert (sent["buyer"], sent["sent"], sent["gross_mg"], sent["melt_loss_mg"], sent["compared"], sent["mean_difference_per_100k"], sent["beyond"]) == (
            "metal-refinery", 1, 40_000, 100, 1, 40, 0)
        held = {r["rule"]: r for r in said.metal("holds?")["rows"]}
        assert held["society-unknown"]["held"] >= 1 and held["custody-gap"]["begun"] >= 1
        rebuilt(said)


def test_g5_the_sums_are_those_of_gold_trades_own_ledger(said: Traded) -> None:
    like_the_ledger(said, "2024-06-20", "2024-07-10", DAY, "2999-12-31")


def like_the_ledger(said: Traded, *days: str) -> None:
    with said.world.books() as books:
        for as_of in days:
            with books.services["gold_trade"].view("ledger").reading() as (tx, table, _):
                accounts = ledger.sums(tx, table, as_of)
            of: dict[str, list[int]] = {}
            for (account, _), (gross, fine) in accounts.items():
                sums = of.setdefault(account, [0, 0])
                sums[0] += gross
                sums[1] += fine
            assert [-mg for mg in of["source"]] == list(total(said.metal(f"receipts?as_of={as_of}"))[1:])
            lost = total(said.metal(f"losses?as_of={as_of}"))[1:]
            assert list(lost) == [sum(of.get(a, [0, 0])[n] for a in ("loss", "stolen")) for n in (0, 1)]
            assert total(said.metal(f"assay-differences?as_of={as_of}"))[2] == of.get("assay", [0, 0])[1]
            named = said.metal(f"stock?as_of={as_of}&by=custodian&from={as_of[:7]}&to={as_of[:7]}")["rows"]
            assert {r["custodian"]: (r["gross_mg"], r["fine_mg"]) for r in named if r["gross_mg"] or r["fine_mg"]} == {
                holder: mg for (account, holder), mg in accounts.items() if account == "stock"}


def test_x4_a_correction_after_the_bar_was_cast_leaves_both_versions_readable(said: Traded) -> None:
    """It comes with the receipt's own month; what was lost by it is a loss of the one who had the metal, on the day of the correction."""
    before = said.moment()
    old = {path: said.metal(f"{path}as_of={DAY}") for path in ("receipts?by=society,month&", "losses?by=custodian,step&", "bars?")}
    said.trades("correct-collection", lot="metal-r0", gross_mg=9_000, society="metal-b", occurred_on="2025-05-05", reason="balance étalonnée")
    for _ in ("live", "rebuilt"):
        now = rows(said.metal(f"receipts?as_of={DAY}&by=society,month"), "society", "month")
        assert now["metal-a", "2024-01"] == (0, 0, 0) and now["metal-b", "2024-01"] == (1, 9_000, 8_100)
        assert rows(said.metal("receipts?as_of=2024-01-31&by=society"), "society")["metal-b"] == (1, 9_000, 8_100)
        assert rows(said.metal("receipts?as_of=2024-01-31&by=district"), "district")["kenieba"] == (1, 9_000, 8_100)
        assert rows(said.metal(f"losses?as_of={DAY}&by=custodian,step"), "custodian", "step")["metal-comptoir", "correction"] == (1, -1_000, 0)
        differences = rows(said.metal(f"assay-differences?as_of={DAY}&by=custodian,step"), "custodian", "step")
        assert differences["metal-comptoir", "correction"] == (1, 0, -900)             # more came out than went in: nothing was lost
        for path, answer in old.items():
            then = said.metal(f"{path}as_of={DAY}&known_at={before}")
            assert [{k: v for k, v in r.items() if k != "all"} for r in then["rows"]] == [
                {k: v for k, v in r.items() if k != "all"} for r in answer["rows"]], path
        assert said.metal(f"bars?as_of={DAY}")["rows"] == old["bars?"]["rows"]
        rebuilt(said)
    like_the_ledger(said, DAY, "2999-12-31")


@pytest.mark.parametrize("path", DIMENSIONS)
def test_r2_every_figure_about_metal_is_explained_by_the_events_at_its_address(said: Traded, path: str) -> None:
    table = said.metal(f"{path}&as_of={DAY}")
    assert table["rows"]
    for row in table["rows"]:
        cards = behind(said, row["all"])
        assert row["events"] == list(dict.fromkeys((cards[0]["id"], cards[-1]["id"]))), row
        if "receipts" in path:
            source = [e for c in cards for e in c["data"]["entries"] if e["account"] == "source" and row.get("society") in (None, e["of"])]
            if "society" in row or not any(c["name"].endswith("Corrected") for c in cards):
                assert (-sum(e["gross_mg"] for e in source), -sum(e["fine_mg"] for e in source)) == (row["gross_mg"], row["fine_mg"]), row
        elif "custodian" in row and "stock" in path:
            held = [e for c in cards for e in c["data"]["entries"] if (e["account"], e["of"]) == ("stock", row["custodian"])]
            assert sum(e["gross_mg"] for e in held) == row["gross_mg"]


@pytest.mark.parametrize("path", DIMENSIONS)
def test_r6_csv_and_xlsx_about_metal_hold_what_the_json_holds(said: Traded, path: str) -> None:
    address = f"{METAL}/{path}&as_of={DAY}"
    answer = json.loads(said.asks(address)[0])
    text, headers = said.asks(f"{address}&format=csv")
    assert headers["Content-Type"].startswith("text/csv")
    lines = list(csv.DictReader(io.StringIO(text.decode())))
    book, headers = said.asks(f"{address}&format=xlsx")
    assert f"{DAY}.xlsx" in headers["Content-Disposition"]
    head, *cells = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert len(lines) == len(cells) == len(answer["rows"]) > 0 and head == list(lines[0])
    assert set().union(*answer["rows"]) <= set(head)                    # no figure is in the JSON only
    for row, line, of_sheet in zip(answer["rows"], lines, cells, strict=True):
        sheet = dict(zip(head, of_sheet, strict=True))
        for column, value in row.items():
            match value:
                case bool():
                    assert line[column] == sheet[column] == ("yes" if value else "no")
                case int() | float():
                    assert float(line[column]) == sheet[column] == value
                case list():
                    assert line[column] == sheet[column] == " ".join(value)
                case _:
                    assert line[column] == sheet[column] == (value or "")
    _, headers = said.asks(address)
    said.asks(address, status=304, If_None_Match=headers["ETag"])


def test_r6_pages_of_metal_join_to_the_whole(said: Traded) -> None:
    whole = said.metal(f"receipts?as_of={DAY}&by=district,month")
    for limit in (1, 2):
        address, found = f"{METAL}/receipts?as_of={DAY}&by=district,month&limit={limit}", list[dict[str, Any]]()
        while address:
            body, headers = said.asks(address)
            page = json.loads(body)
            found += page["rows"]
            assert page["total"] == whole["total"]
            address = (headers["Link"] or "").partition(">")[0].removeprefix("<")
        assert found == whole["rows"]
    for wrong in ("receipts?by=day,day", "receipts?by=miner", "losses?by=society", "stock?from=2024-02&to=2024-01", "bars?after=x", "receipts?limit=0"):
        said.asks(f"{METAL}/{wrong}", status=400)


def test_a_hold_may_be_for_anything_that_somebody_writes(said: Traded) -> None:
    rule = "à vérifier (été) / 100 % & plus"
    for n in (1, 2):
        said.receives(f"metal-free-{n}", "2024-10-01", 1_000)
        said.trades("hold-lot", lot=f"metal-free-{n}", rule=rule, occurred_on="2024-10-02")
    (row,) = [r for r in said.metal("holds?")["rows"] if r["rule"] == rule]
    assert row["held"] == 2 and [c["data"]["lot"] for c in behind(said, row["all"])] == ["metal-free-1", "metal-free-2"]
    body, headers = said.asks(f"{row['all']}&limit=1")
    assert json.loads(said.asks((headers["Link"] or "").partition(">")[0].removeprefix("<"))[0])["events"] == row["events"][1:]
    assert json.loads(body)["rule"] == rule


def test_r7_who_may_not_see_where_metal_is_gets_it_late_and_coarse(said: Traded) -> None:
    """Principle 7: people can be robbed."""
    said.receives("metal-today", event.now()[:10], 7_000, "metal-b")
    live, late = said.metal("receipts?by=society,month"), said.metal("receipts?by=society,month", "trainer")
    today = event.now()[:10]
    assert live["as_of"] == today and "delayed_days" not in live
    assert late["as_of"] < today and late["delayed_days"] == 30
    assert "total" not in late and total(said.metal("receipts?by=year", "trainer"))[0] == total(live)[0] - 1
    assert any(r["suppressed"] for r in late["rows"]) and not any(r["suppressed"] for r in live["rows"])
    for row in late["rows"]:
        assert row["suppressed"] == ("count" not in row) and row.get("count", 3) >= 3 and "events" not in row and "all" not in row
    stock = said.metal("stock?from=2024-06&to=2024-07", "trainer")
    assert stock["rows"] and all(r["suppressed"] and "gross_mg" not in r and "custodian" not in r for r in stock["rows"])      # of fewer than three custodians
    for fine in ("receipts?by=site", "receipts?by=collector,day", "losses?by=custodian", "stock?by=custodian", "bars?by=custodian", "consignments?by=buyer"):
        said.asks(f"{METAL}/{fine}", "trainer", status=403)
    for table in ("receipts", "losses", "assay-differences", "stock", "holds", "bars", "consignments"):
        said.asks(f"{METAL}/{table}/events", "trainer", status=403)
        assert "events" not in json.dumps(said.metal(f"{table}?as_of={DAY}", "trainer")["rows"])


def test_r11_every_table_of_metal_says_how_far_the_feeds_are_held(said: Traded) -> None:
    for path in DIMENSIONS:
        assert int(said.metal(path)["feeds"]["gold_trade"]) >= int(said.gold)


def test_x4_a_bar_that_was_weighed_wrongly_weighs_what_it_weighed_and_the_books_follow(said: Traded) -> None:
    (bar,) = said.metal(f"bars?as_of={DAY}&by=custodian")["rows"]
    said.trades("correct-transformation", transformation="metal-t1", outputs=[{"lot": "metal-m1", "gross_mg": 59_000}], occurred_on="2025-05-06")
    said.trades("correct-transformation", transformation="metal-t2", outputs=[{"lot": "metal-bar", "gross_mg": 53_900}], occurred_on="2025-05-07")
    for _ in ("live", "rebuilt"):
        (now,) = said.metal(f"bars?as_of={DAY}&by=custodian")["rows"]
        assert (now["count"], now["gross_mg"], now["fine_mg"]) == (1, bar["gross_mg"] - 100, 53_361)
        like_the_ledger(said, DAY, "2999-12-31")
        rebuilt(said)
