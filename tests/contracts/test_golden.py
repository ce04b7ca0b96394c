"""What was once stored is read for ever, and an event name always means what it meant."""
import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest
import rfc8785

from shared import event
from tests.contracts import golden
from tests.contracts.story import Told, tell

GOLDEN = golden.files()


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> list[Told]:
    return tell(tmp_path_factory.mktemp("story"))


def shape(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Where which type stands; items of a list are one place."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from shape(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from shape(inner, f"{path}[]")
    else:
        yield path, type(value).__name__


def test_every_event_name_has_a_golden_file() -> None:
    assert golden.names() == set(GOLDEN), "python -m tests.contracts.golden adds what is missing; a name is never taken away"


def test_the_story_tells_every_event(today: list[Told]) -> None:
    assert {name for name, _ in today} == golden.names()


def test_golden_files_are_added_and_never_changed() -> None:
    assert {f"{name}.json": sha256(state).hexdigest() for name, state in GOLDEN.items()} == golden.sums()


@pytest.mark.parametrize("name", GOLDEN)
def test_todays_decoder_reads_what_was_stored(name: str) -> None:
    e = event.decode(GOLDEN[name])
    stored = json.loads(GOLDEN[name])
    assert (e.name, e.id, e.stream, e.version, e.recorded_at, e.data) == (
        name, *(stored[k] for k in ("id", "stream", "version", "recorded_at", "data")))
    assert event.encode(e) == GOLDEN[name]


@pytest.mark.parametrize("name", GOLDEN)
def test_what_was_stored_is_canonical(name: str) -> None:
    assert rfc8785.dumps(json.loads(GOLDEN[name])) == GOLDEN[name]


@pytest.mark.parametrize("name", GOLDEN)
def test_every_field_that_was_stored_is_still_told_with_its_type(name: str, today: list[Told]) -> None:
    then = set(shape(json.loads(GOLDEN[name])["data"], "data"))
    now = {place for told in today if told.name == name for place in shape(json.loads(told.state)["data"], "data")}
    assert then <= now, "a changed meaning is a new name; a new field is optional"
