"""Two results exchanged blind: each party binds itself to a hash first, and neither sees the other's before both are told (G7; AU-08, AU-09)."""
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from services.gold_trade import events
from services.gold_trade.metal import lot as lots
from services.gold_trade.metal.judgement import assayed
from services.gold_trade.metal.lot import Lot
from shared import event
from shared.application import Histories, New
from shared.errors import Conflict, Forbidden, NotFound

from . import commands as c
from .consignment import Consignment, also, found, stream
from .contract import PARTIES, terms

__all__ = ["PARTIES", "also", "commitment", "decide", "streams", "waiting"]
Command = c.CommitAssay | c.RevealAssay | c.RecordUmpire


def commitment(consignment: str, party: str, fineness_per_100k: int, nonce: str) -> str:
    """What a party binds itself with: SHA-256 in hex of canonical JSON (RFC 8785)."""
    return sha256(event.canonical({"consignment": consignment, "party": party, "fineness_per_100k": fineness_per_100k, "nonce": nonce})).hexdigest()


def streams(command: Command) -> list[str]:
    return [stream(command.consignment)]


def waiting(histories: Histories, command: c.RevealAssay) -> event.Event | None:
    """The other party's reveal, sealed, if it is there already."""
    state = found(histories, command.consignment)
    return next((e for party, e in state.revealed if party != command.party), None)


def decide(histories: Histories, command: Command, opened: str = "", sealed: Mapping[str, str] | None = None, id_: str = "") -> list[New]:
    """`opened` is the other's sealed reveal as text, `sealed` this one's, for the event `id_`.

    Raises NotFound, Conflict for what comes twice or too early, Forbidden for one person on both sides or a value that was not bound.
    """
    state = found(histories, command.consignment)
    if not state.melted:
        raise Conflict(f"consignment '{state.id}' is not melted yet", field="consignment", rule="samples are taken of the melt")
    match command:
        case c.CommitAssay():
            return _commit(state, command)
        case c.RevealAssay():
            return _reveal(histories, state, command, opened, sealed, id_)
        case c.RecordUmpire():
            return _umpire(histories, state, command)


def _commit(state: Consignment, command: c.CommitAssay) -> list[New]:
    for party, _, who in state.commitments:
        if party == command.party:
            raise Conflict(f"the {party} has bound itself already", field="party")
        if who == command.caller.subject:
            raise Forbidden("one person cannot bind both sides", rule="two parties, two people")
    return [New(stream(state.id), events.ASSAY_COMMITTED, {"consignment": state.id, "party": command.party, "commitment": command.commitment})]


def _reveal(histories: Histories, state: Consignment, command: c.RevealAssay, opened: str, sealed: Mapping[str, str] | None, id_: str) -> list[New]:
    if len(state.commitments) < len(PARTIES):
        raise Conflict("the other party has not bound itself yet", field="party", rule="both commitments come before the first reveal")
    if any(party == command.party for party, _ in state.revealed) or state.results:
        raise Conflict(f"the {command.party} has revealed already", field="party")
    bound = {party: value for party, value, _ in state.commitments}
    if bound[command.party] != commitment(state.id, command.party, command.fineness_per_100k, command.nonce):
        raise Forbidden("this is not what was committed", rule="the commitment binds")
    if not state.revealed:
        return [New(stream(state.id), events.ASSAY_REVEALED, {"consignment": state.id, "party": command.party, "result": sealed}, id=id_)]
    other = json.loads(opened)
    results = {command.party: command.fineness_per_100k, state.revealed[0][0]: other["fineness_per_100k"]}
    seller, buyer = results["seller"], results["buyer"]
    within = abs(seller - buyer) <= terms(histories, state.contract)["splitting_limit_per_100k"]
    lot = _melt(histories, state)
    compared = New(stream(state.id), events.ASSAYS_COMPARED, {
        "consignment": state.id, "lot": lot.id, "results": [{"party": p, "fineness_per_100k": results[p]} for p in PARTIES],
        "difference_per_100k": abs(seller - buyer), "within": within})
    return [compared, assayed(lot, seller + buyer, 2, final=True)] if within else [compared]


def _umpire(histories: Histories, state: Consignment, command: c.RecordUmpire) -> list[New]:
    if not state.results:
        raise Conflict("the parties have not compared their results", field="consignment")
    if state.settled:
        raise Conflict("the result is final", field="consignment", rule="AU-10: final once")
    results = dict(state.results)
    seller, buyer, third = results["seller"], results["buyer"], command.fineness_per_100k
    value = sorted((seller, buyer, third))[1] if terms(histories, state.contract)["umpire_rule"] == "middle" else third
    far = {"seller": abs(seller - third), "buyer": abs(buyer - third)}
    loser = None if far["seller"] == far["buyer"] else max(far, key=lambda party: far[party])
    lot = _melt(histories, state)
    told: list[dict[str, Any]] = [{"party": p, "fineness_per_100k": results[p]} for p in PARTIES]
    return [New(stream(state.id), events.UMPIRE_RECORDED, {
        "consignment": state.id, "lot": lot.id, "umpire": command.umpire, "results": [*told, {"party": "umpire", "fineness_per_100k": third}], "loser": loser}),
        assayed(lot, value, final=True)]


def _melt(histories: Histories, state: Consignment) -> Lot:
    """Also one that the buyer used meanwhile: both results are facts, and the difference is booked where its metal went. Raises NotFound."""
    lot = lots.evolve(histories[lots.stream(state.melted)])
    if lot is None:
        raise NotFound(f"no lot '{state.melted}'", field="consignment")
    return lot


def body(command: c.RevealAssay) -> str:
    """What is sealed of a first reveal."""
    return json.dumps({"fineness_per_100k": command.fineness_per_100k, "nonce": command.nonce})
