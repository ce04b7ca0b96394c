"""The shapes of what any service's events say: of its log, its sendings, its views; and the parts that others are made of."""
from collections.abc import Mapping
from typing import Annotated, Literal, NotRequired, TypedDict

from msgspec import Meta

Slug = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,63}$")]
Day = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\d$", description="a day, ISO 8601")]
Edtf = Annotated[str, Meta(description="a date as precisely as it is known: EDTF level 0")]
EventId = Annotated[str, Meta(description="the id of an event")]
Position = Annotated[str, Meta(pattern="^[0-9]{1,18}$", description="a position of a log")]
Moment = Annotated[str, Meta(description="UTC, milliseconds")]
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Count = Annotated[int, Meta(ge=0)]


class Source(TypedDict):
    """Where a statement stands: document, section, and row of a table."""

    document: str
    section: str
    row: NotRequired[str]


class Cited(TypedDict):
    source: NotRequired[Source]


class Sealed(TypedDict):
    """A value that only the subject's key opens; forgetting the key forgets the value."""

    kind: str
    sealed: str
    subject: str


class LogOpened(TypedDict):
    """The first event of a log; its id is the log's."""

    kind: Literal["real", "synthetic"]
    service: str


class EpochStarted(TypedDict):
    """From here on the log is what it is, though more may have stood behind `head` before."""

    head: Position
    digest: Sha256
    by: str
    decision: str


class DeadLetterDiscarded(TypedDict):
    source: str
    refused_at: Moment
    why: str
    sha256: Sha256
    decision: str
    by: str


class ViewEventSkipped(TypedDict):
    """A view leaves out the event at this version of this stream."""

    view: str
    stream: str
    version: int
    name: str
    why: str
    decision: str
    by: str


class SendingAttempted(TypedDict):
    port: str
    cause: EventId
    attempt: int


class SendingDelivered(TypedDict):
    port: str
    receipt: str


class SendingFailed(TypedDict):
    port: str
    why: str
    last: NotRequired[Annotated[bool, Meta(description="it was given up")]]


LOG = {"LogOpened": LogOpened, "EpochStarted": EpochStarted, "DeadLetterDiscarded": DeadLetterDiscarded}
VIEWS = {"ViewEventSkipped": ViewEventSkipped}
SENDINGS = {"SendingAttempted": SendingAttempted, "SendingDelivered": SendingDelivered, "SendingFailed": SendingFailed}


def by_name(service: str, *parts: Mapping[str, type]) -> dict[str, type]:
    """Stored names to shapes."""
    return {f"{service}.{name}": shape for part in parts for name, shape in part.items()}
