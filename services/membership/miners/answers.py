"""What the queries about miners answer, and what two of them are asked with, as schemas; the documents are made of them."""
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from services.membership.answers import Standing
from shared.answers import Answered, digits
from shared.requests import text

from .reading import FIELDS
from .shown import FORGOTTEN, MINOR, SEALED

WHAT = {"description": f"the person's name is “{SEALED}”, and opened by itself; “{MINOR}”: a child's is not kept; or “{FORGOTTEN}” for ever"}


class MinerLine(Answered):
    miner = fields.String(required=True, metadata={"example": "m-exemple1"})
    sex = fields.String(validate=validate.OneOf(("female", "male")))
    birth_year = fields.Integer()
    site = fields.String()
    village = fields.String()
    organisations = fields.List(fields.String(), required=True, metadata={"description": "of which the miner is a member today"})
    card_valid_until = fields.Date()
    standing = fields.Nested(Standing)
    identity = fields.String(required=True, validate=validate.OneOf((SEALED, MINOR, FORGOTTEN)), metadata=WHAT)
    merged_into = fields.String(metadata={"description": "it was a duplicate of this one"})


class MinerList(Answered):
    miners = fields.List(fields.Nested(MinerLine), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"description": "`after` of the page that follows"})


class Found(Answered):
    miners = fields.List(fields.Nested(MinerLine), required=True)
    more = fields.Boolean(required=True, metadata={"description": "there are more than 50: name more of the name"})


class Membership(Answered):
    organisation = fields.String(required=True)
    since = fields.Date(required=True)
    until = fields.Date(metadata={"description": "the first day on which the miner is no member"})


class KnownCard(Answered):
    event = fields.String(required=True)
    card_type = fields.String(required=True)
    issuer = fields.String()
    valid_from = fields.Date()
    valid_until = fields.Date()


class Withdrawal(Answered):
    event = fields.String(required=True)
    organisation = fields.String(required=True)
    received_on = fields.Date(required=True)
    effective_on = fields.Date(required=True)
    refund_due_by = fields.Date(required=True, metadata={"description": "AUSCOOP 11: a year after the withdrawal takes effect, two at most by decision"})
    extended = fields.Boolean()
    refunded_on = fields.Date()


class StandingStep(Answered):
    value = fields.String(required=True)
    why = fields.List(fields.String(), required=True)


class Miner(MinerLine):
    memberships = fields.List(fields.Nested(Membership), required=True)
    cards = fields.List(fields.Nested(KnownCard), required=True)
    withdrawals = fields.List(fields.Nested(Withdrawal), required=True)
    standing_in_time = fields.List(fields.Nested(StandingStep), required=True, metadata={"description": "each `from` a day on"})
    history = fields.List(fields.Dict(), required=True, metadata={"description": "every fact as it stands, by day"})


class Pair(Answered):
    miners = fields.List(fields.Nested(MinerLine), required=True)
    why = fields.List(fields.String(), required=True)


class Duplicates(Answered):
    duplicates = fields.List(fields.Nested(Pair), required=True)
    next = fields.String(required=True, allow_none=True)


class Identity(Answered):
    miner = fields.String(required=True)
    identity = fields.Dict(required=True, metadata={"description": "only what was asked for and is known", "example": {"name": "Awa Exemple"}})
    position = digits(description="of the event that says who read it; “0” for a person who was forgotten, of whom nothing was read")


class SearchFor(Schema):
    """One of the two."""

    class Meta:
        unknown = RAISE

    name = text(metadata={"description": "All its words, in any order, spelt as one likes: Kulibali finds Coulibaly"})
    card = text(60, metadata={"description": "Its number, with or without spaces and strokes"})

    @validates_schema
    def one(self, data: dict[str, Any], **_: Any) -> None:
        if len(data) != 1:
            raise ValidationError("a name or a card", "name")


class ReadIdentity(Schema):
    class Meta:
        unknown = RAISE

    fields_ = fields.List(fields.String(validate=validate.OneOf(FIELDS)), required=True, validate=validate.Length(1, len(FIELDS)), data_key="fields")
    purpose = text(300, required=True, metadata={"description": "Goes on record, with who reads"})
