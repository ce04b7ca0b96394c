"""What the events about captured EPCIS documents say."""
from typing import Literal, NotRequired, TypedDict

from services.gold_trade import events
from shared.told import Count


class EventCaptured(TypedDict):
    """A partner's event came in, as the command it was read as."""

    event: str
    command: str


class Fault(TypedDict):
    event: str
    type: str
    detail: str
    field: NotRequired[str]


class CaptureFinished(TypedDict):
    job: str
    by: str
    behaviour: Literal["rollback", "proceed"]
    events: Count
    captured: list[str]
    faults: list[Fault]


BY_NAME: dict[str, type] = {events.EVENT_CAPTURED: EventCaptured, events.CAPTURE_FINISHED: CaptureFinished}
