"""Every address there is, whoever serves it, from the nameko classes themselves."""
from importlib import import_module
from typing import Any

from installation import catalogue
from shared.config import SERVICES
from shared.definition import Definition
from shared.edge import openapi
from shared.edge.http_entrypoint import routes
from shared.route import Route

INSTALLATION = "installation"
_NOBODY = Definition(name=INSTALLATION, commands={}, fr="Les pages : documentation et exploitation.", en="The pages: documentation and operations.")


def of(name: str) -> list[Route]:
    """The addresses of a service, or those that belong to none."""
    found = [route for cls in _classes() for route in routes(cls)]
    if name == INSTALLATION:
        mine = [r for r in found if r.url.split("/")[1] not in ("", *SERVICES)]
    else:
        mine = [*routes(catalogue.edge(name).Api), *(r for r in found if r.url.split("/")[1] == name)]
    return list({(r.method, r.url): r for r in mine}.values())


def _classes() -> list[type]:
    return [*(cls for name in SERVICES for cls in (catalogue.edge(name).Api, *catalogue.beside(name))), *catalogue.once()]


def definition(name: str) -> Definition:
    if name == INSTALLATION:
        return _NOBODY
    found: Definition = import_module(f"services.{name}.application").DEFINITION
    return found


def document(name: str) -> dict[str, Any]:
    return openapi.document(definition(name), of(name))
