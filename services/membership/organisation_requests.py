"""HTTP body -> command, of the commands about one organisation."""
from typing import Any, ClassVar

from marshmallow import fields, validate

from shared.requests import CommandSchema, Edtf, slug, text, whole

from .organisation import FORMS, LEVELS

EVENT = "The id of the event, as the command's answer named it"
ANSWERED = "00000000-0000-7000-8000-000000000000"      # stands for such an id


def aliases() -> fields.List[str]:
    return fields.List(text(), validate=validate.Length(max=20))


def slugs(most: int, **kwargs: Any) -> fields.List[str]:
    return fields.List(slug(), validate=validate.Length(max=most), **kwargs)


class OnOrganisation(CommandSchema):
    organisation = slug(required=True)


class FoundOrganisation(OnOrganisation):
    fr, en = "Fonder une organisation", "Found an organisation"
    example: ClassVar = {"organisation": "exemple", "level": "base", "name": "Coopérative Exemple", "form": "SCOOPS", "district": "Kangaba",
                         "occurred_on": "2024-11"}

    level = fields.String(required=True, validate=validate.OneOf(list(LEVELS)))
    name = text(required=True)
    form = fields.String(validate=validate.OneOf(FORMS))
    acronym = text(50)
    aliases = aliases()
    district = text(metadata={"description": "Any of its names"})
    commune = text()
    seat = text(300, metadata={"description": "Its address, as written"})
    site = slug(metadata={"description": "The site where its members work"})


class HoldConstitutiveAssembly(OnOrganisation):
    fr, en = "Noter l'assemblée générale constitutive", "Record the constitutive assembly"
    example: ClassVar = {"organisation": "niena", "venue": "École de Niena", "founder_count": 7, "occurred_on": "2024-11"}

    venue = text(300)
    founders = slugs(300, metadata={"description": "Organisations, once founded; people are only counted"})
    founder_count = whole(0, 100_000, metadata={"description": "People and organisations"})
    delegates_each = whole(0, 1000, metadata={"description": "How many each organisation sent"})


class RecordStatutes(OnOrganisation):
    fr, en = "Noter l'objet social et les missions des statuts", "Record objects and missions as the statutes have them"
    example: ClassVar = {"organisation": "niena", "objects": ["economic-and-social-situation"], "missions": ["education", "dispute-mediation"]}

    objects = slugs(100, required=True, metadata={"description": "Codes of one word or a few"})
    missions = slugs(100, required=True, metadata={"description": "Codes of one word or a few"})


class RecordSeat(OnOrganisation):
    fr, en = "Noter le siège d'une organisation", "Record an organisation's seat"
    example: ClassVar = {"organisation": "niena", "seat": "Niena, près de la mairie", "commune": "Niena"}

    seat = text(300, required=True, metadata={"description": "Its address, as written"})
    commune = text()
    site = slug()


class RegisterOrganisation(OnOrganisation):
    fr, en = "Noter l'immatriculation d'une organisation", "Record an organisation's registration"
    example: ClassVar = {"organisation": "niena", "number": "N2024 D1/0001/B", "journal": "N°2024"}

    number = text(100, required=True)
    register = text(50)
    journal = text(50)


class WithParent(OnOrganisation):
    parent = slug(required=True)


class AffiliateOrganisation(WithParent):
    fr, en = "Affilier une organisation à une autre de niveau supérieur", "Affiliate an organisation to one of a higher level"
    example: ClassVar = {"organisation": "niena", "parent": "cnscom", "occurred_on": "2024-11-17"}


class DetachOrganisation(WithParent):
    fr, en = "Mettre fin à une affiliation", "End an affiliation"
    example: ClassVar = {"organisation": "niena", "parent": "cnscom", "occurred_on": "2024-11-30", "reason": "assemblée générale"}


class RenameOrganisation(OnOrganisation):
    fr, en = "Renommer une organisation", "Rename an organisation"
    example: ClassVar = {"organisation": "niena", "name": "Coopérative de Niéna"}

    name = text(required=True)


