"""HTTP body -> command, of the commands about partners and agreements."""
from typing import Any, ClassVar, get_args

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from services.membership.organisation_requests import ANSWERED, EVENT, aliases
from shared.requests import CommandSchema, Day, slug, text

from .agreement import STATES
from .event_data import Kind


class RegisterPartner(CommandSchema):
    fr, en = "Enregistrer un partenaire", "Register a partner"
    example: ClassVar = {"partner": "exemple", "name": "Fondation Exemple", "kind": "foundation", "aliases": ["FE"]}

    partner = slug(required=True)
    name = text(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(get_args(Kind)))
    aliases = aliases()


class Party(Schema):
    """A partner or an organisation."""

    class Meta:
        unknown = RAISE

    partner = slug()
    organisation = slug()

    @validates_schema
    def one_of_the_two(self, data: dict[str, Any], **_: Any) -> None:
        if len(data) != 1:
            raise ValidationError("partner or organisation, one of the two", "partner")


class OnAgreement(CommandSchema):
    agreement = slug(required=True)


class SignAgreement(OnAgreement):
    fr, en = "Noter un accord signé ou prévu", "Record an agreement, signed or planned"
    example: ClassVar = {"agreement": "exemple", "title": "Accord Exemple", "parties": [{"partner": "exemple"}, {"organisation": "cnscom"}],
                         "valid_from": "2024-01-01", "valid_until": "2024-12-31", "deliverables": ["20 trousses de secours"], "occurred_on": "2023-12-15"}

    title = text(required=True)
    parties = fields.List(fields.Nested(Party), required=True, validate=validate.Length(2, 20))
    state = fields.String(validate=validate.OneOf(STATES), metadata={"description": "What the source says of it; left out: signed"})
    purpose = text(500)
    valid_from = Day()
    valid_until = Day()
    deliverables = fields.List(text(), validate=validate.Length(max=50))

    @validates_schema
    def each_party_once(self, data: dict[str, Any], **_: Any) -> None:
        parties = data.get("parties", [])
        if any(party in parties[:n] for n, party in enumerate(parties)):
            raise ValidationError("each party once", "parties")


class AmendAgreement(OnAgreement):
    fr, en = "Noter un avenant à un accord", "Record an amendment of an agreement"
    example: ClassVar = {"agreement": "exemple", "amendment": "Avenant n° 1 : un an de plus", "valid_until": "2025-12-31", "occurred_on": "2024-11-01"}

    amendment = text(500, required=True)
    title = text()
    valid_until = Day()
    state = fields.String(validate=validate.OneOf(STATES))


class RecordDeliverable(OnAgreement):
    fr, en = "Noter ce qui a été livré au titre d'un accord", "Record what was delivered under an agreement"
    example: ClassVar = {"agreement": "exemple", "deliverable": "20 trousses de secours", "occurred_on": "2024-06"}

    deliverable = text(required=True)


class WithdrawAgreementFact(OnAgreement):
    fr, en = "Retirer ce qui était noté par erreur d'un accord", "Withdraw what was recorded of an agreement by mistake"
    example: ClassVar = {"agreement": "exemple", "event": ANSWERED, "reason": "la fin était celle d'un autre accord"}

    event = text(100, required=True, metadata={"description": EVENT})


class EndAgreement(OnAgreement):
    fr, en = "Noter la fin d'un accord", "Record the end of an agreement"
    example: ClassVar = {"agreement": "exemple", "occurred_on": "2024-11-30", "reason": "d'un commun accord"}
