"""The two documents of each service, made once."""
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from .asyncapi import document as _asyncapi
from .definition import Definition
from .edge.openapi import document as _openapi
from .route import Route

_made: dict[tuple[str, str], bytes] = {}


def openapi(definition: Definition, routes: Sequence[Route]) -> bytes:
    return _once("openapi", definition, lambda: _openapi(definition, routes))


def asyncapi(definition: Definition) -> bytes:
    return _once("asyncapi", definition, lambda: _asyncapi(definition))


def _once(kind: str, definition: Definition, make: Callable[[], Any]) -> bytes:
    key = (kind, definition.name)
    if key not in _made:
        _made[key] = msgspec.json.encode(make())
    return _made[key]
