"""How the commands about partners and agreements are read and decided."""
from collections.abc import Sequence
from typing import Any

from marshmallow import Schema

from shared import event
from shared.application import Histories, New
from shared.definition import CommandSpec
from shared.service import Service

from . import agreement, partner
from . import commands as c
from . import requests as r


def _agreement(schema: type[Schema], make: Any) -> CommandSpec:
    def decide(service: Service, histories: Histories, command: Any) -> Sequence[New]:
        return agreement.decide(histories, command, today=event.now()[:10])

    return CommandSpec(schema=schema, make=make, streams=agreement.streams, decide=decide)


SPECS: dict[str, CommandSpec] = {
    "register-partner": CommandSpec(schema=r.RegisterPartner, make=c.RegisterPartner, streams=partner.streams,
                                    decide=lambda service, histories, command: partner.decide(histories, command)),
    "sign-agreement": _agreement(r.SignAgreement, c.SignAgreement),
    "amend-agreement": _agreement(r.AmendAgreement, c.AmendAgreement),
    "record-deliverable": _agreement(r.RecordDeliverable, c.RecordDeliverable),
    "end-agreement": _agreement(r.EndAgreement, c.EndAgreement),
    "withdraw-agreement-fact": _agreement(r.WithdrawAgreementFact, c.WithdrawAgreementFact)}
