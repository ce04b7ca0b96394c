"""Metal is counted once, a seal is one however it is written, and what happened between two signatures is found (G2, G3, G18)."""
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.gold_trade import events
from services.gold_trade.application import open_service
from services.gold_trade.custody import handover
from services.gold_trade.metal import lot as lots
from services.gold_trade.projections import holds
from services.membership.application import open_service as open_membership
from services.reporting.application import open_service as open_reporting
from shared.application import New
from shared.errors import BadRequest, Conflict
from tests.integration.test_custody import lot, receive, rules, say, told
from tests.peers import Together


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Together]:
    with Together(tmp_path, open_service, open_membership) as world:
        say(world, "register-actor", actor="comptoir", kind="comptoir", name="Comptoir")
        say(world, "issue-tags", actor="comptoir", prefix="ml-", first=1, last=99)
        for name in ("r1", "r2", "r3"):
            receive(world, name)
            for rule in sorted(lot(world, name).holds):
                for officer in ("first", "second"):
                    say(world, "lift-hold", officer, lot=name, rule=rule, decision="vu")
        yield world


def offer(world: Together, *names: str, **more: Any) -> None:
    say(world, "offer-handover", handover="h1", giver="comptoir", taker="marena", **({"lots": names} if names else {}), **more)


def accepted(world: Together, **more: Any) -> dict[str, Any]:
    say(world, "accept-handover", "taker", handover="h1", **more)
    return dict(next(e for e in told(world) if e.name == events.HANDOVER_ACCEPTED).data)


@pytest.mark.parametrize(("command", "body"), [
    ("offer-handover", {"handover": "h1", "giver": "comptoir", "taker": "marena"}),
    ("seal-parcel", {"parcel": "p1", "tag": "ml-1", "custodian": "comptoir"}),
    ("send-consignment", {"consignment": "c1", "contract": "k1"})])
def test_a_lot_is_named_once(world: Together, command: str, body: dict[str, Any]) -> None:
    with pytest.raises(BadRequest) as refused:
        say(world, command, **body, lots=["r1", "r2", "r1"])
    assert (refused.value.field, refused.value.rule) == ("lots", "a lot stands twice")
    with pytest.raises(BadRequest, match="Length"):
        say(world, command, **body, lots=[f"r{n}" for n in range(501)])


def test_five_hundred_lots_of_the_longest_names_are_handed_over(world: Together) -> None:
    names = [f"{n:03}-{'x' * 60}" for n in range(500)]
    for name in names:
        receive(world, name, gross_mg=10**9)
    offer(world, *names)
    assert len(accepted(world)["lots"]) == 500


def test_an_offer_that_names_a_lot_twice_in_an_older_log_moves_it_once(world: Together) -> None:
    stream = handover.stream("h1")
    data = {"handover": "h1", "giver": "comptoir", "taker": "marena", "lots": ["r1", "r1"], "gross_mg": 25_000}
    world["gold_trade"]._append(stream, "", lambda h: [New(stream, events.HANDOVER_OFFERED, data)])
    done = accepted(world, weighed_mg=12_500)
    assert (done["lots"], done["findings"]) == (["r1"], [])
    assert {e["of"]: e["gross_mg"] for e in done["entries"]} == {"comptoir": -12_500, "marena": 12_500}


def test_a_tag_is_one_however_its_number_is_written(world: Together) -> None:
    say(world, "seal-parcel", parcel="p1", tag="ml-07", custodian="comptoir", lots=["r1"])
    with pytest.raises(Conflict, match="ml-7"):
        say(world, "seal-parcel", parcel="p2", tag="ml-7", custodian="comptoir", lots=["r2"])
    say(world, "open-parcel", parcel="p1", tag_found="ml-007")
    assert lot(world, "r1").holds == frozenset()
    say(world, "seal-parcel", parcel="p3", tag="ml-8", custodian="comptoir", lots=["r3"])
    say(world, "open-parcel", parcel="p3", tag_found="torn")                    # whatever was found is recorded
    assert lot(world, "r3").holds == {"seal-mismatch"}


def test_no_series_begins_where_nobody_sees_it(world: Together) -> None:
    with pytest.raises(BadRequest) as refused:
        say(world, "issue-tags", actor="comptoir", prefix="lot9", first=1, last=5)
    assert refused.value.field == "prefix"


def test_somebody_elses_metal_in_a_parcel_is_held(world: Together) -> None:
    say(world, "issue-tags", actor="other", prefix="ot-", first=1, last=9)
    say(world, "seal-parcel", parcel="p1", tag="ot-1", custodian="other", lots=["r1"])
    assert lot(world, "r1").holds == {"custody-gap"}


@pytest.mark.parametrize("sealed_again", [False, True])
def test_a_parcel_opened_between_the_two_signatures_is_found(world: Together, sealed_again: bool) -> None:
    say(world, "seal-parcel", parcel="p1", tag="ml-1", custodian="comptoir", lots=["r1", "r2"])
    offer(world, parcel="p1")
    say(world, "open-parcel", parcel="p1", tag_found="ml-1")
    if sealed_again:
        say(world, "seal-parcel", parcel="p1", tag="ml-2", custodian="comptoir", lots=["r1", "r2"])
    assert rules(accepted(world)) == {"seal-mismatch": True}
    assert lot(world, "r1").holds == {"seal-mismatch"} and lot(world, "r1").custodian == "marena"


