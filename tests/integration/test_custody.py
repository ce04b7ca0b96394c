"""Receipts with their findings, seals, two signatures, silence, loss, and the season (G1, G2, G3, G13, G14, G18)."""
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.gold_trade import events
from services.gold_trade.application import open_service
from services.gold_trade.gauges import GAUGES
from services.gold_trade.metal import lot as lots
from services.membership.application import open_service as open_membership
from shared import auth, event, process
from shared.application import New
from shared.errors import Conflict, Forbidden
from shared.testing import AllScopes
from tests.peers import Together


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Together]:
    with Together(tmp_path, open_service, open_membership) as world:
        _stands(world, "organisation", "dabia", [{"from": "2019-01-01", "value": "good", "why": []},
                                                 {"from": "2025-01-01", "value": "suspended", "why": ["x"]}])
        say(world, "register-actor", actor="comptoir", kind="comptoir", name="Comptoir")
        say(world, "record-licence", actor="comptoir", licence="AG-1", kind="comptoir", valid_from="2024-01-01", valid_until="2024-12-31")
        world.settle()
        yield world


def _stands(world: Together, kind: str, id_: str, steps: list[dict[str, Any]]) -> None:
    stream = f"standing/{id_}"
    world["membership"]._append(stream, "", lambda h: [New(stream, "membership.StandingChanged", {kind: id_, "standing": steps})])


def say(world: Together, command: str, by: str = "giver", **body: Any) -> Any:
    caller = auth.Caller(subject=by, role="secretariat", scopes=AllScopes())
    return world["gold_trade"].handle(command, body, caller, event.new_id(), "test")


def receive(world: Together, lot: str = "r1", **more: Any) -> dict[str, Any]:
    """The receipt's event data."""
    answer = say(world, "record-collection", lot=lot, **{
        "collector": "comptoir", "society": "dabia", "gross_mg": 12_500, "fineness_per_100k": 91_300, "method": "xrf",
        "miners": [{"miner": "m-aaaaaa", "parts": 1}], "occurred_on": "2024-11-20", **more})
    return dict(next(e for e in told(world) if e.id == answer.events[0]["id"]).data)


def told(world: Together) -> list[event.Event]:
    return [event.decode(i.state) for i in world["gold_trade"].chain.read(0, 10_000)]


def lot(world: Together, name: str = "r1") -> lots.Lot:
    found = lots.evolve([event.decode(r.state) for r in world["gold_trade"].log.load(lots.stream(name))])
    assert found
    return found


def rules(data: dict[str, Any]) -> dict[str, bool]:
    return {f["rule"]: f["hold"] for f in data["findings"]}


def test_g1_a_receipt_of_a_society_in_good_standing_has_its_fine_mass_floored(world: Together) -> None:
    data = receive(world)
    assert data["fine_mg"] == 11_412                        # 12,500 mg x 0.913 = 11,412.5
    assert rules(data) == {"miner-unknown": False, "ML-02": False}
    assert data["relied_on"]["standings"] != "0"


def test_g1_what_a_rule_has_against_it_is_recorded_and_held(world: Together) -> None:
    assert rules(receive(world, "a", occurred_on="2025-02-01"))["society-suspended"]
    assert rules(receive(world, "b", society="nobody"))["society-unknown"]
    assert lot(world, "a").holds == {"society-suspended"}


def test_g1_a_hold_is_lifted_by_two_people(world: Together) -> None:
    receive(world, society="nobody")
    say(world, "lift-hold", "officer", lot="r1", rule="society-unknown", decision="vu")
    with pytest.raises(Forbidden):
        say(world, "lift-hold", "officer", lot="r1", rule="society-unknown", decision="vu")
    assert lot(world).holds == {"society-unknown"}
    say(world, "lift-hold", "second", lot="r1", rule="society-unknown", decision="vu")
    assert lot(world).holds == frozenset()


def test_g1_a_proposal_to_lift_one_hold_signs_for_no_other_and_for_none_that_comes_again(world: Together) -> None:
    receive(world, society="nobody")
    say(world, "hold-lot", "officer", lot="r1", rule="to-check")
    say(world, "lift-hold", "officer", lot="r1", rule="to-check", decision="vu")
    say(world, "lift-hold", "second", lot="r1", rule="society-unknown", decision="vu")
    assert lot(world).holds == {"society-unknown", "to-check"}
    say(world, "lift-hold", "second", lot="r1", rule="to-check", decision="vu")
    say(world, "hold-lot", "officer", lot="r1", rule="to-check")
    say(world, "lift-hold", "second", lot="r1", rule="to-check", decision="vu")
    assert lot(world).holds == {"society-unknown", "to-check"}


def test_g1_a_collector_without_a_valid_licence_is_a_finding(world: Together) -> None:
    assert "ML-08" not in rules(receive(world, occurred_on="2024-12-31"))
    assert rules(receive(world, "r2", occurred_on="2025-01-01"))["ML-08"] is False


def test_g13_a_receipt_within_the_seasonal_stop_is_held(world: Together) -> None:
    assert rules(receive(world, occurred_on="2025-07-10"))["ML-10"]
    assert "ML-10" not in rules(receive(world, "r2", occurred_on="2025-10-01"))


