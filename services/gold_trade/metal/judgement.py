"""What somebody says of a lot without moving it: an assay, a hold, the end of a hold."""
from typing import Any

from services.gold_trade import events
from shared.application import Histories, New
from shared.errors import Conflict, Forbidden

from . import lot as lots
from .arithmetic import WHOLE, booked, entry
from .commands import HoldLot, LiftHold, RecordAssay

FINAL_ALONE = "AU-10"                   # final only after an exchange of assays, of what is sold under one
Command = RecordAssay | HoldLot | LiftHold


def streams(command: Command) -> list[str]:
    return [lots.stream(command.lot)]


def decide(histories: Histories, command: Command) -> list[New]:
    """Raises NotFound, Conflict for a lot that is gone or a hold that is not there, Forbidden for a second signature of the same person."""
    key = lots.stream(command.lot)
    lot = lots.there(histories[key], command.lot, "lot")
    match command:
        case RecordAssay():
            return _assay(lot, command)
        case HoldLot():
            return lots.hold([lot], [command.rule])
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


def _assay(lot: lots.Lot, command: RecordAssay) -> list[New]:
    """One side alone makes nothing final of a consignment's melt: what it measured is recorded, as provisional, and named (AU-08, AU-10)."""
    alone = command.final and bool(lot.consignment)
    final = command.final and not alone
    if lot.final and not final:
        raise Conflict(f"lot '{lot.id}' has a final assay", field="final", rule="AU-10: provisional and final are never confused")
    told = assayed(lot, command.fineness_per_100k, final=final, method=command.method)
    more: dict[str, Any] = {"source": command.source, **({"findings": [{"rule": FINAL_ALONE, "hold": False}]} if alone else {})}
    return [told._replace(data={**told.data, **more})]


def assayed(lot: lots.Lot, fineness: int, of: int = 1, *, final: bool, method: str = "fire-assay") -> New:
    """`fineness` of `of` results together: a mean is not rounded before it is weighed. What is no longer there is booked where it went."""
    mg = lot.gross_mg * fineness // (of * WHOLE)
    account, whose = lot.account
    return New(lots.stream(lot.id), events.LOT_ASSAYED, {
        "lot": lot.id, "fineness_per_100k": fineness // of, "method": method, "final": final, "old_fine_mg": lot.fine_mg, "fine_mg": mg,
        "entries": booked([entry(account, whose, 0, mg - lot.fine_mg), entry("assay", lot.custodian, 0, lot.fine_mg - mg)])})
