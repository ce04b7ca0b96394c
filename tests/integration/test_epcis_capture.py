"""A partner's EPCIS events come in as facts: all or none, or what can be; none twice (X8)."""
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.gold_trade import events as names
from services.gold_trade.application import open_service
from services.gold_trade.epcis import capture
from services.gold_trade.metal import lot as lots
from shared import auth, event
from shared.errors import BadRequest, Conflict, NotFound
from shared.testing import OFFICER, AllScopes
from tests.peers import Together

REFINERY = auth.Caller(subject="marena", role="refinery", scopes=AllScopes(), territory=frozenset({"actor:marena"}))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Together]:
    with Together(tmp_path, open_service) as world:
        for n in (1, 2):
            world.command("gold_trade", "record-collection", lot=f"r{n}", collector="marena", society="dabia", gross_mg=10_000, fineness_per_100k=90_000,
                          method="xrf", miners=[])
        yield world


def melt(id_: str = "urn:uuid:1", *, inputs: tuple[str, ...] = ("r1", "r2"), out: str = "m1", mg: int = 19_900, step: str = "melting") -> dict[str, Any]:
    return {"type": "TransformationEvent", "eventID": id_, "eventTime": "2024-11-20T10:00:00.000Z", "eventTimeZoneOffset": "+00:00",
            "bizStep": f"urn:x-sanu:bizstep:{step}", "transformationID": f"urn:x-sanu:transformation:{id_[-1]}-{out}",
            "bizLocation": {"id": "urn:x-sanu:party:marena"},
            "inputQuantityList": [{"epcClass": f"urn:x-sanu:lot:{i}"} for i in inputs],
            "outputQuantityList": [{"epcClass": f"urn:x-sanu:lot:{out}", "quantity": mg, "uom": "MGM"}]}


def assay(id_: str = "urn:uuid:2", lot: str = "m1") -> dict[str, Any]:
    return {"type": "ObjectEvent", "action": "OBSERVE", "eventID": id_, "eventTime": "2024-11-21T10:00:00.000Z", "eventTimeZoneOffset": "+00:00",
            "bizStep": "inspecting", "quantityList": [{"epcClass": f"urn:x-sanu:lot:{lot}"}], "x-sanu:finenessPer100k": 91_000}


def take(world: Together, *told: dict[str, Any], behaviour: str = "rollback", caller: auth.Caller = REFINERY) -> dict[str, Any]:
    document = {"type": "EPCISDocument", "schemaVersion": "2.0", "epcisBody": {"eventList": list(told)}}
    return capture.job(world["gold_trade"], capture.capture(world["gold_trade"], document, behaviour, caller, "test"), caller)


def lot(world: Together, name: str) -> lots.Lot | None:
    return lots.evolve([event.decode(r.state) for r in world["gold_trade"].log.load(lots.stream(name))])


def test_x8_events_that_build_on_one_another_come_in_as_one(world: Together) -> None:
    job = take(world, melt(), assay())
    assert (job["success"], job["captured"], job["errors"]) == (True, ["urn:uuid:1", "urn:uuid:2"], [])
    found = lot(world, "m1")
    assert found and (found.gross_mg, found.fine_mg) == (19_900, 19_900 * 91_000 // 100_000)
    told = [event.decode(i.state) for i in world["gold_trade"].chain.read(0, 100)]
    assert [e.occurred_on for e in told if e.name in (names.TRANSFORMATION_RECORDED, names.LOT_ASSAYED)] == ["2024-11-20", "2024-11-21"]


def test_x8_one_fault_rolls_all_back(world: Together) -> None:
    job = take(world, melt(), assay(lot="nowhere"))
    assert (job["success"], job["captured"]) == (False, [])
    assert lot(world, "m1") is None
    assert take(world, melt())["success"]                       # nothing of it stayed


def test_x8_or_what_can_be_comes_in(world: Together) -> None:
    job = take(world, melt(), assay(lot="nowhere"), {"type": "ObjectEvent", "eventID": "urn:uuid:3", "eventTime": "2024-11-21T10:00:00Z"}, behaviour="proceed")
    assert (job["success"], job["captured"]) == (False, ["urn:uuid:1"])
    assert {e["event"] for e in job["errors"]} == {"urn:uuid:2", "urn:uuid:3"}


def test_x8_an_event_is_captured_once(world: Together) -> None:
    take(world, melt())
    with pytest.raises(Conflict):
        take(world, melt())
    with pytest.raises(Conflict):                               # another content under the same id
        take(world, melt(out="m2"))


def test_a_handover_is_accepted_by_its_receiver(world: Together) -> None:
    world.command("gold_trade", "offer-handover", handover="h1", giver="marena", taker="soroma", lots=["r1"])
    soroma = auth.Caller(subject="soroma", role="refinery", scopes=AllScopes(), territory=frozenset({"actor:soroma"}))
    receiving = {"type": "ObjectEvent", "action": "OBSERVE", "eventID": "urn:uuid:9", "eventTime": "2024-11-21T10:00:00Z", "bizStep": "receiving",
                 "bizTransactionList": [{"type": "desadv", "bizTransaction": "urn:x-sanu:handover:h1"}], "x-sanu:weighedMg": 10_000}
    assert [e["type"] for e in take(world, receiving)["errors"]] == ["forbidden"]                # the giver signs nothing for the taker
    assert take(world, receiving, caller=soroma)["success"]
    found = lot(world, "r1")
    assert found and found.custodian == "soroma"


@pytest.mark.parametrize("unit", [("KGM", 0.0199), ("GRM", 19.9), ("ONZ", 1), ("MGM", True), ("MGM", "19900")])
def test_masses_are_whole_numbers_of_known_units(world: Together, unit: tuple[str, Any]) -> None:
    odd = melt()
    odd["outputQuantityList"][0] |= {"uom": unit[0], "quantity": unit[1]}
    job = take(world, odd)
    assert not job["success"] and "mass" in job["errors"][0]["title"]


@pytest.mark.parametrize("document", [{}, {"type": "EPCISDocument"}, {"type": "EPCISDocument", "epcisBody": {"eventList": []}},
                                      {"type": "EPCISQueryDocument", "epcisBody": {"eventList": [1]}}])
def test_what_is_no_document_is_refused(world: Together, document: dict[str, Any]) -> None:
    with pytest.raises(BadRequest):
        capture.capture(world["gold_trade"], document, "rollback", REFINERY, "test")


def test_a_job_is_told_to_its_own_client_alone(world: Together) -> None:
    id_ = take(world, melt())["captureID"]
    with pytest.raises(NotFound):
        capture.job(world["gold_trade"], id_, OFFICER)
