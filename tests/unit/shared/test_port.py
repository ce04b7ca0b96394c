"""A port sends until it was taken once; every attempt and result is an event, and what arrived is never sent again."""
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from shared import port
from shared.application import Answer, Histories, New, handle
from shared.errors import Unavailable
from shared.port import FilePort, deliver
from shared.process import Later, Todo
from shared.testing import Clock, meta
from tests.peers import Peer

TODO = Todo("t-1", "sending", "office", {"notice": "need"}, "cause-1")


class Office(port.Port):
    """Fails as often as told, then takes."""

    def __init__(self, failures: int = 0) -> None:
        self.failures, self.taken = failures, list[str]()

    def send(self, id: str, body: Mapping[str, Any]) -> str:
        if self.failures:
            self.failures -= 1
            raise ConnectionError("line dead")
        self.taken.append(id)
        return "receipt-7"


def appending(peer: Peer) -> Callable[[str, str, Callable[[Histories], list[New]]], Answer]:
    numbers = iter(range(1000))
    return lambda stream, key, decide: handle(peer.log, meta(f"{stream}:{key or next(numbers)}"), [stream], decide)


def events(peer: Peer) -> list[str]:
    return [r.name.removeprefix("alpha.Sending") for r in peer.log.load("sending/t-1")]


def deliver_until_taken(peer: Peer, office: Office, times: int) -> None:
    append = appending(peer)
    for _ in range(times):
        try:
            deliver("alpha", append, office, TODO)
        except Unavailable:
            pass


def test_a_sending_is_attempted_and_delivered(alpha: Peer) -> None:
    office = Office()
    deliver("alpha", appending(alpha), office, TODO)
    assert office.taken == ["t-1"]
    assert events(alpha) == ["Attempted", "Delivered"]


def test_what_arrived_is_never_sent_again(alpha: Peer) -> None:
    office = Office()
    deliver_until_taken(alpha, office, 3)
    assert office.taken == ["t-1"]
    assert events(alpha) == ["Attempted", "Delivered"]


def test_a_passing_fault_is_recorded_and_tried_again(alpha: Peer) -> None:
    office = Office(failures=2)
    append = appending(alpha)
    waits = []
    for _ in range(2):
        with pytest.raises(Later) as put_off:
            deliver("alpha", append, office, TODO)
        waits.append(put_off.value.seconds)
    deliver("alpha", append, office, TODO)
    assert waits == [2.0, 4.0]
    assert office.taken == ["t-1"]
    assert events(alpha) == ["Attempted", "Failed", "Attempted", "Failed", "Attempted", "Delivered"]


def test_an_attempt_whose_end_is_unknown_is_repeated_under_the_same_id(alpha: Peer) -> None:
    office, append = Office(), appending(alpha)

    def loses_the_result(stream: str, key: str, decide: Callable[[Histories], list[New]]) -> Answer:
        if key.endswith("delivered"):
            raise Unavailable("the database did not answer")
        return append(stream, key, decide)

    with pytest.raises(Unavailable):
        deliver("alpha", loses_the_result, office, TODO)
    deliver("alpha", append, office, TODO)
    assert office.taken == ["t-1", "t-1"]
    assert events(alpha) == ["Attempted", "Attempted", "Delivered"]


def test_nothing_is_sent_before_the_attempt_is_recorded(alpha: Peer) -> None:
    office = Office()
    alpha.log.read_only = "restoring"
    with pytest.raises(Unavailable):
        deliver("alpha", appending(alpha), office, TODO)
    assert office.taken == []


def test_after_the_last_attempt_it_is_left_alone(alpha: Peer) -> None:
    office, append = Office(failures=99), appending(alpha)
    tries = 0
    for _ in range(port.MOST_ATTEMPTS + 3):
        try:
            deliver("alpha", append, office, TODO)
        except Unavailable:
            tries += 1
    assert tries == port.MOST_ATTEMPTS - 1
    assert events(alpha).count("Attempted") == events(alpha).count("Failed") == port.MOST_ATTEMPTS


def test_the_last_failure_is_followed_up_also_after_a_death(alpha: Peer) -> None:
    class Final(Office):
        left: ClassVar[list[str]] = []

        def wait(self, failures: int, seconds: float) -> float | None:
            return None

        def give_up(self, body: Mapping[str, Any], why: str) -> None:
            self.left.append(why)
            if len(self.left) == 1:
                raise SystemExit

    office, append = Final(failures=9), appending(alpha)
    with pytest.raises(SystemExit):
        deliver("alpha", append, office, TODO)
    deliver("alpha", append, office, TODO)
    assert Final.left == ["line dead", "line dead"]
    assert events(alpha) == ["Attempted", "Failed"]


def test_a_port_knows_how_often_and_how_long_it_failed(alpha: Peer) -> None:
    class Asking(Office):
        asked: ClassVar[list[tuple[int, float]]] = []

        def wait(self, failures: int, seconds: float) -> float | None:
            self.asked.append((failures, round(seconds)))
            return 1.0

    with Clock().patched() as clock:
        office, append = Asking(failures=3), appending(alpha)
        for hour in range(3):
            clock.set(f"2025-01-01T0{hour}:00:00Z")
            with pytest.raises(Later):
                deliver("alpha", append, office, TODO)
    assert Asking.asked == [(1, 0), (2, 3600), (3, 7200)]


def test_a_file_port_lays_down_one_file_whatever_comes_twice(tmp_path: Path) -> None:
    office = FilePort(tmp_path / "office")
    assert office.send("t-1", {"b": "é", "a": 1}) == office.send("t-1", {"b": "é", "a": 1}) == "t-1.json"
    (file,) = (tmp_path / "office").iterdir()
    assert file.read_text("utf-8") == '{\n "a": 1,\n "b": "é"\n}'
