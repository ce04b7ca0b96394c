"""HTTP body -> command."""
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, fields, validate

from shared.requests import CommandSchema, Day, slug, text

from . import commands as c
from .actor import KINDS


class Agreement(Schema):
    class Meta:
        unknown = RAISE

    title = text(300, required=True)
    purpose = fields.List(text(), validate=validate.Length(max=20))
    state = text(100)


class RegisterActor(CommandSchema):
    fr, en = "Enregistrer un acteur de la filière", "Register an actor of the trade"
    example: ClassVar = {"actor": "comptoir-exemple", "kind": "comptoir", "name": "Comptoir Exemple"}

    actor = slug(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    name = text(required=True)
    agreement = fields.Nested(Agreement)


class RecordLicence(CommandSchema):
    fr, en = "Noter la licence d'un acteur", "Record an actor's licence"
    example: ClassVar = {"actor": "comptoir-exemple", "licence": "AG-2024-001", "kind": "comptoir", "issuer": "DNGM", "valid_from": "2024-01-01",
                         "valid_until": "2026-12-31"}

    actor = slug(required=True)
    licence = text(100, required=True)
    kind = slug(required=True)
    issuer = text()
    valid_from = Day()
    valid_until = Day()


BY_NAME: dict[str, tuple[type[Schema], Any]] = {
    "register-actor": (RegisterActor, c.RegisterActor), "record-licence": (RecordLicence, c.RecordLicence)}
