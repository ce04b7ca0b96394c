"""Records of a device come in once, each by itself; what is missing between them is seen (X1)."""
import json
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
from shared.edge.problems import encode
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


def send(world: Together, *records: dict[str, Any], caller: auth.Caller = OFFICER, **more: str) -> list[dict[str, Any]]:
    answer = sync.take(world["gold_trade"], {"device": "tab-1", "records": list(records), **more}, caller, "test")
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


def findings(world: Together, lot: str) -> set[str]:
    all_ = [event.decode(i.state) for i in world["gold_trade"].chain.read(0, 10_000)]
    return next({f["rule"] for f in e.data["findings"]} for e in all_ if e.name == events.COLLECTION_RECORDED and e.data["lot"] == lot)


def test_x1_a_clock_that_is_days_wrong_as_it_sends_is_flagged_and_both_times_kept(world: Together) -> None:
    send(world, record(1, at="2024-01-05T08:00:00.000Z"), sent_at="2024-01-05T09:00:00+01:00")
    told = next(event.decode(i.state) for i in world["gold_trade"].chain.read(0, 100) if i.name == events.COLLECTION_RECORDED)
    assert {"rule": "device-clock", "hold": False} in told.data["findings"]
    assert told.data["recorded_there"] == "2024-01-05T08:00:00.000Z"
    assert told.recorded_at > "2026"
    assert (told.device, told.data["sequence"]) == ("tab-1", 1)


def test_x1_a_record_that_waited_long_for_network_says_nothing_of_the_clock(world: Together) -> None:
    send(world, record(1, at="2024-01-05T08:00:00.000Z"), sent_at=event.now())
    send(world, record(2, at="2024-01-05T08:00:00.000Z"))
    assert not {"device-clock"} & (findings(world, "lot-1") | findings(world, "lot-2"))


@pytest.mark.parametrize(("first", "again"), [("2024-01-05T08:00:00Z", ""), ("", "2024-01-05T08:00:00Z")])
def test_x1_a_clock_that_was_set_meanwhile_makes_no_other_record(world: Together, first: str, again: str) -> None:
    once = record(1)
    before = send(world, once, **({"sent_at": first} if first else {}))
    after = send(world, once, **({"sent_at": again} if again else {}))
    assert (statuses(before), statuses(after)) == (["recorded"], ["repeated"]) and before[0]["events"] == after[0]["events"]
    result, = send(world, record(1, gross_mg=7), **({"sent_at": again} if again else {}))
    assert (result["status"], result["problem"]["status"]) == ("refused", 422)


def refusals(world: Together) -> list[int]:
    return [event.decode(i.state).data["sequence"] for i in world["gold_trade"].chain.read(0, 10_000) if i.name == events.RECORD_REFUSED]


def test_x1_what_waits_for_its_input_is_not_refused_and_comes_in_after_it(world: Together) -> None:
    seal = record(2, "seal-parcel", parcel="p1", tag="ml-3", custodian="comptoir", lots=["lot-1"])
    assert statuses(send(world, seal)) == ["waiting"] and refusals(world) == []
    assert statuses(send(world, seal, record(1))) == ["waiting", "recorded"]
    assert statuses(send(world, seal)) == ["recorded"] and refusals(world) == []


def test_x1_what_was_refused_stays_refused(world: Together) -> None:
    """Else the refusal and the fact both stand, and the device shows the one it heard first for ever."""
    world.command("gold_trade", "record-collection", lot="lot-9", collector="comptoir", society="dabia", gross_mg=1, fineness_per_100k=1, method="xrf",
                  miners=[])
    seal = record(1, "seal-parcel", parcel="p1", tag="ml-3", custodian="comptoir", lots=["lot-9"])
    world.command("gold_trade", "report-loss", lot="lot-9", incident="lost")
    first, = send(world, seal)
    world.command("gold_trade", "recover-lot", lot="lot-9", custodian="comptoir")
    again, = send(world, seal)
    assert (first["status"], again["status"], refusals(world)) == ("refused", "refused", [1])
    assert again["problem"]["detail"] == first["problem"]["detail"]
    world.command("gold_trade", "refuse-record", device_id="tab-1", sequence=2, command="record-collection", why="écrit deux fois")
    assert statuses(send(world, record(2), record(3))) == ["refused", "recorded"] and lots(world).count("lot-2") == 0


def test_x1_a_changed_record_leaves_the_first_one_recorded(world: Together) -> None:
    first = record(1)
    send(world, first)
    assert statuses(send(world, record(1, gross_mg=7))) == ["refused"] and refusals(world) == []
    assert statuses(send(world, first)) == ["repeated"]


@pytest.mark.parametrize("odd", [{"site": None}, {"gross_mg": 1.5}, {"gross_mg": 10**40}, {"miners": [None]}, {"society": "\ud800"}])
def test_x1_what_cannot_be_signed_is_one_records_fault(world: Together, odd: dict[str, Any]) -> None:
    bad = record(2)
    bad = {**bad, "body": {**bad["body"], **odd}}
    results = send(world, record(1), bad, {**record(3), "sequence": 10**40}, record(4))
    assert statuses(results) == ["recorded", "refused", "refused", "recorded"]
    assert results[1]["problem"]["status"] == 400 and results[2]["sequence"] is None
    assert json.loads(encode({"results": results}))


@pytest.mark.parametrize("key", ["tab-1:7", "tab-1:7:refused", "x:²:refused", "tab-1:99999999999999999999:refused", "tab-1:0", "a:٣"])
def test_x1_nobody_fills_a_gap_or_stops_the_view_by_a_key(world: Together, key: str) -> None:
    for subject in ("somebody", "tab-1"):
        stranger = auth.Caller(subject=subject, role="collector", scopes=AllScopes())
        body = {"lot": f"of-{subject}", "collector": "other", "society": "dabia", "gross_mg": 1, "fineness_per_100k": 1, "method": "xrf", "miners": [],
                "device": "tab-1", "sequence": 7}
        world["gold_trade"].handle("record-collection", body, stranger, key, "test")
    send(world, record(1), record(3))
    world.fold()
    assert world["gold_trade"].view("devices").current().stopped_at in (0, None)
    with world["gold_trade"].view("devices").reading() as (tx, table, _):
        assert devices.gaps(tx, table, "tab-1") | {"last_recorded_at": ""} == {"highest": 3, "came": 2, "missing": [2], "last_recorded_at": ""}


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
