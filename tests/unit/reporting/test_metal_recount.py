"""The figures about metal are the naive recount of gold_trade's log, at any date on both axes, whatever was corrected, and again after a rebuild."""
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.reporting.figures.asked import END_OF_TIME, Asked
from services.reporting.metal import bars, booked, holds, receipts, stock
from services.reporting.metal.booked import ASSAYS, LOSSES
from services.reporting.projections.bookings import STEPS
from shared.rebuild import rebuild
from shared.testing import Clock
from tests.unit.reporting import raw_metal
from tests.unit.reporting.raw_metal import RawMetal

SOCIETIES, COLLECTORS, SITES = ("s0", "s1", "s2"), ("c0", "c1", "c2"), ("", "p0", "p1")
DAYS = ("2023-12-31", "2024-01-01", "2024-06-15", "2024-11-20", "2025-02")
TIMES = ("2025-03-01T08:00:00.000", "2025-05-01T08:00:00.000", "2025-01-01T08:00:00.000", "2025-06-01T08:00:00.000")      # clocks may be put back
DATES = [(as_of, known_at) for as_of in ("2023-12-31", "2024-07-01", "2025-12-31") for known_at in ("", "2025-04-01T00:00:00.000Z")]
LATE = "2025-12-31"
BY = (("day",), ("month",), ("year", "society"), ("district",), ("union",), ("site", "collector"), ("district", "month"), ("union", "district"),
      ("society", "collector"))
step = st.fixed_dictionaries({
    "what": st.sampled_from(("receive", "receive", "receive", "correct", "correct", "withdraw", "blend", "blend", "take", "assay", "lose", "find", "hold",
                             "lift", "place", "move", "join")),
    "lot": st.integers(0, 30), "other": st.integers(0, 30), "society": st.sampled_from(SOCIETIES), "collector": st.sampled_from(COLLECTORS),
    "site": st.sampled_from(SITES), "gross": st.integers(1, 50_000), "fineness": st.integers(50_000, 100_000), "day": st.sampled_from((*DAYS, "")),
    "time": st.sampled_from(TIMES)})


def tales(test: Callable[[list[dict[str, Any]]], None]) -> Callable[[], None]:
    return settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))(given(st.lists(step, min_size=12, max_size=40))(test))


class Tale:
    """Steps name lots by number among those there are; what cannot be is refused and left out."""

    def __init__(self, raw: RawMetal, clock: Clock) -> None:
        self.raw, self.clock, self.lots, self.placed, self.n = raw, clock, list[str](), dict[str, str](), 0

    def tell(self, s: dict[str, Any]) -> None:
        self.clock.set(s["time"])
        self.n += 1
        dated = {"occurred_on": s["day"]} if s["day"] else {}
        lot, other = ((self.lots[s[k] % len(self.lots)] if self.lots else "none") for k in ("lot", "other"))
        match s["what"]:
            case "receive":
                more = {"site": s["site"]} if s["site"] else {}
                if self.raw.receives(f"r{self.n}", collector=s["collector"], society=s["society"], gross_mg=s["gross"], fineness_per_100k=s["fineness"],
                                     **more, **dated):
                    self.lots.append(f"r{self.n}")
            case "correct":
                body: dict[str, Any] = (
                    {"gross_mg": s["gross"]}, {"society": s["society"]}, {"gross_mg": s["gross"], "society": s["society"]}, {"site": s["site"] or "p2"},
                    {"new_occurred_on": s["day"] or "2024-03", "fineness_per_100k": s["fineness"]}, {"fineness_per_100k": s["fineness"]})[s["other"] % 6]
                self.raw.trades("correct-collection", lot=lot, **body, **dated)
            case "withdraw":
                self.raw.trades("withdraw-collection", lot=lot, reason="twice", **dated)
            case "blend":
                output = {"lot": f"b{self.n}", "gross_mg": s["gross"], **({"serial": f"MG-{self.n}"} if s["gross"] % 2 else {}),
                          **({"fineness_per_100k": s["fineness"]} if s["gross"] % 3 else {})}
                if self.raw.trades("transform-lots", transformation=f"t{self.n}", step=("melt", "refine", "cast")[s["gross"] % 3], custodian=s["collector"],
                                   inputs=sorted({lot, other}), outputs=[output], **dated):
                    self.lots.append(f"b{self.n}")
            case "take":
                self.raw.trades("offer-handover", handover=f"h{self.n}", giver=s["collector"], taker="refinery", lots=[lot])
                self.raw.trades("accept-handover", "officer-2", handover=f"h{self.n}", **dated)
            case "assay":
                self.raw.trades("record-assay", lot=lot, fineness_per_100k=s["fineness"], method="fire-assay", **dated)
            case "lose":
                self.raw.trades("report-loss", lot=lot, incident=("lost", "stolen")[s["other"] % 2], **dated)
            case "find":
                self.raw.trades("recover-lot", lot=lot, custodian=s["collector"], **dated)
            case "hold":
                self.raw.trades("hold-lot", lot=lot, rule=("ML-10", "to-check")[s["other"] % 2], **dated)
            case "lift":
                for officer in ("officer-1", "officer-2")[:1 + s["other"] % 3]:            # or one alone, in vain
                    self.raw.trades("lift-hold", officer, lot=lot, rule=("ML-10", "to-check")[s["other"] % 2], decision="seen", **dated)
            case _:
                self._belong(s)

    def _belong(self, s: dict[str, Any]) -> None:
        society, on = s["society"], s["day"] if len(s["day"]) == 10 else "2024-03-01"
        match s["what"]:
            case "place" if society not in self.placed:
                self.placed[society] = "kangaba"
                self.raw.founds(society, on, "kangaba")
            case "move" if self.placed.get(society) == "kangaba":
                self.placed[society] = "kenieba"
                self.raw.moves(society, "2024-06-01", "kangaba", "kenieba")
            case "join":
                self.raw.affiliates(society, ("u0", "u1")[s["lot"] % 2], on, (1, 1, -1)[s["other"] % 3])


