"""Each service's page says what its code does: the names in its tables are the names in the code."""
import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

from shared.config import SERVICES

ROOT = Path(__file__).parents[2] / "services"
SECTIONS = ("Commands", "Events", "Receives", "Processes", "Views", "Queries")
services = pytest.mark.parametrize("service", SERVICES)


def page(service: str) -> dict[str, list[str]]:
    """Section → the names in backticks that begin its table's rows."""
    text = (ROOT / service / "README.md").read_text("utf-8")
    parts = re.split(r"^## (.+)$", text, flags=re.M)
    return {title: re.findall(r"^\| `([^`]+)`", body, flags=re.M) for title, body in zip(parts[1::2], parts[2::2], strict=True)}


def definition(service: str) -> object:
    return import_module(f"services.{service}.application").DEFINITION


def received(service: str) -> set[str]:
    if not (ROOT / service / "received.py").exists():
        return set()
    module = import_module(f"services.{service}.received")
    return {value for constant, value in vars(module).items() if constant.isupper() and isinstance(value, str)}


def routes(service: str) -> set[str]:
    """Methods and paths of the service's own entry points, in whichever of its files, read without importing nameko."""
    nodes = [node for file in (ROOT / service).rglob("*.py") for node in ast.walk(ast.parse(file.read_bytes()))]
    calls = [d for node in nodes if isinstance(node, ast.FunctionDef) for d in node.decorator_list if isinstance(d, ast.Call)]
    return {" ".join(ast.literal_eval(argument) for argument in call.args[:2]) for call in calls if getattr(call.func, "id", "") in ("http", "page")}


@services
def test_the_page_has_its_sections_in_order(service: str) -> None:
    assert tuple(page(service)) == SECTIONS


@services
def test_the_page_names_nothing_twice(service: str) -> None:
    for section, names in page(service).items():
        assert len(names) == len(set(names)), section


@services
def test_the_commands_are_those_of_the_code(service: str) -> None:
    assert set(page(service)["Commands"]) == set(definition(service).commands)  # type: ignore[attr-defined]


@services
def test_the_events_are_those_of_the_code(service: str) -> None:
    assert {f"{service}.{event}" for event in page(service)["Events"]} == import_module(f"services.{service}.events").ALL


@services
def test_what_is_received_is_what_the_code_reads(service: str) -> None:
    assert set(page(service)["Receives"]) == received(service)


@services
def test_what_the_code_receives_is_read_by_a_view_or_process(service: str) -> None:
    d = definition(service)
    named = {name for view in (*d.views, *d.processes) for name in view.names}  # type: ignore[attr-defined]
    assert received(service) <= named


@services
def test_the_processes_are_those_of_the_code(service: str) -> None:
    assert set(page(service)["Processes"]) == {p.name for p in definition(service).processes}  # type: ignore[attr-defined]


@services
def test_the_views_are_those_of_the_code(service: str) -> None:
    assert set(page(service)["Views"]) == {v.name for v in definition(service).views}  # type: ignore[attr-defined]


@services
def test_the_queries_are_those_of_the_code(service: str) -> None:
    assert set(page(service)["Queries"]) == routes(service)


@services
def test_every_event_name_is_one_that_the_code_decides(service: str) -> None:
    """A stored name stands in events.py under the service's own prefix and is used elsewhere, or by the mechanism."""
    mechanism = {"LogOpened", "EpochStarted", "DeadLetterDiscarded", "ViewEventSkipped", "SendingAttempted", "SendingDelivered", "SendingFailed"}
    module = import_module(f"services.{service}.events")
    code = "\n".join(p.read_text("utf-8") for p in (ROOT / service).rglob("*.py") if p.name != "events.py")
    for constant, value in vars(module).items():
        if constant.isupper() and isinstance(value, str):
            assert value.startswith(f"{service}.")
            assert value.split(".")[1] in mechanism or f"events.{constant}" in code, value
