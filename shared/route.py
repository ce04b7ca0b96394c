"""What an address is for, what it takes and what it answers, said once beside it: the check and the document both come from here."""
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .errors import BadRequest, SanuError

Json = Mapping[str, Any]
JSON, PAGE = "application/json", "text/html"


def as_it_is(text: str, name: str) -> Any:
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """A parameter in the query or the path; `read` makes a value of its text or raises BadRequest."""

    name: str
    fr: str
    en: str
    schema: Json = field(default_factory=lambda: {"type": "string"})
    read: Callable[[str, str], Any] = as_it_is
    default: Any = ""
    """The value when it is not given; a function is called for it."""
    example: Any = None

    def absent(self) -> Any:
        return self.default() if callable(self.default) else self.default


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    fr: str
    en: str
    params: Sequence[Param] = ()
    path: Sequence[Param] = ()
    answer: Any = None
    """The JSON answer: a marshmallow schema, or a JSON schema."""
    others: Mapping[str, str] = field(default_factory=dict)
    """Other media types it may answer with, and what they hold."""
    kind: str = JSON
    status: int = 200
    takes: Mapping[str, Any] = field(default_factory=dict)
    """Media types of its body, and their schemas: marshmallow or JSON."""
    errors: Sequence[type[SanuError]] = ()
    conditional: bool = False          # carries an ETag and honours If-None-Match
    paged: bool = False                # carries a Link to the next page
    limited: bool = True               # counts for the client's rate

    def read(self, args: Any) -> dict[str, Any]:
        """The query's parameters as values. Raises BadRequest for one that is malformed, unknown (but to a page) or there twice."""
        known = {p.name: p for p in self.params}
        for name in args:
            if name not in known:
                if self.kind == PAGE:          # people's browsers add some, and so do scripts of the page
                    continue
                raise BadRequest("this address has no such parameter", field=name[:50], rule=", ".join(known) or "no parameters")
            if len(args.getlist(name)) > 1:
                raise BadRequest("the parameter stands twice", field=name)
        return {name: p.read(args[name], name) if name in args else p.absent() for name, p in known.items()}


class Route(NamedTuple):
    """One address of a service as its document shows it."""

    method: str
    url: str
    scope: str
    about: About


def whole(least: int, most: int) -> Callable[[str, str], int]:
    """Reads a whole number within bounds."""
    def read(text: str, name: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= most):
            raise BadRequest(f"{name} must be a whole number, {least} to {most}", field=name)
        return int(text)
    return read


def one_of(*values: str) -> Callable[[str, str], str]:
    def read(text: str, name: str) -> str:
        if text not in values:
            raise BadRequest(f"{name} is one of {', '.join(values)}", field=name)
        return text
    return read


MOST = 500
AFTER = Param(name="after", fr="Position après laquelle la page commence", en="The position behind which the page begins",
              schema={"type": "string", "pattern": "^[0-9]{1,18}$"}, read=whole(0, 10**18 - 1), default=0, example="0")
LIMIT = Param(name="limit", fr="Nombre d'éléments par page", en="How many to a page",
              schema={"type": "integer", "minimum": 1, "maximum": MOST, "default": MOST}, read=whole(1, MOST), default=MOST, example=50)
