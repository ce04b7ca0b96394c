"""HTTP body -> command."""
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, fields, validate

from shared.requests import CommandSchema, slug, text, whole

from . import commands as c
from .activity import KINDS, ROLES


def texts() -> fields.List[str]:
    return fields.List(text(), validate=validate.Length(max=50))


class Figure(Schema):
    class Meta:
        unknown = RAISE

    count = whole(required=True)
    of = text(60, required=True)


class RecordActivity(CommandSchema):
    fr, en = "Noter une activité", "Record an activity"
    example: ClassVar = {"activity": "EX-1", "title": "Premiers secours sur les sites", "kind": "training", "role": "organised", "topics": ["first-aid"],
                         "places": ["Kangaba"], "figures": [{"count": 24, "of": "members"}], "occurred_on": "2024-11"}

    activity = fields.String(required=True, validate=validate.Regexp(r"[A-Za-z0-9][A-Za-z0-9.-]{0,63}\Z"))
    title = text(300, required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    topics = texts()
    places = texts()
    partners = texts()
    figures = fields.List(fields.Nested(Figure), validate=validate.Length(max=50))


class RecordNeed(CommandSchema):
    fr, en = "Noter un besoin de formation", "Record a training need"
    example: ClassVar = {"organisation": "niena", "topic": "first-aid", "basis": "demandé en assemblée"}

    organisation = slug(required=True)
    topic = slug(required=True)
    basis = text(300, required=True)


BY_NAME: dict[str, tuple[type[Schema], Any]] = {
    "record-activity": (RecordActivity, c.RecordActivity),
    "record-need": (RecordNeed, c.RecordNeed),
}
