"""HTTP body -> command: one schema per command, by the command's name in the URL."""
from typing import Any

from marshmallow import Schema, fields, validate

from shared.requests import CommandSchema, Edtf, Source, slug, text, whole

from . import commands as c
from .declaration import MEASURES
from .organisation import FORMS, LEVELS
from .place import KINDS


def aliases() -> fields.List[str]:
    return fields.List(text(), validate=validate.Length(max=20))


class OnOrganisation(CommandSchema):
    organisation = slug(required=True)


class RegisterRegion(CommandSchema):
    region = slug(required=True)
    name = text(required=True)
    aliases = aliases()


class RegisterDistrict(CommandSchema):
    district = slug(required=True)
    name = text(required=True)
    aliases = aliases()
    rank = whole(1, 999)
    region = slug()


class RecordPlaceAlias(CommandSchema):
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    slug = slug(required=True)
    alias = text(required=True)
    evidence = text(500, required=True)


class FoundOrganisation(OnOrganisation):
    level = fields.String(required=True, validate=validate.OneOf(list(LEVELS)))
    name = text(required=True)
    form = fields.String(validate=validate.OneOf(FORMS))
    acronym = text(50)
    aliases = aliases()
    district = text()
    commune = text()


class RegisterOrganisation(OnOrganisation):
    number = text(100, required=True)
    register = text(50)
    journal = text(50)


class WithParent(OnOrganisation):
    parent = slug(required=True)


class RenameOrganisation(OnOrganisation):
    name = text(required=True)


class RecordOrganisationAlias(OnOrganisation):
    alias = text(required=True)
    evidence = text(500, required=True)


class MoveOrganisation(OnOrganisation):
    district = text(required=True)
    commune = text()


class WithdrawFact(OnOrganisation):
    event = text(100, required=True)


class CorrectFact(WithdrawFact):
    new_occurred_on = Edtf()
    district = text()


class NameRepresentative(OnOrganisation):
    function = slug(required=True)
    name = text(required=True)


class DeclareCount(CommandSchema):
    declaration = slug(required=True)
    measure = fields.String(required=True, validate=validate.OneOf(MEASURES))
    count = whole(0, 10_000_000, required=True)
    as_of = Edtf(required=True)
    district = text()
    source = fields.Nested(Source, required=True)


class CorrectDeclaration(CommandSchema):
    declaration = slug(required=True)
    count = whole(0, 10_000_000)
    as_of = Edtf()


class WithdrawDeclaration(CommandSchema):
    declaration = slug(required=True)


BY_NAME: dict[str, tuple[type[Schema], Any]] = {
    "register-region": (RegisterRegion, c.RegisterRegion),
    "register-district": (RegisterDistrict, c.RegisterDistrict),
    "record-place-alias": (RecordPlaceAlias, c.RecordPlaceAlias),
    "found-organisation": (FoundOrganisation, c.FoundOrganisation),
    "register-organisation": (RegisterOrganisation, c.RegisterOrganisation),
    "affiliate-organisation": (WithParent, c.AffiliateOrganisation),
    "detach-organisation": (WithParent, c.DetachOrganisation),
    "rename-organisation": (RenameOrganisation, c.RenameOrganisation),
    "record-organisation-alias": (RecordOrganisationAlias, c.RecordOrganisationAlias),
    "move-organisation": (MoveOrganisation, c.MoveOrganisation),
    "suspend-organisation": (OnOrganisation, c.SuspendOrganisation),
    "reinstate-organisation": (OnOrganisation, c.ReinstateOrganisation),
    "dissolve-organisation": (OnOrganisation, c.DissolveOrganisation),
    "correct-organisation-fact": (CorrectFact, c.CorrectFact),
    "withdraw-organisation-fact": (WithdrawFact, c.WithdrawFact),
    "name-representative": (NameRepresentative, c.NameRepresentative),
    "declare-count": (DeclareCount, c.DeclareCount),
    "correct-declaration": (CorrectDeclaration, c.CorrectDeclaration),
    "withdraw-declaration": (WithdrawDeclaration, c.WithdrawDeclaration),
}
