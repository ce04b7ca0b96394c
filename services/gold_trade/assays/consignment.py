"""A consignment under a contract: sent, weighed, melted, weighed again, and perhaps disputed (G8; AU-07)."""
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.gold_trade import events
from services.gold_trade.metal import lot as lots
from services.gold_trade.metal import transformation
from services.gold_trade.metal.arithmetic import WHOLE
from services.gold_trade.metal.commands import TransformLots
from shared.application import Histories, New
from shared.errors import BadRequest, Conflict, NotFound
from shared.event import Event

from . import commands as c
from . import contract

GAP = "custody-gap"
Command = c.SendConsignment | c.WeighConsignment | c.MeltConsignment | c.DisputeConsignment | c.SettleDispute


@dataclass(frozen=True, slots=True, kw_only=True)
class Consignment:
    id: str
    contract: str
    seller: str
    buyer: str
    lots: tuple[str, ...]
    sent_mg: int
    weighed_mg: int | None = None
    melted: str = ""                        # the lot it was melted into
    disputed: bool = False
    commitments: tuple[tuple[str, str, str], ...] = ()         # party, commitment, who gave it
    revealed: tuple[tuple[str, Event], ...] = ()
    results: tuple[tuple[str, int], ...] = ()
    settled: bool = False


def stream(consignment: str) -> str:
    return f"consignment/{consignment}"


def evolve(history: Sequence[Event]) -> Consignment | None:
    state: Consignment | None = None
    for e in history:
        d = e.data
        match e.name:
            case events.CONSIGNMENT_SENT:
                state = Consignment(id=d["consignment"], contract=d["contract"], seller=d["seller"], buyer=d["buyer"], lots=tuple(d["lots"]),
                                    sent_mg=d["gross_mg"])
            case _ if state is None:
                raise NotFound(f"no consignment in {e.stream}")
            case events.CONSIGNMENT_WEIGHED:
                state = replace(state, weighed_mg=d["weighed_mg"])
            case events.CONSIGNMENT_MELTED:
                state = replace(state, melted=d["lot"])
            case events.CONSIGNMENT_DISPUTED:
                state = replace(state, disputed=True)
            case events.DISPUTE_SETTLED:
                state = replace(state, disputed=False)
            case events.ASSAY_COMMITTED:
                state = replace(state, commitments=(*state.commitments, (d["party"], d["commitment"], e.actor.subject)))
            case events.ASSAY_REVEALED:
                state = replace(state, revealed=(*state.revealed, (d["party"], e)))
            case events.ASSAYS_COMPARED | events.UMPIRE_RECORDED:
                state = replace(state, results=tuple((r["party"], r["fineness_per_100k"]) for r in d["results"]),
                                settled=d.get("within", True))
    return state


def found(histories: Histories, consignment: str) -> Consignment:
    """Raises NotFound."""
    state = evolve(histories[stream(consignment)])
    if state is None:
        raise NotFound(f"no consignment '{consignment}'", field="consignment")
    return state


def streams(command: Command) -> list[str]:
    match command:
        case c.SendConsignment():
            return [stream(command.consignment), contract.stream(command.contract), *map(lots.stream, command.lots)]
        case c.MeltConsignment():
            return [stream(command.consignment), lots.stream(command.lot), *map(transformation.stream, _names(command))]
    return [stream(command.consignment)]


def also(histories: Histories, command: Any) -> list[str]:
    """Contract and lots, which the consignment names."""
    state = evolve(histories[stream(command.consignment)]) if hasattr(command, "consignment") else None
    if state is None:
        return []
    return [contract.stream(state.contract), *map(lots.stream, state.lots), *([lots.stream(state.melted)] if state.melted else [])]


