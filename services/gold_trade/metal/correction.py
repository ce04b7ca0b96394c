"""A receipt was wrong, or never was: the books, the rules and whatever was formed of it follow, wherever its metal is (X4)."""
from collections.abc import Mapping, Sequence
from typing import Any

from services.gold_trade import actor, events
from shared.application import Histories, New
from shared.errors import BadRequest, Conflict, NotFound

from . import collection, review, rules, stock, transformation
from . import lot as lots
from .arithmetic import booked, entry, fine
from .commands import CorrectCollection, WithdrawCollection
from .lineage import Lineage
from .lot import Lot
from .receipt import CORRECTABLE, Receipt
from .rules import Known
from .tolerance import Mass

Command = CorrectCollection | WithdrawCollection
GONE: dict[str, Any] = {"gross_mg": 0}      # what a withdrawn receipt says


def streams(command: Command) -> list[str]:
    return [lots.stream(command.lot)]


def also(histories: Histories, command: Command) -> list[str]:
    """The collector's licences, the declared stocks of the day it was and the day it is, and the step that spent the lot."""
    lot = lots.evolve(histories[lots.stream(command.lot)])
    if lot is None or lot.receipt is None:
        return []
    collector = lot.receipt.collector
    days = {lot.receipt.day, lot.receipt.corrected(changes(lot.receipt, command)).day}
    return list(dict.fromkeys([actor.stream(collector), *(s for day in sorted(days) for s in stock.of_day(collector, day)),
                               *([transformation.stream(lot.spent)] if lot.spent else [])]))


def changes(receipt: Receipt, command: Command) -> dict[str, Any]:
    """What is told otherwise than it stands. Raises BadRequest for a miner who stands twice."""
    if isinstance(command, WithdrawCollection):
        return GONE
    asked = {k: getattr(command, k) for k in CORRECTABLE if k != "occurred_on"} | {"occurred_on": command.new_occurred_on}
    if command.miners is not None:
        collection.shared(command.miners)
        asked["miners"] = [dict(m) for m in command.miners]
    said = receipt.said()
    return {k: v for k, v in asked.items() if v is not None and v != said.get(k)}


def received(histories: Histories, command: Command) -> tuple[Lot, Receipt]:
    """The lot and its receipt as they stand. Raises NotFound, BadRequest for a lot that was formed, Conflict for one whose receipt was withdrawn."""
    lot = lots.evolve(histories[lots.stream(command.lot)])
    if lot is None:
        raise NotFound(f"no lot '{command.lot}'", field="lot")
    if lot.receipt is None:
        raise BadRequest(f"lot '{command.lot}' was formed, not received", field="lot", rule="correct what it was formed of")
    if lot.withdrawn:
        raise Conflict(f"the receipt of lot '{command.lot}' was withdrawn", field="lot", rule="it never was")
    return lot, lot.receipt


def decide(histories: Histories, command: Command, known: Known, lineage: Lineage) -> list[New]:
    """`known` is of the corrected receipt's day; `lineage` are the steps its metal went through. Nothing if it says what stands."""
    lot, old = received(histories, command)
    changed = changes(old, command)
    if not changed:
        return []
    new = old.corrected(changed)
    after = _after(lot, new, changed)
    more = Mass(after.gross_mg - lot.gross_mg, after.fine_mg - lot.fine_mg)
    step = review.evolve(histories[transformation.stream(lot.spent)]) if lot.spent else None
    now = step and step.weighed_in(more)
    where = now.entries(step) if step and now else [entry(*lot.account, *more)]
    # The source is booked by what the receipts say; between that and what the lot holds lies the assay difference.
    assay = entry("assay", lot.assayed_at or lot.custodian, 0, new.fine_mg - old.fine_mg - more.fine_mg)
    told = {"lot": lot.id, "corrects": old.event, "collector": old.collector, "source": command.source,
            "entries": booked([entry("source", old.society, old.gross_mg, old.fine_mg), entry("source", new.society, -new.gross_mg, -new.fine_mg),
                               *where, assay])}
    drawn = stock.draw(histories, lot.id, new, known.stop)
    said = old.said() | {"fine_mg": lot.fine_mg}
    reviewed = review.follows(histories, lineage, step, now, lot.id) if step and now else []
    if isinstance(command, WithdrawCollection):
        return [New(lots.stream(lot.id), events.COLLECTION_WITHDRAWN, {**told, "old": said}), *drawn.events, *reviewed]
    licensed = actor.licensed(histories[actor.stream(old.collector)], new.day)
    found = rules.findings(new, known, drawn.finding, licensed)
    says = changed | ({"fine_mg": after.fine_mg} if more.fine_mg else {})
    return [New(lots.stream(lot.id), events.COLLECTION_CORRECTED, {
        **told, "old": {k: said[k] for k in says if k in said}, "new": says, "findings": found, "relied_on": dict(known.relied_on) or None}),
        *_held(histories, lot, rules.holding(found, changed), lineage), *drawn.events, *reviewed]


def _after(lot: Lot, receipt: Receipt, changed: Mapping[str, Any]) -> Lot:
    """A lot's fine gold is what its assay says, where it has one; the receipt keeps what it said itself."""
    if not lot.assayed_at:
        return lots.corrected(lot, receipt, receipt.fine_mg)
    return lots.corrected(lot, receipt, fine(receipt.gross_mg, lot.fineness_per_100k) if "gross_mg" in changed else lot.fine_mg)


def _held(histories: Histories, lot: Lot, holding: Sequence[str], lineage: Lineage) -> list[New]:
    """The lot itself, or what it has become."""
    if lot.spent:
        return [held for rule in holding for held in review.held(histories, lineage, rule)]
    return lots.hold([lot], holding)
