"""EPCIS events of a partner as our commands: a transformation, an assay, the second signature of a handover."""
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from shared.errors import BadRequest

from . import vocabulary as v

OURS = {uri: step for step, uri in v.STEPS.items()}


class Given(NamedTuple):
    """One event as a command; `event` is its own id."""

    event: str
    command: str
    body: dict[str, Any]


def translate(told: Mapping[str, Any], at: str) -> Given:
    """`at` is where the event stands in the document. Raises BadRequest naming the field, and the rule for what we take."""
    id_ = _text(told, "eventID", at)
    occurred = {"occurred_on": _text(told, "eventTime", at)[:10]}
    step = told.get("bizStep", "")
    match told.get("type"):
        case "TransformationEvent" if step in OURS:
            return Given(id_, "transform-lots", {**_transformation(told, at), **occurred})
        case "ObjectEvent" if step == "inspecting":
            return Given(id_, "record-assay", {
                "lot": _one(told.get("quantityList"), f"{at}.quantityList"), "fineness_per_100k": _whole(told, "x-sanu:finenessPer100k", at),
                "method": told.get("x-sanu:method", "fire-assay"), "final": told.get("x-sanu:final", False), **occurred})
        case "ObjectEvent" if step == "receiving":
            weighed = told.get("x-sanu:weighedMg")
            return Given(id_, "accept-handover", {"handover": _transaction(told, at), **({"weighed_mg": weighed} if weighed is not None else {}), **occurred})
    raise BadRequest(f"{told.get('type')} with the step {step or 'none'} is not taken here", field=f"{at}.bizStep",
                     rule="TransformationEvent (merging … casting), ObjectEvent inspecting or receiving")


def _transformation(told: Mapping[str, Any], at: str) -> dict[str, Any]:
    inputs = [_lot(q, f"{at}.inputQuantityList.{n}") for n, q in enumerate(told.get("inputQuantityList", ()))]
    inputs += [_id(uri, f"{at}.inputEPCList.{n}") for n, uri in enumerate(told.get("inputEPCList", ()))]
    outputs = [_output(q, f"{at}.outputQuantityList.{n}") for n, q in enumerate(told.get("outputQuantityList", ()))]
    custodian = told.get("bizLocation", {}).get("id") or next((s["source"] for s in told.get("sourceList", ()) if s.get("type") == "possessing_party"), "")
    return {"transformation": _id(_text(told, "transformationID", at), f"{at}.transformationID"), "step": OURS[told["bizStep"]],
            "custodian": _id(custodian, f"{at}.bizLocation.id"), "inputs": inputs, "outputs": outputs,
            "tolerance_per_100k": told.get("x-sanu:tolerancePer100k", 0)}


def _output(quantity: Any, at: str) -> dict[str, Any]:
    """A lot with its mass; a bar's number and a measured fineness stand beside it."""
    result = {"lot": _lot(quantity, at), "gross_mg": _mg(quantity, at)}
    for ours, theirs in (("serial", "x-sanu:serial"), ("fineness_per_100k", "x-sanu:finenessPer100k")):
        if theirs in quantity:
            result[ours] = quantity[theirs]
    return result


def _mg(quantity: Mapping[str, Any], at: str) -> int:
    """Whole milligrams of a mass in MGM, GRM or KGM, without ever being a float that is off by one."""
    unit, amount = quantity.get("uom"), quantity.get("quantity")
    scale = {"MGM": 1, "GRM": 1_000, "KGM": 1_000_000}.get(str(unit))
    if scale is None or isinstance(amount, bool) or not isinstance(amount, int):
        raise BadRequest("a mass is a whole number of MGM, GRM or KGM", field=f"{at}.quantity", rule="UN/ECE 20; milligrams where grams are not whole")
    return amount * scale


def _lot(quantity: Any, at: str) -> str:
    return _id(quantity.get("epcClass", "") if isinstance(quantity, Mapping) else "", f"{at}.epcClass")


def _one(quantities: Any, at: str) -> str:
    if not isinstance(quantities, Sequence) or len(quantities) != 1:
        raise BadRequest("exactly one lot", field=at)
    return _lot(quantities[0], f"{at}.0")


def _transaction(told: Mapping[str, Any], at: str) -> str:
    found = [b.get("bizTransaction", "") for b in told.get("bizTransactionList", ()) if b.get("type") == "desadv"]
    if len(found) != 1:
        raise BadRequest("receiving names the handover it accepts", field=f"{at}.bizTransactionList", rule="type desadv, urn:x-sanu:handover:<id>")
    return _id(found[0], f"{at}.bizTransactionList.0.bizTransaction")


def _id(uri: str, at: str) -> str:
    """The last part of one of our URNs."""
    if not isinstance(uri, str) or not uri.startswith("urn:x-sanu:") or uri.count(":") < 3:
        raise BadRequest("not a name of ours", field=at, rule="urn:x-sanu:<kind>:<id>")
    return uri.split(":", 3)[3]


def _text(told: Mapping[str, Any], name: str, at: str) -> str:
    if not isinstance(told.get(name), str) or not told[name] or len(told[name]) > 200:
        raise BadRequest(f"{name} is missing", field=f"{at}.{name}")
    return str(told[name])


def _whole(told: Mapping[str, Any], name: str, at: str) -> int:
    if isinstance(told.get(name), bool) or not isinstance(told.get(name), int):
        raise BadRequest(f"{name} is a whole number", field=f"{at}.{name}")
    return int(told[name])
