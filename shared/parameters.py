"""The parameters that queries of several services share, and how the text of common kinds is read."""
import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from . import event
from .errors import BadRequest
from .requests import SLUG
from .route import LIMIT, Param, one_of, whole

SLUG_SCHEMA = {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,63}$"}
MOST = 200
PAGE_OF = replace(LIMIT, schema={"type": "integer", "minimum": 1, "maximum": MOST, "default": 50}, read=whole(1, MOST), default=50)


def today() -> str:
    return dt.datetime.now(dt.UTC).date().isoformat()


def moment(text: str, name: str) -> str:
    """An ISO time, or the end of a day, as UTC with milliseconds. Raises BadRequest."""
    try:
        parsed = dt.datetime.fromisoformat(text)
        if len(text) <= 10:                                        # a day stands for all that was known on it, as `as_of` includes its day
            parsed = dt.datetime.combine(parsed, dt.time.max)
        return event.moment(parsed.replace(tzinfo=parsed.tzinfo or dt.UTC))
    except (ValueError, OverflowError) as e:
        raise BadRequest(f"'{text[:40]}' is no time", field=name, rule="ISO 8601, such as 2026-11-24T08:00:00Z") from e


KNOWN_AT = Param(name="known_at", fr="Tel qu'on le savait à ce moment, ou à la fin de ce jour (UTC)",
                 en="As it was known at that time, or at the end of that day (UTC)", read=moment, example="2026-11-24T08:00:00Z",
                 schema={"type": "string", "format": "date-time"})


def a_slug(text: str, name: str) -> str:
    """Raises BadRequest."""
    if not SLUG.fullmatch(text):
        raise BadRequest(f"{name} is no slug", field=name, rule="letters a-z, digits and hyphens, at most 64")
    return text


def slug(name: str, fr: str, en: str, **more: Any) -> Param:
    return Param(name=name, fr=fr, en=en, **{"schema": SLUG_SCHEMA, "read": a_slug, **more})


def choice(name: str, fr: str, en: str, values: Sequence[str]) -> Param:
    return Param(name=name, fr=fr, en=en, read=one_of(*values), schema={"enum": list(values)})


def in_form(param: Param) -> Param:
    """As a page's form sends it: a field that was left empty is one that was not given."""
    def read(text: str, name: str) -> object:
        return param.read(text, name) if text else param.absent()
    return replace(param, read=read, schema={"anyOf": [dict(param.schema), {"const": ""}]})


def min_position(service: str) -> Param:
    """Of the service's own log, read as (service, position)."""
    def read(text: str, name: str) -> tuple[str, int]:
        source, _, number = text.rpartition(":")
        if source != service or not (number.isascii() and number.isdigit()) or len(number) > 18:
            raise BadRequest(f"{name} is {service}:<position>", field=name, rule=service)
        return source, int(number)

    return Param(name="min_position", fr=f"Attendre, 5 s au plus, que cet événement soit vu : {service}:<position> d'une réponse à une commande",
                 en=f"Wait, at most 5 s, until this event is seen: {service}:<position> of a command's answer", read=read, default=None,
                 schema={"type": "string", "pattern": f"^{service}:[0-9]{{1,18}}$"}, example=f"{service}:1")
