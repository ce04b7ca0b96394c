"""How our events are called in EPCIS and its core business vocabulary (rules 2.6)."""
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from services.gold_trade import events

CONTEXT = ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"x-sanu": "urn:x-sanu:"}]
VERSIONS = {"GS1-EPCIS-Version": "2.0.0", "GS1-CBV-Version": "2.0.0"}
UNIT = "MGM"                          # UN/ECE recommendation 20: milligram, so that masses stay whole numbers
WRONG, NEVER_WAS = "incorrect_data", "did_not_occur"
# The standard's words may be written as URIs of either kind.
LONG = ("https://ref.gs1.org/cbv/BizStep-", "https://ref.gs1.org/cbv/Disp-", "https://ref.gs1.org/cbv/ER-",
        "urn:epcglobal:cbv:bizstep:", "urn:epcglobal:cbv:disp:", "urn:epcglobal:cbv:er:")


class Kind(NamedTuple):
    """An EPCIS event type with its action ('' for a transformation), business step and disposition.

    `paper` is the type of the business transaction that it belongs to, `of` the kind of our name for that, and the field that holds it:
    without one it is the event itself.
    """

    type: str
    action: str
    step: str
    disposition: str = ""
    paper: str = ""
    of: str = ""


KINDS = {
    events.COLLECTION_RECORDED: Kind("ObjectEvent", "ADD", "commissioning", "active"),
    events.PARCEL_SEALED: Kind("AggregationEvent", "ADD", "packing", "container_closed"),
    events.PARCEL_OPENED: Kind("AggregationEvent", "DELETE", "unpacking", "container_open"),
    events.TRANSFORMATION_RECORDED: Kind("TransformationEvent", "", "commissioning", "active"),
    events.HANDOVER_OFFERED: Kind("ObjectEvent", "OBSERVE", "shipping", "in_transit", "desadv", "handover"),
    events.HANDOVER_ACCEPTED: Kind("ObjectEvent", "OBSERVE", "receiving", "in_progress", "desadv", "handover"),
    events.CONSIGNMENT_WEIGHED: Kind("ObjectEvent", "OBSERVE", "receiving", "in_progress", "desadv", "consignment"),
    events.OWNERSHIP_TRANSFERRED: Kind("TransactionEvent", "ADD", "accepting", "", "inv", "transfer"),
    events.LOT_ASSAYED: Kind("ObjectEvent", "OBSERVE", "inspecting", "conformant", "testres", "assay"),
    events.LOT_LOST: Kind("ObjectEvent", "OBSERVE", "holding", "unknown"),
    events.LOT_RECOVERED: Kind("ObjectEvent", "OBSERVE", "holding", "in_progress"),
}
STEPS = {"merge": "urn:x-sanu:bizstep:merging", "melt": "urn:x-sanu:bizstep:melting", "split": "urn:x-sanu:bizstep:splitting", "sample": "sampling",
         "refine": "urn:x-sanu:bizstep:refining", "cast": "urn:x-sanu:bizstep:casting"}
MISMATCHES = frozenset({"weight-mismatch", "lots-missing"})


def disposition(kind: Kind, data: Mapping[str, Any]) -> str:
    """In which state the metal is afterwards, by what the event says."""
    if data.get("incident") == "stolen":
        return "stolen"
    return "mismatch_quantity" if any(f["rule"] in MISMATCHES for f in data.get("findings", ())) else kind.disposition


def paper(kind: Kind, id_: str, data: Mapping[str, Any]) -> str:
    """Type and name of its business transaction, or ''."""
    return f"{kind.paper} {ours(kind.of, data.get(kind.of, id_))}" if kind.paper else ""


def ours(kind: str, id_: str) -> str:
    """A name of ours as a URI, whatever letters it is made of."""
    return f"urn:x-sanu:{kind}:{quote(id_, safe='')}"


def lot(id_: str) -> str:
    return ours("lot", id_)


def party(id_: str) -> str:
    return ours("party", id_)


def event_id(id_: str) -> str:
    return f"urn:uuid:{id_}"


def bare(word: str) -> str:
    """A word of the standard in its short form."""
    return next((word[len(prefix):] for prefix in LONG if word.startswith(prefix)), word)
