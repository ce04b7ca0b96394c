"""Stock declared before a seasonal stop: what may come in during it (ML-10, G14)."""
from collections.abc import Sequence
from typing import NamedTuple

from services.gold_trade import events, season
from services.gold_trade.season import Stop
from shared import dates
from shared.application import Histories, New
from shared.event import Event

from .commands import DeclareStock
from .receipt import Receipt

CLOSED, UNDECLARED, LATE = "ML-10", "undeclared-stock", "declared-late"


class Drawn(NamedTuple):
    """The finding, if there is one, and what is written to the stock."""

    finding: str = ""
    events: tuple[New, ...] = ()


def stream(actor: str, season: str) -> str:
    return f"stock/{actor}/{season}"


def streams(command: DeclareStock) -> list[str]:
    return [stream(command.actor, command.season)]


def of_day(actor: str, day: str) -> list[str]:
    """The streams a receipt of `day` may draw on; where nobody said when it was (''), of all stops: the clock decides later."""
    return [stream(actor, stop.id) for stop in season.stops() if not day or stop.first <= day <= stop.last]


def decide(histories: Histories, command: DeclareStock, today: str) -> list[New]:
    """A later declaration stands in the place of an earlier one; one that is made in the stop (or `today`, undated) says so, and frees nothing."""
    key = stream(command.actor, command.season)
    late = dates.counted(command.occurred_on, today) >= next(stop.first for stop in season.stops() if stop.id == command.season)
    return [New(key, events.STOCK_DECLARED, {
        "actor": command.actor, "season": command.season, "gross_mg": command.gross_mg, "source": command.source,
        **({"findings": [{"rule": LATE, "hold": False}]} if late else {})})]


def draw(histories: Histories, lot: str, receipt: Receipt, stop: Stop | None) -> Drawn:
    """What a receipt within the stop takes of the declared stock: nothing unless it was extracted before. What its lot took before and does not
    take now, in any stop, goes back.
    """
    extracted_before = stop and receipt.extracted_on and dates.counts_from(receipt.extracted_on, "extracted_on") < stop.first
    told = []
    for each in season.stops():
        key = stream(receipt.collector, each.id)
        takes = receipt.gross_mg if extracted_before and each == stop else 0
        if key in histories and (more := takes - _drawn(histories[key], lot)):
            told.append(New(key, events.STOCK_DRAWN, {"actor": receipt.collector, "season": each.id, "lot": lot, "gross_mg": more}))
    if not stop:
        return Drawn("", tuple(told))
    if not extracted_before:
        return Drawn(CLOSED, tuple(told))
    history = histories[stream(receipt.collector, stop.id)]
    others = _drawn(history) - _drawn(history, lot)
    return Drawn(UNDECLARED if others + receipt.gross_mg > _declared(history, stop) else "", tuple(told))


def _drawn(history: Sequence[Event], lot: str = "") -> int:
    """mg, by one lot or all."""
    return sum(e.data["gross_mg"] for e in history if e.name == events.STOCK_DRAWN and lot in ("", e.data["lot"]))


def _declared(history: Sequence[Event], stop: Stop) -> int:
    """mg, by the last declaration of a day before the stop."""
    return next((e.data["gross_mg"] for e in reversed(history) if e.name == events.STOCK_DECLARED
                 and dates.counted(e.occurred_on, e.recorded_at[:10]) < stop.first), 0)
