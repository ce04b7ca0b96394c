"""Stock declared before a seasonal stop: what may come in during it (ML-10, G14)."""
from typing import NamedTuple

from services.gold_trade import events
from services.gold_trade.season import Stop
from shared import dates
from shared.application import Histories, New

from .commands import DeclareStock, RecordCollection

CLOSED, UNDECLARED = "ML-10", "undeclared-stock"


class Drawn(NamedTuple):
    """The finding, if there is one, and what is written to the stock."""

    finding: str = ""
    events: tuple[New, ...] = ()


def stream(actor: str, season: str) -> str:
    return f"stock/{actor}/{season}"


def streams(command: DeclareStock) -> list[str]:
    return [stream(command.actor, command.season)]


def decide(histories: Histories, command: DeclareStock) -> list[New]:
    """A later declaration stands in the place of an earlier one."""
    return [New(stream(command.actor, command.season), events.STOCK_DECLARED, {
        "actor": command.actor, "season": command.season, "gross_mg": command.gross_mg, "source": command.source})]


def draw(histories: Histories, actor: str, stop: Stop, command: RecordCollection) -> Drawn:
    """What a receipt within the stop takes of the declared stock: nothing unless it was extracted before."""
    if not command.extracted_on or dates.counts_from(command.extracted_on, "extracted_on") >= stop.first:
        return Drawn(CLOSED)
    key = stream(actor, stop.id)
    history = histories.get(key, ())
    declared = next((e.data["gross_mg"] for e in reversed(history) if e.name == events.STOCK_DECLARED), 0)
    drawn = sum(e.data["gross_mg"] for e in history if e.name == events.STOCK_DRAWN)
    told = New(key, events.STOCK_DRAWN, {"actor": actor, "season": stop.id, "lot": command.lot, "gross_mg": command.gross_mg})
    return Drawn(UNDECLARED if drawn + command.gross_mg > declared else "", (told,) if key in histories else ())
