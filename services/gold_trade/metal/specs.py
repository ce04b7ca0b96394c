"""How the commands about metal are read and decided."""
from collections.abc import Sequence
from typing import Any, cast

from services.gold_trade import season
from shared import event
from shared.application import Histories, New
from shared.definition import CommandSpec
from shared.service import Service

from . import collection, correction, heard, judgement, lineage, lot, receipt, remeasured, requests, stock, transformation
from . import commands as c
from .receipt import Receipt
from .rules import Known

UNTOLD = "unknown"                      # which society was trained in what: nobody tells it yet, and what is not told is not "no" (principle 9)
DECIDERS: dict[str, Any] = {"declare-stock": stock, "transform-lots": transformation, "record-assay": judgement, "hold-lot": judgement, "lift-hold": judgement}


def _collection(service: Service, histories: Histories, command: c.RecordCollection) -> Sequence[New]:
    now = event.now()
    return collection.decide(histories, command, known(service, receipt.told(command, now)), now)


def _correction(service: Service, histories: Histories, command: correction.Command) -> Sequence[New]:
    """What became of a lot that was spent is found while it is decided, in the histories given: whoever changes it meanwhile is a conflict as ever."""
    found, told = correction.received(histories, command)
    steps = lineage.follow(service.log, cast(lineage.Loaded, histories), found.spent) if found.spent else {}
    new = correction.changes(told, command)
    heard_of = known(service, told.corrected(new)) if isinstance(command, c.CorrectCollection) and new else Known()
    return correction.decide(histories, command, heard_of, steps)


def _remeasured(service: Service, histories: Histories, command: c.CorrectTransformation) -> Sequence[New]:
    """As for a receipt, of the step itself and of each that spent a lot of it."""
    steps = dict.fromkeys([command.transformation, *(found.spent for found, _ in remeasured.formed(histories, command) if found.spent)])
    return remeasured.decide(histories, command, {step: lineage.follow(service.log, cast(lineage.Loaded, histories), step) for step in steps})


def known(service: Service, told: Receipt) -> Known:
    """What was heard of the society, the miners, the corridor and the site, as of the receipt's day, and how far it was heard."""
    day = told.day
    society, *miners = subjects = [f"organisation/{told.society}", *(f"miner/{miner}" for miner, _ in told.miners)]
    so_far = heard.of(service)
    relied_on = {"standings": str(so_far.position), "training": UNTOLD}
    found = heard.standing(service, so_far, subjects, day)
    return Known(society=found[society], miners={m.partition("/")[2]: found[m] for m in miners},
                 corridor=heard.corridor(service, so_far, told.society, day),
                 site=not told.site or heard.site(service, so_far, told.site), stop=season.covering(day), relied_on=relied_on)


def _touches(histories: Histories, command: Any) -> set[str]:
    if isinstance(command, c.RecordCollection):
        return {f"actor:{command.collector}", f"organisation:{command.society}"}
    if isinstance(command, c.DeclareStock):
        return {f"actor:{command.actor}"}
    if isinstance(command, c.TransformLots):
        return {f"actor:{command.custodian}"}
    if isinstance(command, c.CorrectTransformation):
        step = histories[transformation.stream(command.transformation)]
        return {f"actor:{step[0].data['custodian']}"} if step else set()
    found = lot.evolve(histories[lot.stream(command.lot)])
    if found and found.receipt and isinstance(command, c.CorrectCollection | c.WithdrawCollection):
        return {f"actor:{found.receipt.collector}", f"organisation:{found.receipt.society}"}         # who weighed it, wherever it is now
    return {f"actor:{found.custodian}"} if found else set()


def _spec(name: str) -> CommandSpec:
    schema, make = requests.BY_NAME[name]
    if name in DECIDERS:
        decider = DECIDERS[name]
        if name in ("transform-lots", "declare-stock"):                  # undated, they are of today
            return CommandSpec(schema=schema, make=make, streams=decider.streams, touches=_touches,
                               decide=lambda service, h, command: decider.decide(h, command, event.now()[:10]))
        return CommandSpec(schema=schema, make=make, streams=decider.streams, decide=lambda service, h, command: decider.decide(h, command),
                           touches=_touches, by_caller=name == "lift-hold")
    if name == "record-collection":
        return CommandSpec(schema=schema, make=make, streams=collection.streams, decide=_collection, touches=_touches)
    if name == "correct-transformation":
        return CommandSpec(schema=schema, make=make, streams=remeasured.streams, also=remeasured.also, decide=_remeasured, touches=_touches)
    return CommandSpec(schema=schema, make=make, streams=correction.streams, also=correction.also, decide=_correction, touches=_touches)


SPECS: dict[str, CommandSpec] = {name: _spec(name) for name in requests.BY_NAME}
