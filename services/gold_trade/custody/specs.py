"""How the commands about custody are read and decided."""
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from services.gold_trade.metal import lineage, lot
from shared import event
from shared.application import Histories, New
from shared.definition import CommandSpec
from shared.service import Service

from . import commands as c
from . import handover, incident, parcel, requests

DECIDERS: dict[str, Any] = {
    **dict.fromkeys(("issue-tags", "seal-parcel", "open-parcel"), parcel),
    **dict.fromkeys(("offer-handover", "accept-handover", "refuse-handover", "note-silence"), handover),
    **dict.fromkeys(("transfer-ownership", "report-loss", "recover-lot"), incident)}


def _touches(histories: Histories, command: Any) -> set[str]:
    match command:
        case c.IssueTags():
            return set()
        case c.SealParcel():
            return {f"actor:{command.custodian}"}
        case c.OpenParcel():
            inside = [lot.evolve(histories[lot.stream(name)]) for name in parcel.contents(histories[parcel.stream(command.parcel)])]
            return {f"actor:{found.custodian}" for found in inside if found}           # who sealed it may have handed it over
        case c.OfferHandover():
            return {f"actor:{command.giver}"}
        case c.AcceptHandover() | c.RefuseHandover() | c.NoteSilence():
            offer = histories[handover.stream(command.handover)]
            return {f"actor:{offer[0].data['taker']}"} if offer else set()
    found = lot.evolve(histories[lot.stream(command.lot)])
    if found and isinstance(command, c.TransferOwnership):
        return {f"{kind}:{found.owner}" for kind in ("actor", "organisation")}         # custody and ownership are two things
    return {f"actor:{found.custodian}"} if found else set()


def _by_the_clock(service: Service, histories: Histories, command: c.NoteSilence) -> Sequence[New]:
    return handover.decide(histories, replace(command, now=event.now()))


def _opened(service: Service, histories: Histories, command: c.OpenParcel) -> Sequence[New]:
    steps: lineage.Lineage = {}
    for first in parcel.used(histories, command):
        steps |= lineage.follow(service.log, cast(lineage.Loaded, histories), first)
    return parcel.decide(histories, command, steps)


MORE: dict[str, Any] = {"note-silence": _by_the_clock, "open-parcel": _opened}          # whose decision needs more than histories


def _spec(name: str) -> CommandSpec:
    schema, make = requests.BY_NAME[name]
    decider = DECIDERS[name]
    decide = MORE.get(name) or (lambda service, h, command: decider.decide(h, command))
    return CommandSpec(schema=schema, make=make, streams=decider.streams, decide=decide, touches=_touches,
                       also=getattr(decider, "also", lambda h, command: ()), by_caller=decider is handover)


SPECS: dict[str, CommandSpec] = {name: _spec(name) for name in requests.BY_NAME}
