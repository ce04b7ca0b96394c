"""A partner's EPCIS events come in as facts: all or none, or what can be; none twice (X8)."""
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from services.gold_trade import events as names
from services.gold_trade.application import open_service
from services.gold_trade.epcis import capture, query
from services.gold_trade.epcis.parameters import PARAMS
from services.gold_trade.metal import lot as lots
from shared import auth, event
from shared.errors import BadRequest, Conflict, NotFound, Unavailable
from shared.rebuild import rebuild
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
    recorded = [event.decode(i.state) for i in world["gold_trade"].chain.read(0, 100)]
    assert [e.occurred_on for e in recorded if e.name in (names.TRANSFORMATION_RECORDED, names.LOT_ASSAYED)] == ["2024-11-20", "2024-11-21"]


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


def test_x8_what_came_in_before_does_not_keep_the_rest_out(world: Together) -> None:
    """As after a capture that broke off half-way and is sent again."""
    take(world, melt(), behaviour="proceed")
    job = take(world, melt(), assay(), behaviour="proceed")
    assert (job["captured"], [(e["event"], e["type"]) for e in job["errors"]]) == (["urn:uuid:2"], [("urn:uuid:1", "conflict")])
    with pytest.raises(Conflict):
        take(world, melt(), assay(), behaviour="proceed")
    with pytest.raises(Conflict):
        take(world, melt(), assay("urn:uuid:3"))


DECLARED = {"errorDeclaration": {"declarationTime": "2024-11-22T10:00:00Z", "reason": "did_not_occur"}}


@pytest.mark.parametrize("behaviour", ["rollback", "proceed"])
def test_an_event_declared_an_error_is_never_recorded_as_one_that_happened(world: Together, behaviour: str) -> None:
    job = take(world, {**melt(), **DECLARED}, behaviour=behaviour)
    assert (job["success"], job["captured"]) == (False, []) and "errorDeclaration" in job["errors"][0]["title"]
    assert lot(world, "m1") is None
    take(world, melt())
    job = take(world, {**melt(), **DECLARED}, behaviour=behaviour)       # the standard gives it the id of what it declares
    assert not job["success"] and "errorDeclaration" in job["errors"][0]["title"]
    found = lot(world, "m1")
    assert found and found.in_stock
    with pytest.raises(Conflict):
        take(world, melt(), behaviour=behaviour)


def told(world: Together, **params: str) -> list[dict[str, Any]]:
    world.fold()
    asked = {p.name: p.read(params[p.name], p.name) if p.name in params else p.absent() for p in PARAMS}
    return list(query.read(world["gold_trade"], asked, REFINERY)[0]["epcisBody"]["queryResults"]["resultsBody"]["eventList"])


def test_what_was_captured_is_told_as_it_was_captured(world: Together) -> None:
    late = {"eventTime": "2024-11-20T23:30:00-05:00", "eventTimeZoneOffset": "-05:00"}
    given = [melt() | late, assay() | {"eventTime": "2024-11-21T01:00:00.5Z", "eventTimeZoneOffset": "-05:00"},
             assay("ni:///sha-256;0a?ver=CBV2.0") | {"x-sanu:finenessPer100k": 91_500}]
    assert take(world, *given)["success"]
    seen = [e for e in told(world) if e["bizStep"] != "commissioning"]
    assert [[e[k] for k in ("eventID", "eventTime", "eventTimeZoneOffset")] for e in seen] == [
        [e["eventID"], e["eventTime"], e["eventTimeZoneOffset"]] for e in given]
    assert [e["x-sanu:occurredOn"] for e in seen] == ["2024-11-20", "2024-11-20", "2024-11-21"]          # on the calendar of that place
    assert [e.get("x-sanu:finenessPer100k") for e in seen] == [None, 91_000, 91_500]
    for e in seen:
        assert told(world, EQ_eventID=e["eventID"]) == [e]
    assert told(world, GE_eventTime="2024-11-21T04:30:00Z", LT_eventTime="2024-11-21T04:30:01Z") == seen[:1]
    rebuild([world["gold_trade"].view("physical")], page=2)
    assert told(world)[2:] == seen


