"""The pages under /docs, in French with English beside."""
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import msgspec

from shared import access, asyncapi
from shared.config import SERVICES, Config
from shared.edge.openapi import catalogue
from shared.errors import NotFound

from . import addresses, quick_start, rights, shapes

_templates = jinja2.Environment(loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, trim_blocks=True,
                                lstrip_blocks=True, undefined=jinja2.StrictUndefined)
DOCUMENTED = (*SERVICES, addresses.INSTALLATION)


def index(config: Config, request: Any) -> str:
    return _shown("index.html", lines=quick_start.lines(config, request), services=SERVICES)


def page(name: str) -> str:
    """Raises NotFound."""
    if name not in _PAGES:
        raise NotFound("there is no such page", field="page", rule=", ".join(_PAGES))
    return _PAGES[name]()


@cache
def api() -> str:
    return _shown("api.html", services=DOCUMENTED)


@cache
def events() -> str:
    documents = {name: asyncapi.document(addresses.definition(name)) for name in SERVICES}
    first = documents[SERVICES[0]]["components"]["schemas"]
    return _shown("events.html", told={name: shapes.events(document) for name, document in documents.items()},
                  headers=shapes.rows(asyncapi.HEADERS, {}), cloud=shapes.rows({"$ref": asyncapi.SCHEMAS + "CloudEvent"}, first))


@cache
def problems() -> str:
    return _shown("problems.html", errors=catalogue())


@cache
def who_may_what() -> str:
    tables = {name: list(rights.rights(addresses.definition(name), addresses.of(name))) for name in DOCUMENTED}
    return _shown("access.html", roles=rights.roles(), tables=tables, open=access.OPEN)


@cache
def openapi(name: str, config: Config) -> bytes:
    """The document of one service, or of the installation's own addresses. Raises NotFound."""
    if name not in DOCUMENTED:
        raise NotFound("there is no such service", field="service", rule=", ".join(DOCUMENTED))
    at = "/" if config.embedded else config.url("reporting" if name == addresses.INSTALLATION else name)
    return msgspec.json.encode({**addresses.document(name), "servers": [{"url": at}]})


def _shown(template: str, **content: Any) -> str:
    return _templates.get_template(template).render(**content)


_PAGES: dict[str, Callable[[], str]] = {"api": api, "events": events, "problems": problems, "access": who_may_what}
