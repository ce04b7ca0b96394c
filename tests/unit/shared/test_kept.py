"""Answers kept by what they were made of."""
import threading

import pytest

from shared.edge.kept import Kept


def test_an_answer_is_made_once_for_what_it_depends_on() -> None:
    kept, made = Kept(), []

    def make(what: str) -> str:
        made.append(what)
        return what

    for position in (1, 1, 2, 1):
        assert kept.answer((position, "2024-11-30"), lambda at=position: make(f"at {at}")) == f"at {position}"  # type: ignore[misc]
    assert kept.answer((1, "2019-11-17"), lambda: make("earlier")) == "earlier"
    assert made == ["at 1", "at 2", "earlier"]


def test_the_least_recently_asked_goes_first() -> None:
    kept, made = Kept(most=2), []
    for key in ("a", "b", "a", "c", "a", "b"):
        kept.answer(key, lambda key=key: made.append(key))  # type: ignore[misc]
    assert made == ["a", "b", "c", "b"]


def test_of_many_who_ask_at_once_one_makes_it() -> None:
    kept, made, going = Kept(), [], threading.Event()

    def make() -> str:
        going.wait(5)
        made.append(1)
        return "table"

    answers: list[str] = []
    askers = [threading.Thread(target=lambda: answers.append(kept.answer("key", make))) for _ in range(8)]
    for asker in askers:
        asker.start()
    going.set()
    for asker in askers:
        asker.join(5)
    assert answers == ["table"] * 8
    assert made == [1]


def test_who_waited_for_one_that_failed_makes_it() -> None:
    kept = Kept()

    def fail() -> str:
        raise OSError("away")

    with pytest.raises(OSError, match="away"):
        kept.answer("key", fail)
    assert kept.answer("key", lambda: "table") == "table"
