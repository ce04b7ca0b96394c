"""One of our events as one, or where it corrects another as two, of EPCIS 2.0 (JSON-LD)."""
import json
from collections.abc import Callable, Sequence
from typing import Any

from services.gold_trade import events
from services.gold_trade.projections import physical
from services.gold_trade.projections.physical import Found
from shared.tables import Transaction

from . import vocabulary as v

Json = dict[str, Any]
Lots = Sequence[tuple[str, str, int, str]]


def render(tx: Transaction, table: Callable[[str], str], found: Found) -> list[Json]:
    """A correction is the wrong event once more, declared an error that names the right one, and the right one."""
    told = _one(found, physical.lots(tx, table, found.thing))
    if found.name != events.COLLECTION_CORRECTED:
        return [told]
    data = json.loads(found.data)
    wrong = physical.original(tx, table, data["corrects"])
    if wrong is None:
        return [told]
    declared = _one(wrong, physical.lots(tx, table, wrong.thing))
    declared["errorDeclaration"] = {"declarationTime": found.recorded_at, "reason": "incorrect_data", "correctiveEventIDs": [v.event_id(found.id)]}
    return [declared, told]


def _one(found: Found, lots: Lots) -> Json:
    data = json.loads(found.data)
    told: Json = {"type": found.type, "eventID": v.event_id(found.id), "eventTime": found.at, "eventTimeZoneOffset": "+00:00", "recordTime": found.recorded_at,
                  **({"action": found.action} if found.action else {}), "bizStep": found.step,
                  **({"disposition": found.disposition} if found.disposition else {}), **_what(found, data, lots), **_who(data)}
    if found.occurred_on:
        told["x-sanu:occurredOn"] = found.occurred_on
    if findings := [f["rule"] for f in data.get("findings", ())]:
        told["x-sanu:findings"] = findings
    return told


def _what(found: Found, data: Json, lots: Lots) -> Json:
    match found.type:
        case "TransformationEvent":
            bars = [v.bar(serial) for _, role, _, serial in lots if role == "out" and serial]
            out = [_quantity(lot, mg) for lot, role, mg, serial in lots if role == "out" and not serial]
            return {"transformationID": f"urn:x-sanu:transformation:{data['transformation']}",
                    "inputQuantityList": [_quantity(lot, mg) for lot, role, mg, _ in lots if role == "in"],
                    **({"outputEPCList": bars} if bars else {}), **({"outputQuantityList": out} if out else {})}
        case "AggregationEvent":
            return {"parentID": v.parcel(data["parcel"]), "childQuantityList": [{"epcClass": v.lot(lot)} for lot, *_ in lots]}
        case "TransactionEvent":
            return {"quantityList": [{"epcClass": v.lot(lot)} for lot, *_ in lots],
                    "bizTransactionList": [{"type": "inv", "bizTransaction": f"urn:x-sanu:transfer:{found.id}"}]}
    quantities = [_quantity(lot, mg) if mg else {"epcClass": v.lot(lot)} for lot, _, mg, _ in lots]
    lot_data = {f"x-sanu:{name}": data[key] for name, key in (("society", "society"), ("site", "site"), ("finenessPer100k", "fineness_per_100k"),
                                                             ("method", "method")) if key in data}
    if found.name == events.LOT_ASSAYED:
        return {"quantityList": quantities, "bizTransactionList": [{"type": "testres", "bizTransaction": f"urn:x-sanu:assay:{found.id}"}],
                **lot_data, "x-sanu:final": data["final"]}
    return {"quantityList": quantities, **({"ilmd": lot_data} if found.action == "ADD" and lot_data else {})}


def _quantity(lot: str, mg: int) -> Json:
    return {"epcClass": v.lot(lot), "quantity": mg, "uom": v.UNIT}


def _who(data: Json) -> Json:
    """Possession and ownership, from whom to whom."""
    pairs = (("possessing_party", data.get("giver"), data.get("taker")), ("owning_party", data.get("old_owner"), data.get("owner")))
    sources = [{"type": kind, "source": v.party(one)} for kind, one, _ in pairs if one]
    destinations = [{"type": kind, "destination": v.party(other)} for kind, _, other in pairs if other]
    return {**({"sourceList": sources} if sources else {}), **({"destinationList": destinations} if destinations else {})}
