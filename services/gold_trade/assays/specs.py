"""How the commands about contracts, consignments and assays are read and decided."""
from collections.abc import Sequence
from typing import Any

from shared import event, sealing
from shared.application import Histories, New
from shared.definition import CommandSpec
from shared.service import Service

from . import commands as c
from . import consignment, exchange, requests

KIND = "assay"                      # of a sealed result
BOUND = ("commit-assay", "reveal-assay", "record-umpire")


def _reveal(service: Service, histories: Histories, command: c.RevealAssay) -> Sequence[New]:
    """The first result is sealed under the consignment's own key; the second opens it."""
    other = exchange.waiting(histories, command)
    if other is None:
        id_ = event.new_id()
        sealed = sealing.seal(service.key_store, consignment.stream(command.consignment), KIND, "result", id_, exchange.body(command))
        return exchange.decide(histories, command, sealed=sealed, id_=id_)
    opened = sealing.open_(service.key_store, other.data["result"], "result", other.id, {KIND})
    return exchange.decide(histories, command, opened=str(opened) if not isinstance(opened, sealing.Forgotten) else "")


def _decide(service: Service, histories: Histories, command: Any) -> Sequence[New]:
    if isinstance(command, c.RevealAssay):
        return _reveal(service, histories, command)
    decider: Any = exchange if isinstance(command, c.CommitAssay | c.RecordUmpire) else consignment
    return list(decider.decide(histories, command))


def _touches(histories: Histories, command: Any) -> set[str]:
    """Whose command it is: the seller's, the buyer's, or either's."""
    if isinstance(command, c.AgreeContract):
        return {f"actor:{command.seller}", f"actor:{command.buyer}"}
    if isinstance(command, c.SendConsignment):
        contract = histories[consignment.contract_stream(command.contract)]
        return {f"actor:{contract[0].data['seller']}"} if contract else set()
    state = consignment.evolve(histories[consignment.stream(command.consignment)])
    if state is None:
        return set()
    match command:
        case c.WeighConsignment() | c.MeltConsignment():
            return {f"actor:{state.buyer}"}
        case c.CommitAssay() | c.RevealAssay():
            return {f"actor:{getattr(state, command.party)}"}
    return {f"actor:{state.seller}", f"actor:{state.buyer}"}


def _spec(name: str) -> CommandSpec:
    schema, make = requests.BY_NAME[name]
    streams: Any = exchange.streams if name in BOUND else consignment.streams
    return CommandSpec(schema=schema, make=make, streams=streams, also=consignment.also, decide=_decide, touches=_touches,
                       by_caller=name in ("commit-assay", "reveal-assay"))


SPECS: dict[str, CommandSpec] = {name: _spec(name) for name in requests.BY_NAME}
