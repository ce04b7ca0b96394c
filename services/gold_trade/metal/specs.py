"""How the commands about metal are read and decided."""
from collections.abc import Sequence
from typing import Any

from services.gold_trade import season
from shared import event
from shared.application import Histories, New
from shared.definition import CommandSpec
from shared.service import Service

from . import collection, heard, judgement, lot, requests, stock, transformation
from . import commands as c

DECIDERS: dict[str, Any] = {"declare-stock": stock, "transform-lots": transformation, "record-assay": judgement, "hold-lot": judgement, "lift-hold": judgement}


def _collection(service: Service, histories: Histories, command: Any) -> Sequence[New]:
    return collection.decide(histories, command, known(service, command) if isinstance(command, c.RecordCollection) else collection.Known())


def known(service: Service, command: c.RecordCollection) -> collection.Known:
    """What was heard of the society, the miners and the corridor, as of the receipt's day, and how far it was heard."""
    now = event.now()
    day = collection.day(command, now)
    society, *miners = subjects = [f"organisation/{command.society}", *(f"miner/{m['miner']}" for m in command.miners)]
    told = heard.of(service)
    relied_on = {"standings": str(told.position)}
    found = heard.standing(service, told, subjects, day)
    return collection.Known(society=found[society], miners={m.partition("/")[2]: found[m] for m in miners},
                            corridor=heard.corridor(service, told, command.society, day), stop=season.covering(day), now=now,
                            relied_on=relied_on)


def _touches(histories: Histories, command: Any) -> set[str]:
    if isinstance(command, c.RecordCollection):
        return {f"actor:{command.collector}", f"organisation:{command.society}"}
    if isinstance(command, c.DeclareStock):
        return {f"actor:{command.actor}"}
    if isinstance(command, c.TransformLots):
        return {f"actor:{command.custodian}"}
    found = lot.evolve(histories[lot.stream(command.lot)])
    return {f"actor:{found.custodian}"} if found else set()


def _spec(name: str) -> CommandSpec:
    schema, make = requests.BY_NAME[name]
    if name in DECIDERS:
        decider = DECIDERS[name]
        return CommandSpec(schema=schema, make=make, streams=decider.streams, decide=lambda service, h, command: decider.decide(h, command),
                           touches=_touches, by_caller=name == "lift-hold")
    return CommandSpec(schema=schema, make=make, streams=collection.streams, decide=_collection, touches=_touches)


SPECS: dict[str, CommandSpec] = {name: _spec(name) for name in requests.BY_NAME}
