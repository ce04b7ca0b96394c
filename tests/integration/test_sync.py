"""Records of a device come in once, each by itself; what is missing between them is seen (X1)."""
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.gold_trade import events
from services.gold_trade.application import open_service
from services.gold_trade.devices import sync
from services.gold_trade.projections import devices
from shared import auth, event
from shared.errors import Forbidden, NotFound
from shared.testing import OFFICER, AllScopes
from tests.peers import Together

KEY = Ed25519PrivateKey.generate()


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Together]:
    with Together(tmp_path, open_service) as world:
        world.command("gold_trade", "register-device", device_id="tab-1", actor="comptoir", key=b64(KEY.public_key().public_bytes_raw()))
        yield world


def record(sequence: int, command: str = "record-collection", at: str = "", key: Ed25519PrivateKey = KEY, **body: Any) -> dict[str, Any]:
    if command == "record-collection":
        body = {"lot": f"lot-{sequence}", "collector": "comptoir", "society": "dabia", "gross_mg": 1000 + sequence, "fineness_per_100k": 90_000,
                "method": "xrf", "miners": [], **body}
    said = {"sequence": sequence, "recorded_there": at or event.now(), "command": command, "body": body}
    return {**said, "signature": b64(key.sign(event.canonical({"device": "tab-1", **said})))}


def send(world: Together, *records: dict[str, Any], caller: auth.Caller = OFFICER) -> list[dict[str, Any]]:
    answer = sync.take(world["gold_trade"], {"device": "tab-1", "records": list(records)}, caller, "test")
    return list(answer["results"])


def statuses(results: list[dict[str, Any]]) -> list[str]:
    return [r["status"] for r in results]


def lots(world: Together) -> list[str]:
    return [event.decode(i.state).data["lot"] for i in world["gold_trade"].chain.read(0, 10_000) if i.name == events.COLLECTION_RECORDED]


def test_x1_a_repeated_sync_changes_nothing(world: Together) -> None:
    records = [record(n) for n in range(1, 11)]
    first = send(world, *records)
    again = send(world, *records)
    assert statuses(first) == ["recorded"] * 10
    assert statuses(again) == ["repeated"] * 10
    assert [r["events"] for r in first] == [r["events"] for r in again]
    assert sorted(lots(world)) == sorted(f"lot-{n}" for n in range(1, 11))


def test_x1_a_fault_in_one_record_holds_up_no_other(world: Together) -> None:
    bad = record(2, gross_mg=-5)
    forged = record(3, key=Ed25519PrivateKey.generate())
    results = send(world, record(1), bad, forged, record(4), {"sequence": 5})
    assert statuses(results) == ["recorded", "refused", "refused", "recorded", "refused"]
    assert results[1]["problem"]["field"] == "gross_mg"
    assert results[2]["problem"]["type"] == "bad-signature"


def test_x1_a_changed_record_under_a_used_number_is_refused(world: Together) -> None:
    send(world, record(1))
    result, = send(world, record(1, gross_mg=999_999))
    assert (result["status"], result["problem"]["status"]) == ("refused", 422)
    assert len(lots(world)) == 1


def test_x1_gaps_are_seen_and_a_refused_record_is_none(world: Together) -> None:
    send(world, record(1), record(3, gross_mg=-5), record(4), record(8))
    world.fold()
    with world["gold_trade"].view("devices").reading() as (tx, table, _):
        found = devices.gaps(tx, table, "tab-1")
    assert found | {"last_recorded_at": ""} == {"highest": 8, "came": 4, "missing": [2, 5, 6, 7], "last_recorded_at": ""}


def test_x1_a_clock_that_is_days_wrong_is_flagged_and_both_times_kept(world: Together) -> None:
    send(world, record(1, at="2024-01-05T08:00:00.000Z"))
    told = next(event.decode(i.state) for i in world["gold_trade"].chain.read(0, 100) if i.name == events.COLLECTION_RECORDED)
    assert {"rule": "device-clock", "hold": False} in told.data["findings"]
    assert told.data["recorded_there"] == "2024-01-05T08:00:00.000Z"
    assert told.recorded_at > "2026"
    assert (told.device, told.data["sequence"]) == ("tab-1", 1)


def test_x1_other_commands_keep_the_devices_order(world: Together) -> None:
    world.command("gold_trade", "issue-tags", actor="comptoir", prefix="ml-", first=1, last=10)
    seal = record(3, "seal-parcel", parcel="p1", tag="ml-3", custodian="comptoir", lots=["lot-1", "lot-2"])
    assert statuses(send(world, record(1), record(2), seal, record(4))) == ["recorded"] * 4


def test_x1_a_device_writes_for_its_own_actor_and_not_when_retired(world: Together) -> None:
    other = auth.Caller(subject="o", role="collector", scopes=AllScopes(), territory=frozenset({"actor:other"}))
    with pytest.raises(NotFound):
        send(world, record(1), caller=other)
    with pytest.raises(NotFound):
        sync.known(world["gold_trade"], "tab-1", other)
    own = auth.Caller(subject="c", role="collector", scopes=AllScopes(), territory=frozenset({"actor:comptoir"}))
    assert statuses(send(world, record(1), caller=own)) == ["recorded"]
    result, = send(world, record(2, collector="other"), caller=own)
    assert (result["status"], result["problem"]["status"]) == ("refused", 403)
    world.command("gold_trade", "retire-device", device_id="tab-1")
    with pytest.raises(Forbidden):
        send(world, record(3))


def test_x1_records_stay_the_devices_own_whoever_brings_them(world: Together) -> None:
    first = record(1)
    send(world, first)
    other = auth.Caller(subject="somebody-else", role="collector", scopes=AllScopes(), territory=frozenset({"actor:comptoir"}))
    assert statuses(send(world, first, caller=other)) == ["repeated"]
