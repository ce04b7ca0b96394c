"""A lot: an amount of metal that was received or formed at one time, until it is spent in another."""
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from services.gold_trade import events
from shared.application import New
from shared.errors import Conflict, NotFound
from shared.event import Event

from . import receipt as receipts
from .receipt import Receipt


class Formed(NamedTuple):
    """What its step says of it; an assay changes the lot, not this. `fineness_per_100k` is 0 where it was not measured there."""

    event: str
    step: str
    fine_mg: int
    fineness_per_100k: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """As it stands after all corrections. `spent` names the transformation that took it, and `spent_by` who did it.

    `owner` is '' where metal of several was put together: the lots it came of say whose. `held_by` are all who have had it.
    """

    id: str
    gross_mg: int
    fine_mg: int
    custodian: str
    owner: str
    held_by: frozenset[str]
    receipt: Receipt | None = None          # if it has one of its own, whose masses are its own: an assay changes the lot
    fineness_per_100k: int = 0
    assayed_at: str = ""                    # whose assay difference it is, if it was assayed
    final: bool = False
    holds: frozenset[str] = frozenset()
    lifts: Mapping[str, str] = field(default_factory=dict)      # the hold's rule to who proposed to lift it
    breached: frozenset[str] = frozenset()  # steps that were found out of balance since it was formed
    parcel: str = ""
    spent: str = ""
    spent_by: str = ""
    missing: str = ""                       # lost or stolen
    withdrawn: bool = False                 # its receipt never was
    formed: Formed | None = None            # if it came of a step
    consignment: str = ""                   # whose melt it is: only the exchange of assays, or the umpire, makes a result final

    @property
    def in_stock(self) -> bool:
        return not self.spent and not self.missing and not self.withdrawn

    @property
    def account(self) -> tuple[str, str]:
        """Where its metal is in the books, and whose: of what was spent, a difference that shows later is a loss of the one who spent it."""
        return ("stolen", self.custodian) if self.missing else ("loss", self.spent_by) if self.spent else ("stock", self.custodian)


def stream(lot: str) -> str:
    return f"lot/{lot}"


def evolve(history: Sequence[Event]) -> Lot | None:
    """None if nothing is known of it."""
    lot: Lot | None = None
    for e in history:
        lot = _with(lot, e) if lot else _begun(e)
    return lot


def _begun(e: Event) -> Lot:
    data = e.data
    if e.name == events.COLLECTION_RECORDED:
        return Lot(id=data["lot"], gross_mg=data["gross_mg"], fine_mg=data["fine_mg"], custodian=data["collector"], owner=data["society"],
                   held_by=frozenset({data["collector"]}), receipt=receipts.recorded(e), fineness_per_100k=data["fineness_per_100k"],
                   holds=frozenset(f["rule"] for f in data["findings"] if f["hold"]))
    return Lot(id=data["lot"], gross_mg=data["gross_mg"], fine_mg=data["fine_mg"], custodian=data["custodian"],
               owner=data.get("owner", ""), held_by=frozenset({data["custodian"]}),
               fineness_per_100k=data.get("fineness_per_100k", 0), holds=frozenset(data["holds"]),
               formed=Formed(e.id, data["transformation"], data["fine_mg"], data.get("fineness_per_100k", 0)), consignment=data.get("consignment", ""))


def _with(lot: Lot, e: Event) -> Lot:
    data = e.data
    match e.name:
        case events.LOT_HELD:
            breached = {data["transformation"]} if "transformation" in data else set()
            return replace(lot, holds=lot.holds | {data["rule"]}, breached=lot.breached | breached)
        case events.HOLD_LIFTED | events.HOLD_CURED:
            return replace(lot, holds=lot.holds - {data["rule"]}, lifts={rule: who for rule, who in lot.lifts.items() if rule != data["rule"]})
        case events.HOLD_LIFT_PROPOSED:
            return replace(lot, lifts={**lot.lifts, data["rule"]: e.actor.subject})
        case events.LOT_SPENT:
            return replace(lot, spent=data["transformation"], spent_by=data.get("spent_by", lot.custodian))
        case events.LOT_ASSAYED:
            return replace(lot, fine_mg=data["fine_mg"], fineness_per_100k=data["fineness_per_100k"], final=lot.final or data["final"],
                           assayed_at=lot.custodian)
        case events.LOT_SEALED:
            return replace(lot, parcel=data["parcel"])
        case events.LOT_UNSEALED:
            return replace(lot, parcel="", holds=lot.holds | ({"seal-mismatch"} if not data["matches"] else set()))
        case events.LOT_TAKEN:
            return replace(lot, custodian=data["custodian"], held_by=lot.held_by | {data["custodian"]})
        case events.OWNERSHIP_TRANSFERRED:
            return replace(lot, owner=data["owner"])
        case events.LOT_LOST:
            return replace(lot, missing=data["incident"])
        case events.LOT_RECOVERED:
            return replace(lot, missing="", custodian=data["custodian"], held_by=lot.held_by | {data["custodian"]})
        case events.COLLECTION_CORRECTED:
            return corrected(lot, receipts.after(lot.receipt, e), data["new"].get("fine_mg", lot.fine_mg)) if lot.receipt else lot
        case events.COLLECTION_WITHDRAWN:
            gone = corrected(lot, receipts.after(lot.receipt, e), 0) if lot.receipt else lot
            return replace(gone, withdrawn=True, missing="", holds=frozenset())
        case events.LOT_CORRECTED:
            formed = lot.formed and lot.formed._replace(fine_mg=data["formed_fine_mg"], fineness_per_100k=data.get("fineness_per_100k", 0))
            return replace(lot, gross_mg=data["gross_mg"], fine_mg=data["fine_mg"], formed=formed)
    return lot


def corrected(lot: Lot, receipt: Receipt, fine_mg: int) -> Lot:
    """With another receipt; its owner, who is the society as long as nobody bought it, follows."""
    owner = receipt.society if lot.receipt and lot.owner == lot.receipt.society else lot.owner
    return replace(lot, receipt=receipt, owner=owner, gross_mg=receipt.gross_mg, fine_mg=fine_mg,
                   fineness_per_100k=lot.fineness_per_100k if lot.assayed_at else receipt.fineness_per_100k)


def hold(lots: Iterable[Lot], rules: Iterable[str]) -> list[New]:
    """Each of them for each rule that it is not held for yet."""
    rules = list(rules)
    return [New(stream(lot.id), events.LOT_HELD, {"lot": lot.id, "rule": rule}) for lot in lots for rule in rules if rule not in lot.holds]


def there(history: Sequence[Event], id_: str, field: str) -> Lot:
    """A lot that is in stock. Raises NotFound, and Conflict for one that is spent or missing: metal is not there twice."""
    lot = evolve(history)
    if lot is None:
        raise NotFound(f"no lot '{id_}'", field=field)
    if lot.withdrawn:
        raise Conflict(f"the receipt of lot '{id_}' was withdrawn", field=field, rule="it never was")
    if lot.spent:
        raise Conflict(f"lot '{id_}' was spent in {lot.spent}", field=field, rule="nothing is spent twice")
    if lot.missing:
        raise Conflict(f"lot '{id_}' is {lot.missing}", field=field, rule="recover-lot first")
    return lot
