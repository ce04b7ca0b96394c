"""A simulated life is the same for the same seed, brings what was asked for, and books what it says."""
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from installation import season
from installation.simulation import houses, journey, receipts
from installation.simulation.houses import REFINERY
from installation.simulation.kept import Kept
from installation.simulation.plan import Plan
from services.gold_trade.season import covering
from shared.errors import Conflict

BEGAN = "2025-12-31T12:00:00.000Z"
PLAN = Plan.of_years(1, 1, 3000, 1500, BEGAN)
FACTS = season.facts(1, 1500)


def life(plan: Plan) -> tuple[list[receipts.Receipt], list[journey.Step]]:
    all_ = houses.planned(plan)
    book = receipts.Book(plan, all_, receipts.sellers(plan.seed, FACTS))
    brought, steps, before = [], [], list[receipts.Receipt]()
    for month in plan.months:
        found = book.month(month)
        moved = [journey.of_house(plan, house, month, found[house.number]) for house in all_]
        steps += [step for some, _ in moved for step in some]
        steps += journey.refined(month, [melt for _, melt in moved if melt]) if any(melt for _, melt in moved) else []
        steps += journey.corrections(plan, before, journey.last_day(month))
        before = [r for some in found.values() for r in some]
        brought += before
    return brought, steps


def test_the_same_seed_is_the_same_life_and_another_is_another() -> None:
    assert life(PLAN) == life(Plan.of_years(1, 1, 3000, 1500, BEGAN))
    assert [r.record(BEGAN) for r in life(PLAN)[0][:20]] == [r.record(BEGAN) for r in life(PLAN)[0][:20]]
    assert life(PLAN) != life(Plan.of_years(2, 1, 3000, 1500, BEGAN))


def test_it_brings_as_many_receipts_as_were_asked_for_each_once_and_numbered_without_a_hole() -> None:
    brought, _ = life(PLAN)
    assert len(brought) == 3000 == len({r.lot for r in brought})
    for device in {r.device for r in brought}:
        assert sorted(r.sequence for r in brought if r.device == device) == list(range(1, 1 + sum(r.device == device for r in brought)))


@pytest.mark.parametrize(("years", "receipts_"), [(5, 1_000_000), (1, 0), (7, 3)])
def test_the_days_bring_exactly_that(years: int, receipts_: int) -> None:
    plan = Plan.of_years(1, years, receipts_, 1500, BEGAN)
    assert sum(plan.days.values()) == receipts_ and list(plan.days) == sorted(plan.days)
    assert (plan.first, plan.last, len({m[:4] for m in plan.months})) == (date(2026 - years, 1, 1), date(2025, 12, 31), years)


def test_within_a_stop_there_is_little_and_what_is_not_from_before_it_stays() -> None:
    brought, steps = life(PLAN)
    inside = [r for r in brought if covering(r.day)]
    moved = {lot for step in steps for lot in step.body.get("inputs", ())}
    assert len(inside) == 3 and moved.isdisjoint(r.lot for r in inside if not r.extracted_on)


def test_every_step_has_a_key_of_its_own_and_no_one_signs_for_both_sides() -> None:
    _, steps = life(PLAN)
    assert max(Counter(step.key for step in steps).values()) == 1
    hands = {(step.body["handover"], step.second) for step in steps if step.command in ("offer-handover", "accept-handover")}
    assert {handover for handover, _ in hands} == {handover for handover, second in hands if second}
    happened = Counter(step.command for step in steps)
    assert all(happened[c] for c in ("transform-lots", "seal-parcel", "open-parcel", "melt-consignment", "reveal-assay", "record-umpire", "report-loss",
                                     "recover-lot", "correct-collection"))


def test_only_what_is_there_is_melted_and_once() -> None:
    brought, steps = life(PLAN)
    spent = Counter(lot for step in steps if step.command == "transform-lots" for lot in step.body["inputs"])
    assert max(spent.values()) == 1
    stolen = {step.body["lot"] for step in steps if step.command == "report-loss"}
    assert stolen and stolen.isdisjoint(spent) and stolen <= {r.lot for r in brought}


def test_nothing_is_used_or_lost_before_the_day_it_came() -> None:
    """Else somebody would hold less than nothing in between."""
    brought, steps = life(PLAN)
    came = {r.lot: r.day for r in brought}
    used = [(step.body["occurred_on"], lot) for step in steps if step.command in ("transform-lots", "offer-handover", "report-loss")
            for lot in (*step.body.get("inputs", ()), *step.body.get("lots", ()), *filter(None, [step.body.get("lot")]))]
    assert {day[8:] for day in came.values()} >= {"29", "30", "31"} and all(came.get(lot, "") <= day for day, lot in used)


def test_who_works_without_a_licence_is_the_exception_and_everybody_else_is_registered() -> None:
    told = list(houses.facts(PLAN, houses.planned(PLAN)))
    actors = [f["body"]["actor"] for f in told if f["command"] == "register-actor"]
    assert REFINERY in actors and len(actors) == len(set(actors)) == 2 + 3 * PLAN.houses
    assert 0 < len(actors) - sum(f["command"] == "record-licence" for f in told) <= len(actors) // 6


def test_another_life_does_not_go_on_in_the_same_place(tmp_path: Path) -> None:
    kept = Kept.open(tmp_path, PLAN)
    kept.finish("2025-01")
    later = Kept.open(tmp_path, Plan.of_years(1, 1, 3000, 1500, "2026-01-02T00:00:00.000Z"))
    assert later.done("2025-01") and not later.done("2025-02") and later.plan == PLAN
    with pytest.raises(Conflict, match="another life"):
        Kept.open(tmp_path, Plan.of_years(2, 1, 3000, 1500, BEGAN))
