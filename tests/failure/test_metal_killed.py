"""kill -9 while 500 records of a device come in (X1), or are melted (G4), then the same again: everything is in the log once."""
import json
import signal
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from installation.client import Client, Refused
from installation.simulation.sending import patiently
from installation.verify import verify
from services.gold_trade import events
from services.gold_trade.devices.requests import MOST_RECORDS
from services.gold_trade.projections import ledger
from shared import event
from shared.errors import Unavailable
from tests.books import Books
from tests.clients import until
from tests.world import OneProcess, OnServers, Running

Results = Sequence[dict[str, Any]]


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


class Phone:
    """A device with 500 receipts that it has signed and not yet sent."""

    def __init__(self, name: str) -> None:
        self.name, self.key = name, Ed25519PrivateKey.generate()
        self.records = [self._record(n) for n in range(1, MOST_RECORDS + 1)]

    def _record(self, n: int) -> dict[str, Any]:
        said = {"sequence": n, "recorded_there": event.now(), "command": "record-collection", "body": {
            "lot": f"{self.name}-{n}", "collector": "comptoir", "society": "dabia", "gross_mg": 1000 + n, "fineness_per_100k": 90_000, "method": "xrf",
            "miners": []}}
        return {**said, "signature": b64(self.key.sign(event.canonical({"device": self.name, **said})))}

    def register(self, client: Client) -> None:
        client.command("gold_trade", "register-device", {"device_id": self.name, "actor": "comptoir", "key": b64(self.key.public_key().public_bytes_raw())},
                       f"register-{self.name}")

    def send(self, client: Client) -> Results:
        return list(client.request("POST", "gold_trade", "/gold/v1/sync", {"device": self.name, "records": self.records})["results"])

    def send_until_answered(self, client: Client) -> Results:
        """The first word on each record; `waiting` is none."""
        said: dict[int, dict[str, Any]] = {}

        def answered() -> bool:
            with suppress(Unavailable, Refused):                 # nobody there yet, or not ready yet
                for result in self.send(client):
                    if result["status"] != "waiting":
                        said.setdefault(result["sequence"], result)
            return len(said) == MOST_RECORDS

        until(answered, 60, "every record answered")
        return [said[n] for n in sorted(said)]

    def stand_once_in(self, world: Running) -> None:
        """And everything that follows from it has arrived, and every chain is whole."""
        with world.books() as books:
            books.everything_arrived()
            told = [json.loads(row.state) for row in books.rows("gold_trade") if row.name == events.COLLECTION_RECORDED]
        mine = [e for e in told if e.get("device") == self.name]
        assert Counter((e["data"]["lot"], e["data"]["sequence"]) for e in mine) == {(f"{self.name}-{n}", n): 1 for n in range(1, MOST_RECORDS + 1)}
        assert verify(world.direct).faults == []


def statuses(results: Results) -> Counter[str]:
    return Counter(result["status"] for result in results)


def all_the_same_again(phone: Phone, client: Client, results: Results) -> None:
    again = phone.send(client)
    assert statuses(again) == {"repeated": MOST_RECORDS}
    assert [r["events"] for r in again] == [r["events"] for r in results]


# 500 records of 64 at a time are eight commits; a start of one process has four at most, one for each log, if nothing was left to do.
@pytest.mark.parametrize("point", ["log.before-commit:6", "log.after-commit:6"])
def test_x1_kill_in_mid_sync(point: str, embedded: OneProcess) -> None:
    phone = Phone("phone")
    embedded.start()
    until(embedded.ready, 30, "every service ready")
    phone.register(embedded.client("awa"))
    with embedded.books() as books:
        books.everything_arrived()
    embedded.end()
    life = embedded.start(fault=point)
    until(embedded.ready, 30, "every service ready")
    with pytest.raises(Unavailable):
        phone.send(embedded.client("awa"))
    assert life.wait(30) == -signal.SIGKILL
    embedded.start()
    client = embedded.client("awa")
    results = phone.send_until_answered(client)
    assert set(statuses(results)) == {"recorded", "repeated"}, "killed before the first commit or after the last"
    all_the_same_again(phone, client, results)
    phone.stand_once_in(embedded)


@pytest.mark.parametrize("point", ["log.before-commit:4", "log.after-commit:4"])
def test_x1_the_api_process_is_killed_in_mid_sync(point: str, world: OnServers) -> None:
    phone = Phone(f"phone-{point[4]}")
    client = world.client("awa")
    phone.register(client)
    life = world.again("gold_trade", "api", SANU_FAULT=point)
    results = phone.send_until_answered(client)
    assert life.poll() == -signal.SIGKILL
    assert set(statuses(results)) == {"recorded", "repeated"}
    all_the_same_again(phone, client, results)
    phone.stand_once_in(world)


@pytest.mark.parametrize("point", ["log.before-commit", "log.after-commit"])
def test_g4_the_api_process_is_killed_in_mid_melt(point: str, world: OnServers) -> None:
    phone = Phone(f"four-{point[4]}")
    client = world.client("awa")
    phone.register(client)
    phone.send_until_answered(client)
    life = world.again("gold_trade", "api", SANU_FAULT=point)
    lots, melted = [r["body"]["lot"] for r in phone.records], f"{phone.name}-lingot"
    gross = sum(r["body"]["gross_mg"] for r in phone.records)
    body = {"transformation": melted, "step": "melt", "custodian": "comptoir", "inputs": lots, "tolerance_per_100k": 600,
            "outputs": [{"lot": melted, "gross_mg": gross - 1000}]}
    first = patiently(lambda: client.command("gold_trade", "transform-lots", body, f"melt-{melted}"))
    assert life.poll() == -signal.SIGKILL
    with world.books() as books:
        books.everything_arrived()
        told = [e for row in books.rows("gold_trade") if (e := json.loads(row.state))["data"].get("transformation") == melted]
        assert ledger_off(books) == (0, 0)
    assert Counter(e["name"] for e in told) == {events.TRANSFORMATION_RECORDED: 1, events.LOT_SPENT: MOST_RECORDS, events.LOT_FORMED: 1}
    assert {e["data"]["lot"] for e in told if e["name"] == events.LOT_SPENT} == set(lots)
    again = client.command("gold_trade", "transform-lots", body, f"melt-{melted}")
    assert again["events"] == first["events"] and again["repeated"]
    origin = world.client("auditor", "auditor").get("gold_trade", f"/gold/v1/lots/{melted}/origin")
    assert len(origin["receipts"]) == MOST_RECORDS and sum(r["gross_mg"] for r in origin["receipts"]) == gross - 1000
    assert verify(world.direct).faults == []


def ledger_off(books: Books) -> tuple[int, int]:
    with books.services["gold_trade"].view("ledger").reading() as (tx, table, _):
        return ledger.off(tx, table)