def test_the_standards_words_may_be_uris(world: Together) -> None:
    given = assay(lot="r1") | {"bizStep": "https://ref.gs1.org/cbv/BizStep-inspecting"}
    assert take(world, given)["success"] and told(world, EQ_bizStep="inspecting")[0]["eventID"] == given["eventID"]


def test_the_job_is_not_lost_however_long_the_ids_and_however_many_the_faults(world: Together) -> None:
    names = [f"urn:uuid:{n:03}-".ljust(200, "x") for n in range(100)]
    for n in range(80):
        world.command("gold_trade", "record-collection", lot=f"long-{n}", collector="marena", society="dabia", gross_mg=1, fineness_per_100k=90_000,
                      method="xrf", miners=[])
    job = take(world, *(assay(name, f"long-{n}" if n < 80 else "x" * 150 + "é") for n, name in enumerate(names)), behaviour="proceed")
    assert (job["success"], job["captured"], len(job["errors"])) == (False, names[:80], 20)
    odd = take(world, *(assay("urn:uuid:0", "r1") | {"type": "é\x01" * 100} for _ in range(100)), behaviour="rollback")
    assert (len(odd["errors"]), odd["errors"][-1]["title"]) == (21, "and 80 more")


def test_what_came_in_and_its_job_stand_in_one_commit(world: Together) -> None:
    with patch.object(world["gold_trade"], "_append", side_effect=AssertionError):
        assert take(world, melt(), assay())["captured"] == ["urn:uuid:1", "urn:uuid:2"]


def test_a_passing_fault_is_no_fault_of_the_event(world: Together) -> None:
    with patch.object(world["gold_trade"], "handle_all", side_effect=Unavailable("the database did not answer")), pytest.raises(Unavailable):
        take(world, melt())
    assert take(world, melt())["success"]


ODD: list[dict[str, Any]] = [
    {"bizStep": ["a"]}, {"bizStep": {}}, {"bizStep": 5}, {"inputQuantityList": 5}, {"inputQuantityList": ["x"]}, {"inputQuantityList": {"a": 1}},
    {"outputQuantityList": ["urn"]}, {"outputQuantityList": [{"epcClass": [], "quantity": 1, "uom": []}]}, {"bizLocation": "urn:x-sanu:party:x"},
    {"bizLocation": {"id": {}}}, {"bizLocation": {}, "sourceList": ["x"]}, {"sourceList": "x"}, {"inputEPCList": [1]}, {"type": []}, {"type": "\ud800"},
    {"eventID": "\ud800"}, {"eventID": "a\0b"}, {"eventID": "a:\0b"}, {"eventID": "a|b:c"}, {"eventID": "urn:uuid:" + "x" * 200}, {"eventID": "urn:é"},
    {"eventID": 7}, {"eventTime": "x"}, {"eventTime": "2024-13-01T00:00:00Z"}, {"eventTime": "0001-01-01T00:00:00+14:00"},
    {"eventTime": "2024-11-20T10:00:00.000"}, {"eventTimeZoneOffset": "Z"}, {"eventTimeZoneOffset": "+23:59"},
    {"transformationID": "urn:x-sanu:transformation:\0"}, {"errorDeclaration": "yes"},
    {"errorDeclaration": {}}, {"x-sanu:tolerancePer100k": 0.5}, {"x-sanu:tolerancePer100k": {}}, {"bizStep": "receiving", "type": "ObjectEvent"},
    {"bizStep": "receiving", "type": "ObjectEvent", "bizTransactionList": ["x"]}, {"bizStep": "inspecting", "type": "ObjectEvent", "quantityList": "a"},
    {"bizStep": "inspecting", "type": "ObjectEvent", "x-sanu:method": {}, "quantityList": [{"epcClass": "urn:x-sanu:lot:r1"}]},
    {"bizStep": "inspecting", "type": "ObjectEvent", "x-sanu:final": 1, "quantityList": [{"epcClass": "urn:x-sanu:lot:%00"}]}]


@pytest.mark.parametrize("behaviour", ["rollback", "proceed"])
@pytest.mark.parametrize("odd", ODD, ids=str)
def test_an_odd_event_is_a_fault_of_the_job(world: Together, odd: dict[str, Any], behaviour: str) -> None:
    job = take(world, melt() | odd, behaviour=behaviour)
    assert (job["success"], job["captured"], len(job["errors"])) == (False, [], 1)


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
