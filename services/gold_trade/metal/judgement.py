"""What somebody says of a lot without moving it: an assay, a hold, the end of a hold."""
from services.gold_trade import events
from shared.application import Histories, New
from shared.errors import Conflict, Forbidden

from . import lot as lots
from .arithmetic import booked, entry, fine
from .commands import HoldLot, LiftHold, RecordAssay

Command = RecordAssay | HoldLot | LiftHold


def streams(command: Command) -> list[str]:
    return [lots.stream(command.lot)]


def decide(histories: Histories, command: Command) -> list[New]:
    """Raises NotFound, Conflict for a lot that is gone or a hold that is not there, Forbidden for a second signature of the same person."""
    key = lots.stream(command.lot)
    lot = lots.there(histories[key], command.lot, "lot")
    match command:
        case RecordAssay():
            if lot.final and not command.final:
                raise Conflict(f"lot '{lot.id}' has a final assay", field="final", rule="AU-10: provisional and final are never confused")
            mg = fine(lot.gross_mg, command.fineness_per_100k)
            return [New(key, events.LOT_ASSAYED, {
                "lot": lot.id, "fineness_per_100k": command.fineness_per_100k, "method": command.method, "final": command.final, "old_fine_mg": lot.fine_mg,
                "fine_mg": mg, "source": command.source,
                "entries": booked([entry("stock", lot.custodian, 0, mg - lot.fine_mg), entry("assay", lot.custodian, 0, lot.fine_mg - mg)])})]
        case HoldLot():
            return [] if command.rule in lot.holds else [New(key, events.LOT_HELD, {"lot": lot.id, "rule": command.rule})]
        case LiftHold():
            if command.rule not in lot.holds:
                raise Conflict(f"lot '{lot.id}' is not held for {command.rule}", field="rule")
            first, second = lot.lifts.get(command.rule), command.caller.subject
            said = {"lot": lot.id, "rule": command.rule, "decision": command.decision}
            if first is None:
                return [New(key, events.HOLD_LIFT_PROPOSED, said)]
            if first == second:
                raise Forbidden("a hold is lifted by two people", rule="another person seconds it")
            return [New(key, events.HOLD_LIFTED, {**said, "proposed_by": first, "seconded_by": second})]
