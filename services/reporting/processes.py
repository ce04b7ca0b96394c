"""Webhooks: what others told us goes on to those who asked to be told, one sending at a time for each."""
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar, NamedTuple

import msgspec

from shared import event
from shared.event import Event
from shared.log import RECEIVED
from shared.process import Done, Process, Todo
from shared.recorder import Recorded
from shared.tables import Transaction

from . import event_patterns, events, received, webhook_cursor, webhook_parties
from .webhook_cursor import Cursor
from .webhook_parties import Parties

PORT = "webhook"
OWN = ("webhook/", "sending/")
_identified = msgspec.json.Decoder(received.Identified).decode


class Told(NamedTuple):
    position: int
    name: str
    state: bytes
    own: bool


class Page(NamedTuple):
    told: Sequence[Told]
    sent: Sequence[Parties]


class WebhookProcess(Process):
    """A sending says only from where on; the port sends a page behind it, and its result makes the next sending.

    Nothing of reporting's own is sent, so that a sending never causes another.
    """

    name = "webhooks"
    version = 2
    hands: ClassVar[int] = 4
    tables: ClassVar[dict[str, str]] = {**Process.tables, "hook": webhook_cursor.COLUMNS, "parties": webhook_parties.COLUMNS}

    def fold(self, page: Sequence[Recorded]) -> Any:
        own = OWN
        return Page([Told(row.position, row.name, row.state, not received) for row in page
                     if (received := row.stream.startswith(RECEIVED)) or row.stream.startswith(own)], webhook_parties.sent(page))

    def write(self, tx: Transaction, table: Callable[[str], str], change: Any) -> None:
        webhook_parties.keep(tx, table, change.sent)
        cursors = {c.stream: c for c in webhook_cursor.read(tx, table)}
        if not cursors and not any(told.own for told in change.told):
            return
        before = set(cursors)
        todos: list[Todo | Done] = []
        wants = _Wants()
        for told in change.told:
            if told.own:
                todos += self.follow(cursors, event.decode(told.state), told.position)
                continue
            for c in cursors.values():
                if wants(c, told.name):
                    c.last = told.position
                    if c.state == "active" and not c.sending:
                        todos.append(self._send(c, _identified(told.state).id, told.position - 1))
        super().write(tx, table, todos)
        webhook_cursor.drop(tx, table, before - set(cursors))
        webhook_cursor.keep(tx, table, cursors.values())

    def follow(self, cursors: dict[str, Cursor], e: Event, position: int) -> Iterator[Todo | Done]:
        """What an event of reporting's own changes for one webhook."""
        if e.stream.startswith("sending/"):
            for c in cursors.values():
                if c.sending and e.stream == f"sending/{c.sending}":
                    yield from self._answered(c, e)
            return
        if e.name == events.WEBHOOK_REGISTERED:
            cursors[e.stream] = Cursor(stream=e.stream, owner=e.actor.subject, webhook=e.data["webhook"], events=" ".join(e.data["events"]))
            yield self._challenge(cursors[e.stream], e.id)
            return
        c = cursors[e.stream]
        match e.name:
            case events.WEBHOOK_VERIFIED:
                yield from self._stop(c)
                c.state, c.verified, c.cursor, c.sending, c.failures = "active", 1, c.cursor or position, "", 0
                if c.last > c.cursor:                    # what came while a new address waited to be verified
                    yield self._send(c, e.id, c.cursor)
            case events.WEBHOOK_DISABLED:
                yield from self._stop(c)
                c.state = "disabled"                     # what is on its way may still arrive, and then counts
            case events.WEBHOOK_ENABLED:
                c.state, c.failures = "active" if c.verified else "unverified", 0
                yield self._send(c, e.id, c.cursor) if c.verified else self._challenge(c, e.id)
            case events.WEBHOOK_REPLAYED:
                yield from self._stop(c)
                c.cursor, c.sending = max(1, int(e.data["after"])), ""       # behind the log's opening; 0 is: never verified
                if c.state == "active":
                    yield self._send(c, e.id, c.cursor)

            case events.WEBHOOK_URL_CHANGED:
                yield from self._stop(c)
                c.verified, c.sending, c.failures = 0, "", 0
                if c.state != "disabled":
                    c.state = "unverified"
                    yield self._challenge(c, e.id)
                yield self._forget(c, e.id)
            case events.WEBHOOK_SECRET_ROTATED:
                yield self._forget(c, e.id)
            case events.WEBHOOK_REMOVED:
                yield from self._stop(c)
                yield self._forget(cursors.pop(e.stream), e.id)

    def _answered(self, c: Cursor, e: Event) -> Iterator[Todo | Done]:
        if e.name == events.SENDING_FAILED:
            c.error, c.failed_at, c.failures = e.data["why"], e.recorded_at, c.failures + 1
        elif e.name == events.SENDING_DELIVERED:
            yield from self._stop(c)
            c.sending, c.failures = "", 0
            if c.verified:
                c.cursor = int(e.data["receipt"].split()[0])
                if c.state == "active" and c.last > c.cursor:
                    yield self._send(c, e.id, c.cursor)

    def _send(self, c: Cursor, cause: str, after: int) -> Todo:
        c.sending = self.step_id(cause, c.stream)
        return Todo(c.sending, "sending", PORT, {"webhook": c.stream, "after": after}, cause)

    def _challenge(self, c: Cursor, cause: str) -> Todo:
        c.sending = self.step_id(cause, c.stream)
        return Todo(c.sending, "sending", PORT, {"webhook": c.stream, "challenge": True}, cause)

    def _forget(self, c: Cursor, cause: str) -> Todo:
        """Once the event stands, and never before: a repeated or refused command must not cost a key that still counts."""
        return Todo(self.step_id(cause, "forget"), "sending", PORT, {"webhook": c.stream, "forget": True}, cause)

    def _stop(self, c: Cursor) -> Iterator[Done]:
        if c.sending:
            yield Done(c.sending)


class _Wants:
    """Remembers which names fit which webhook, for a page."""

    def __init__(self) -> None:
        self._fits: dict[str, Callable[[str], bool]] = {}
        self._known: dict[tuple[str, str], bool] = {}

    def __call__(self, c: Cursor, name: str) -> bool:
        key = c.stream, name
        if key not in self._known:
            fits = self._fits.setdefault(c.stream, event_patterns.matching(c.events.split()))
            self._known[key] = fits(name)
        return self._known[key]
