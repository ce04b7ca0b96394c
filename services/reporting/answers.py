"""What reporting answers, as schemas; the tests hold its answers against them."""
from typing import Any

from marshmallow import fields, validate

from shared.answers import DIGITS, Answered, digits

from .district_table import LEVELS


def by_column(inner: Any, **kw: Any) -> fields.Dict:
    return fields.Dict(keys=fields.String(validate=validate.OneOf(list(LEVELS))), values=inner, **kw)


def event_ids(**kw: Any) -> fields.List[str]:
    return fields.List(fields.String(), metadata={"description": "ids of events: /reporting/v1/events/<id>"}, **kw)


class Feeds(Answered):
    membership = fields.String(validate=DIGITS)
    training = fields.String(validate=DIGITS)
    gold_trade = fields.String(validate=DIGITS)
    views_at = fields.String(required=True, validate=DIGITS, metadata={"description": "how far the slowest view has read reporting's log"})


class Figures(Answered):
    """A figure that nobody stated is absent, never 0."""

    base = fields.Integer(metadata={"example": 96})
    unions = fields.Integer(metadata={"example": 4})
    federations = fields.Integer(metadata={"example": 1})
    events = by_column(event_ids(), required=True)


class DistrictRow(Figures):
    district = fields.String(required=True, allow_none=True, metadata={"description": "null: organisations whose district nobody stated"})
    name = fields.String(required=True, allow_none=True)
    declared_as_of = by_column(fields.String())
    counts_from = by_column(fields.String())


class Totals(Figures):
    events = by_column(event_ids())
    how = by_column(fields.String(validate=validate.OneOf(("sum of rows", "national statement"))))


class Completeness(Answered):
    derived = fields.Integer(required=True)
    declared = fields.Integer()


class DistrictTable(Answered):
    as_of = fields.Date(required=True)
    basis = fields.String(required=True, validate=validate.OneOf(("declared", "derived")))
    known_at = fields.String()
    rows = fields.List(fields.Nested(DistrictRow), required=True)
    totals = fields.Nested(Totals, required=True)
    completeness = by_column(fields.Nested(Completeness), required=True)
    feeds = fields.Nested(Feeds, required=True)


class DistrictEvents(Answered):
    as_of = fields.Date(required=True)
    district = fields.String(required=True, allow_none=True)
    column = fields.String(required=True)
    events = event_ids(required=True)
    next = fields.String(required=True, allow_none=True, validate=DIGITS, metadata={"description": "`after` of the page that follows"})


class Both(Answered):
    fr = fields.String(required=True)
    en = fields.String(required=True)


class Stated(Answered):
    value = fields.Integer(required=True)
    as_of = fields.String(required=True)
    measure = fields.String(required=True)
    source = fields.Dict(required=True)
    event = fields.String(required=True)


class Finding(Answered):
    id = fields.String(required=True)
    rule = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("to check", "observed")))
    since = fields.Date(required=True)
    text = fields.Nested(Both, required=True)
    statements = fields.List(fields.Nested(Stated), required=True)
    events = event_ids(required=True)
    article = fields.String()


class FindingList(Answered):
    as_of = fields.Date(required=True)
    findings = fields.List(fields.Nested(Finding), required=True)
    feeds = fields.Nested(Feeds, required=True)


class Who(Answered):
    subject = fields.String(required=True)
    role = fields.String(required=True)


class When(Answered):
    occurred_on = fields.String(required=True, allow_none=True)
    precision = fields.String(required=True)
    recorded_at = fields.DateTime(required=True)


class InFeed(Answered):
    service = fields.String(required=True)
    position = digits()
    digest = fields.String(required=True)


class EventCard(Answered):
    id = fields.String(required=True)
    name = fields.String(required=True)
    who = fields.Nested(Who, required=True)
    when = fields.Nested(When, required=True)
    where = fields.Dict(required=True)
    why = fields.Dict(required=True)
    correlation = fields.String(required=True)
    stream = fields.String(required=True)
    version = fields.Integer(required=True)
    feed = fields.Nested(InFeed, required=True, metadata={"description": "its place in the source's chain, which anyone can recompute"})
    position = digits()
    data = fields.Dict(required=True)
