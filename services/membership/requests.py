"""HTTP body -> command: one schema per command, by the command's name in the URL."""
from typing import Any, ClassVar

from marshmallow import Schema, fields, validate

from shared.requests import CommandSchema, Edtf, Source, slug, text, whole

from . import commands as c
from . import organisation_requests as o
from .declaration import MEASURES
from .organisation_requests import aliases
from .place import KINDS

SOURCE = {"document": "procès-verbal", "section": "3"}


class RegisterRegion(CommandSchema):
    fr, en = "Enregistrer une région", "Register a region"
    example: ClassVar = {"region": "gao", "name": "Gao"}

    region = slug(required=True)
    name = text(required=True)
    aliases = aliases()


class RegisterDistrict(CommandSchema):
    fr, en = "Enregistrer un district minier", "Register a mining district"
    example: ClassVar = {"district": "narena", "name": "Naréna", "rank": 10, "region": "koulikoro"}

    district = slug(required=True)
    name = text(required=True)
    aliases = aliases()
    rank = whole(1, 999)
    region = slug()


class RecordPlaceAlias(CommandSchema):
    fr, en = "Noter une autre graphie d'un lieu", "Record another spelling of a place"
    example: ClassVar = {"kind": "district", "slug": "kenieba", "alias": "KENIEBA CERCLE", "evidence": "carte de 2012"}

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    slug = slug(required=True)
    alias = text(required=True)
    evidence = text(500, required=True)


class DeclareCount(CommandSchema):
    fr, en = "Déclarer un nombre tel qu'une source le dit", "Declare a count as a source states it"
    example: ClassVar = {"declaration": "exemple-base-kangaba", "measure": "base", "count": 97, "as_of": "2025-01-31", "district": "Kangaba", "source": SOURCE}

    declaration = slug(required=True)
    measure = fields.String(required=True, validate=validate.OneOf(MEASURES))
    count = whole(0, 10_000_000, required=True)
    as_of = Edtf(required=True)
    district = text(metadata={"description": "Any of its names; left out: the whole country"})
    source = fields.Nested(Source, required=True)


class CorrectDeclaration(CommandSchema):
    fr, en = "Corriger une déclaration", "Correct a declaration"
    example: ClassVar = {"declaration": "exemple-base-kangaba", "count": 96, "source": SOURCE}

    declaration = slug(required=True)
    count = whole(0, 10_000_000)
    as_of = Edtf()


class WithdrawDeclaration(CommandSchema):
    fr, en = "Retirer une déclaration", "Withdraw a declaration"
    example: ClassVar = {"declaration": "exemple-base-kangaba", "reason": "exemple"}

    declaration = slug(required=True)


Table = dict[str, tuple[type[Schema], Any]]

PLACES: Table = {
    "register-region": (RegisterRegion, c.RegisterRegion),
    "register-district": (RegisterDistrict, c.RegisterDistrict),
    "record-place-alias": (RecordPlaceAlias, c.RecordPlaceAlias),
}

ORGANISATIONS: Table = {
    "found-organisation": (o.FoundOrganisation, c.FoundOrganisation),
    "hold-constitutive-assembly": (o.HoldConstitutiveAssembly, c.HoldConstitutiveAssembly),
    "record-statutes": (o.RecordStatutes, c.RecordStatutes),
    "record-seat": (o.RecordSeat, c.RecordSeat),
    "register-organisation": (o.RegisterOrganisation, c.RegisterOrganisation),
    "affiliate-organisation": (o.AffiliateOrganisation, c.AffiliateOrganisation),
    "detach-organisation": (o.DetachOrganisation, c.DetachOrganisation),
    "rename-organisation": (o.RenameOrganisation, c.RenameOrganisation),
    "record-organisation-alias": (o.RecordOrganisationAlias, c.RecordOrganisationAlias),
    "move-organisation": (o.MoveOrganisation, c.MoveOrganisation),
    "suspend-organisation": (o.SuspendOrganisation, c.SuspendOrganisation),
    "reinstate-organisation": (o.ReinstateOrganisation, c.ReinstateOrganisation),
    "dissolve-organisation": (o.DissolveOrganisation, c.DissolveOrganisation),
    "correct-organisation-fact": (o.CorrectFact, c.CorrectFact),
    "withdraw-organisation-fact": (o.WithdrawFact, c.WithdrawFact),
    "merge-organisations": (o.MergeOrganisations, c.MergeOrganisations),
}

REPRESENTATIVES: Table = {
    "name-representative": (o.NameRepresentative, c.NameRepresentative),
    "forget-representative": (o.ForgetRepresentative, c.ForgetRepresentative),
}

DECLARATIONS: Table = {
    "declare-count": (DeclareCount, c.DeclareCount),
    "correct-declaration": (CorrectDeclaration, c.CorrectDeclaration),
    "withdraw-declaration": (WithdrawDeclaration, c.WithdrawDeclaration),
}
