"""A consignment is weighed, melted and assayed by both sides blind; the mean stands, or an umpire's word (G7, G8)."""
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.gold_trade import events
from services.gold_trade.application import open_service
from services.gold_trade.assays.exchange import commitment
from services.gold_trade.metal import lot as lots
from shared import auth, event
from shared.errors import Conflict, Forbidden
from shared.testing import AllScopes
from tests.peers import Together

NONCES = {"seller": "ab" * 16, "buyer": "cd" * 16}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Together]:
    with Together(tmp_path, open_service) as world:
        yield world


def say(world: Together, command: str, by: str = "seller-clerk", **body: Any) -> list[str]:
    caller = auth.Caller(subject=by, role="secretariat", scopes=AllScopes())
    return [e["name"] for e in world["gold_trade"].handle(command, body, caller, event.new_id(), "test").events]


def melted(world: Together, *, weighed: int = 24_960_000, limit: int = 50, rule: str = "middle") -> None:
    """24.96 kg of two receipts, sent, weighed and melted (AU-05)."""
    for n, gross in enumerate((20_000_000, 4_960_000)):
        say(world, "record-collection", lot=f"r{n}", collector="comptoir", society="dabia", gross_mg=gross, fineness_per_100k=90_000, method="xrf", miners=[])
    for clerk in ("buyer-clerk", "seller-clerk"):
        say(world, "agree-contract", clerk, contract="k1", seller="comptoir", buyer="marena", splitting_limit_per_100k=limit, umpire_rule=rule)
    say(world, "send-consignment", consignment="c1", contract="k1", lots=["r0", "r1"])
    say(world, "weigh-consignment", "buyer-clerk", consignment="c1", weighed_mg=24_960_000)
    say(world, "melt-consignment", "buyer-clerk", consignment="c1", lot="melt-1", weighed_mg=weighed)


def bind(world: Together, **results: int) -> None:
    for party, fineness in results.items():
        say(world, "commit-assay", f"{party}-clerk", consignment="c1", party=party, commitment=commitment("c1", party, fineness, NONCES[party]))


def reveal(world: Together, party: str, fineness: int) -> list[str]:
    return say(world, "reveal-assay", f"{party}-clerk", consignment="c1", party=party, fineness_per_100k=fineness, nonce=NONCES[party])


def lot(world: Together, name: str = "melt-1") -> lots.Lot:
    found = lots.evolve([event.decode(r.state) for r in world["gold_trade"].log.load(lots.stream(name))])
    assert found
    return found


def told(world: Together) -> dict[str, dict[str, Any]]:
    return {e.name: dict(e.data) for item in world["gold_trade"].chain.read(0, 1000) for e in [event.decode(item.state)]}


def test_g7_within_the_splitting_limit_the_mean_is_final(world: Together) -> None:
    melted(world)
    bind(world, seller=91_325, buyer=91_276)
    assert reveal(world, "seller", 91_325) == [events.ASSAY_REVEALED]
    assert reveal(world, "buyer", 91_276) == [events.ASSAYS_COMPARED, events.LOT_ASSAYED]
    assert lot(world).final
    assert lot(world).fine_mg == 24_960_000 * (91_325 + 91_276) // 200_000          # the mean is rounded once, in mg
    assert lot(world).fineness_per_100k == 91_300


def test_g7_the_first_result_is_nowhere_in_clear_before_the_second(world: Together) -> None:
    melted(world)
    bind(world, seller=91_325, buyer=91_276)
    reveal(world, "seller", 91_325)
    assert not any(b"91325" in item.state for item in world["gold_trade"].chain.read(0, 1000))
    assert told(world)[events.ASSAY_REVEALED]["result"]["kind"] == "assay"


def test_g7_nobody_reveals_before_both_are_bound_nor_another_value(world: Together) -> None:
    melted(world)
    bind(world, seller=91_325)
    with pytest.raises(Conflict):
        reveal(world, "seller", 91_325)
    with pytest.raises(Forbidden):                       # one hand on both sides
        say(world, "commit-assay", "seller-clerk", consignment="c1", party="buyer", commitment="0" * 64)
    bind(world, buyer=91_276)
    with pytest.raises(Forbidden):
        reveal(world, "seller", 91_999)


@pytest.mark.parametrize(("rule", "umpire", "final", "loser"), [
    ("middle", 91_250, 91_250, "buyer"), ("middle", 91_600, 91_400, "buyer"), ("umpire", 91_600, 91_600, "buyer"), ("middle", 91_200, 91_200, None)])
def test_g7_beyond_it_an_umpire_is_asked(world: Together, rule: str, umpire: int, final: int, loser: str | None) -> None:
    melted(world, rule=rule)
    bind(world, seller=91_400, buyer=91_000)
    reveal(world, "seller", 91_400)
    assert reveal(world, "buyer", 91_000) == [events.ASSAYS_COMPARED]
    assert not lot(world).final
    say(world, "record-umpire", consignment="c1", fineness_per_100k=umpire, umpire="lab")
    assert lot(world).final
    assert lot(world).fine_mg == 24_960_000 * final // 100_000
    assert told(world)[events.UMPIRE_RECORDED].get("loser") == loser
    with pytest.raises(Conflict):                        # AU-10
        say(world, "record-umpire", consignment="c1", fineness_per_100k=umpire, umpire="lab")


def test_g8_a_loss_in_the_melt_beyond_the_tolerance_is_a_finding_and_may_be_disputed(world: Together) -> None:
    melted(world, weighed=24_800_000)
    assert told(world)[events.CONSIGNMENT_MELTED]["findings"] == [{"rule": "melt-loss", "hold": False}]
    say(world, "dispute-consignment", consignment="c1", why="0,64 % de perte")
    assert say(world, "settle-dispute", consignment="c1", decision="pesée contradictoire") == [events.DISPUTE_SETTLED]


def test_g8_a_small_loss_is_none(world: Together) -> None:
    melted(world, weighed=24_900_000)
    assert told(world)[events.CONSIGNMENT_MELTED]["findings"] == []
    assert lot(world).custodian == "marena"


def test_au_05_the_worked_example(world: Together) -> None:
    melted(world)
    bind(world, seller=91_300, buyer=91_300)
    reveal(world, "buyer", 91_300)
    reveal(world, "seller", 91_300)
    assert lot(world).fine_mg == 22_788_480
