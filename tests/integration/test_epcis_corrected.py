"""What a partner is told of a receipt that was wrong: whoever follows the standard ends with its mass, once, and nobody learns more than before."""
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.gold_trade.application import open_service
from services.gold_trade.epcis import query
from services.gold_trade.epcis.parameters import PARAMS
from shared import auth
from shared.rebuild import rebuild
from shared.testing import OFFICER, AllScopes
from tests.peers import Together

COMPTOIR, MARENA = (auth.Caller(subject=f"{actor}-clerk", role="collector", scopes=AllScopes(), territory=frozenset({f"actor:{actor}"}))
                    for actor in ("comptoir", "marena"))
Events = list[dict[str, Any]]


class Told(Together):
    def says(self, command: str, /, **body: Any) -> str:
        """The id of the first event it made, as partners are told it."""
        return f"urn:uuid:{self.command('gold_trade', command, **body).events[0]['id']}"

    def receives(self, lot: str = "r1", gross_mg: int = 1_000) -> str:
        return self.says("record-collection", lot=lot, collector="comptoir", society="dabia", site="puits-1", gross_mg=gross_mg, fineness_per_100k=90_000,
                         method="xrf", miners=[{"miner": "m-aaaaaa", "parts": 1}], occurred_on="2024-11-02")

    def tells(self, caller: auth.Caller = OFFICER, **params: str) -> Events:
        self.fold()
        asked = {p.name: p.read(params[p.name], p.name) if p.name in params else p.absent() for p in PARAMS}
        document, _ = query.read(self["gold_trade"], asked, caller)
        return list(document["epcisBody"]["queryResults"]["resultsBody"]["eventList"])


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Told]:
    with Told(tmp_path, open_service) as world:
        yield world  # type: ignore[misc]


def right(events: Events) -> Events:
    """As the standard has its readers do: what is declared an error counts no more, wherever it stands."""
    wrong = {e["eventID"] for e in events if "errorDeclaration" in e}
    return [e for e in events if e["eventID"] not in wrong]


def mass(events: Events) -> int:
    return sum(q["quantity"] for e in events if e.get("action") == "ADD" for q in e["quantityList"])


def test_x4_each_correction_declares_the_last_event_that_was_right(world: Told) -> None:
    ids = [world.receives(), *(world.says("correct-collection", lot="r1", gross_mg=mg) for mg in (900, 800))]
    told = world.tells()
    assert [(e["eventID"], e["quantityList"][0]["quantity"], e.get("errorDeclaration", {}).get("correctiveEventIDs")) for e in told] == [
        (ids[0], 1_000, None), (ids[0], 1_000, [ids[1]]), (ids[1], 900, None), (ids[1], 900, [ids[2]]), (ids[2], 800, None)]
    assert mass(right(told)) == 800 and [e["eventID"] for e in right(told)] == [ids[2]]


@pytest.mark.parametrize("changed", [{"society": "niena"}, {"miners": []}, {"site": "puits-2"}, {"fineness_per_100k": 85_000}, {"new_occurred_on": "2024-10"}])
def test_x4_what_is_right_is_a_whole_receipt_of_its_own_day(world: Told, changed: dict[str, Any]) -> None:
    world.receives()
    world.says("correct-collection", lot="r1", **changed)
    first, declared, now = world.tells()
    assert {k: v for k, v in declared.items() if k not in ("errorDeclaration", "recordTime")} == {k: v for k, v in first.items() if k != "recordTime"}
    assert declared["recordTime"] == declared["errorDeclaration"]["declarationTime"] == now["recordTime"] > first["recordTime"]
    day = changed.get("new_occurred_on", "2024-11-02")
    assert (now["eventTime"][:10], now["x-sanu:occurredOn"]) == ("2024-10-31" if day == "2024-10" else day, day)
    assert mass([now]) == 1_000
    assert now["ilmd"] == {"x-sanu:society": "dabia", "x-sanu:site": "puits-1", "x-sanu:finenessPer100k": 90_000, "x-sanu:method": "xrf",
                           **{{"society": "x-sanu:society", "site": "x-sanu:site", "fineness_per_100k": "x-sanu:finenessPer100k"}[k]: v
                              for k, v in changed.items() if k in ("society", "site", "fineness_per_100k")}}


def test_x4_a_receipt_that_never_was_is_declared_so_and_nothing_stands_in_its_place(world: Told) -> None:
    world.receives()
    corrected = world.says("correct-collection", lot="r1", gross_mg=900)
    world.says("withdraw-collection", lot="r1", reason="notée deux fois")
    told = world.tells()
    assert (told[-1]["eventID"], mass(told[-1:])) == (corrected, 900)
    assert {k: v for k, v in told[-1]["errorDeclaration"].items() if k != "declarationTime"} == {"reason": "did_not_occur"}
    assert right(told) == []


