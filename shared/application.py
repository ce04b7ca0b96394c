"""Load, decide, append: the one way a command becomes events, once, however often it is sent."""
import hmac
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from . import event
from .errors import Conflict, Contended, NotFound, PreconditionFailed, SanuError, Unavailable, Unprocessable
from .event import Actor, Command, Event
from .log import Log, stored
from .recorder import CommandRow, Recorded

PATIENCE_S = 5.0
ANY = -1                                 # an expected version: whatever, but not none
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
    occurred_on: str = ""                     # its own day, where a command tells of several


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


def _none_more(histories: Histories) -> Sequence[str]:
    return ()


class Part(NamedTuple):
    """A command to be decided: what to load, what more its histories name, and who decides."""

    meta: Meta
    streams: Sequence[str]
    decide: Callable[[Histories], Sequence[New]]
    also: Callable[[Histories], Sequence[str]] = _none_more


class Ask(NamedTuple):
    """A command to be handled among others, with the key under which it happens once, and what it comes of."""

    name: str
    body: object
    key: str
    correlation: str
    causation: str = ""


def handle(log: Log, meta: Meta, streams: Sequence[str], decide: Callable[[Histories], Sequence[New]],
           also: Callable[[Histories], Sequence[str]] = _none_more) -> Answer:
    """Loads `streams`, and what these `also` name; lets `decide` look at their histories and appends what it decides, or nothing.

    Raises Unprocessable for a used key with another body, Contended if others keep winning, and whatever `decide` raises.
    """
    return handle_all(log, meta, [Part(meta, streams, decide, also)])


def handle_all(log: Log, meta: Meta, parts: Sequence[Part]) -> Answer:
    """Decides `parts` one upon the other, each seeing what those before it decided, and appends all their events as one, or nothing.

    All parts have the client, key and digest of `meta`. Raises what `handle` raises.
    """
    give_up = time.monotonic() + PATIENCE_S
    while True:
        # The key's row is written with the events, so a repeat never gets through: it is looked for only when something does not.
        try:
            events = _decided(log, parts)
        except SanuError:
            if known := log.command(meta.client, meta.key):
                return repeated(log, known, meta)
            raise
        if not events:
            return _unchanged(log, meta)
        try:
            positions = log.append([stored(e) for e in events], _row(meta, events))
        except (Conflict, Unavailable) as e:
            if (log.read_only or isinstance(e, Conflict)) and (known := log.command(meta.client, meta.key)):
                return repeated(log, known, meta)
            if not isinstance(e, Conflict):
                raise
            if time.monotonic() > give_up:
                raise Contended(e.detail) from e
            continue
        return _answer(events, positions)


def handle_each(log: Log, parts: Sequence[Part]) -> list[Answer | None]:
    """Many commands that do not depend on one another: one look at the log and one commit for all of them.

    None for one that is to be handled by itself: it was refused, was there before, or met another. Raises Unavailable.
    """
    loaded = _load(log, sorted({stream for part in parts for stream in part.streams}))
    synthetic = log.opened.kind == "synthetic"
    decided: dict[int, list[Event]] = {}
    answers: list[Answer | None] = [None] * len(parts)
    for n, part in enumerate(parts):
        histories = {stream: loaded[stream] for stream in part.streams}
        try:
            if not part.also(histories):
                decided[n] = _events(histories, part.decide(histories), part.meta, synthetic)
                if not decided[n]:
                    answers[n] = _unchanged(log, part.meta)
        except SanuError:
            continue
    some = [(n, events) for n, events in decided.items() if events]
    positions = log.append_each([([stored(e) for e in events], _row(parts[n].meta, events)) for n, events in some])
    for (n, events), at in zip(some, positions, strict=True):
        if at:
            answers[n] = _answer(events, at)
    return answers


def _unchanged(log: Log, meta: Meta) -> Answer:
    """Of a command that changed nothing, which is not remembered: either it did nothing before, too, or this is a repeat."""
    known = log.command(meta.client, meta.key)
    return repeated(log, known, meta) if known else Answer()


def _row(meta: Meta, events: Sequence[Event]) -> CommandRow:
    return CommandRow(meta.client, meta.key, meta.digest, events[0].stream, events[0].version, len(events))


def _answer(events: Sequence[Event], positions: Sequence[int]) -> Answer:
    return Answer(events=[_line(e.id, e.name, e.stream, e.version, p) for e, p in zip(events, positions, strict=True)], position=positions[-1])


def _decided(log: Log, parts: Sequence[Part]) -> list[Event]:
    histories: dict[str, list[Event]] = {}
    events: list[Event] = []
    for part in parts:
        histories |= _load(log, [s for s in part.streams if s not in histories])
        while more := [s for s in part.also(histories) if s not in histories]:          # what is loaded may name more
            histories |= _load(log, more)
        decided = _events(histories, part.decide(histories), part.meta, log.opened.kind == "synthetic")
        if len(parts) > 1:
            for e in decided:
                histories[e.stream].append(e)
        events += decided
    return events


def _load(log: Log, streams: Sequence[str]) -> dict[str, list[Event]]:
    histories: dict[str, list[Event]] = {stream: [] for stream in streams}
    for row in log.load(*streams) if streams else ():
        histories[row.stream].append(event.decode(row.state))
    return histories


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
            occurred_on=new.occurred_on or meta.occurred_on, device=meta.device, place=meta.place, reason=meta.reason,
            data=event.plain(dict(new.data)), synthetic=synthetic))
    return result


def must_stand_at(expected: Collection[int] | None, version: int) -> None:
    """Raises PreconditionFailed where a caller expects a stream at other versions than `version`."""
    if expected is not None and (version == 0 if ANY in expected else version not in expected):
        raise PreconditionFailed(f"the stream is at version {version}", field="If-Match", rule=f'"{version}"')
