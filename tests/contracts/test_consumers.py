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

from services.gold_trade import received as gold_trade
from services.reporting import received as reporting
from services.reporting import received_facts as facts
from services.reporting import received_metal as metal
from services.training import received as training
from shared import feed
from shared.config import SERVICES
from tests.contracts import golden
from tests.contracts.story import Told, tell

RECORDS = (reporting.ORGANISATION_FOUNDED, reporting.ORGANISATION_REGISTERED, reporting.FACT_CORRECTED, reporting.FACT_WITHDRAWN,
           reporting.CORRIDOR_ASSIGNED, reporting.CORRIDOR_CLOSED, reporting.CORRIDOR_ASSIGNMENT_ENDED)
# An event that several views read may have a shape for each.
SHAPES: dict[ModuleType, list[tuple[str, type[msgspec.Struct]]]] = {
    training: [(training.ORGANISATION_FOUNDED, training.Founded)],
    gold_trade: [*((name, gold_trade.StandingEvent) for name in sorted(gold_trade.STANDINGS)),
                 *((name, gold_trade.CorridorEvent) for name in sorted(gold_trade.CORRIDORS)), (gold_trade.SITE_REGISTERED, gold_trade.SiteEvent)],
    reporting: [
        (reporting.DISTRICT_REGISTERED, reporting.District),
        (reporting.COUNT_DECLARED, reporting.DeclaredEvent),
        (reporting.COUNT_CORRECTED, reporting.CorrectedEvent),
        (reporting.COUNT_WITHDRAWN, reporting.CorrectedEvent),
        *((name, reporting.Counting) for name in sorted(reporting.COUNTING)),
        *((name, facts.Belonging) for name in sorted(reporting.BELONGING)),
        *((name, facts.Record) for name in RECORDS),
        (reporting.CORRIDOR_EXTENDED, facts.Extended),
        *((name, facts.Card) for name in (reporting.MINER_CARD_RECORDED, reporting.MINER_FACT_CORRECTED, reporting.MINER_FACT_WITHDRAWN)),
        *((name, facts.FindingEvent) for name in (reporting.FINDING_RECORDED, reporting.FINDING_ANSWERED, reporting.FINDING_DECIDED)),
        (reporting.STANDING_CHANGED, facts.StandingEvent),
        *((name, metal.Booked) for name in sorted(reporting.BOOKING)),
        *((name, metal.Held) for name in sorted(reporting.HOLDING)),
        *((name, metal.Consignment) for name in sorted(reporting.CONSIGNING)),
        *((name, metal.Lot) for name in (reporting.COLLECTION_RECORDED, reporting.LOT_SPENT, reporting.LOT_FORMED, reporting.LOT_ASSAYED)),
        (reporting.COLLECTION_RECORDED, metal.Receipt),
        (reporting.COLLECTION_CORRECTED, metal.Correction), (reporting.COLLECTION_WITHDRAWN, metal.Correction), (reporting.COLLECTION_CORRECTED, metal.Lot),
        (reporting.ACTOR_REGISTERED, metal.Actor)]}
READS = [(module, name, shape) for module, shapes in SHAPES.items() for name, shape in shapes]
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
    """A source, and what a finding compared, is free data to a reader, which takes it whole."""
    plain = msgspec.to_builtins(value)
    data = plain.get("data", {})
    data.pop("source", None)
    for breach in data.get("breaches", ()):
        breach.pop("facts")
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
    assert constants == {name for name, _ in SHAPES[module]}
    assert constants <= golden.names()
    modules = [module, *([facts, metal] if module is reporting else [])]
    here = {v for m in modules for v in vars(m).values() if isinstance(v, type) and issubclass(v, msgspec.Struct) and v.__module__ == m.__name__}
    free_standing = {getattr(module, "Identified", None)} - {None}          # fits every event
    ours = {m.__name__ for m in modules}
    assert here - free_standing == {s for _, shape in SHAPES[module] for s in structs(shape) if s.__module__ in ours}


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_every_event_of_every_service_can_be_indexed(name: str) -> None:
    assert msgspec.json.decode(GOLDEN[name], type=reporting.Identified).id


@pytest.mark.parametrize("service", SERVICES)
def test_every_feed_begins_with_an_opening_that_names_its_log_and_kind(service: str) -> None:
    state = GOLDEN[f"{service}.LogOpened"]
    opened = json.loads(state)
    assert feed.genesis_of(service, state) == feed.start(service, opened["id"])
    assert opened["data"] == {"kind": "real", "service": service}
