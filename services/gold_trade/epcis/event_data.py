"""What the events about captured EPCIS documents say."""
from typing import Annotated, Literal, NotRequired, TypedDict

from msgspec import Meta

from services.gold_trade import events
from shared.told import Count, EventId, Slug


class EventCaptured(TypedDict):
    """A partner's event came in, as the command it was read as; `recorded` is the event of ours that tells the same, of this `transformation` if any."""

    event: str
    command: str
    recorded: NotRequired[EventId]
    transformation: NotRequired[Slug]
    event_time: NotRequired[Annotated[str, Meta(description="when it happened, as the partner wrote it")]]
    zone: NotRequired[Annotated[str, Meta(description="the offset from UTC at the place where it happened")]]


class Fault(TypedDict):
    event: str
    type: str
    detail: str
    field: NotRequired[str]


class CaptureFinished(TypedDict):
    """`faults` are the first twenty, and a last one of the type `more` that says how many more there were."""

    job: str
    by: str
    behaviour: Literal["rollback", "proceed"]
    events: Count
    captured: list[str]
    faults: list[Fault]


BY_NAME: dict[str, type] = {events.EVENT_CAPTURED: EventCaptured, events.CAPTURE_FINISHED: CaptureFinished}
