"""Answers kept by what they were made of."""
import threading
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from shared.edge.kept import Kept


class Slow:
    """An answer whose making a test can see begin and let end."""

    def __init__(self) -> None:
        self.begun, self.end = threading.Event(), threading.Event()

    def make(self, answer: str) -> Callable[[], str]:
        def made() -> str:
            self.begun.set()
            self.end.wait(5)
            return answer
        return made


class Askers:
    """Each asks in a thread of its own; `answers` in the order they came."""

    def __init__(self, kept: Kept) -> None:
        self.kept, self.answers, self._threads = kept, list[Any](), list[threading.Thread]()

    def ask(self, at: int, make: Callable[[], Any], what: str = "table") -> None:
        self._threads.append(threading.Thread(target=lambda: self.answers.append(self.kept.answer(what, at, make))))
        self._threads[-1].start()

    def wait(self) -> None:
        for thread in self._threads:
            thread.join(5)


class Moments:
    """Says when somebody has asked."""

    def __init__(self) -> None:
        self.came, self._next = threading.Semaphore(0), count(100)

    def __next__(self) -> int:
        moment = next(self._next)
        self.came.release()
        return moment


def test_an_answer_is_made_once_for_what_it_depends_on() -> None:
    kept, made = Kept(), []

    def make(answer: str) -> str:
        made.append(answer)
        return answer

    for position in (1, 1, 2, 2):
        assert kept.answer("2024-11-30", position, lambda at=position: make(f"at {at}")) == f"at {position}"  # type: ignore[misc]
    assert kept.answer("2019-11-17", 1, lambda: make("earlier")) == "earlier"
    assert made == ["at 1", "at 2", "earlier"]


def test_the_least_recently_asked_goes_first() -> None:
    kept, made = Kept(most=2), []
    for what in ("a", "b", "a", "c", "a", "b"):
        kept.answer(what, 1, lambda what=what: made.append(what))  # type: ignore[misc]
    assert made == ["a", "b", "c", "b"]


def test_of_many_who_ask_at_once_one_makes_it() -> None:
    slow, askers = Slow(), Askers(Kept())
    for _ in range(8):
        askers.ask(1, slow.make("table"))
    slow.begun.wait(5)
    askers.ask(1, lambda: "another")
    slow.end.set()
    askers.wait()
    assert askers.answers == ["table"] * 9


def test_those_who_came_while_an_older_answer_was_made_share_the_next_one() -> None:
    kept, made = Kept(), []
    slow, askers = Slow(), Askers(kept)
    askers.ask(1, slow.make("at 1"))
    slow.begun.wait(5)

    def make() -> str:
        made.append(1)
        return "next"

    kept._moments = moments = Moments()  # type: ignore[assignment]
    for position in range(2, 10):
        askers.ask(position, make)
    assert all(moments.came.acquire(timeout=5) for _ in range(8))
    slow.end.set()
    askers.wait()
    assert sorted(askers.answers) == ["at 1", *["next"] * 8]
    assert made == [1]


def test_another_question_does_not_wait() -> None:
    slow, askers = Slow(), Askers(kept := Kept())
    askers.ask(1, slow.make("table"))
    slow.begun.wait(5)
    assert kept.answer("another", 1, lambda: "at once") == "at once"
    slow.end.set()
    askers.wait()


def test_who_waited_for_one_that_failed_makes_it() -> None:
    kept = Kept()

    def fail() -> str:
        raise OSError("away")

    with pytest.raises(OSError, match="away"):
        kept.answer("table", 1, fail)
    assert kept.answer("table", 1, lambda: "table") == "table"


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr("shared.edge.kept.time.monotonic", lambda: self.now)

    def takes(self, seconds: float, answer: str) -> Callable[[], str]:
        def make() -> str:
            self.now += seconds
            return answer
        return make


def test_a_young_answer_is_given_under_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, clock = Kept(), Clock(monkeypatch)

    def recent(at: int) -> tuple[Any, Any]:
        made = kept.recent("table", lambda: at, clock.takes(0.01, f"at {at}"), 0.2, 2.0)
        return made.at, made.answer

    assert recent(1) == (1, "at 1")
    clock.now += 0.19
    assert recent(2) == (1, "at 1")
    clock.now += 60
    assert recent(2) == (2, "at 2")
    clock.now += 60
    assert kept.recent("table", lambda: 2, clock.takes(0, "another"), 0.2, 2.0).answer == "at 2", "it is kept while nothing moves"


def test_one_no_longer_young_is_given_while_it_is_made_anew_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, clock, slow = Kept(), Clock(monkeypatch), Slow()
    assert kept.recent("table", lambda: 1, clock.takes(0.5, "at 1"), 0.2, 2.0).answer == "at 1"
    clock.now += 1.0
    assert kept.recent("table", lambda: 2, slow.make("at 2"), 0.2, 2.0).answer == "at 1"
    assert slow.begun.wait(5)
    assert kept.recent("table", lambda: 3, lambda: pytest.fail("one makes it"), 0.2, 2.0).answer == "at 1"
    slow.end.set()
    for _ in range(100):
        if kept.answer("table", 2, lambda: "it was not made beside") == "at 2":
            break
    assert kept.recent("table", lambda: 2, lambda: "another", 0.2, 2.0).answer == "at 2"


def test_an_answer_that_is_too_old_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, clock = Kept(), Clock(monkeypatch)
    kept.recent("table", lambda: 1, clock.takes(0.5, "at 1"), 0.2, 2.0)
    clock.now += 2.0
    assert kept.recent("table", lambda: 2, clock.takes(0.5, "at 2"), 0.2, 2.0).answer == "at 2"


def test_one_that_cannot_be_made_anew_is_met_by_who_asks_later(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, clock, failed = Kept(), Clock(monkeypatch), threading.Event()

    def fail() -> str:
        failed.set()
        raise OSError("away")

    kept.recent("table", lambda: 1, clock.takes(0.5, "at 1"), 0.2, 2.0)
    clock.now += 1.0
    assert kept.recent("table", lambda: 2, fail, 0.2, 2.0).answer == "at 1"
    assert failed.wait(5)
    clock.now += 1.0
    with pytest.raises(OSError, match="away"):
        kept.recent("table", lambda: 2, fail, 0.2, 2.0)
