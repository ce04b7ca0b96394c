"""Load, decide, append: the one way a command becomes events, once, however often it is sent."""
import hmac
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from . import event
from .errors import Conflict, Contended, NotFound, SanuError, Unavailable, Unprocessable
from .event import Actor, Command, Event
from .log import Log, stored
from .recorder import CommandRow, Recorded

PATIENCE_S = 5.0
Histories = Mapping[str, Sequence[Event]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """Everything about a command that is not its content: who sent it, under which key, when and where it happened."""

    actor: Actor
    client: str
    key: str
    digest: str
    correlation: str
    occurred_on: str = ""
    causation: str = ""
    device: str = ""
    place: str = ""
    reason: str = ""


class New(NamedTuple):
    """An event decided on, before it has an id, a version and a position."""

    stream: str
    name: str
    data: Mapping[str, Any]
    id: str = ""                              # known beforehand where something is sealed for this event


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a command did; `repeated` when an earlier request with the same key had done it already."""

    events: Sequence[Mapping[str, Any]] = field(default_factory=list)
    position: int = 0
    repeated: bool = False
    stream: str = ""                          # the one whose version the caller may expect


def digest(secret: bytes, client: str, name: str, body: Mapping[str, Any]) -> str:
    """Keyed hash of a command's body, so that nothing personal can be guessed from it."""
    return hmac.digest(secret, event.canonical([client, name, body]), "sha256").hex()


def handle(log: Log, meta: Meta, streams: Sequence[str], decide: Callable[[Histories], Sequence[New]]) -> Answer:
    """Loads `streams`, lets `decide` look at their histories and appends what it decides, or nothing.

    Raises Unprocessable for a used key with another body, Contended if others keep winning, and whatever `decide` raises.
    """
    give_up = time.monotonic() + PATIENCE_S
    while True:
        histories: dict[str, list[Event]] = {stream: [] for stream in streams}
        for row in log.load(*streams):
            histories[row.stream].append(event.decode(row.state))
        # The key's row is written with the events, so a repeat never gets through: it is looked for only when something does not.
        try:
            events = _events(histories, decide(histories), meta, log.opened.kind == "synthetic")
        except SanuError:
            if known := log.command(meta.client, meta.key):
                return repeated(log, known, meta)
            raise
        if not events:
            known = log.command(meta.client, meta.key)
            return repeated(log, known, meta) if known else Answer()          # a command that changed nothing is not remembered
        first = events[0]
        command = CommandRow(meta.client, meta.key, meta.digest, first.stream, first.version, len(events))
        try:
            positions = log.append([stored(e) for e in events], command)
        except (Conflict, Unavailable) as e:
            if (log.read_only or isinstance(e, Conflict)) and (known := log.command(meta.client, meta.key)):
                return repeated(log, known, meta)
            if not isinstance(e, Conflict):
                raise
            if time.monotonic() > give_up:
                raise Contended(e.detail) from e
            continue
        return Answer(events=[_line(e.id, e.name, e.stream, e.version, p) for e, p in zip(events, positions, strict=True)], position=positions[-1])


def repeated(log: Log, known: CommandRow, meta: Meta) -> Answer:
    """The same answer again, read back from the log."""
    if not hmac.compare_digest(known.digest, meta.digest):
        raise Unprocessable("this Idempotency-Key was used with another body", field="Idempotency-Key", rule="same key, same body")
    first = next(r for r in log.load(known.stream) if r.version == known.version)
    rows: Sequence[Recorded] = log.after(first.position - 1, known.events)
    return Answer(events=[_line(event.decode(r.state).id, r.name, r.stream, r.version, r.position) for r in rows],
                  position=rows[-1].position, repeated=True)


def _line(id: str, name: str, stream: str, version: int, position: int) -> dict[str, Any]:
    return {"id": id, "name": name, "stream": stream, "version": version, "position": str(position)}


def _events(histories: Mapping[str, list[Event]], decided: Sequence[New], meta: Meta, synthetic: bool) -> list[Event]:
    versions = {stream: len(history) for stream, history in histories.items()}
    recorded_at = event.now()
    result = []
    for new in decided:
        if new.stream not in versions:
            raise NotFound(f"stream {new.stream} was not loaded")         # a decider may only write what it looked at
        versions[new.stream] += 1
        result.append(Event(
            id=new.id or event.new_id(), name=new.name, stream=new.stream, version=versions[new.stream], recorded_at=recorded_at,
            actor=meta.actor, command=Command(meta.client, meta.key, meta.digest), correlation=meta.correlation, causation=meta.causation,
            occurred_on=meta.occurred_on, device=meta.device, place=meta.place, reason=meta.reason, data=event.plain(dict(new.data)), synthetic=synthetic))
    return result
