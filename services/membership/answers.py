"""What membership's queries about organisations answer, as schemas; the documents are made of them."""
from marshmallow import fields, validate

from shared.answers import Answered

from .directory import LEVELS, STATUSES
from .projections.findings import STATES


def text(what: str = "", **kw: object) -> fields.String:
    """Empty where nobody said."""
    return fields.String(required=True, **({"metadata": {"description": what}} if what else {}), **kw)  # type: ignore[arg-type]


class Standing(Answered):
    value = fields.String(required=True, validate=validate.OneOf(("good", "to check", "suspended")))
    why = fields.List(fields.String(), required=True, metadata={"description": "codes of rules; none for a good one"})
    since = fields.Date()


class Organisation(Answered):
    organisation = text()
    name = text()
    acronym = text()
    level = text("“” for one whose founding is not known yet", validate=validate.OneOf((*LEVELS, "")))
    form = text()
    district = text()
    district_name = text()
    commune = text()
    site = text()
    seat = text()
    status = text(validate=validate.OneOf((*STATUSES, "")))
    founded_on = text("as precisely as it was said (EDTF)")
    parents = fields.List(fields.String(), required=True)
    members = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True,
                          metadata={"description": "today, by kind: miner, miner/female, miner/male, base, union, federation; without the right to see "
                                                  "people miners in steps of five, and not by sex", "example": {"miner": 34}})
    findings_open = fields.Integer(required=True)
    standing = fields.Nested(Standing, required=True)


class InTree(Organisation):
    children = fields.List(fields.Dict(), required=True, metadata={"description": "those affiliated to it, each as this one"})


class OrganisationList(Answered):
    """Of a list `organisations`, of a tree `tree`."""

    organisations = fields.List(fields.Nested(Organisation))
    tree = fields.List(fields.Nested(InTree))
    next = fields.String(allow_none=True, metadata={"description": "`after` of the page that follows"})


class Finding(Answered):
    finding = text()
    organisation = text()
    name = fields.String(allow_none=True)
    district = fields.String(allow_none=True)
    rule = text()
    article = text()
    severity = text()
    tag = text()
    since = fields.Date(required=True)
    until = text("the first day on which the rule is kept again; “” while it is not")
    facts = fields.Dict(required=True, metadata={"description": "what was compared; a number of few people says “< 5” to who may not see people"})
    events = fields.List(fields.String(), required=True, metadata={"description": "ids of the events behind it"})
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    answer = text()
    decision = text()


class Correction(Answered):
    event = text()
    name = text()
    recorded_at = text()
    reason = text()
    old = fields.Dict(required=True)
    new = fields.Dict(required=True)


class Line(Answered):
    event = text("id of the event")
    name = text()
    day = text("on which it counts, as known now")
    occurred_on = text("as it was said first (EDTF)")
    recorded_at = text()
    position = fields.Integer(required=True)
    reason = text()
    data = fields.Dict(required=True)
    corrections = fields.List(fields.Nested(Correction), required=True)
    withdrawn = fields.Boolean(required=True)


class Assigned(Answered):
    corridor = text()
    name = text()
    begins = text()
    until = text("its last day; “” where none is known")


class WholeOrganisation(Organisation):
    register = text()
    number = text("as written")
    number_normalised = text()
    counts_from = text()
    merged_into = text()
    steps = fields.List(fields.Dict(), required=True, metadata={"description": "the standing of the whole timeline"})
    names = fields.List(fields.String(), required=True, metadata={"description": "other names it bears, bore or is met under"})
    findings = fields.List(fields.Nested(Finding), required=True)
    corridors = fields.List(fields.Nested(Assigned), required=True)
    timeline = fields.List(fields.Nested(Line), required=True, metadata={"description": "the newest first"})
    known_names = fields.Dict(keys=fields.String(), values=fields.String(), required=True, metadata={"description": "of the organisations named here"})
    before = text("`before` of the timeline's next page; “” on the last")
    children = fields.List(fields.Nested(Organisation), required=True, metadata={"description": "the first 50; all: /membership/v1/organisations?parent=…"})
