"""A lot changes its owner, is lost, stolen or found again (G3, G18)."""
from services.gold_trade import events
from services.gold_trade.metal import lot as lots
from services.gold_trade.metal.arithmetic import booked, entry
from shared.application import Histories, New
from shared.errors import Conflict

from .commands import RecoverLot, ReportLoss, TransferOwnership

INCIDENTS = ("lost", "stolen")
Command = TransferOwnership | ReportLoss | RecoverLot


def streams(command: Command) -> list[str]:
    return [lots.stream(command.lot)]


def decide(histories: Histories, command: Command) -> list[New]:
    """Raises NotFound, Conflict for what is spent, missing, or not missing."""
    key = lots.stream(command.lot)
    if isinstance(command, RecoverLot):
        lot = lots.evolve(histories[key])
        if lot is None or not lot.missing:
            raise Conflict(f"lot '{command.lot}' is not missing", field="lot")
        return [New(key, events.LOT_RECOVERED, {"lot": lot.id, "custodian": command.custodian, "source": command.source, "entries": booked([
            entry("stolen", lot.custodian, -lot.gross_mg, -lot.fine_mg), entry("stock", command.custodian, lot.gross_mg, lot.fine_mg)])})]
    lot = lots.there(histories[key], command.lot, "lot")
    if isinstance(command, TransferOwnership):
        return [] if lot.owner == command.owner else [New(key, events.OWNERSHIP_TRANSFERRED, {
            "lot": lot.id, "owner": command.owner, "old_owner": lot.owner or None, "source": command.source})]
    return [New(key, events.LOT_LOST, {"lot": lot.id, "incident": command.incident, "custodian": lot.custodian, "source": command.source, "entries": booked([
        entry("stock", lot.custodian, -lot.gross_mg, -lot.fine_mg), entry("stolen", lot.custodian, lot.gross_mg, lot.fine_mg)])})]
