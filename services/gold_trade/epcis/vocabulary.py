"""How our events are called in EPCIS and its core business vocabulary (rules 2.6)."""
from typing import NamedTuple

from services.gold_trade import events

CONTEXT = ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"x-sanu": "urn:x-sanu:"}]
VERSIONS = {"GS1-EPCIS-Version": "2.0.0", "GS1-CBV-Version": "2.0.0"}
UNIT = "MGM"                          # UN/ECE recommendation 20: milligram, so that masses stay whole numbers


class Kind(NamedTuple):
    """An EPCIS event type with its action ('' for a transformation), business step and disposition."""

    type: str
    action: str
    step: str
    disposition: str = ""


KINDS = {
    events.COLLECTION_RECORDED: Kind("ObjectEvent", "ADD", "commissioning", "active"),
    events.COLLECTION_CORRECTED: Kind("ObjectEvent", "ADD", "commissioning", "active"),
    events.PARCEL_SEALED: Kind("AggregationEvent", "ADD", "packing", "container_closed"),
    events.PARCEL_OPENED: Kind("AggregationEvent", "DELETE", "unpacking", "container_open"),
    events.TRANSFORMATION_RECORDED: Kind("TransformationEvent", "", "commissioning", "active"),
    events.HANDOVER_OFFERED: Kind("ObjectEvent", "OBSERVE", "shipping", "in_transit"),
    events.HANDOVER_ACCEPTED: Kind("ObjectEvent", "OBSERVE", "receiving", "in_progress"),
    events.OWNERSHIP_TRANSFERRED: Kind("TransactionEvent", "ADD", "accepting"),
    events.LOT_ASSAYED: Kind("ObjectEvent", "OBSERVE", "inspecting", "conformant"),
    events.LOT_LOST: Kind("ObjectEvent", "OBSERVE", "holding", "unknown"),
    events.LOT_RECOVERED: Kind("ObjectEvent", "OBSERVE", "holding", "in_progress"),
}
STEPS = {"merge": "urn:x-sanu:bizstep:merging", "melt": "urn:x-sanu:bizstep:melting", "split": "urn:x-sanu:bizstep:splitting", "sample": "sampling",
         "refine": "urn:x-sanu:bizstep:refining", "cast": "urn:x-sanu:bizstep:casting"}


def lot(id_: str) -> str:
    return f"urn:x-sanu:lot:{id_}"


def bar(serial: str) -> str:
    return f"urn:x-sanu:bar:{serial}"


def party(id_: str) -> str:
    return f"urn:x-sanu:party:{id_}"


def parcel(id_: str) -> str:
    return f"urn:x-sanu:parcel:{id_}"


def event_id(id_: str) -> str:
    return f"urn:uuid:{id_}"
