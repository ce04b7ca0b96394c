"""The receipt at the pit: recorded whatever it says; what a rule has against it is a finding, and some findings hold the lot (G1)."""
from collections.abc import Mapping, Sequence
from typing import Any

from services.gold_trade import actor, events
from shared import dates
from shared.application import Histories, New
from shared.errors import BadRequest, Conflict

from . import lot as lots
from . import receipt as receipts
from . import rules, stock
from .arithmetic import booked, entry
from .commands import RecordCollection
from .rules import Known

METHODS = ("xrf", "density", "touchstone", "fire-assay")


def streams(command: RecordCollection) -> list[str]:
    day = dates.counted(command.occurred_on, (command.recorded_there or "")[:10])
    return [lots.stream(command.lot), actor.stream(command.collector), *stock.of_day(command.collector, day)]


def decide(histories: Histories, command: RecordCollection, known: Known, now: str) -> list[New]:
    """Raises Conflict for a lot that is there already, BadRequest for shares of nobody."""
    if histories[lots.stream(command.lot)]:
        raise Conflict(f"lot '{command.lot}' is recorded already", field="lot", rule="one receipt, one lot")
    shared(command.miners)
    receipt = receipts.told(command, now)
    drawn = stock.draw(histories, command.lot, receipt, known.stop)
    licensed = actor.licensed(histories[actor.stream(command.collector)], receipt.day)
    data = {k: getattr(command, k) for k in ("lot", "collector", "society", "site", "gross_mg", "fineness_per_100k", "method", "photo",
                                             "advance_xof", "extracted_on", "sequence", "recorded_there", "source")}
    return [New(lots.stream(command.lot), events.COLLECTION_RECORDED, {
        **data, "miners": [dict(m) for m in command.miners], "fine_mg": receipt.fine_mg,
        "findings": rules.findings(receipt, known, drawn.finding, licensed), "relied_on": dict(known.relied_on) or None,
        "entries": booked([entry("source", receipt.society, -receipt.gross_mg, -receipt.fine_mg),
                           entry("stock", receipt.collector, receipt.gross_mg, receipt.fine_mg)])}),
        *drawn.events]


def shared(miners: Sequence[Mapping[str, Any]]) -> None:
    """Raises BadRequest."""
    names = [m["miner"] for m in miners]
    if len(set(names)) != len(names):
        raise BadRequest("a miner stands twice", field="miners", rule="one share each")