def test_a_parcel_that_stayed_sealed_raises_no_doubt_also_of_an_older_offer(world: Together) -> None:
    say(world, "seal-parcel", parcel="p1", tag="ml-1", custodian="comptoir", lots=["r1"])
    stream = handover.stream("h1")
    data = {"handover": "h1", "giver": "comptoir", "taker": "marena", "parcel": "p1", "lots": ["r1"], "gross_mg": 12_500}
    world["gold_trade"]._append(stream, "", lambda h: [New(stream, events.HANDOVER_OFFERED, data)])
    assert rules(accepted(world)) == {}


def test_g18_nobody_is_silent_before_the_time_is_over(world: Together) -> None:
    offer(world, "r1", due_by="2999-01-05T08:00:00Z")
    with pytest.raises(Conflict) as refused:
        say(world, "note-silence", "taker", handover="h1")
    assert refused.value.rule == "silence begins at due_by"
    say(world, "offer-handover", handover="h2", giver="comptoir", taker="marena", lots=["r2"])
    with pytest.raises(Conflict):                                               # no time was named
        say(world, "note-silence", "taker", handover="h2")
    assert lot(world, "r1").holds == lot(world, "r2").holds == frozenset()


def test_g18_what_came_is_taken_over_where_some_was_lost_on_the_way(world: Together) -> None:
    offer(world, "r1", "r2", "r3")
    say(world, "report-loss", lot="r2", incident="stolen")
    done = accepted(world, weighed_mg=25_000)
    assert (done["lots"], done["missing"], rules(done)) == (["r1", "r3"], ["r2"], {"lots-missing": False})
    assert [lot(world, name).custodian for name in ("r1", "r2", "r3")] == ["marena", "comptoir", "marena"]
    assert lot(world, "r1").holds == frozenset()


def test_g18_a_handover_of_which_nothing_came_waits(world: Together) -> None:
    offer(world, "r1")
    say(world, "report-loss", lot="r1", incident="stolen")
    with pytest.raises(Conflict, match="stolen"):
        say(world, "accept-handover", "taker", handover="h1")
    say(world, "recover-lot", lot="r1", custodian="comptoir")
    assert rules(accepted(world)) == {}


def test_metal_used_under_a_seal_that_proves_wrong_is_held_wherever_it_is_now(world: Together) -> None:
    say(world, "seal-parcel", parcel="p1", tag="ml-1", custodian="comptoir", lots=["r1", "r2"])
    for step, took, made in (("melt", "r1", {"f1": 12_500}), ("split", "f1", {"f2": 2_500, "f3": 10_000}), ("melt", "f2", {"f4": 2_500})):
        say(world, "transform-lots", transformation=f"t-{took}", step=step, custodian="comptoir", inputs=[took],
            outputs=[{"lot": name, "gross_mg": mg} for name, mg in made.items()])
    say(world, "open-parcel", parcel="p1", tag_found="ml-2")
    held = {name for name in ("r1", "r2", "f1", "f2", "f3", "f4") if "seal-mismatch" in lot(world, name).holds}
    assert held == {"r2", "f3", "f4"}, "what is there, not what was spent"
    for name in sorted(held):
        for officer in ("first", "second"):
            say(world, "lift-hold", officer, lot=name, rule="seal-mismatch", decision="vu")
    world.fold()
    with world["gold_trade"].view("holds").reading() as (tx, table, _):
        assert "seal-mismatch" not in holds.counts(tx, table)


def test_an_older_log_that_unseals_spent_metal_holds_nothing_that_is_no_more(tmp_path: Path) -> None:
    with Together(tmp_path, open_service, open_membership, open_reporting) as world:
        for name in ("old", "new"):
            receive(world, name, society="unheard")
            say(world, "seal-parcel", parcel=f"p-{name}", tag=f"x-{name}-1", custodian="comptoir", lots=[name])
        say(world, "transform-lots", transformation="t1", step="melt", custodian="comptoir", inputs=["old"], outputs=[{"lot": "m1", "gross_mg": 12_500}])
        data = {"lot": "old", "parcel": "p-old", "matches": False}
        world["gold_trade"]._append(lots.stream("old"), "", lambda h: [New(lots.stream("old"), events.LOT_UNSEALED, data)])
        say(world, "open-parcel", parcel="p-new", tag_found="x-other-1")
        world.settle()
        with world["gold_trade"].view("holds").reading() as (tx, table, _):
            assert holds.counts(tx, table)["seal-mismatch"] == 1 and "old" not in holds.of(tx, table, ["old", "new", "m1"])
        with world["reporting"].view("lot_holds").reading() as (tx, table, _):
            rows = tx.execute(f"SELECT lot, sum(delta) FROM {table('')} WHERE rule = 'seal-mismatch' GROUP BY lot").fetchall()
            assert [tuple(r) for r in rows] == [("new", 1)]
            assert tx.execute(f"SELECT count(*) FROM {table('open')} WHERE rule = ''").fetchone()[0] == 0
