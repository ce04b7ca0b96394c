"""EPCIS events of a partner as our commands: a transformation, an assay, the second signature of a handover."""
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote

from services.gold_trade import events
from shared.errors import BadRequest

from . import vocabulary as v

OURS = {uri: step for step, uri in v.STEPS.items()}
RECORDED = {"transform-lots": ("transformation", events.TRANSFORMATION_RECORDED), "record-assay": ("lot", events.LOT_ASSAYED),
            "accept-handover": ("handover", events.HANDOVER_ACCEPTED), "correct-transformation": ("lot", events.LOT_CORRECTED)}
"""In streams of which kind a command records what the partner told, and by which event."""
MEASURED = ("gross_mg", "fineness_per_100k")
Told = Mapping[str, Any]


class Given(NamedTuple):
    """One event as a command; `event` is its own id, `time` and `zone` are as the partner told them.

    `declared` is the id of the event that it takes the place of, and that was declared an error.
    """

    event: str
    time: str
    zone: str
    command: str
    body: dict[str, Any]
    declared: str = ""

    @property
    def ids(self) -> list[str]:
        return [self.declared, self.event] if self.declared else [self.event]

    @property
    def recorded(self) -> tuple[tuple[str, ...], str]:
        """The streams, of which the last counts, and the name of the event that tells the same."""
        kind, name = RECORDED[self.command]
        return tuple(f"{kind}/{id_}" for id_ in ([self.body[kind]] if kind in self.body else [o[kind] for o in self.body["outputs"]])), name


def translate(told: Told, at: str) -> Given:
    """`told` has been looked at; `at` is where the event stands. Raises BadRequest naming the field, and the rule for what we take."""
    if "errorDeclaration" in told:
        raise BadRequest("an event with an errorDeclaration is not recorded as one that happened", field=f"{at}.errorDeclaration",
                         rule="a transformation you captured, incorrect_data, and the one corrective event beside it in the document")
    command, body = _command(told, at)
    return Given(told["eventID"], told["eventTime"], _zone(told), command, {**body, "occurred_on": _day(told["eventTime"], _zone(told))})


def correction(wrong: Told, right: Told, at: str) -> Given:
    """Of a transformation that was captured before: the masses and the fineness of what came out. Raises BadRequest where anything else differs."""
    (was, then), (is_, now) = _command(wrong, at), _command(right, at)
    if {was, is_} != {"transform-lots"} or _unmeasured(then) != _unmeasured(now):
        raise BadRequest("a corrective event tells other masses or fineness of what came out, and all else as it was", field=at)
    zone = _zone(right)
    return Given(right["eventID"], right["eventTime"], zone, "correct-transformation", {
        "transformation": now["transformation"], "outputs": [{k: o[k] for k in ("lot", *MEASURED) if k in o} for o in now["outputs"]],
        "occurred_on": _day(wrong["errorDeclaration"]["declarationTime"], zone)}, wrong["eventID"])


def _unmeasured(body: Mapping[str, Any]) -> dict[str, Any]:
    return {**body, "outputs": [{k: o[k] for k in o if k not in MEASURED} for o in body["outputs"]]}


def _zone(told: Told) -> str:
    return str(told.get("eventTimeZoneOffset") or dt.datetime.fromisoformat(told["eventTime"]).isoformat()[-len("+00:00"):])


def _day(time: str, zone: str) -> str:
    """On the calendar of the place where it happened, whichever offset its time was written with."""
    return dt.datetime.fromisoformat(time).astimezone(dt.datetime.strptime(zone, "%z").tzinfo).date().isoformat()


def _command(told: Told, at: str) -> tuple[str, dict[str, Any]]:
    step = v.bare(told["bizStep"])
    match told["type"]:
        case "TransformationEvent" if step in OURS:
            return "transform-lots", _transformation(told, OURS[step], at)
        case "ObjectEvent" if step == "inspecting":
            return "record-assay", {"lot": _one(told["quantityList"], f"{at}.quantityList"), "method": told["method"], "final": told["final"],
                                    **_given(told, "fineness_per_100k")}
        case "ObjectEvent" if step == "receiving":
            return "accept-handover", {"handover": _transaction(told, at), **_given(told, "weighed_mg")}
    raise BadRequest(f"{told['type'][:50]} with the step {step[:50] or 'none'} is not taken here", field=f"{at}.bizStep",
                     rule="TransformationEvent (merging … casting), ObjectEvent inspecting or receiving")


def _given(told: Told, *names: str) -> dict[str, Any]:
    return {name: told[name] for name in names if name in told}


def _transformation(told: Told, step: str, at: str) -> dict[str, Any]:
    inputs = [_id(q["epcClass"], f"{at}.inputQuantityList.{n}.epcClass") for n, q in enumerate(told["inputQuantityList"])]
    inputs += [_id(uri, f"{at}.inputEPCList.{n}") for n, uri in enumerate(told["inputEPCList"])]
    custodian = told.get("bizLocation", {}).get("id") or next((s["source"] for s in told["sourceList"] if s["type"] == "possessing_party"), "")
    return {"transformation": _id(told.get("transformationID", ""), f"{at}.transformationID"), "step": step,
            "custodian": _id(custodian, f"{at}.bizLocation.id"), "inputs": inputs,
            "outputs": [_output(q, f"{at}.outputQuantityList.{n}") for n, q in enumerate(told["outputQuantityList"])],
            **_given(told, "tolerance_per_100k")}


def _output(quantity: Told, at: str) -> dict[str, Any]:
    """A lot with its mass; a bar's number and a measured fineness stand beside it."""
    return {"lot": _id(quantity["epcClass"], f"{at}.epcClass"), "gross_mg": _mg(quantity, at), **_given(quantity, "serial", "fineness_per_100k")}


def _mg(quantity: Told, at: str) -> int:
    """Whole milligrams of a mass in MGM, GRM or KGM, without ever being a float that is off by one."""
    unit, amount = quantity.get("uom"), quantity.get("quantity")
    scale = {"MGM": 1, "GRM": 1_000, "KGM": 1_000_000}.get(str(unit))
    if scale is None or isinstance(amount, bool) or not isinstance(amount, int):
        raise BadRequest("a mass is a whole number of MGM, GRM or KGM", field=f"{at}.quantity", rule="UN/ECE 20; milligrams where grams are not whole")
    return amount * scale


def _one(quantities: Sequence[Told], at: str) -> str:
    if len(quantities) != 1:
        raise BadRequest("exactly one lot", field=at)
    return _id(quantities[0]["epcClass"], f"{at}.0.epcClass")


def _transaction(told: Told, at: str) -> str:
    found = [b["bizTransaction"] for b in told["bizTransactionList"] if b.get("type") == "desadv"]
    if len(found) != 1:
        raise BadRequest("receiving names the handover it accepts", field=f"{at}.bizTransactionList", rule="type desadv, urn:x-sanu:handover:<id>")
    return _id(found[0], f"{at}.bizTransactionList.0.bizTransaction")


def _id(uri: str, at: str) -> str:
    """The last part of one of our URNs."""
    if not uri.startswith("urn:x-sanu:") or uri.count(":") < 3:
        raise BadRequest("not a name of ours", field=at, rule="urn:x-sanu:<kind>:<id>")
    return unquote(uri.split(":", 3)[3])
