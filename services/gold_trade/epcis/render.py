"""A row of the view as one event of EPCIS 2.0 (JSON-LD); a correction has two: what was wrong, declared an error, and what is right."""
import json
from collections.abc import Sequence
from typing import Any

from . import vocabulary as v
from .table import Found

Json = dict[str, Any]
Lots = Sequence[tuple[str, str, int, str]]
OF_A_LOT = {"society": "society", "site": "site", "finenessPer100k": "fineness_per_100k", "method": "method"}
OF_AN_EVENT = {"final": "final", "weighedMg": "weighed_mg", "sentMg": "sent_mg"}


def render(found: Found, lots: Lots) -> Json:
    data = json.loads(found.data)
    return {
        "type": found.type, "eventID": found.id, "eventTime": found.told_at or found.at, "eventTimeZoneOffset": found.zone or "+00:00",
        "recordTime": found.recorded_at, **_error(found), **({"action": found.action} if found.action else {}), "bizStep": found.step,
        **({"disposition": found.disposition} if found.disposition else {}), **_what(found, data, lots), **_why(found),
        **_extensions(OF_AN_EVENT, data), **({"x-sanu:occurredOn": found.occurred_on} if found.occurred_on else {}),
        **({"x-sanu:findings": rules} if (rules := [f["rule"] for f in data.get("findings", ())]) else {})}


def _error(found: Found) -> Json:
    """The standard wants no corrective event of what never was."""
    if not found.reason:
        return {}
    return {"errorDeclaration": {"declarationTime": found.recorded_at, "reason": found.reason,
                                 **({"correctiveEventIDs": [found.corrective]} if found.corrective else {})}}


def _what(found: Found, data: Json, lots: Lots) -> Json:
    match found.type:
        case "TransformationEvent":
            bars = [bar for _, role, _, bar in lots if role == "out" and bar]
            out = [_quantity(lot, mg) for lot, role, mg, bar in lots if role == "out" and not bar]
            return {"transformationID": v.ours("transformation", data["transformation"]),
                    "inputQuantityList": [_quantity(lot, mg) for lot, role, mg, _ in lots if role == "in"],
                    **({"outputEPCList": bars} if bars else {}), **({"outputQuantityList": out} if out else {})}
        case "AggregationEvent":
            return {"parentID": v.ours("parcel", data["parcel"]), "childQuantityList": [_quantity(lot, mg) for lot, role, mg, _ in lots if not role]}
    of_lot = _extensions(OF_A_LOT, data)
    if found.action == "ADD" and of_lot:
        of_lot = {"ilmd": of_lot}
    return {"quantityList": [_quantity(lot, mg) for lot, _, mg, _ in lots], **of_lot}


def _extensions(names: Json, data: Json) -> Json:
    return {f"x-sanu:{name}": data[key] for name, key in names.items() if key in data}


def _quantity(lot: str, mg: int) -> Json:
    return {"epcClass": lot, **({"quantity": mg, "uom": v.UNIT} if mg else {})}


def _why(found: Found) -> Json:
    """The paper it belongs to; possession or ownership, from whom to whom."""
    told: Json = {}
    for name, member, typed in (("bizTransactionList", "bizTransaction", found.paper), ("sourceList", "source", found.source),
                                ("destinationList", "destination", found.destination)):
        if typed:
            kind, _, uri = typed.partition(" ")
            told[name] = [{"type": kind, member: uri}]
    return told
