"""The shape every command body shares: strict fields, and the meta data of a reported fact."""
import datetime as dt
import re
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from . import dates, event, french
from .errors import BadRequest

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,63}\Z", re.ASCII)
META = ("occurred_on", "reason", "device", "place", "synthetic")


class Edtf(fields.String):
    """A date as precisely as it is known: YYYY, YYYY-MM, YYYY-MM-DD or A/B (ISO 8601-2 level 0)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Regexp(rf"{dates.PATTERN}\Z"), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        try:
            dates.parse(text)
        except BadRequest as e:
            raise ValidationError(f"{e.detail}: {e.rule}" if e.rule else e.detail) from e
        return text


class Moment(fields.String):
    """A time of a clock, with its offset, as UTC with milliseconds (RFC 3339)."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        with suppress(ValueError, OverflowError):
            if "T" in text and len(text) > len("2026-11-24T08:00:00"):
                return event.moment(dt.datetime.fromisoformat(text))
        raise ValidationError("a time with its offset, such as 2026-11-24T08:00:00Z")


class Day(fields.String):
    """One day of the calendar, ISO 8601."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Regexp(rf"{dates.DAY}\Z", error="a day: YYYY-MM-DD"), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if re.fullmatch(dates.DAY, text):
            try:
                dates.parse(text)
            except BadRequest as e:
                raise ValidationError(e.detail) from e
        return text


class Flag(fields.Boolean):
    """true or false, and no number: 1 equals True in Python."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


def slug(**kwargs: Any) -> fields.String:
    return fields.String(validate=validate.Regexp(SLUG, error="letters a-z, digits and hyphens, at most 64"), **kwargs)


def text(longest: int = 200, **kwargs: Any) -> fields.String:
    return fields.String(validate=validate.Length(1, longest), **kwargs)


def whole(least: int = 0, most: int = 2**53 - 1, **kwargs: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(least, most), **kwargs)


class Source(Schema):
    """Where a statement stands: document, section, and row of a table."""

    class Meta:
        unknown = RAISE

    document = text(required=True)
    section = text(required=True)
    row = text(50)


class CommandSchema(Schema):
    """What is reported (`fr`, `en`), and an `example` that the demo accepts."""

    fr: ClassVar[str] = ""
    en: ClassVar[str] = ""
    example: ClassVar[Mapping[str, Any]] = MappingProxyType({})

    class Meta:
        unknown = RAISE

    occurred_on = Edtf(metadata={"description": "When it happened, EDTF level 0: 2024, 2024-11, 2024-11-17, A/B; left out: nobody said"})
    reason = text(500)
    device = text(100, metadata={"description": "What it was recorded with"})
    place = text(300, metadata={"description": "Where it was recorded"})
    source = fields.Nested(Source)
    synthetic = Flag(metadata={"description": "Must be what the log was born as"})


def read(schema: Schema, body: object) -> dict[str, Any]:
    """The checked body. Raises BadRequest naming the first faulty field and its rule, and all of them in `errors`."""
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object")
    try:
        return dict(schema.load(body))
    except ValidationError as e:
        faults = _flat(e.messages)
        field, rule = faults[0]
        errors = [{"field": f, "rule": r, "regle": french.of(r) or r} for f, r in faults]
        raise BadRequest(f"{field}: {rule}", field=field, rule=rule, explication=f"{field} : {errors[0]['regle']}", errors=errors) from e


def _flat(messages: Any, path: str = "") -> list[tuple[str, str]]:
    if isinstance(messages, dict):
        return [pair for k, v in messages.items() for pair in _flat(v, f"{path}.{k}" if path else str(k))]
    return [(path, str(m)) for m in (messages if isinstance(messages, list) else [messages])]
