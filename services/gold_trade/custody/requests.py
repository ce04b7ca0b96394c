"""HTTP body -> command, of the commands about custody."""
from typing import Any, ClassVar

from marshmallow import Schema

from services.gold_trade.metal.requests import OnLot, mg, one_of, some_lots, tolerance
from shared.requests import CommandSchema, Moment, slug, text, whole

from . import commands as c
from .incident import INCIDENTS


class IssueTags(CommandSchema):
    fr, en = "Remettre une série de scellés", "Issue a series of seals"
    example: ClassVar = {"actor": "comptoir-exemple", "prefix": "ml-", "first": 1, "last": 500}

    actor = slug(required=True)
    prefix = slug(required=True)
    first = whole(0, 10**12, required=True)
    last = whole(0, 10**12, required=True)


class SealParcel(CommandSchema):
    fr, en = "Sceller un colis", "Seal a parcel"
    example: ClassVar = {"parcel": "colis-exemple", "tag": "ml-7", "custodian": "comptoir-exemple", "lots": ["lingot-exemple"]}

    parcel = slug(required=True)
    tag = slug(required=True)
    custodian = slug(required=True)
    lots = some_lots(required=True)


class OpenParcel(CommandSchema):
    fr, en = "Ouvrir un colis", "Open a parcel"
    example: ClassVar = {"parcel": "colis-exemple", "tag_found": "ml-7"}

    parcel = slug(required=True)
    tag_found = slug(required=True)


class OnHandover(CommandSchema):
    handover = slug(required=True)


class OfferHandover(OnHandover):
    fr, en = "Remettre : première signature", "Hand over: the first signature"
    example: ClassVar = {"handover": "remise-exemple", "giver": "comptoir-exemple", "taker": "marena-gold", "lots": ["lingot-exemple"]}

    giver = slug(required=True)
    taker = slug(required=True)
    parcel = slug()
    lots = some_lots()
    due_by = Moment()


class AcceptHandover(OnHandover):
    fr, en = "Recevoir : seconde signature", "Take over: the second signature"
    example: ClassVar = {"handover": "remise-exemple", "weighed_mg": 12_350}

    weighed_mg = mg()
    tolerance_per_100k = tolerance()


class RefuseHandover(OnHandover):
    fr, en = "Refuser une remise", "Refuse a handover"
    example: ClassVar = {"handover": "remise-exemple", "why": "colis absent"}

    why = text(500, required=True)


class NoteSilence(OnHandover):
    fr, en = "Noter qu'une remise est restée sans réponse", "Note that a handover was left without an answer"
    example: ClassVar = {"handover": "remise-exemple"}


class TransferOwnership(OnLot):
    fr, en = "Noter un changement de propriétaire", "Record a change of owner"
    example: ClassVar = {"lot": "lingot-exemple", "owner": "marena-gold"}

    owner = slug(required=True)


class ReportLoss(OnLot):
    fr, en = "Déclarer une perte ou un vol", "Report a loss or theft"
    example: ClassVar = {"lot": "lingot-exemple", "incident": "stolen", "reason": "exemple"}

    incident = one_of(*INCIDENTS, required=True)


class RecoverLot(OnLot):
    fr, en = "Noter qu'un lot est retrouvé", "Record that a lot was found again"
    example: ClassVar = {"lot": "lingot-exemple", "custodian": "comptoir-exemple"}

    custodian = slug(required=True)


BY_NAME: dict[str, tuple[type[Schema], Any]] = {
    "issue-tags": (IssueTags, c.IssueTags), "seal-parcel": (SealParcel, c.SealParcel), "open-parcel": (OpenParcel, c.OpenParcel),
    "offer-handover": (OfferHandover, c.OfferHandover), "accept-handover": (AcceptHandover, c.AcceptHandover),
    "refuse-handover": (RefuseHandover, c.RefuseHandover), "note-silence": (NoteSilence, c.NoteSilence),
    "transfer-ownership": (TransferOwnership, c.TransferOwnership),
    "report-loss": (ReportLoss, c.ReportLoss), "recover-lot": (RecoverLot, c.RecoverLot)}
