"""A lot: an amount of metal that was received or formed at one time, until it is spent in another."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.gold_trade import events
from shared.errors import Conflict, NotFound
from shared.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """As it stands after all corrections. `spent` names the transformation that took it, and `spent_by` who did it."""

    id: str
    gross_mg: int
    fine_mg: int
    custodian: str
    owner: str
    received: str = ""                      # the event of its receipt, if it has one of its own
    society: str = ""
    fineness_per_100k: int = 0
    miners: tuple[tuple[str, int], ...] = ()
    final: bool = False
    holds: frozenset[str] = frozenset()
    lifts: Mapping[str, str] = field(default_factory=dict)      # the hold's rule to who proposed to lift it
    parcel: str = ""
    spent: str = ""
    missing: str = ""                       # lost or stolen

    @property
    def in_stock(self) -> bool:
        return not self.spent and not self.missing


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
        return Lot(id=data["lot"], gross_mg=data["gross_mg"], fine_mg=data["fine_mg"], custodian=data["collector"], owner=data["society"], received=e.id,
                   society=data["society"], fineness_per_100k=data["fineness_per_100k"], miners=tuple((m["miner"], m["parts"]) for m in data["miners"]),
                   holds=frozenset(f["rule"] for f in data["findings"] if f["hold"]))
    return Lot(id=data["lot"], gross_mg=data["gross_mg"], fine_mg=data["fine_mg"], custodian=data["custodian"], owner=data["owner"],
               holds=frozenset(data["holds"]))


def _with(lot: Lot, e: Event) -> Lot:
    data = e.data
    match e.name:
        case events.LOT_HELD:
            return replace(lot, holds=lot.holds | {data["rule"]})
        case events.HOLD_LIFTED:
            return replace(lot, holds=lot.holds - {data["rule"]}, lifts={rule: who for rule, who in lot.lifts.items() if rule != data["rule"]})
        case events.HOLD_LIFT_PROPOSED:
            return replace(lot, lifts={**lot.lifts, data["rule"]: e.actor.subject})
        case events.LOT_SPENT:
            return replace(lot, spent=data["transformation"])
        case events.LOT_ASSAYED:
            return replace(lot, fine_mg=data["fine_mg"], fineness_per_100k=data["fineness_per_100k"], final=lot.final or data["final"])
        case events.LOT_SEALED:
            return replace(lot, parcel=data["parcel"])
        case events.LOT_UNSEALED:
            return replace(lot, parcel="", holds=lot.holds | ({"seal-mismatch"} if not data["matches"] else set()))
        case events.LOT_TAKEN:
            return replace(lot, custodian=data["custodian"])
        case events.OWNERSHIP_TRANSFERRED:
            return replace(lot, owner=data["owner"])
        case events.LOT_LOST:
            return replace(lot, missing=data["incident"])
        case events.LOT_RECOVERED:
            return replace(lot, missing="", custodian=data["custodian"])
        case events.COLLECTION_CORRECTED:
            new = data["new"]
            miners = tuple((m["miner"], m["parts"]) for m in new["miners"]) if "miners" in new else lot.miners
            same = {k: new[k] for k in ("gross_mg", "fineness_per_100k", "fine_mg", "society") if k in new}
            return replace(lot, miners=miners, **same)
    return lot


def there(history: Sequence[Event], id_: str, field: str) -> Lot:
    """A lot that is in stock. Raises NotFound, and Conflict for one that is spent or missing: metal is not there twice."""
    lot = evolve(history)
    if lot is None:
        raise NotFound(f"no lot '{id_}'", field=field)
    if lot.spent:
        raise Conflict(f"lot '{id_}' was spent in {lot.spent}", field=field, rule="nothing is spent twice")
    if lot.missing:
        raise Conflict(f"lot '{id_}' is {lot.missing}", field=field, rule="recover-lot first")
    return lot
