"""What events say is described: every stored event, old or of today, fits its shape, and no field is left out of it."""
import json
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from shared import asyncapi, feed
from shared.config import SERVICES
from shared.feed import Item
from tests.contracts import golden
from tests.contracts.story import Told, tell

GOLDEN = golden.files()
SHAPES = {service: import_module(f"services.{service}.application").DEFINITION.events for service in SERVICES}


def closed(schema: Any) -> Any:
    """The same, but a field it does not describe is a fault."""
    if isinstance(schema, list):
        return [closed(s) for s in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {k: closed(v) for k, v in schema.items()}
    return {**inner, "additionalProperties": False} if "title" in schema and schema.get("type") == "object" else inner


VALIDATORS = {}
for _service, _events in SHAPES.items():
    _parts = {"components": {"schemas": closed(asyncapi.schemas(_events))}}
    for _name in _events:
        VALIDATORS[_name] = Draft202012Validator({"$ref": f"#/components/schemas/{_name}", **_parts})


def faults(name: str, state: bytes) -> list[str]:
    """Of the CloudEvent that carries it."""
    item = Item(7, 6, bytes(32), name, state)
    (cloud,) = json.loads(feed.encode(name.partition(".")[0], [item]))
    return [f"{e.json_path}: {e.message}" for e in VALIDATORS[name].iter_errors(cloud)]


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> list[Told]:
    return [told for told in tell(tmp_path_factory.mktemp("story")) if "odd" not in json.loads(told.state)["stream"]]


def test_every_event_name_has_a_shape() -> None:
    for service, shapes in SHAPES.items():
        assert set(shapes) == import_module(f"services.{service}.events").ALL


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_what_was_stored_fits_its_shape(name: str) -> None:
    assert faults(name, GOLDEN[name]) == []


def test_what_is_told_today_fits_its_shape(today: list[Told]) -> None:
    assert {told.name: found for told in today if (found := faults(told.name, told.state))} == {}


def test_the_check_sees_a_field_nobody_described() -> None:
    odd = json.loads(GOLDEN["training.NeedRecorded"])
    odd["data"]["colour"] = "red"
    assert faults("training.NeedRecorded", json.dumps(odd).encode())


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from ([value["$ref"]] if "$ref" in value else [])
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


@pytest.mark.parametrize("service", SERVICES)
def test_every_reference_of_a_document_leads_somewhere(service: str) -> None:
    document = asyncapi.document(import_module(f"services.{service}.application").DEFINITION)
    for reference in references(document):
        found: Any = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
    messages = document["components"]["messages"]["envelope"]["payload"]["items"]["oneOf"]
    assert {m["$ref"].rpartition("/")[2] for m in messages} == import_module(f"services.{service}.events").ALL
