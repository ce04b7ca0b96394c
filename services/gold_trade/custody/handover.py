"""Metal changes hands by two signatures of two people (G3)."""
from collections.abc import Sequence
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
SILENCE, NEVER = "custody-silence", "9999"


def stream(handover: str) -> str:
    return f"handover/{handover}"


def streams(command: Handover) -> list[str]:
    return [stream(command.handover), *([parcel.stream(command.parcel)] if isinstance(command, OfferHandover) and command.parcel else [])]


def also(histories: Histories, command: Handover) -> list[str]:
    """The streams that only the first ones name: the parcel's lots, or the lots and the parcel of the offer."""
    if isinstance(command, OfferHandover):
        if command.parcel:
            return list(map(lots.stream, parcel.contents(histories[parcel.stream(command.parcel)])))
        return list(map(lots.stream, command.lots))
    offer = histories[stream(command.handover)]
    if not offer:
        return []
    said = offer[0].data
    return [*map(lots.stream, said["lots"]), *([parcel.stream(said["parcel"])] if "parcel" in said else [])]


def decide(histories: Histories, command: Handover) -> list[New]:
    """Raises NotFound, Conflict for an offer that is answered or has time left, Forbidden for a second signature by the first one's hand."""
    key = stream(command.handover)
    history = histories[key]
    if isinstance(command, OfferHandover):
        return _offer(histories, command)
    if not history:
        raise NotFound(f"no handover '{command.handover}'", field="handover")
    offer = history[0]
    answered = any(e.name in (events.HANDOVER_ACCEPTED, events.HANDOVER_REFUSED) for e in history)
    if isinstance(command, NoteSilence):
        return [] if answered or len(history) > 1 else _silent(histories, command, offer)
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
    sealed = histories[parcel.stream(command.parcel)] if command.parcel else ()
    names = parcel.contents(sealed) if command.parcel else parcel.once(command.lots)
    if command.parcel and not names:
        raise NotFound(f"no sealed parcel '{command.parcel}'", field="parcel")
    found = [lots.there(histories[lots.stream(name)], name, "lots") for name in names]
    return [New(stream(command.handover), events.HANDOVER_OFFERED, {
        "handover": command.handover, "giver": command.giver, "taker": command.taker, "parcel": command.parcel, "tag": parcel.tag_of(sealed) or None,
        "lots": names, "gross_mg": sum(lot.gross_mg for lot in found), "due_by": command.due_by})]


def _offered(offer: Event) -> dict[str, Any]:
    return {k: offer.data[k] for k in ("handover", "giver", "taker", "lots")}


def _silent(histories: Histories, command: NoteSilence, offer: Event) -> list[New]:
    """Whoever is to answer has until `due_by`: before, and where no time was named, nobody is silent."""
    if command.now < offer.data.get("due_by", NEVER):
        raise Conflict(f"handover '{command.handover}' may be answered still", field="handover", rule="silence begins at due_by")
    return [New(stream(command.handover), events.HANDOVER_SILENT, _offered(offer)), *lots.hold(_there(histories, offer), [SILENCE])]


def _there(histories: Histories, offer: Event) -> list[lots.Lot]:
    """Those of the offer that are in stock still, each once."""
    return [lot for name in parcel.once(offer.data["lots"]) if (lot := lots.evolve(histories[lots.stream(name)])) and lot.in_stock]


def _accept(histories: Histories, command: AcceptHandover, offer: Event) -> list[New]:
    """What came is taken over; what was lost or used since the offer is named, for it cannot be."""
    said = offer.data
    if command.caller.subject == offer.actor.subject:
        raise Forbidden("one person cannot sign for both sides", rule="two signatures of two people")
    found = _there(histories, offer)
    if not found:                           # then it says why of the first
        lots.there(histories[lots.stream(said["lots"][0])], said["lots"][0], "lots")
    came = [lot.id for lot in found]
    findings = _findings(histories, command, offer, found)
    return [
        New(stream(command.handover), events.HANDOVER_ACCEPTED, {
            "handover": command.handover, "giver": said["giver"], "taker": said["taker"], "lots": came,
            "missing": [name for name in parcel.once(said["lots"]) if name not in came] or None, "weighed_mg": command.weighed_mg,
            "findings": findings, "entries": moved(found, said["taker"])}),
        *(New(lots.stream(lot.id), events.LOT_TAKEN, {"lot": lot.id, "handover": command.handover, "custodian": said["taker"]}) for lot in found),
        *lots.hold(found, [f["rule"] for f in findings if f["hold"]])]


def _findings(histories: Histories, command: AcceptHandover, offer: Event, found: Sequence[lots.Lot]) -> list[dict[str, Any]]:
    said, rules = offer.data, list[tuple[str, bool]]()
    if any(lot.custodian != said["giver"] for lot in found):
        rules.append(("custody-gap", True))
    if "parcel" in said and not _sealed_as_offered(histories[parcel.stream(said["parcel"])], said):
        rules.append(("seal-mismatch", True))
    if len(found) < len(parcel.once(said["lots"])):
        rules.append(("lots-missing", False))
    gross = sum(lot.gross_mg for lot in found)
    if command.weighed_mg is not None and abs(command.weighed_mg - gross) * WHOLE > command.tolerance_per_100k * gross:
        rules.append(("weight-mismatch", True))
    return [{"rule": rule, "hold": hold} for rule, hold in rules]


def _sealed_as_offered(history: Sequence[Event], said: dict[str, Any]) -> bool:
    """A tag seals once, so the same tag is the same sealing; older offers do not name it."""
    return parcel.tag_of(history) == said["tag"] if "tag" in said else parcel.contents(history) == parcel.once(said["lots"])