def test_g14_declared_stock_may_come_in_up_to_what_was_declared(world: Together) -> None:
    say(world, "declare-stock", actor="comptoir", season="hivernage-2025", gross_mg=20_000, occurred_on="2025-06-14")
    first = receive(world, occurred_on="2025-07-10", extracted_on="2025-05")
    second = receive(world, "r2", occurred_on="2025-07-11", extracted_on="2025-05")
    assert "undeclared-stock" not in rules(first)
    assert rules(second)["undeclared-stock"]
    assert "ML-10" not in rules(first)


def test_g2_a_tag_seals_once_and_another_tag_found_holds_the_lots(world: Together) -> None:
    receive(world)
    say(world, "issue-tags", actor="comptoir", prefix="ml-", first=1, last=5)
    with pytest.raises(Conflict):                            # of two series, none overlaps
        say(world, "issue-tags", actor="other", prefix="ml-", first=5, last=9)
    say(world, "seal-parcel", parcel="p1", tag="ml-3", custodian="comptoir", lots=["r1"])
    with pytest.raises(Conflict):
        say(world, "seal-parcel", parcel="p2", tag="ml-3", custodian="comptoir", lots=["r1"])
    say(world, "open-parcel", parcel="p1", tag_found="ml-4")
    assert lot(world).holds == {"seal-mismatch"}


def test_g2_a_tag_from_nobodys_stock_holds_the_parcel(world: Together) -> None:
    receive(world)
    say(world, "seal-parcel", parcel="p1", tag="xx-3", custodian="comptoir", lots=["r1"])
    assert lot(world).holds == {"tag-not-issued"}


def test_g3_custody_changes_by_two_signatures_and_ownership_stays(world: Together) -> None:
    receive(world)
    say(world, "offer-handover", handover="h1", giver="comptoir", taker="marena", lots=["r1"])
    assert lot(world).custodian == "comptoir"
    with pytest.raises(Forbidden):
        say(world, "accept-handover", "giver", handover="h1")
    say(world, "accept-handover", "taker", handover="h1", weighed_mg=12_500)
    assert (lot(world).custodian, lot(world).owner, lot(world).holds) == ("marena", "dabia", frozenset())
    with pytest.raises(Conflict):
        say(world, "accept-handover", "taker", handover="h1")


def test_g3_another_weight_at_the_taker_holds_the_lots(world: Together) -> None:
    receive(world)
    say(world, "offer-handover", handover="h1", giver="comptoir", taker="marena", lots=["r1"])
    say(world, "accept-handover", "taker", handover="h1", weighed_mg=12_000, tolerance_per_100k=100)
    assert lot(world).holds == {"weight-mismatch"}


@pytest.mark.parametrize("answer", ["", "accept", "refuse"])
def test_g18_an_offer_that_nobody_answers_in_time_is_an_alarm(world: Together, answer: str) -> None:
    receive(world)
    say(world, "offer-handover", handover="h1", giver="comptoir", taker="marena", lots=["r1"], due_by="2026-01-05T08:00:00Z")
    if answer == "accept":
        say(world, "accept-handover", "taker", handover="h1")
    elif answer:
        say(world, "refuse-handover", "taker", handover="h1", why="absent")
    world.fold()
    service = world["gold_trade"]
    process.perform(service.processes[0], service.do, "2026-01-05T07:59:59.000Z")
    assert events.HANDOVER_SILENT not in {e.name for e in told(world)}
    process.perform(service.processes[0], service.do, "2026-01-05T08:00:00.000Z")
    assert (events.HANDOVER_SILENT in {e.name for e in told(world)}) is (not answer)
    assert lot(world).holds == (frozenset() if answer else {"custody-silence"})


def test_g18_a_stolen_lot_leaves_the_stock_and_is_not_used_before_it_is_found(world: Together) -> None:
    receive(world)
    say(world, "report-loss", lot="r1", incident="stolen")
    with pytest.raises(Conflict):
        say(world, "offer-handover", handover="h1", giver="comptoir", taker="marena", lots=["r1"])
    say(world, "recover-lot", lot="r1", custodian="comptoir")
    say(world, "offer-handover", handover="h1", giver="comptoir", taker="marena", lots=["r1"])


def test_g5_what_a_step_lost_beyond_its_tolerance_is_counted_and_the_books_stay_even(world: Together) -> None:
    receive(world)
    receive(world, "r2")
    say(world, "transform-lots", transformation="t1", step="melt", custodian="comptoir", inputs=["r1"], outputs=[{"lot": "m1", "gross_mg": 12_490}],
        tolerance_per_100k=200)
    say(world, "transform-lots", transformation="t2", step="melt", custodian="comptoir", inputs=["r2"], outputs=[{"lot": "m2", "gross_mg": 12_600}],
        tolerance_per_100k=200)
    world.fold()
    read = {name: list(gauge.read(world["gold_trade"])) for name, gauge in GAUGES.items()}
    assert read["sanu_mass_balance_breaches"] == [({}, 1)]
    assert read["sanu_held_lots"] == [({"rule": "mass-balance"}, 1)]
    assert read["sanu_ledger_off_mg"] == [({"ledger": "gross"}, 0), ({"ledger": "fine"}, 0)]