@contextmanager
def told(tale: list[dict[str, Any]]) -> Iterator[RawMetal]:
    with tempfile.TemporaryDirectory() as var, Clock("2025-01-01T00:00:00.000Z").patched() as clock, RawMetal(Path(var)) as raw:
        for actor, kind in (("c0", "collector"), ("c1", "comptoir"), ("refinery", "refinery")):
            raw.trades("register-actor", actor=actor, kind=kind, name=actor)
        life = Tale(raw, clock)
        for s in tale:
            life.tell(s)
        raw.carried()
        yield raw


def both_axes(raw: RawMetal) -> Iterator[Asked]:
    for _ in ("live", "rebuilt"):
        for as_of, known_at in DATES:
            yield Asked(as_of=as_of, known_at=known_at)
        rebuild(raw.reporting.views, page=7)


def every_page(read: Callable[[str], tuple[dict[str, Any], str]]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The rows of all pages, and the last answer."""
    rows: list[dict[str, Any]] = []
    after = ""
    while True:
        page, after = read(after)
        rows += page["rows"]
        if not after:
            return rows, page


@tales
def test_g5_receipts_are_the_recount_by_every_dimension_on_both_axes(tale: list[dict[str, Any]]) -> None:
    with told(tale) as raw:
        log, members = raw.told(), raw.log()
        for asked in both_axes(raw):
            for by in BY:
                rows, last = every_page(lambda after, asked=asked, by=by: receipts.read(raw.reporting, asked, by, after, 2))
                found = {tuple(r[d] or "" for d in by): (r["count"], r["gross_mg"], r["fine_mg"]) for r in rows}
                assert len(found) == len(rows)
                expected, _ = raw_metal.receipts(log, members, asked.as_of, asked.known, by)
                assert found == expected, (by, asked)
                assert tuple(sum(r[k] for r in rows) for k in ("count", "gross_mg", "fine_mg")) == tuple(
                    last["total"][k] for k in ("count", "gross_mg", "fine_mg"))
                for r in rows:
                    assert r["fineness_per_100k"] == (r["fine_mg"] * 100_000 // r["gross_mg"] if r["gross_mg"] > 0 else None)


@tales
def test_r2_the_events_named_are_those_that_make_the_receipts(tale: list[dict[str, Any]]) -> None:
    with told(tale) as raw:
        log, members = raw.told(), raw.log()
        for by in (("society",), ("district", "month"), ("union", "collector")):
            for as_of, known_at in DATES[-4:]:
                asked = Asked(as_of=as_of, known_at=known_at)
                _, expected = raw_metal.receipts(log, members, as_of, known_at or END_OF_TIME, by)
                for row in receipts.read(raw.reporting, asked, by, "", 500)[0]["rows"]:
                    key = {d: row[d] or "" for d in by}
                    found, after = list[str](), 0
                    while True:
                        page, behind = receipts.events_behind(raw.reporting, asked, key, after, 2)
                        found += page["events"]
                        if not behind:
                            break
                        after = int(behind)
                    assert found == expected[tuple(key.values())]
                    assert row["events"] == list(dict.fromkeys((found[0], found[-1])))


def step_of(e: dict[str, Any]) -> str:
    return STEPS.get(e["name"]) or e["data"].get("step") or e["data"].get("incident", "")


@tales
def test_g5_losses_assays_and_stock_are_what_the_ledgers_have(tale: list[dict[str, Any]]) -> None:
    with told(tale) as raw:
        log = raw.told()
        kinds = {e["data"]["actor"]: e["data"]["kind"] for e in log if e["name"].endswith("ActorRegistered")}
        for asked in both_axes(raw):
            for books in (LOSSES, ASSAYS):
                rows, last = every_page(lambda after, asked=asked, books=books: booked.read(raw.reporting, asked, books, ("custodian", "step"), after, 2))
                expected = raw_metal.booked(log, books.accounts, asked.as_of, asked.known, lambda e, line: (line["of"], step_of(e)))
                assert {(r["custodian"], r["step"]): (r["gross_mg"], r["fine_mg"]) for r in rows} == expected
                assert last["total"]["fine_mg"] == sum(fine for _, fine in expected.values())
            known_kind = {a: k for a, k in kinds.items() if asked.known >= "2025-01-01T00:00:00.000Z"}
            for month in ("2024-06", asked.as_of[:7]):
                end = min(asked.as_of, f"{month}-99")
                of = raw_metal.booked(log, ("stock",), end, asked.known, lambda e, line: line["of"])
                by_kind: dict[str, tuple[int, int]] = {}
                for holder, (gross, fine) in of.items():
                    before = by_kind.get(known_kind.get(holder, ""), (0, 0))
                    by_kind[known_kind.get(holder, "")] = before[0] + gross, before[1] + fine
                table = stock.read(raw.reporting, asked, "kind", "2023-12", month)
                found = {r["kind"] or "": (r["gross_mg"], r["fine_mg"]) for r in table["rows"] if r["month"] == month}
                assert found == (by_kind if month <= asked.as_of[:7] else {})
                named = stock.read(raw.reporting, asked, "custodian", month, month)["rows"]
                assert {r["custodian"]: (r["gross_mg"], r["fine_mg"]) for r in named} == (of if month <= asked.as_of[:7] else {})


@tales
def test_g1_holds_are_counted_as_they_stand(tale: list[dict[str, Any]]) -> None:
    with told(tale) as raw:
        for _ in ("live", "rebuilt"):
            rows = holds.read(raw.reporting, Asked(as_of="9999-12-31"))["rows"]
            assert {r["rule"]: r["held"] for r in rows if r["held"]} == raw_metal.held(raw.told())
            assert all(r["held"] == r["begun"] - r["lifted"] - r["spent"] for r in rows)
            for as_of, known_at in DATES:
                for r in holds.read(raw.reporting, Asked(as_of=as_of, known_at=known_at))["rows"]:
                    assert 0 <= r["held"] <= r["begun"] or known_at                    # a clock that was put back may know an end before its beginning
                    page, _ = holds.events_behind(raw.reporting, Asked(as_of=as_of, known_at=known_at), {"rule": r["rule"]}, 0, 500)
                    assert r["events"] == list(dict.fromkeys((page["events"][0], page["events"][-1])))
            rebuild(raw.reporting.views, page=7)


@tales
def test_g5_days_to_the_bar_follow_the_metal_through_every_blend(tale: list[dict[str, Any]]) -> None:
    with told(tale) as raw:
        log = raw.told()
        ages, fine = raw_metal.ages(log), dict[str, int]()
        for e in log:
            if e["data"].get("lot") in ages and e["name"].endswith(("LotFormed", "LotAssayed")):
                fine[e["data"]["lot"]] = e["data"]["fine_mg"]
        for _ in ("live", "rebuilt"):
            total = bars.read(raw.reporting, Asked(as_of="9999-12-31"), ("month",), "", 500)[0]["total"]
            assert (total["count"], total["fine_mg"]) == (len(ages), sum(fine.values()))
            if total["fine_mg"]:
                mean = sum(ages[lot] * mg for lot, mg in fine.items()) / sum(fine.values())
                assert abs(total["days_to_bar"] - float(mean)) <= 0.011
            else:
                assert total["days_to_bar"] is None
            rebuild(raw.reporting.views, page=7)
