"""The table of who may do what, row by row as the page shows it."""
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from shared import access
from shared.access import COMMAND, OPEN, Role
from shared.definition import Definition
from shared.route import Route


class Right(NamedTuple):
    what: str
    fr: str
    en: str
    scope: str
    roles: frozenset[str]


def rights(definition: Definition, routes: Sequence[Route]) -> Iterator[Right]:
    """One for each address and command of a service."""
    for route in routes:
        if route.scope != COMMAND:
            yield _right(f"{route.method} {route.url}", route.about.fr, route.about.en, route.scope)
            continue
        for name, spec in definition.commands.items():
            said: Any = spec.schema
            yield _right(name, said.fr, said.en, access.table().command(definition.name, name))


def _right(what: str, fr: str, en: str, scope: str) -> Right:
    roles = access.table().roles
    return Right(what, fr, en, scope, frozenset(roles) if scope == OPEN else frozenset(r.name for r in roles.values() if scope in r.scopes))


def roles() -> list[Role]:
    return list(access.table().roles.values())
