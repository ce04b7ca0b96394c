"""A partner finds what it captured wrong: the same event with an errorDeclaration, and beside it the one that is right (EPCIS 2.0, 7.4.1.2)."""
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.gold_trade.application import open_service
from shared import auth
from shared.errors import Conflict
from shared.rebuild import rebuild
from shared.testing import AllScopes
from tests.integration.test_epcis_capture import lot, melt, take, told
from tests.peers import Together

SOROMA = auth.Caller(subject="soroma", role="refinery", scopes=AllScopes(), territory=frozenset({"actor:soroma"}))
FIRST, RIGHT, LAST = "urn:uuid:1", "urn:uuid:11", "urn:uuid:111"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Together]:
    with Together(tmp_path, open_service) as world:
        world.command("gold_trade", "record-collection", lot="r1", collector="marena", society="dabia", gross_mg=20_000, fineness_per_100k=90_000,
                      method="xrf", miners=[])
        take(world, melted(FIRST))
        yield world


def melted(id_: str, mg: int = 19_900, **more: Any) -> dict[str, Any]:
    return melt(id_, inputs=("r1",), mg=mg) | {"transformationID": "urn:x-sanu:transformation:t1", **more}


def wrong(one: dict[str, Any], *right: str, reason: str = "incorrect_data") -> dict[str, Any]:
    return one | {"errorDeclaration": {"declarationTime": "2024-11-22T10:00:00Z", "reason": reason, **({"correctiveEventIDs": list(right)} if right else {})}}


def mass(world: Together) -> int:
    found = lot(world, "m1")
    assert found
    return found.gross_mg


@pytest.mark.parametrize("behaviour", ["rollback", "proceed"])
def test_a_corrective_event_corrects_the_step(world: Together, behaviour: str) -> None:
    late = {"eventTime": "2024-11-20T12:30:00+01:00", "eventTimeZoneOffset": "+01:00"}
    job = take(world, wrong(melted(FIRST), RIGHT), melted(RIGHT, 19_800, **late), behaviour=behaviour)
    assert (job["success"], job["captured"], job["errors"], mass(world)) == (True, [FIRST, RIGHT], [], 19_800)
    job = take(world, melted(LAST, 19_850), wrong(melted(RIGHT, 19_800), LAST, reason="https://ref.gs1.org/cbv/ER-incorrect_data"), behaviour=behaviour)
    assert (job["captured"], mass(world)) == ([RIGHT, LAST], 19_850)
    seen = told(world, EQ_transformationID="urn:x-sanu:transformation:t1")
    assert [(e["eventID"], e.get("errorDeclaration", {}).get("correctiveEventIDs"), e["outputQuantityList"][0]["quantity"]) for e in seen] == [
        (FIRST, None, 19_900), (FIRST, [RIGHT], 19_900), (RIGHT, None, 19_800), (RIGHT, [LAST], 19_800), (LAST, None, 19_850)]
    assert [(e["eventTime"], e["eventTimeZoneOffset"]) for e in seen[2:4]] == [("2024-11-20T12:30:00+01:00", "+01:00")] * 2
    with pytest.raises(Conflict):
        take(world, wrong(melted(FIRST), RIGHT), melted(RIGHT, 19_800), behaviour="rollback")
    rebuild([world["gold_trade"].view("physical")], page=2)
    assert told(world, EQ_transformationID="urn:x-sanu:transformation:t1") == seen


@pytest.mark.parametrize("sent", [
    [wrong(melted(FIRST), RIGHT)], [wrong(melted(FIRST), reason="did_not_occur")], [wrong(melted(FIRST)), melted(RIGHT, 19_800)],
    [wrong(melted(FIRST), RIGHT, LAST), melted(RIGHT, 19_800)], [wrong(melted("urn:uuid:9"), RIGHT), melted(RIGHT, 19_800)],
    [wrong(melted(FIRST), RIGHT), melted(RIGHT, 19_800, bizStep="urn:x-sanu:bizstep:refining")],
    [wrong(melted(FIRST), RIGHT), melted(RIGHT, type="ObjectEvent", bizStep="inspecting", quantityList=[{"epcClass": "urn:x-sanu:lot:m1"}])],
    [wrong(melted(FIRST, type="ObjectEvent", bizStep="inspecting", quantityList=[{"epcClass": "urn:x-sanu:lot:m1"}]), RIGHT), melted(RIGHT, 19_800)],
    [wrong(melted(FIRST, transformationID="urn:x-sanu:transformation:t2"), RIGHT), melted(RIGHT, 19_800, transformationID="urn:x-sanu:transformation:t2")],
    [wrong(melted(FIRST), RIGHT), melted(RIGHT, 19_800, inputQuantityList=[{"epcClass": "urn:x-sanu:lot:r2"}])]])
@pytest.mark.parametrize("behaviour", ["rollback", "proceed"])
def test_what_corrects_nothing_is_a_fault(world: Together, sent: list[dict[str, Any]], behaviour: str) -> None:
    job = take(world, *sent, behaviour=behaviour)
    assert (job["success"], job["captured"], mass(world)) == (False, [], 19_900) and job["errors"]


def test_only_who_did_the_step_corrects_it(world: Together) -> None:
    job = take(world, wrong(melted(FIRST), RIGHT), melted(RIGHT, 19_800), caller=SOROMA)
    assert ([e["type"] for e in job["errors"]], mass(world)) == (["forbidden"], 19_900)


def test_one_who_was_right_all_along_is_told_so(world: Together) -> None:
    assert take(world, wrong(melted(FIRST), RIGHT), melted(RIGHT))["captured"] == [FIRST, RIGHT]
    assert [e["eventID"] for e in told(world, EQ_transformationID="urn:x-sanu:transformation:t1")] == [FIRST]