def test_x4_who_was_told_of_a_receipt_is_told_that_it_was_wrong_and_nobody_else(world: Told) -> None:
    world.receives()
    world.says("offer-handover", handover="h1", giver="comptoir", taker="marena", lots=["r1"])
    world["gold_trade"].handle("accept-handover", {"handover": "h1"}, auth.Caller(subject="m", role="refinery", scopes=AllScopes()), "k", "test")
    world.says("correct-collection", lot="r1", society="niena")
    world.says("correct-collection", lot="r1", gross_mg=900)
    collector, holder = (world.tells(who) for who in (COMPTOIR, MARENA))
    assert ["errorDeclaration" in e for e in collector if e["bizStep"] == "commissioning"] == [False, True, False, True, False]
    assert mass(right(collector)) == 900
    assert [e["bizStep"] for e in holder] == ["shipping", "receiving"] and "puits-1" not in json.dumps(holder)


def test_a_page_holds_no_more_than_was_asked_for(world: Told) -> None:
    world.receives()
    for mg in (900, 800):
        world.says("correct-collection", lot="r1", gross_mg=mg)
    for size in range(1, 5):
        assert len(world.tells(perPage=str(size))) == size


def test_declarations_are_asked_for(world: Told) -> None:
    first = world.receives()
    second = world.says("correct-collection", lot="r1", gross_mg=900)
    world.says("withdraw-collection", lot="r1", reason="notée deux fois")
    other = world.receives("r2")
    declared = world.tells(EXISTS_errorDeclaration="")
    assert [e["eventID"] for e in declared] == [first, second]
    assert world.tells(EQ_errorReason="incorrect_data|never") == world.tells(EQ_errorReason="https://ref.gs1.org/cbv/ER-incorrect_data") == declared[:1]
    assert world.tells(EQ_errorReason="urn:epcglobal:cbv:er:did_not_occur") == declared[1:]
    assert world.tells(EQ_correctiveEventID=second) == declared[:1]
    assert world.tells(GE_errorDeclarationTime=declared[0]["recordTime"]) == declared
    assert world.tells(LT_errorDeclarationTime=declared[0]["recordTime"]) == []
    assert len(world.tells(EQ_eventID=f"{first}|{other}")) == 3


def test_a_view_filled_anew_tells_the_same(world: Told) -> None:
    for n in range(1, 5):
        world.receives(f"r{n}", 1_000 * n)
        world.says("correct-collection", lot=f"r{n}", gross_mg=900 * n)
    world.says("withdraw-collection", lot="r2", reason="notée deux fois")
    world.says("correct-collection", lot="r3", society="niena")
    before = world.tells(perPage="100"), world.tells(COMPTOIR, perPage="100")
    rebuild([world["gold_trade"].view("physical")], page=3)
    assert (world.tells(perPage="100"), world.tells(COMPTOIR, perPage="100")) == before
    assert mass(right(before[0])) == mass(right(before[1])) == 900 + 2_700 + 3_600


def test_x4_a_step_whose_output_was_weighed_wrongly_is_declared_an_error_too(world: Told) -> None:
    world.receives("r1", 10_000)
    outputs = [{"lot": "m1", "gross_mg": 6_000}, {"lot": "m2", "gross_mg": 3_900}]
    first = world.says("transform-lots", transformation="t1", step="melt", custodian="comptoir", inputs=["r1"], outputs=outputs, occurred_on="2024-11-03")
    second, third = (world.says("correct-transformation", transformation="t1", outputs=[{"lot": lot, "gross_mg": mg}], reason="relu")
                     for lot, mg in (("m1", 6_010), ("m2", 3_950)))
    told = world.tells(COMPTOIR, EQ_transformationID="urn:x-sanu:transformation:t1")
    assert [(e["eventID"], e.get("errorDeclaration", {}).get("correctiveEventIDs")) for e in told] == [
        (first, None), (first, [second]), (second, None), (second, [third]), (third, None)]
    assert [[q["quantity"] for q in e["outputQuantityList"]] for e in told] == [
        [6_000, 3_900], [6_000, 3_900], [6_010, 3_900], [6_010, 3_900], [6_010, 3_950]]
    assert {e["eventTime"] for e in told} == {"2024-11-03T00:00:00.000Z"} and {e["inputQuantityList"][0]["quantity"] for e in told} == {10_000}
    rebuild([world["gold_trade"].view("physical")], page=2)
    assert world.tells(COMPTOIR, EQ_transformationID="urn:x-sanu:transformation:t1") == told
