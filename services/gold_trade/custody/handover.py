"""Metal changes hands by two signatures of two people (G3)."""
from typing import Any

from services.gold_trade import events
from services.gold_trade.metal import lot as lots
from services.gold_trade.metal.arithmetic import WHOLE, moved
from shared.application import Histories, New
from shared.errors import BadRequest, Conflict, Forbidden, NotFound
from shared.event import Event

from . import parcel
from .commands import AcceptHandover, NoteSilence, OfferHandover, RefuseHandover

Handover = OfferHandover | AcceptHandover | RefuseHandover | NoteSilence


def stream(handover: str) -> str:
    return f"handover/{handover}"


def streams(command: Handover) -> list[str]:
    return [stream(command.handover), *([parcel.stream(command.parcel)] if isinstance(command, OfferHandover) and command.parcel else [])]


def also(histories: Histories, command: Handover) -> list[str]:
    """The streams that only the first ones name: the parcel's lots, or those of the offer."""
    if isinstance(command, OfferHandover):
        if command.parcel:
            return list(map(lots.stream, parcel.contents(histories[parcel.stream(command.parcel)])))
        return list(map(lots.stream, command.lots))
    offer = histories[stream(command.handover)]
    return list(map(lots.stream, offer[0].data["lots"])) if offer else []


def decide(histories: Histories, command: Handover) -> list[New]:
    """Raises NotFound, Conflict for an offer that is answered, Forbidden for a second signature by the first one's hand."""
    key = stream(command.handover)
    history = histories[key]
    if isinstance(command, OfferHandover):
        return _offer(histories, command)
    if not history:
        raise NotFound(f"no handover '{command.handover}'", field="handover")
    offer = history[0]
    answered = any(e.name in (events.HANDOVER_ACCEPTED, events.HANDOVER_REFUSED) for e in history)
    if isinstance(command, NoteSilence):
        return [] if answered or len(history) > 1 else [New(key, events.HANDOVER_SILENT, _offered(offer)), *_held(histories, offer, "custody-silence")]
    if answered:
        raise Conflict(f"handover '{command.handover}' is answered", field="handover")
    if isinstance(command, RefuseHandover):
        return [New(key, events.HANDOVER_REFUSED, {**_offered(offer), "why": command.why})]
    return _accept(histories, command, offer)


def _offer(histories: Histories, command: OfferHandover) -> list[New]:
    if histories[stream(command.handover)]:
        raise Conflict(f"handover '{command.handover}' is offered already", field="handover")
    if bool(command.parcel) == bool(command.lots):
        raise BadRequest("either a parcel or lots", field="lots", rule="parcel, or lots, one of the two")
    if command.giver == command.taker:
        raise BadRequest("giver and taker are one", field="taker")
    names = parcel.contents(histories[parcel.stream(command.parcel)]) if command.parcel else list(command.lots)
    if command.parcel and not names:
        raise NotFound(f"no sealed parcel '{command.parcel}'", field="parcel")
    found = [lots.there(histories[lots.stream(name)], name, "lots") for name in names]
    return [New(stream(command.handover), events.HANDOVER_OFFERED, {
        "handover": command.handover, "giver": command.giver, "taker": command.taker, "parcel": command.parcel, "lots": names,
        "gross_mg": sum(lot.gross_mg for lot in found), "due_by": command.due_by})]


def _offered(offer: Event) -> dict[str, Any]:
    return {k: offer.data[k] for k in ("handover", "giver", "taker", "lots")}


def _held(histories: Histories, offer: Event, rule: str) -> list[New]:
    found = [lot for name in offer.data["lots"] if (lot := lots.evolve(histories[lots.stream(name)])) and lot.in_stock]
    return [New(lots.stream(lot.id), events.LOT_HELD, {"lot": lot.id, "rule": rule}) for lot in found if rule not in lot.holds]


def _accept(histories: Histories, command: AcceptHandover, offer: Event) -> list[New]:
    said = offer.data
    if command.caller.subject == offer.actor.subject:
        raise Forbidden("one person cannot sign for both sides", rule="two signatures of two people")
    found = [lots.there(histories[lots.stream(name)], name, "lots") for name in said["lots"]]
    findings = []
    if any(lot.custodian != said["giver"] for lot in found):
        findings.append({"rule": "custody-gap", "hold": True})
    gross = sum(lot.gross_mg for lot in found)
    if command.weighed_mg is not None and abs(command.weighed_mg - gross) * WHOLE > command.tolerance_per_100k * gross:
        findings.append({"rule": "weight-mismatch", "hold": True})
    holding = [f["rule"] for f in findings if f["hold"]]
    return [
        New(stream(command.handover), events.HANDOVER_ACCEPTED, {
            "handover": command.handover, "giver": said["giver"], "taker": said["taker"], "lots": said["lots"], "weighed_mg": command.weighed_mg,
            "findings": findings, "entries": moved(found, said["taker"])}),
        *(New(lots.stream(lot.id), events.LOT_TAKEN, {"lot": lot.id, "handover": command.handover, "custodian": said["taker"]}) for lot in found),
        *(New(lots.stream(lot.id), events.LOT_HELD, {"lot": lot.id, "rule": rule}) for lot in found for rule in holding if rule not in lot.holds)]
