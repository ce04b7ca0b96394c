"""What the figures about membership answer, as schemas; the tests hold the answers against them."""
from typing import Any

from marshmallow import fields, validate

from services.reporting.answers import Both, Feeds, event_ids
from shared.answers import DIGITS, Answered

from . import completeness, findings, growth, members, standings


def one_of(*values: str, **kw: Any) -> fields.String:
    return fields.String(required=True, validate=validate.OneOf(values), **kw)


def maybe(**kw: Any) -> fields.String:
    return fields.String(required=True, allow_none=True, **kw)


class Dated(Answered):
    as_of = fields.Date(required=True)
    known_at = fields.String()
    feeds = fields.Nested(Feeds, required=True)


class Behind(Answered):
    """`events` are the first and the last behind the figure; all of them stand at the address `all`."""

    events = event_ids()
    all = fields.String(metadata={"description": "the address of everything behind the figure", "example": "/reporting/v1/tables/members/events?sex=female"})


class MemberRow(Behind):
    district = fields.String(allow_none=True, metadata={"description": "null: no district that is known"})
    district_name = fields.String(allow_none=True)
    level = fields.String(allow_none=True, metadata={"description": "null: the organisation is not in being on that day"})
    organisation = fields.String()
    sex = fields.String(validate=validate.OneOf(members.SEXES))
    age_band = fields.String(validate=validate.OneOf(members.AGE_BANDS))
    count = fields.Integer(metadata={"description": "absent where fewer than five would point at people"})
    suppressed = fields.Boolean(required=True)


class Notice(Answered):
    rule = fields.String(required=True)
    state = fields.String(required=True)
    count = fields.Integer(required=True)
    text = fields.Nested(Both, required=True)


class MemberTable(Dated):
    by = fields.List(fields.String(validate=validate.OneOf(members.DIMENSIONS)), required=True)
    rows = fields.List(fields.Nested(MemberRow), required=True)
    total = fields.Integer(required=True, metadata={"description": "of all pages; a miner of two organisations counts in both"})
    notices = fields.List(fields.Nested(Notice), required=True)


class EventPage(Dated):
    events = event_ids(required=True)
    next = maybe(validate=DIGITS, metadata={"description": "`after` of the page that follows"})


class MonthRow(Behind):
    of = one_of(*growth.OF)
    month = fields.String(required=True)
    opening = fields.Integer(required=True)
    new = fields.Integer(required=True)
    left = fields.Integer(required=True)
    closing = fields.Integer(required=True)


class GrowthTable(Dated):
    first = fields.String(required=True, data_key="from")
    to = fields.String(required=True)
    rows = fields.List(fields.Nested(MonthRow), required=True)


class CompletenessRow(Behind):
    of = one_of(*completeness.LEVELS, "miner")
    what = one_of("organisation", *completeness.OF_ORGANISATIONS, *completeness.OF_MINERS)
    recorded = fields.Integer(required=True)
    total = fields.Integer(required=True, metadata={"description": "of `organisation`: how many the sources declare"})
    percent = fields.Float(required=True, allow_none=True)


class CompletenessTable(Dated):
    rows = fields.List(fields.Nested(CompletenessRow), required=True)


class RecordRow(Answered):
    organisation = fields.String(required=True)
    district = maybe()
    event = maybe()


class RecordList(Dated):
    level = fields.String(required=True)
    what = fields.String(required=True)
    recorded = fields.Boolean(required=True)
    rows = fields.List(fields.Nested(RecordRow), required=True)


class OrganisationFinding(Answered):
    finding = fields.String(required=True)
    organisation = fields.String(required=True)
    level = maybe()
    district = maybe()
    district_name = maybe()
    rule = fields.String(required=True)
    article = maybe()
    severity = fields.String(required=True)
    tag = fields.String(required=True)
    state = one_of(*findings.STATES)
    since = fields.Date(required=True)
    until = fields.Date(required=True, allow_none=True, metadata={"description": "the first day on which the rule is kept again"})
    facts = fields.Dict(required=True)
    events = event_ids(required=True)


class OrganisationFindingList(Dated):
    findings = fields.List(fields.Nested(OrganisationFinding), required=True)


class ArticleRow(Behind):
    rule = fields.String(required=True)
    article = maybe()
    state = one_of(*findings.STATES)
    count = fields.Integer(required=True)


class ArticleTable(Dated):
    rows = fields.List(fields.Nested(ArticleRow), required=True)


class StandingRow(Behind):
    district = maybe()
    district_name = maybe()
    value = one_of(*standings.VALUES)
    count = fields.Integer(required=True)


class StandingTable(Dated):
    rows = fields.List(fields.Nested(StandingRow), required=True)


class OrganisationStanding(Answered):
    organisation = fields.String(required=True)
    level = fields.String(required=True)
    district = maybe()
    value = one_of(*standings.VALUES)
    why = fields.List(fields.String(), required=True)
    since = fields.Date(required=True)
    events = event_ids(required=True)


class OrganisationStandingList(Dated):
    rows = fields.List(fields.Nested(OrganisationStanding), required=True)
