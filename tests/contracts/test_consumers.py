"""What a service reads of others' events is what their deciders tell today and told before; what it does not know it ignores."""
import json
import typing
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from services.reporting import received as reporting
from services.training import received as training
from shared import feed
from shared.config import SERVICES
from tests.contracts import golden
from tests.contracts.story import Told, tell

SHAPES: dict[ModuleType, dict[str, type[msgspec.Struct]]] = {
    training: {training.ORGANISATION_FOUNDED: training.Founded},
    reporting: {
        reporting.DISTRICT_REGISTERED: reporting.District,
        reporting.COUNT_DECLARED: reporting.DeclaredEvent,
        reporting.COUNT_CORRECTED: reporting.CorrectedEvent,
        reporting.COUNT_WITHDRAWN: reporting.CorrectedEvent,
        **{name: reporting.Counting for name in reporting.COUNTING}}}
READS = [(module, name, shape) for module, shapes in SHAPES.items() for name, shape in shapes.items()]
GOLDEN = golden.files()
each = pytest.mark.parametrize(("module", "name", "shape"), READS, ids=lambda v: v if isinstance(v, str) else getattr(v, "__name__", ""))


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> list[Told]:
    return [told for told in tell(tmp_path_factory.mktemp("story")) if "odd" not in json.loads(told.state)["stream"]]


def with_unknown_fields(value: Any) -> Any:
    if isinstance(value, dict):
        return {**{k: with_unknown_fields(v) for k, v in value.items()}, "field_of_tomorrow": {"deep": [1]}}
    return [with_unknown_fields(v) for v in value] if isinstance(value, list) else value


def structs(shape: Any) -> Iterator[type]:
    """The shape and those within it."""
    for argument in typing.get_args(shape):
        yield from structs(argument)
    if isinstance(shape, type) and issubclass(shape, msgspec.Struct):
        yield shape
        for inner in typing.get_type_hints(shape).values():
            yield from structs(inner)


@each
def test_a_consumer_reads_what_the_producer_tells_today(module: ModuleType, name: str, shape: type, today: list[Told]) -> None:
    told = [state for told_name, state in today if told_name == name]
    assert told
    for state in told:
        assert msgspec.json.decode(state, type=shape).id == json.loads(state)["id"]


@each
def test_a_consumer_reads_what_was_told_before(module: ModuleType, name: str, shape: type) -> None:
    msgspec.json.decode(GOLDEN[name], type=shape)


@each
def test_a_consumer_ignores_fields_it_does_not_know(module: ModuleType, name: str, shape: type) -> None:
    newer = json.dumps(with_unknown_fields(json.loads(GOLDEN[name]))).encode()
    known = msgspec.json.decode(GOLDEN[name], type=shape)
    assert _without_free_data(msgspec.json.decode(newer, type=shape)) == _without_free_data(known)


def _without_free_data(value: Any) -> Any:
    """A source is free data to a reader, which takes it whole."""
    plain = msgspec.to_builtins(value)
    plain.get("data", {}).pop("source", None)
    return plain


@each
def test_a_shape_asks_for_something(module: ModuleType, name: str, shape: type) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b"{}", type=shape)


@pytest.mark.parametrize("service", SERVICES)
def test_every_name_and_shape_a_service_receives_is_under_contract(service: str) -> None:
    if not (Path(__file__).parents[2] / "services" / service / "received.py").exists():
        return
    module = import_module(f"services.{service}.received")
    constants = {v for k, v in vars(module).items() if k.isupper() and isinstance(v, str)}
    assert constants == set(SHAPES[module])
    assert constants <= golden.names()
    here = {v for v in vars(module).values() if isinstance(v, type) and issubclass(v, msgspec.Struct) and v.__module__ == module.__name__}
    free_standing = {getattr(module, "Identified", None)} - {None}          # fits every event
    assert here - free_standing == {s for shape in SHAPES[module].values() for s in structs(shape) if s.__module__ == module.__name__}


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_every_event_of_every_service_can_be_indexed(name: str) -> None:
    assert msgspec.json.decode(GOLDEN[name], type=reporting.Identified).id


@pytest.mark.parametrize("service", SERVICES)
def test_every_feed_begins_with_an_opening_that_names_its_log_and_kind(service: str) -> None:
    state = GOLDEN[f"{service}.LogOpened"]
    opened = json.loads(state)
    assert feed.genesis_of(service, state) == feed.start(service, opened["id"])
    assert opened["data"] == {"kind": "real", "service": service}
