"""HTTP body -> command, of the commands about metal; masses in whole mg, fineness in parts per 100,000."""
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from services.gold_trade import season
from shared.requests import CommandSchema, Edtf, Flag, Moment, slug, text, whole

from . import commands as c
from .collection import METHODS
from .transformation import STEPS

MOST_MG = 10**12                      # a thousand tonnes
MOST_LOTS = 2000
MOST_NAMED = 500                      # lots that one event names: with 64 letters each they fit into its 64 KiB, the entries beside them


def mg(**kw: Any) -> fields.Integer:
    return whole(0, MOST_MG, metadata={"description": "milligrams"}, **kw)


def fineness(**kw: Any) -> fields.Integer:
    return whole(0, 100_000, metadata={"description": "parts of fine gold in 100,000"}, **kw)


def one_of(*values: str, **kw: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(values), **kw)


def tolerance() -> fields.Integer:
    return whole(0, 100_000, metadata={"description": "parts in 100,000 of the mass that may be missing; narrows what is configured for the step"})


def some_lots(most: int = MOST_NAMED, **kw: Any) -> fields.List[str]:
    return fields.List(slug(), validate=[validate.Length(1, most), _each_once], **kw)


def _each_once(lots: list[str]) -> None:
    """Raises ValidationError: metal named twice would be booked twice."""
    if len(set(lots)) != len(lots):
        raise ValidationError("a lot stands twice")


class Share(Schema):
    class Meta:
        unknown = RAISE

    miner = slug(required=True)
    parts = whole(1, 100_000, required=True, metadata={"description": "of the sum of all parts, as agreed at the counter"})


class OnLot(CommandSchema):
    lot = slug(required=True)


class RecordCollection(OnLot):
    fr, en = "Noter une réception d'or au site", "Record a receipt of gold at the site"
    example: ClassVar = {"lot": "recu-exemple-1", "collector": "comptoir-exemple", "society": "niena", "gross_mg": 12_500, "fineness_per_100k": 91_300,
                         "method": "xrf", "miners": [{"miner": "m-exemple1", "parts": 1}], "occurred_on": "2024-11-30"}

    collector = slug(required=True)
    society = slug(required=True)
    site = slug()
    gross_mg = whole(1, MOST_MG, required=True, metadata={"description": "milligrams"})
    fineness_per_100k = fineness(required=True)
    method = one_of(*METHODS, required=True)
    miners = fields.List(fields.Nested(Share), validate=validate.Length(max=100), required=True)
    photo = fields.String(validate=validate.Regexp(r"[0-9a-f]{64}\Z", error="a SHA-256 in hex"))
    advance_xof = whole(0, 10**12)
    extracted_on = Edtf(metadata={"description": "When it came out of the ground, where that was before the receipt"})
    sequence = whole(1)
    recorded_there = Moment()
    clock_off = Flag(metadata={"description": "the clock of the device was more than a day off as it sent this; /gold/v1/sync says so"})


class DeclareStock(CommandSchema):
    fr, en = "Déclarer un stock avant un arrêt saisonnier", "Declare stock before a seasonal stop"
    example: ClassVar = {"actor": "comptoir-exemple", "season": "hivernage-2025", "gross_mg": 250_000, "occurred_on": "2025-06-14"}

    actor = slug(required=True)
    season = one_of(*(stop.id for stop in season.stops()), required=True)
    gross_mg = mg(required=True)


class CorrectCollection(OnLot):
    fr, en = "Corriger une réception, même après la coulée", "Correct a receipt, also after the bar was cast"
    example: ClassVar = {"lot": "recu-exemple-1", "gross_mg": 12_400, "reason": "balance étalonnée"}

    gross_mg = whole(1, MOST_MG, metadata={"description": "milligrams"})
    fineness_per_100k = fineness()
    society = slug()
    miners = fields.List(fields.Nested(Share), validate=validate.Length(max=100))
    site = slug()
    method = one_of(*METHODS)
    advance_xof = whole(0, 10**12)
    new_occurred_on = Edtf(metadata={"description": "When the receipt was, if that was told wrong; occurred_on is when it was corrected"})


class WithdrawCollection(OnLot):
    fr, en = "Retirer une réception qui n'a jamais eu lieu", "Withdraw a receipt that never was"
    example: ClassVar = {"lot": "recu-exemple-2", "reason": "saisie deux fois"}

    reason = text(500, required=True)


class Output(Schema):
    class Meta:
        unknown = RAISE

    lot = slug(required=True)
    gross_mg = mg(required=True)
    fineness_per_100k = fineness()
    serial = text(50, metadata={"description": "a bar's number"})


class TransformLots(CommandSchema):
    fr, en = "Noter une réunion, fonte, division, prise d'échantillon, affinage ou coulée", "Record a merging, melting, splitting, sampling, refining, casting"
    example: ClassVar = {"transformation": "fonte-exemple", "step": "melt", "custodian": "comptoir-exemple", "inputs": ["recu-exemple-1"],
                         "outputs": [{"lot": "lingot-exemple", "gross_mg": 12_350}], "tolerance_per_100k": 1000, "occurred_on": "2024-11-30"}

    transformation = slug(required=True)
    step = one_of(*STEPS, required=True)
    custodian = slug(required=True)
    inputs = some_lots(MOST_LOTS, required=True)
    outputs = fields.List(fields.Nested(Output), required=True, validate=validate.Length(1, 500))
    tolerance_per_100k = tolerance()


class OutputCorrected(Schema):
    class Meta:
        unknown = RAISE

    lot = slug(required=True)
    gross_mg = mg()
    fineness_per_100k = fineness()


class CorrectTransformation(CommandSchema):
    fr, en = "Corriger ce qui fut pesé ou titré à une étape, même après usage", "Correct what a step weighed or measured, also after use"
    example: ClassVar = {"transformation": "fonte-exemple", "outputs": [{"lot": "lingot-exemple", "gross_mg": 12_340}], "reason": "balance étalonnée"}

    transformation = slug(required=True)
    outputs = fields.List(fields.Nested(OutputCorrected), required=True, validate=validate.Length(1, 500))


class RecordAssay(OnLot):
    fr, en = "Noter un essai", "Record an assay"
    example: ClassVar = {"lot": "lingot-exemple", "fineness_per_100k": 91_000, "method": "fire-assay"}

    fineness_per_100k = fineness(required=True)
    method = one_of(*METHODS, required=True)
    final = Flag(load_default=False)


class HoldLot(OnLot):
    fr, en = "Retenir un lot", "Hold a lot"
    example: ClassVar = {"lot": "lingot-exemple", "rule": "a-verifier", "reason": "exemple"}

    rule = text(64, required=True)


class LiftHold(HoldLot):
    fr, en = "Lever une retenue, à deux : l'un propose, l'autre lève", "Lift a hold, by two people: one proposes, the other lifts"
    example: ClassVar = {"lot": "lingot-exemple", "rule": "a-verifier", "decision": "vu sur place"}

    decision = text(500, required=True)


BY_NAME: dict[str, tuple[type[Schema], Any]] = {
    "record-collection": (RecordCollection, c.RecordCollection),
    "declare-stock": (DeclareStock, c.DeclareStock), "correct-collection": (CorrectCollection, c.CorrectCollection),
    "withdraw-collection": (WithdrawCollection, c.WithdrawCollection),
    "transform-lots": (TransformLots, c.TransformLots), "correct-transformation": (CorrectTransformation, c.CorrectTransformation),
    "record-assay": (RecordAssay, c.RecordAssay), "hold-lot": (HoldLot, c.HoldLot),
    "lift-hold": (LiftHold, c.LiftHold)}