def decide(histories: Histories, command: Command, today: str = "") -> list[New]:
    """`today` counts where nobody said when it happened. Raises NotFound, Conflict for what was told already."""
    key = stream(command.consignment)
    if isinstance(command, c.SendConsignment):
        return _send(histories, command)
    state = found(histories, command.consignment)
    match command:
        case c.WeighConsignment():
            if state.weighed_mg is not None:
                raise Conflict(f"consignment '{state.id}' is weighed already", field="consignment")
            tolerance = contract.terms(histories, state.contract)["melt_tolerance_per_100k"]
            return [New(key, events.CONSIGNMENT_WEIGHED, {"consignment": state.id, "weighed_mg": command.weighed_mg, "sent_mg": state.sent_mg,
                                                          "findings": _beyond(state.sent_mg, command.weighed_mg, tolerance, "weight-mismatch")})]
        case c.MeltConsignment():
            return _melt(histories, command, state, today)
        case c.DisputeConsignment():
            return [] if state.disputed else [New(key, events.CONSIGNMENT_DISPUTED, {"consignment": state.id, "why": command.why})]
        case c.SettleDispute():
            if not state.disputed:
                raise Conflict(f"consignment '{state.id}' is not disputed", field="consignment")
            return [New(key, events.DISPUTE_SETTLED, {"consignment": state.id, "decision": command.decision})]
    raise BadRequest(f"no decision for {type(command).__name__}")


def _send(histories: Histories, command: c.SendConsignment) -> list[New]:
    key = stream(command.consignment)
    if histories[key]:
        raise Conflict(f"consignment '{command.consignment}' is sent already", field="consignment")
    between = contract.terms(histories, command.contract)
    there = [lots.there(histories[lots.stream(name)], name, f"lots.{n}") for n, name in enumerate(command.lots)]
    theirs = [lot for lot in there if between["seller"] in lot.held_by]               # a carrier may have it, or the buyer by now
    others = [lot for lot in there if between["seller"] not in lot.held_by]
    return [New(key, events.CONSIGNMENT_SENT, {
        "consignment": command.consignment, "contract": command.contract, "seller": between["seller"], "buyer": between["buyer"],
        "lots": list(command.lots), "gross_mg": sum(lot.gross_mg for lot in theirs),
        "fine_mg": sum(lot.fine_mg for lot in theirs), "findings": [{"rule": GAP, "hold": True}] if others else None}),
        *lots.hold(others, [GAP])]


def _names(command: c.MeltConsignment) -> list[str]:
    """What the melt may be called: as the consignment, or where somebody else's step has that name, as the new lot."""
    return list(dict.fromkeys((command.consignment, command.lot)))


def _melt(histories: Histories, command: c.MeltConsignment, state: Consignment, today: str) -> list[New]:
    """One melt of all its lots; what is missing beyond the contract's tolerance is a finding that may become a dispute."""
    if state.melted:
        raise Conflict(f"consignment '{state.id}' is melted already", field="consignment")
    tolerance = contract.terms(histories, state.contract)["melt_tolerance_per_100k"]
    before = state.sent_mg if state.weighed_mg is None else state.weighed_mg
    name = next((name for name in _names(command) if not histories[transformation.stream(name)]), command.lot)
    melt = transformation.decide(histories, TransformLots(
        transformation=name, step="melt", custodian=state.buyer, inputs=state.lots, outputs=[{"lot": command.lot, "gross_mg": command.weighed_mg}],
        tolerance_per_100k=tolerance, occurred_on=command.occurred_on, source=command.source), today, state.id)
    return [New(stream(state.id), events.CONSIGNMENT_MELTED, {
        "consignment": state.id, "lot": command.lot, "before_mg": before, "after_mg": command.weighed_mg,
        "findings": _beyond(before, command.weighed_mg, tolerance, "melt-loss")}), *melt]


def _beyond(before: int, after: int, tolerance_per_100k: int, rule: str) -> list[dict[str, Any]]:
    return [{"rule": rule, "hold": False}] if abs(before - after) * WHOLE > tolerance_per_100k * before else []
