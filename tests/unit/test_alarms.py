"""What asks an operator for attention, and what does not."""
from typing import Any

import pytest

from installation.alarms import alarms


def service(**more: Any) -> dict[str, Any]:
    return {"answers": True, "read_only": None, "relay": {"behind": 0, "seconds": 0}, "views": {}, "processes": {}, "dead_letters": 0,
            "inbox": {"b": {"seconds": 1, "stopped": None}}, **more}


def view(**more: Any) -> dict[str, Any]:
    return {"v": {"behind": 0, "stopped_at": None, "why": None, **more}}


def told(one: dict[str, Any], free_percent: int = 50, free_bytes: int = 10**11) -> list[tuple[str, str]]:
    found = alarms({"services": {"a": one}, "disk": {"free_percent": free_percent, "free_bytes": free_bytes}})
    return [(alarm["level"], alarm["en"]) for alarm in found]


def test_an_installation_at_rest_asks_for_nothing() -> None:
    assert told(service()) == []
    assert told(service(relay={"behind": 5, "seconds": 2}, views=view(behind=40))) == []


@pytest.mark.parametrize(("more", "level", "says"), [
    ({"answers": False}, "stop", "a does not answer"),
    ({"unreadable": "the database did not answer"}, "stop", "cannot be read"),
    ({"read_only": "restoring"}, "stop", "takes no commands: restoring"),
    ({"views": view(stopped_at="7", why="KeyError")}, "stop", "stopped at event 7: KeyError"),
    ({"views": view(behind=9000)}, "warn", "9000 events behind"),
    ({"processes": view(due=500)}, "warn", "500 acts"),
    ({"relay": {"behind": 3, "seconds": 100}}, "warn", "3 events have waited 100 s"),
    ({"inbox": {"b": {"seconds": 1, "stopped": "history"}}}, "stop", "no longer listens to b: history"),
    ({"inbox": {"b": {"seconds": None, "stopped": None}}}, "warn", "has not heard b"),
    ({"inbox": {"b": {"seconds": 1000, "stopped": None}}}, "warn", "has not heard b"),
    ({"dead_letters": 2}, "warn", "2 dead letter(s)"),
])
def test_each_mishap_is_told_once_with_its_weight(more: dict[str, Any], level: str, says: str) -> None:
    (found,) = told(service(**more))
    assert found[0] == level and says in found[1]


def test_a_stopped_installation_is_not_also_told_that_it_hears_nobody() -> None:
    assert told(service(answers=False, inbox={"b": {"seconds": 1000, "stopped": None}})) == [("stop", "a does not answer.")]


def test_the_disk_warns_before_it_stops() -> None:
    assert told(service(), 5, 10**10)[0][0] == "warn"
    assert told(service(), 1, 10**7)[0][0] == "stop"


def test_what_stands_still_comes_first() -> None:
    assert [level for level, _ in told(service(dead_letters=1, read_only="x"))] == ["stop", "warn"]


def test_french_and_english_say_the_same_thing() -> None:
    state = {"services": {"a": service(dead_letters=1)}, "disk": {"free_percent": 50, "free_bytes": 10**11}}
    assert alarms(state)[0]["fr"] == "1 message(s) refusé(s) attendent une décision."
