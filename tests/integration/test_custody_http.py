"""At the door: who lifts a hold, what names a lot twice, and a device's records and gaps, each by a token of its own."""
import json
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared import event
from tests.integration.test_sync import b64
from tests.metal_office import Office, opened
from tests.stranger import bearer, command, get

KEY = Ed25519PrivateKey.generate()
DAY = "2026-01-05"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with opened(tmp_path_factory.mktemp("custody") / "var") as office:
        office.founds("door-dabia")
        office.hires("door-collector", "far-collector", "door-comptoir")
        office._tokens["door-second"] = bearer(office.config, "collector", ["actor:door-collector"], subject="door-collector-second")
        office.arrive()
        yield office


def test_two_clerks_of_who_has_the_lot_do_not_lift_its_hold_and_two_officers_do(office: Office) -> None:
    office.receives("door-r1", "door-collector", "door-dabia", 1000, DAY)
    office.says("hold-lot", "door-collector", lot="door-r1", rule="to-check")
    lift = {"lot": "door-r1", "rule": "to-check", "decision": "vu"}
    for clerk in ("door-collector", "door-second"):
        assert office.is_refused(403, "lift-hold", clerk, **lift)["rule"] == "holds:lift"
    office.says("lift-hold", "secretary", **lift)
    assert office.is_refused(403, "lift-hold", "door-second", **lift)["rule"] == "holds:lift"          # nor the second signature
    office.says("lift-hold", "second", **lift)
    assert office.lots("door-collector")["door-r1"] == (1000, 900, [])


@pytest.mark.parametrize(("name", "body"), [
    ("offer-handover", {"handover": "door-h2", "giver": "door-collector", "taker": "door-comptoir"}),
    ("seal-parcel", {"parcel": "door-p2", "tag": "x-1", "custodian": "door-collector"}),
    ("send-consignment", {"consignment": "door-c2", "contract": "door-k"})])
def test_metal_named_twice_is_not_there_twice(office: Office, name: str, body: dict[str, Any]) -> None:
    if "door-r2" not in office.lots("door-collector"):
        office.receives("door-r2", "door-collector", "door-dabia", 1000, DAY)
    assert office.is_refused(400, name, "door-collector", **body, lots=["door-r2", "door-r2"])["field"] == "lots"
    assert office.is_refused(400, name, "door-collector", **body, lots=[f"{n}-{'x' * 50}" for n in range(1200)])["field"] == "lots"


def signed(sequence: int, lot: str, sign_over: bool = True, **more: Any) -> dict[str, Any]:
    body = {"lot": lot, "collector": "door-collector", "society": "door-dabia", "gross_mg": 1000, "fineness_per_100k": 90_000, "method": "xrf", "miners": [],
            "occurred_on": DAY, **more}
    said = {"sequence": sequence, "recorded_there": "2026-01-05T10:00:00.000Z", "command": "record-collection", "body": body}
    return {**said, "signature": b64(KEY.sign(event.canonical({"device": "door-tab", **said}) if sign_over else b"x"))}


def test_one_odd_record_is_one_refusal_and_the_owner_sees_the_gaps(office: Office) -> None:
    office.says("register-device", device_id="door-tab", actor="door-collector", key=b64(KEY.public_key().public_bytes_raw()))
    records = [signed(1, "door-s1"), signed(2, "door-s2", sign_over=False, site=None), signed(3, "door-s3", sign_over=False, gross_mg=1.5),
               signed(5, "door-s5")]
    reply = office.posts("/gold/v1/sync", "door-collector", {"device": "door-tab", "sent_at": event.now(), "records": records})
    assert reply.status == 200, reply.body
    assert [r["status"] for r in reply.json["results"]] == ["recorded", "refused", "refused", "recorded"]
    assert reply.json["results"][1]["problem"]["rule"] == "leave the field out"
    assert office.findings(reply.json["results"][0]["events"][0]["id"]) == {"no-miner-named": False}        # its clock is right, however long it waited
    office.arrive()
    gaps = office.gets("/gold/v1/devices/door-tab", "door-collector")
    assert (gaps.status, gaps.json["missing"], gaps.json["came"]) == (200, [2, 3, 4], 2)
    assert office.gets("/gold/v1/devices/door-tab").status == 200
    assert office.gets("/gold/v1/devices/door-tab", "far-collector").status == 404


def test_nobody_stops_the_service_or_fills_a_gap_by_an_idempotency_key(office: Office) -> None:
    office.receives("far-r1", "far-collector", "door-dabia", 1000, DAY)
    for n, key in enumerate(("x:\u00b2:refused", "tab1:99999999999999999999:refused", "door-tab:2:refused", "door-tab:4")):
        reply = command(office.config, "gold_trade", "hold-lot", office._tokens["far-collector"], {"lot": "far-r1", "rule": f"r{n}", "device": "door-tab"}, key)
        assert reply.status == 201, reply.body
    office.arrive()
    assert json.loads(get(office.config, "/gold_trade/health/ready").body) and get(office.config, "/gold_trade/health/ready").status == 200
    gaps = office.gets("/gold/v1/devices/door-tab")
    assert gaps.status == 404 or not {2, 4} - set(gaps.json["missing"])
