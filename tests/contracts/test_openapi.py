"""The OpenAPI documents hold every address, command, parameter and refusal there is, and are what they claim to be."""
import re
from importlib import import_module
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from installation.documents import addresses
from installation.documents.pages import DOCUMENTED
from shared import access
from shared.config import SERVICES
from shared.edge.openapi import catalogue
from shared.route import Route

every = pytest.mark.parametrize("name", DOCUMENTED)
ROUTES = [(name, route) for name in DOCUMENTED for route in addresses.of(name)]
each = pytest.mark.parametrize(("name", "route"), ROUTES, ids=lambda v: f"{v.method} {v.url}" if isinstance(v, Route) else "")


@pytest.fixture(scope="module")
def documents() -> dict[str, dict[str, Any]]:
    return {name: addresses.document(name) for name in DOCUMENTED}


@every
def test_a_document_is_openapi_3_1(documents: dict[str, dict[str, Any]], name: str) -> None:
    assert documents[name]["openapi"] == "3.1.0"
    assert [str(e) for e in OpenAPIV31SpecValidator(documents[name]).iter_errors()] == []


@each
def test_every_address_is_in_a_document_and_says_in_two_languages_what_it_is_for(documents: dict[str, dict[str, Any]], name: str, route: Route) -> None:
    assert route.about.fr and route.about.en
    if route.scope == access.COMMAND:
        paths = {route.url.replace("<command>", command) for command in addresses.definition(name).commands}
        assert paths <= set(documents[name]["paths"])
    else:
        assert route.method.lower() in documents[name]["paths"][re.sub(r"<(\w+)>", r"{\1}", route.url)]


@each
def test_every_parameter_is_described_in_two_languages(name: str, route: Route) -> None:
    assert {p.name for p in route.about.path} == set(re.findall(r"<(\w+)>", route.url)) - ({"command"} if route.scope == access.COMMAND else set())
    for param in (*route.about.params, *route.about.path):
        assert param.fr and param.en and param.schema


def test_every_address_that_the_table_of_rights_names_is_there() -> None:
    found = {f"{route.method} {route.url}" for _, route in ROUTES}
    for named in access.table().routes:
        method, url = named.split(" ")
        assert any(f"{method} {url.replace('{service}', service)}" in found for service in SERVICES), named


def test_no_service_reads_a_query_parameter_past_its_description() -> None:
    """`request.args` is read in one place, which refuses what is not described."""
    from tests.architecture.test_house import ROOT
    reading = [p for part in ("services", "shared", "installation") for p in (ROOT / part).rglob("*.py") if "request.args" in p.read_text("utf-8")]
    assert {p.relative_to(ROOT).as_posix() for p in reading} == {"shared/edge/http_entrypoint.py", "shared/edge/api.py"}


@pytest.mark.parametrize("service", SERVICES)
def test_every_command_says_in_two_languages_what_it_is_and_its_example_fits(service: str) -> None:
    for name, spec in import_module(f"services.{service}.application").DEFINITION.commands.items():
        said: Any = spec.schema
        assert said.fr and said.en and said.fr != said.en, name
        assert spec.schema().validate(dict(said.example)) == {}, name


def test_every_refusal_has_its_own_name_and_a_text_in_two_languages() -> None:
    slugs = [error.slug for error in catalogue()]
    assert len(slugs) == len(set(slugs))
    for error in catalogue():
        for text in (error.title, error.advice):
            assert text["fr"] and text["en"] and text["fr"] != text["en"], error
        assert "advice" in vars(error) or error.slug == "internal", error


@every
def test_every_operation_may_refuse_as_the_edge_does(documents: dict[str, dict[str, Any]], name: str) -> None:
    for path in documents[name]["paths"].values():
        for operation in path.values():
            assert {"400", "408", "413", "431", "500", "503"} <= set(operation["responses"])
            assert operation["security"] == [] or {"401", "403"} <= set(operation["responses"])
            if "Idempotency-Key" in str(operation["parameters"]):
                assert {"200", "201", "404", "409", "412", "415", "422", "429", "507"} <= set(operation["responses"])
