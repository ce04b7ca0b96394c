"""HTTP body -> command, of the commands about contracts, consignments and assays."""
from typing import Any, ClassVar

from marshmallow import Schema, fields, validate

from services.gold_trade.metal.requests import fineness, mg, one_of, some_lots
from shared.requests import CommandSchema, slug, text, whole

from . import commands as c
from .contract import PARTIES, RULES, USUAL
from .exchange import commitment


class AgreeContract(CommandSchema):
    fr, en = "Proposer les termes d'un contrat d'achat ; l'autre partie les signe par la même commande", "Propose terms; the other side signs by the same"
    example: ClassVar = {"contract": "contrat-exemple", "seller": "comptoir-exemple", "buyer": "marena-gold", "splitting_limit_per_100k": 50,
                         "melt_tolerance_per_100k": 500, "umpire_rule": "middle"}

    contract = slug(required=True)
    seller = slug(required=True)
    buyer = slug(required=True)
    splitting_limit_per_100k = whole(0, 100_000, load_default=USUAL["splitting_limit_per_100k"],
                                     metadata={"description": "AU-08: 0.05 % unless agreed otherwise"})
    melt_tolerance_per_100k = whole(0, 100_000, load_default=USUAL["melt_tolerance_per_100k"])
    umpire_rule = one_of(*RULES, load_default=USUAL["umpire_rule"])


class OnConsignment(CommandSchema):
    consignment = slug(required=True)


class SendConsignment(OnConsignment):
    fr, en = "Envoyer des lots à l'acheteur", "Send lots to the buyer"
    example: ClassVar = {"consignment": "envoi-exemple", "contract": "contrat-exemple", "lots": ["lingot-exemple"]}

    contract = slug(required=True)
    lots = some_lots(required=True)


class WeighConsignment(OnConsignment):
    fr, en = "Peser un envoi à l'arrivée", "Weigh a consignment on arrival"
    example: ClassVar = {"consignment": "envoi-exemple", "weighed_mg": 12_340}

    weighed_mg = mg(required=True)


class MeltConsignment(WeighConsignment):
    fr, en = "Fondre un envoi et peser de nouveau", "Melt a consignment and weigh again"
    example: ClassVar = {"consignment": "envoi-exemple", "lot": "fonte-envoi-exemple", "weighed_mg": 12_330}

    lot = slug(required=True)


class DisputeConsignment(OnConsignment):
    fr, en = "Contester un envoi", "Dispute a consignment"
    example: ClassVar = {"consignment": "envoi-exemple", "why": "perte à la fonte"}

    why = text(500, required=True)


class SettleDispute(OnConsignment):
    fr, en = "Régler un différend sur un envoi", "Settle a dispute about a consignment"
    example: ClassVar = {"consignment": "envoi-exemple", "decision": "pesée contradictoire"}

    decision = text(500, required=True)


class OfParty(OnConsignment):
    party = one_of(*PARTIES, required=True)


class CommitAssay(OfParty):
    fr, en = "Engager un résultat d'essai sans le montrer", "Commit to an assay result without showing it"
    example: ClassVar = {"consignment": "envoi-exemple", "party": "seller", "commitment": commitment("envoi-exemple", "seller", 91_250, "0" * 32)}

    commitment = fields.String(required=True, validate=validate.Regexp(r"[0-9a-f]{64}\Z", error="a SHA-256 in hex"))


class RevealAssay(OfParty):
    fr, en = "Révéler un résultat engagé", "Reveal a result one is committed to"
    example: ClassVar = {"consignment": "envoi-exemple", "party": "seller", "fineness_per_100k": 91_250, "nonce": "0" * 32}

    fineness_per_100k = fineness(required=True)
    nonce = fields.String(required=True, validate=validate.Regexp(r"[0-9a-f]{32,128}\Z", error="at least 128 bits in hex"))


class RecordUmpire(OnConsignment):
    fr, en = "Noter le résultat de l'arbitre", "Record the umpire's result"
    example: ClassVar = {"consignment": "envoi-exemple", "fineness_per_100k": 91_200, "umpire": "laboratoire-exemple"}

    fineness_per_100k = fineness(required=True)
    umpire = slug(required=True)


BY_NAME: dict[str, tuple[type[Schema], Any]] = {
    "agree-contract": (AgreeContract, c.AgreeContract), "send-consignment": (SendConsignment, c.SendConsignment),
    "weigh-consignment": (WeighConsignment, c.WeighConsignment), "melt-consignment": (MeltConsignment, c.MeltConsignment),
    "dispute-consignment": (DisputeConsignment, c.DisputeConsignment), "settle-dispute": (SettleDispute, c.SettleDispute),
    "commit-assay": (CommitAssay, c.CommitAssay), "reveal-assay": (RevealAssay, c.RevealAssay), "record-umpire": (RecordUmpire, c.RecordUmpire)}
