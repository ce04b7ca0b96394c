"""HTTP body -> command, of the commands about a miner who is registered."""
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validate, validates_schema

from services.membership.organisation_requests import ANSWERED, EVENT
from shared.requests import CommandSchema, Day, Edtf, slug, text

from . import commands as c
from .requests import OnMiner, birth_year, miner, name, number, sex

CAUSES = ("death", "exclusion", "other")


class InOrganisation(OnMiner):
    organisation = slug(required=True)


class AdmitMiner(InOrganisation):
    fr, en = "Noter l'adhésion d'un orpailleur", "Record a miner's admission"
    example: ClassVar = {"miner": "m-exemple3", "organisation": "niena", "occurred_on": "2024-11-17"}


class NoticeWithdrawal(InOrganisation):
    fr, en = "Noter un retrait notifié par écrit (AUSCOOP 11)", "Record a written notice of withdrawal (AUSCOOP 11)"
    example: ClassVar = {"miner": "m-exemple1", "organisation": "niena", "received_on": "2024-11-20", "effective_on": "2024-12-31"}

    received_on = Day(required=True)
    effective_on = Day(metadata={"description": "The date in the notice; its receipt, if that is later"})


class ExtendRefund(InOrganisation):
    fr, en = "Noter que le remboursement des parts est différé, deux ans au plus", "Record that the refund of shares is put off, to two years at most"
    example: ClassVar = {"miner": "m-exemple1", "organisation": "niena", "due_by": "2026-06-30", "decision": "AG du 2025-01-15, point 4"}

    due_by = Day(required=True)
    decision = text(500, required=True)


class RecordRefund(InOrganisation):
    fr, en = "Noter le remboursement des parts", "Record that the shares are repaid"
    example: ClassVar = {"miner": "m-exemple1", "organisation": "niena", "occurred_on": "2025-03-01"}


class EndMembership(InOrganisation):
    fr, en = "Noter la fin d'une adhésion : décès, exclusion, autre", "Record the end of a membership: death, exclusion, other"
    example: ClassVar = {"miner": "m-exemple2", "organisation": "mandiela", "cause": "other", "occurred_on": "2024-12-31"}

    cause = fields.String(required=True, validate=validate.OneOf(CAUSES))


class MoveMiner(OnMiner):
    fr, en = "Noter qu'un orpailleur a changé de site ou de village", "Record that a miner moved to another site or village"
    example: ClassVar = {"miner": "m-exemple1", "village": "Finkolo", "occurred_on": "2025-01"}

    site = slug()
    village = text()

    @validates_schema
    def somewhere(self, data: dict[str, Any], **_: Any) -> None:
        if not {"site", "village"} & set(data):
            raise ValidationError("a site or a village", "site")


class CorrectMinerFact(OnMiner):
    fr, en = "Corriger un fait noté d'un orpailleur", "Correct a fact recorded of a miner"
    example: ClassVar = {"miner": "m-exemple1", "event": ANSWERED, "birth_year": 1991}

    event = text(100, required=True, metadata={"description": EVENT})
    new_occurred_on = Edtf()
    organisation = slug()
    sex = sex()
    birth_year = birth_year()
    village = text()
    site = slug()
    name = name()
    phone = text(50)
    photo = text(500)
    number = number()
    valid_from = Day()
    valid_until = Day()
    received_on = Day()
    effective_on = Day()


class WithdrawMinerFact(OnMiner):
    fr, en = "Retirer un fait noté par erreur d'un orpailleur", "Withdraw a fact recorded of a miner by mistake"
    example: ClassVar = {"miner": "m-exemple3", "event": ANSWERED, "reason": "homonyme"}

    event = text(100, required=True, metadata={"description": EVENT})


class MergeMiners(OnMiner):
    fr, en = "Décider que deux inscriptions sont une même personne", "Decide that two records are one person"
    example: ClassVar = {"miner": "m-exemple3", "into": "m-exemple1", "decision": "PV du 2025-01-20"}

    into = miner(required=True)
    decision = text(500, required=True)


class DismissDuplicate(CommandSchema):
    fr, en = "Décider que deux inscriptions qui se ressemblent sont deux personnes", "Decide that two records that look alike are two people"
    example: ClassVar = {"miners": ["m-exemple1", "m-exemple4"], "decision": "PV du 2025-01-20"}

    miners = fields.List(miner(), required=True, validate=validate.Length(equal=2))
    decision = text(500, required=True)

    @validates_schema
    def two(self, data: dict[str, Any], **_: Any) -> None:
        if len(set(data["miners"])) < 2:
            raise ValidationError("two different miners", "miners")


class ForgetPerson(OnMiner):
    fr, en = "Oublier une personne : son nom ne pourra plus jamais être lu", "Forget a person: their name can never be read again"
    example: ClassVar = {"miner": "m-exemple4", "reason": "demande écrite du 2025-02-01"}


def correct_fact(*, occurred_on: str, caller: Any, miner: str, event: str, source: Any = None, new_occurred_on: str | None = None, **new: Any) -> c.CorrectFact:
    return c.CorrectFact(occurred_on=occurred_on, caller=caller, source=source, miner=miner, event=event, new_occurred_on=new_occurred_on, new=new)