class RecordOrganisationAlias(OnOrganisation):
    fr, en = "Noter un autre nom d'une organisation", "Record another name of an organisation"
    example: ClassVar = {"organisation": "niena", "alias": "Niéna-Coop", "evidence": "procès-verbal"}

    alias = text(required=True)
    evidence = text(500, required=True)


class MoveOrganisation(OnOrganisation):
    fr, en = "Noter qu'une organisation a changé de district", "Record that an organisation moved to a district"
    example: ClassVar = {"organisation": "niena", "district": "Sikasso", "commune": "Niéna", "occurred_on": "2024-11-17"}

    district = text(required=True, metadata={"description": "Any of its names"})
    commune = text()


class SuspendOrganisation(OnOrganisation):
    fr, en = "Noter la suspension d'une organisation", "Record an organisation's suspension"
    example: ClassVar = {"organisation": "mandiela", "occurred_on": "2024-11-17", "reason": "décision de l'assemblée"}


class ReinstateOrganisation(OnOrganisation):
    fr, en = "Noter la fin d'une suspension", "Record the end of a suspension"
    example: ClassVar = {"organisation": "mandiela", "occurred_on": "2024-11-30"}


class DissolveOrganisation(OnOrganisation):
    fr, en = "Noter la dissolution d'une organisation", "Record an organisation's dissolution"
    example: ClassVar = {"organisation": "djambougou", "occurred_on": "2024-11-30"}


class WithdrawFact(OnOrganisation):
    fr, en = "Retirer un fait noté par erreur", "Withdraw a fact recorded by mistake"
    example: ClassVar = {"organisation": "djambougou", "event": ANSWERED, "reason": "dissolution jamais prononcée"}

    event = text(100, required=True, metadata={"description": EVENT})


class CorrectFact(OnOrganisation):
    fr, en = "Corriger la date d'un fait, ou ce qu'il nomme", "Correct a fact's date, or what it names"
    example: ClassVar = {"organisation": "exemple", "event": ANSWERED, "new_occurred_on": "2024-10-05"}

    event = text(100, required=True, metadata={"description": EVENT})
    new_occurred_on = Edtf()
    district = text(metadata={"description": "Of a founding or a move"})
    number = text(100, metadata={"description": "Of a registration"})
    name = text(metadata={"description": "Of a founding or a new name"})
    form = fields.String(validate=validate.OneOf(FORMS), metadata={"description": "Of a founding"})
    acronym = text(50, metadata={"description": "Of a founding"})


class MergeOrganisations(OnOrganisation):
    fr, en = "Fondre un doublon dans l'organisation qu'il désigne, par décision", "Merge a duplicate into the organisation it is, by decision"
    example: ClassVar = {"organisation": "djambougou", "into": "niena", "decision": "procès-verbal n° 7 : deux fiches d'une même société",
                         "occurred_on": "2024-11-30"}

    organisation = slug(required=True, metadata={"description": "The duplicate"})
    into = slug(required=True, metadata={"description": "The organisation that stays; both of one level. One that is not registered itself keeps the "
                                                        "duplicate's number, and still needs register-organisation"})
    decision = text(500, required=True)


class NameRepresentative(OnOrganisation):
    fr, en = "Nommer un représentant ; le nom est scellé", "Name a representative; the name is sealed"
    example: ClassVar = {"organisation": "niena", "function": "president", "name": "Awa Exemple"}

    function = slug(required=True)
    name = text(required=True)


class ForgetRepresentative(OnOrganisation):
    fr, en = "Oublier un représentant : son nom ne pourra plus jamais être lu", "Forget a representative: their name can never be read again"
    example: ClassVar = {"organisation": "niena", "event": ANSWERED, "reason": "demande écrite du 2025-02-01"}

    event = text(100, required=True, metadata={"description": EVENT})
