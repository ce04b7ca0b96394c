"""The words tests are written in: given, when, then; what happened; another writer; a clock that a test sets."""
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol
from unittest.mock import patch

import msgspec

from . import auth, event, log
from .application import Histories, Meta, New
from .errors import SanuError
from .event import Actor, Event

LONG_AGO = "2025-01-01T00:00:00.000Z"


class AllScopes(frozenset[str]):
    """Of a caller whose rights are not what the test is about."""

    def __contains__(self, scope: object) -> bool:
        return True


OFFICER = auth.Caller(subject="officer-1", role="secretariat", scopes=AllScopes())


def happened(stream: str, name: str, data: Mapping[str, Any], *, occurred_on: str = "", id: str = "", recorded_at: str = LONG_AGO) -> Event:
    """A stored event; its version is its place among those of its stream."""
    return Event(id=id or event.new_id(), name=name, stream=stream, version=0, recorded_at=recorded_at, actor=Actor("tester", "officer"),
                 correlation="test", occurred_on=occurred_on, data=event.plain(dict(data)))


class Decider(Protocol):
    """A module with the two functions of a decider."""

    def streams(self, command: Any) -> Sequence[str]: ...
    def decide(self, histories: Histories, command: Any) -> Sequence[New]: ...


class Decided:
    """The outcome of one command: events, or a refusal."""

    def __init__(self, events: Sequence[New], error: SanuError | None) -> None:
        self.events, self.error = events, error

    def then(self, *expected: New) -> None:
        """Exactly these events, data and all."""
        if self.error:
            raise self.error
        assert [_told(e) for e in self.events] == [_told(e) for e in expected]

    def then_nothing(self) -> None:
        self.then()

    def then_refused(self, kind: type[SanuError], field: str = "") -> None:
        assert type(self.error) is kind, f"{self.error!r} where {kind.__name__} was expected; events: {self.events}"
        assert self.error.field == field


class Given:
    def __init__(self, decider: Decider, events: Sequence[Event], more: Mapping[str, Any]) -> None:
        self.decider, self.events, self.more = decider, events, more

    def when(self, command: Any) -> Decided:
        try:
            histories = self._of(self.decider.streams(command))
            histories |= self._of(getattr(self.decider, "also", lambda *_: ())(histories, command))
            return Decided(self.decider.decide(histories, command, **self.more), None)
        except SanuError as error:
            return Decided([], error)

    def _of(self, streams: Sequence[str]) -> dict[str, list[Event]]:
        histories: dict[str, list[Event]] = {stream: [] for stream in streams}
        for e in self.events:
            if e.stream in histories:
                histories[e.stream].append(msgspec.structs.replace(e, version=len(histories[e.stream]) + 1))
        return histories


def specification(decider: Decider, **more: Any) -> Callable[..., Given]:
    """`given` for one decider: given(events).when(command).then(events)."""
    return lambda *events: Given(decider, events, more)


def _told(e: New) -> tuple[str, str, Any]:
    return e.stream, e.name, event.plain(dict(e.data))


def meta(key: str, digest: str = "body", client: str = "tester") -> Meta:
    return Meta(actor=Actor(client, "officer"), client=client, key=key, digest=digest, correlation="test")


class OtherWriter:
    """Somebody else who appends to the same log."""

    def __init__(self, log_: log.Log) -> None:
        self.log = log_

    def appends(self, stream: str, name: str = "test.Noted", **data: Any) -> int:
        """The position of the event."""
        version = len(self.log.load(stream)) + 1
        return self.log.append([log.stored(msgspec.structs.replace(happened(stream, name, data), version=version))])[0]

    def interrupts(self, stream: str, decide: Callable[[Histories], Sequence[New]]) -> Callable[[Histories], Sequence[New]]:
        """`decide`, while which the other appends to `stream`, the first time only."""
        interruptions = [stream]

        def interrupted(histories: Histories) -> Sequence[New]:
            while interruptions:
                self.appends(interruptions.pop())
            return decide(histories)

        return interrupted


class Clock:
    """Stands still, or goes on by a millisecond with every look; `patched()` makes it the time at which events are recorded."""

    def __init__(self, now: str = LONG_AGO) -> None:
        self.at = dt.datetime.fromisoformat(now)

    def __call__(self) -> str:
        self.at += dt.timedelta(milliseconds=1)
        return event.moment(self.at)

    def set(self, now: str) -> None:
        self.at = dt.datetime.fromisoformat(now).replace(tzinfo=dt.UTC)

    @contextmanager
    def patched(self) -> Iterator["Clock"]:
        with patch.object(event, "now", self):
            yield self
