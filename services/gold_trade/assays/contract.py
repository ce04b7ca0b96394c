"""A contract between seller and buyer (AU-07 to AU-11): one side proposes its terms, the other signs them; until then the usual ones hold."""
from collections.abc import Sequence
from typing import Any

from services.gold_trade import events
from shared.application import Histories, New
from shared.auth import Caller
from shared.errors import BadRequest, Conflict, Forbidden, NotFound
from shared.event import Event

from .commands import AgreeContract

RULES = ("middle", "umpire")
PARTIES = ("seller", "buyer")
USUAL = {"splitting_limit_per_100k": 50, "melt_tolerance_per_100k": 500, "umpire_rule": "middle"}         # AU-08: 0.05 %
TERMS = (*PARTIES, *USUAL)


def stream(contract: str) -> str:
    return f"contract/{contract}"


def terms(histories: Histories, contract: str) -> dict[str, Any]:
    """Between whom, and the terms that count: those that both signed, else the usual ones. Raises NotFound."""
    history = histories.get(stream(contract), ())
    if not history:
        raise NotFound(f"no contract '{contract}'", field="contract", rule="agree-contract first")
    last = history[-1]
    return dict(last.data) if last.name == events.CONTRACT_AGREED else {**last.data, **USUAL}


def touches(history: Sequence[Event], command: AgreeContract) -> set[str]:
    """Seller and buyer, as the first proposal names them."""
    named = history[0].data if history else {party: getattr(command, party) for party in PARTIES}
    return {f"actor:{named[party]}" for party in PARTIES}


def decide(histories: Histories, command: AgreeContract) -> list[New]:
    """The same terms once by each of two people, of one side each; other terms are a proposal of their own.

    Raises Conflict for what is agreed, or proposed between others, BadRequest for a contract with oneself, Forbidden for two signatures of one side.
    """
    key = stream(command.contract)
    history = histories[key]
    if command.seller == command.buyer:
        raise BadRequest("seller and buyer are one", field="buyer")
    said = {k: getattr(command, k) for k in TERMS}
    last = history[-1] if history else None
    if last and last.name == events.CONTRACT_AGREED:
        raise Conflict(f"contract '{command.contract}' is agreed already", field="contract", rule="another contract for other terms")
    if last and any(last.data[party] != said[party] for party in PARTIES):
        raise Conflict(f"contract '{command.contract}' is between others", field="contract", rule="another contract for others")
    mine = _sides(command.caller, said)
    if last is None or any(last.data[k] != said[k] for k in USUAL):
        by = mine[0] if len(mine) == 1 else None
        return [New(key, events.CONTRACT_PROPOSED, {"contract": command.contract, **said, "by": by, "source": command.source})]
    if last.actor.subject == command.caller.subject or mine == [last.data.get("by")]:
        raise Forbidden("a contract is signed by both sides", rule="the other party seconds it")
    return [New(key, events.CONTRACT_AGREED, {
        "contract": command.contract, **said, "proposed_by": last.actor.subject, "seconded_by": command.caller.subject, "source": command.source})]


def _sides(caller: Caller, said: dict[str, Any]) -> list[str]:
    """Which of the two one speaks for; without a territory, for either."""
    return [party for party in PARTIES if not caller.territory or f"actor:{said[party]}" in caller.territory]
