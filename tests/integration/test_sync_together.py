"""Receipts of one request share a look at the log and a commit, and each is still decided as if it had come alone."""
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.gold_trade import events
from services.gold_trade.application import open_service
from services.membership.application import open_service as open_membership
from shared import event
from shared.testing import OFFICER
from tests.integration.test_sync import KEY, b64, record, send, statuses
from tests.peers import Together


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Together]:
    with Together(tmp_path, open_membership, open_service) as world:
        world.command("membership", "register-district", district="kangaba", name="Kangaba", rank=1)
        world.command("gold_trade", "register-device", device_id="tab-1", actor="comptoir", key=b64(KEY.public_key().public_bytes_raw()))
        world.settle()
        yield world


def told(world: Together) -> list[event.Event]:
    return [event.decode(i.state) for i in world["gold_trade"].chain.read(0, 10_000)]


def rules(world: Together, lot: str) -> set[str]:
    return next({f["rule"] for f in e.data["findings"]} for e in told(world) if e.name == events.COLLECTION_RECORDED and e.data["lot"] == lot)


def found(world: Together) -> None:
    world.command("membership", "found-organisation", organisation="dabia", level="base", form="SCOOPS", name="Dabia SCOOPS", district="Kangaba",
                  occurred_on="2020-01-01")


def test_many_share_a_commit(world: Together, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = world["gold_trade"].log.recorder
    commits = Counter[int]()
    insert = recorder.insert_events

    def counted(stored: Any, *args: Any, **more: Any) -> Any:
        commits[len(stored)] += 1
        return insert(stored, *args, **more)

    monkeypatch.setattr(recorder, "insert_events", counted)
    assert statuses(send(world, *(record(n) for n in range(1, 129)))) == ["recorded"] * 128
    assert commits == {64: 2}


def test_two_records_of_one_lot_in_one_request(world: Together) -> None:
    first, second = send(world, record(1, lot="same"), record(2, lot="same"))
    assert (first["status"], second["status"]) == ("recorded", "refused") and second["problem"]["type"] == "conflict"
    assert Counter(e.name for e in told(world))[events.COLLECTION_RECORDED] == 1


def test_some_new_and_some_sent_before(world: Together) -> None:
    records = [record(n) for n in range(1, 7)]
    send(world, *records[::2])
    assert statuses(send(world, *records)) == ["repeated", "recorded"] * 3


def test_declared_stock_is_drawn_by_one_receipt_after_the_other(world: Together) -> None:
    """They meet on the stock's stream, where only one of a commit can write: none is lost, and no milligram is drawn twice."""
    world.command("gold_trade", "declare-stock", actor="comptoir", season="hivernage-2025", gross_mg=2500, occurred_on="2025-06-14")
    results = send(world, *(record(n, gross_mg=1000, occurred_on="2025-07-01", extracted_on="2025-05") for n in (1, 2, 3)))
    assert statuses(results) == ["recorded"] * 3
    over = [n for n in (1, 2, 3) if "undeclared-stock" in rules(world, f"lot-{n}")]
    assert len(over) == 1 and sum(e.data["gross_mg"] for e in told(world) if e.name == events.STOCK_DRAWN) == 3000


def test_what_membership_tells_counts_from_the_next_receipt_on(world: Together) -> None:
    send(world, record(1, occurred_on="2024-01-01"))
    found(world)
    world.settle()
    send(world, record(2, occurred_on="2024-01-01"))
    world.command("gold_trade", "record-collection", lot="alone", collector="comptoir", society="dabia", gross_mg=1, fineness_per_100k=1, method="xrf",
                  miners=[], occurred_on="2024-01-01")
    world.command("membership", "suspend-organisation", organisation="dabia", reason="essai", occurred_on="2023-12-01")
    world.settle()
    send(world, record(3, occurred_on="2024-01-01"))
    standing = {lot: {r for r in rules(world, lot) if r.startswith("society-")} for lot in ("lot-1", "lot-2", "alone", "lot-3")}
    assert standing["lot-1"] == {"society-unknown"} and standing["lot-3"] == {"society-suspended"}
    assert standing["lot-2"] == standing["alone"] and "society-unknown" not in standing["lot-2"]


def test_a_command_by_itself_and_among_others_writes_the_same_event(world: Together) -> None:
    send(world, record(1))
    world["gold_trade"].handle("record-collection", {k: v for k, v in record(2)["body"].items()} | {"device": "tab-1"}, OFFICER, "alone", "test")
    one, two = ({k: v for k, v in e.data.items() if k in ("findings", "entries", "collector", "society", "method")} for e in told(world)
                if e.name == events.COLLECTION_RECORDED)
    assert set(one) == set(two) and one["findings"] == two["findings"]
