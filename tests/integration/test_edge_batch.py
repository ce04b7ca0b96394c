"""The batch entrypoint on the broker in memory: order, holding, and looking for what was missed."""
import json
import queue
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PACKED = zlib.compress(b"x" * 100_000)                # kombu calls this application/x-gzip, and would unpack a bomb as well


class Taker:
    """The process with the service, and what it told so far."""

    def __init__(self, broker: str = "memory://", silence_s: float = 60.0) -> None:
        self.process = subprocess.Popen([sys.executable, "-W", "ignore", "-m", "tests.integration.edge_batch", broker, str(silence_s)],
                                        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.told: list[dict[str, Any]] = []
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.put(line)

    def say(self, **command: Any) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def until(self, true: Callable[[], Any], seconds: float = 8.0) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            left = deadline - time.monotonic()
            assert left > 0, self.told
            try:
                self.told.append(json.loads(self._lines.get(timeout=left)))
            except queue.Empty:
                continue

    @property
    def calls(self) -> list[dict[str, Any]]:
        return [t for t in self.told if "took" in t]

    @property
    def empty(self) -> int:
        return sum(not c["took"] for c in self.calls)

    @property
    def accepted(self) -> list[str]:
        return [body for c in self.calls if not c["failed"] for body in c["took"]]

    @property
    def sizes(self) -> list[int]:
        return [size for c in self.calls for size in c["sizes"]]

    def numbers(self, last: int) -> list[str]:
        return [str(n) for n in range(1, last + 1)]

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def taker() -> Iterator[Taker]:
    taker = Taker()
    yield taker
    taker.end()


def test_the_first_call_is_empty_then_all_messages_come_in_order_and_in_batches(taker: Taker) -> None:
    taker.until(lambda: taker.calls)
    assert taker.calls[0]["took"] == [] and taker.calls[0]["source"] == "giver"
    taker.say(publish=250)
    taker.until(lambda: len(taker.accepted) >= 250)
    assert taker.accepted == taker.numbers(250)
    assert max(len(c["took"]) for c in taker.calls) == 10
    assert taker.empty == 1


def test_a_batch_that_fails_is_held_and_given_again_before_any_other(taker: Taker) -> None:
    taker.say(fail=3)
    taker.say(publish=40)
    taker.until(lambda: len(taker.accepted) >= 40)
    assert taker.accepted == taker.numbers(40)
    tries = [c["took"] for c in taker.calls if c["took"]]
    assert tries[0] == tries[1] == tries[2] == tries[3]
    assert [c["failed"] for c in taker.calls if c["took"]][:4] == [True, True, True, False]


def test_a_failing_look_for_what_was_missed_holds_up_no_messages() -> None:
    taker = Taker(silence_s=0.5)
    try:
        taker.say(fail_empty=10**6)
        taker.until(lambda: taker.empty >= 3)
        taker.say(publish=20)
        taker.until(lambda: len(taker.accepted) >= 20)
        assert taker.accepted == taker.numbers(20)
    finally:
        taker.end()


def test_silence_brings_an_empty_call() -> None:
    taker = Taker(silence_s=0.6)
    try:
        taker.until(lambda: taker.empty >= 3)
    finally:
        taker.end()


def test_bodies_come_as_the_bytes_that_were_sent_whatever_their_labels_say(taker: Taker) -> None:
    taker.say(publish=1, body=PACKED.decode("latin-1"), headers={"compression": "application/x-gzip"}, content_encoding="gzip")
    taker.say(publish=1, body="h\xe9", content_type="application/x-python-serialize", content_encoding="utf-16")
    taker.say(publish=1, body='{"__type__": "uuid"}', content_type="application/json", content_encoding="utf-8")
    taker.say(publish=1, body="x" * 2_000_000)
    taker.until(lambda: len(taker.accepted) >= 4)
    assert sorted(taker.sizes) == sorted([len(PACKED), 2, 20, 2_000_000])
    assert {"h\xe9", '{"__type__": "uuid"}'} < set(taker.accepted)


def test_without_a_broker_the_service_starts_and_looks_for_itself_and_stops_soon() -> None:
    taker = Taker("amqp://guest:guest@127.0.0.1:9//", silence_s=1.0)
    try:
        taker.until(lambda: {"started": True} in taker.told, 5)
        taker.until(lambda: taker.empty >= 3)
        taker.say(stop=True)
        taker.until(lambda: "stopped" in taker.told[-1])
        assert taker.told[-1]["stopped"] < 5
        assert taker.process.wait(5) == 0
    finally:
        taker.end()


@pytest.mark.parametrize("busy", [{"sleep": 1.0}, {"fail": 10**6}, {"sleep": 60.0}])
def test_stop_takes_less_than_five_seconds_idle_holding_or_with_a_method_that_hangs(taker: Taker, busy: dict[str, Any]) -> None:
    taker.until(lambda: taker.empty)
    taker.say(**busy)
    taker.say(publish=5)
    taker.until(lambda: len(taker.calls) >= 2)
    taker.say(stop=True)
    taker.until(lambda: "stopped" in taker.told[-1])
    assert taker.told[-1]["stopped"] < 5
