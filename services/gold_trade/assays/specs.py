"""How the commands about contracts, consignments and assays are read and decided."""
from collections.abc import Sequence
from typing import Any

from shared import event, sealing
from shared.application import Histories, New
from shared.definition import CommandSpec
from shared.service import Service

from . import commands as c
from . import consignment, contract, exchange, requests

KIND = "assay"                      # of a sealed result
BOUND = ("commit-assay", "reveal-assay", "record-umpire")
BY_CALLER = ("agree-contract", "commit-assay", "reveal-assay")


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
    if isinstance(command, c.AgreeContract):
        return contract.decide(histories, command)
    if isinstance(command, c.CommitAssay | c.RecordUmpire):
        return exchange.decide(histories, command)
    return consignment.decide(histories, command, event.now()[:10])


def _touches(histories: Histories, command: Any) -> set[str]:
    """Whose command it is: the seller's, the buyer's, or either's."""
    if isinstance(command, c.AgreeContract):
        return contract.touches(histories[contract.stream(command.contract)], command)
    if isinstance(command, c.SendConsignment):
        proposed = histories[contract.stream(command.contract)]
        return {f"actor:{proposed[0].data['seller']}"} if proposed else set()
    state = consignment.evolve(histories[consignment.stream(command.consignment)])
    if state is None:
        return set()
    match command:
        case c.WeighConsignment() | c.MeltConsignment():
            return {f"actor:{state.buyer}"}
        case c.CommitAssay() | c.RevealAssay():
            return {f"actor:{getattr(state, command.party)}"}
    return {f"actor:{state.seller}", f"actor:{state.buyer}"}


def _contract(command: c.AgreeContract) -> list[str]:
    return [contract.stream(command.contract)]


def _spec(name: str) -> CommandSpec:
    schema, make = requests.BY_NAME[name]
    streams: Any = _contract if name == "agree-contract" else exchange.streams if name in BOUND else consignment.streams
    return CommandSpec(schema=schema, make=make, streams=streams, also=consignment.also, decide=_decide, touches=_touches,
                       by_caller=name in BY_CALLER)


SPECS: dict[str, CommandSpec] = {name: _spec(name) for name in requests.BY_NAME}
