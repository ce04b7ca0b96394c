"""Appends what other services said to our own log, uninterpreted and in their order: store first, interpret later."""
import base64
import http.client
import json
import logging
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec
from eventsourcing.persistence import StoredEvent

from . import auth, event, feed, metrics
from .config import Config
from .errors import BadRequest, Conflict, HistoryRewritten, Unavailable
from .faults import fault
from .feed import Chain, Item
from .jwks import BadSignature, Keys
from .log import RECEIVED, Log
from .relay import signed_bytes
from .signing import Signer
from .tables import Tables

ENVELOPE_LIMIT = 1024 * 1024
logger = logging.getLogger(__name__)
Message = tuple[Mapping[str, object], bytes]


class Held(NamedTuple):
    """How far we hold a source's feed: its position there, and the digest at it."""

    position: int
    digest: bytes


class Inbox:
    def __init__(self, config: Config, log: Log, tables: Tables, signer: Signer, keys: Keys) -> None:
        self.config, self.log, self.tables, self.signer, self.keys = config, log, tables, signer, keys
        self._held: dict[str, Held] = {}
        self._log_ids: dict[str, str] = {}

    def held(self, source: str) -> Held:
        if source not in self._held:
            row = self.log.received_head(source)
            position = row.version if row else 0
            self._held[source] = Held(position, Chain(self.log, self.tables, source).digest_at(position))
        return self._held[source]

    def take(self, source: str, messages: Sequence[Message]) -> list[int]:
        """Stores a batch of envelopes; the indexes of those refused for ever (their bytes are kept in `refused`).

        Raises Unavailable to have the batch again later, HistoryRewritten when the source's past changed.
        No message at all means: nobody knows what was missed, ask the feed.
        """
        refused: dict[int, str] = {}
        items: list[Item] = []
        head = 0
        for index, (headers, body) in enumerate(messages):
            try:
                head = max(head, self.check(source, headers, body))
                items += feed.decode(body)
            except (BadSignature, BadRequest) as e:
                refused[index] = str(e)
        for attempt in range(5):
            try:
                self._store(source, items)
                if not messages or head > self.held(source).position:
                    self.pull(source)
                self._heard(source, "")
                for index, why in refused.items():         # only now: a batch that is held comes again
                    self._refuse(source, *messages[index], why)
                return list(refused)
            except Conflict:                   # another inbox of ours was quicker: look again at what we hold
                self._held.pop(source, None)
                logger.debug("inbox of %s races (%d)", source, attempt)
            except HistoryRewritten as e:
                self._heard(source, e.detail)
                raise
        raise Unavailable(f"the inbox from {source} keeps losing its race")

    def check(self, source: str, headers: Mapping[str, object], body: bytes) -> int:
        """The head that a signed envelope names. Raises BadSignature, BadRequest."""
        if len(body) > ENVELOPE_LIMIT:
            raise BadRequest(f"envelope of {len(body)} bytes, at most {ENVELOPE_LIMIT}")
        try:
            named, log_id, head, kid = (str(headers[k]) for k in ("source", "log_id", "head", "kid"))
            signature = base64.b64decode(str(headers["signature"]), validate=True)
            number, content = int(head), signed_bytes(named, log_id, head, body)
        except (KeyError, ValueError, TypeError) as e:
            raise BadSignature(f"envelope without a readable signature: {e!r}") from e
        if named != source:
            raise BadSignature(f"envelope names {named}, the queue is {source}'s")
        self.keys.verify(source, kid, signature, content)
        return number

    def _refuse(self, source: str, headers: Mapping[str, object], body: bytes, why: str) -> None:
        why = why.encode("unicode_escape").decode()[:500]         # it may quote what no log line and no column takes
        logger.error("envelope from %s refused: %s", source, why)
        metrics.of(metrics.REFUSED, self.log.service, source).inc()
        with self.tables.transaction() as tx:
            tx.execute("INSERT INTO refused (source, refused_at, why, headers, body) VALUES (?, ?, ?, ?, ?)",
                       (source, event.now(), why, _as_text(headers), body[:ENVELOPE_LIMIT]))

    def _store(self, source: str, items: Sequence[Item]) -> None:
        position, digest = self.held(source)
        follows: list[Item] = []
        for item in items:
            if item.position <= position:
                self._count(source, "duplicate", 1)
                continue                                              # have it: drop
            if item.previous == position and self._continues(source, digest, item):
                follows.append(item)                                  # follows: append
                position, digest = item.position, item.digest
            else:                                                     # only a doorbell: ask the feed
                metrics.of(metrics.GAPS, self.log.service, source).inc()
                self._append(source, follows, "appended")
                follows = []
                self.pull(source)
                position, digest = self.held(source)
                if item.position > position:
                    raise Unavailable(f"the feed of {source} ends at {position}, an envelope says {item.position}")
                self._count(source, "dropped", 1)
        self._append(source, follows, "appended")

    def _continues(self, source: str, digest: bytes, item: Item) -> bool:
        before = digest or self._genesis(source, item)
        return feed.link(before, item.position, item.state) == item.digest

    def _genesis(self, source: str, first: Item) -> bytes:
        try:
            kind = event.decode(first.state).data.get("kind")
        except msgspec.DecodeError as e:
            raise HistoryRewritten(f"the first event of {source} is unreadable") from e
        if kind != self.log.opened.kind:
            raise HistoryRewritten(f"{source} is {kind}, this log is {self.log.opened.kind}")
        return feed.genesis_of(source, first.state)

    def _count(self, source: str, outcome: str, events: int) -> None:
        metrics.of(metrics.RECEIVED, self.log.service, source, outcome).inc(events)

    def _append(self, source: str, items: Sequence[Item], how: str) -> None:
        if items:
            fault("inbox.before-append")
            self.log.append([StoredEvent(RECEIVED + source, i.position, i.name, i.state) for i in items])
            fault("inbox.after-append")
            self._count(source, how, len(items))
            self._held[source] = Held(items[-1].position, items[-1].digest)

    def pull(self, source: str) -> None:
        """Takes pages of the source's feed until its end. Raises HistoryRewritten if they do not follow from what we hold."""
        while True:
            position, digest = self.held(source)
            metrics.of(metrics.PULLS, self.log.service, source).inc()
            items = feed.decode(fetch(self.config, self.signer, source, f"/{source}/v1/feed?after={position}&limit={feed.PAGE}"))
            for item in items:
                if item.previous != position or not self._continues(source, digest, item):
                    raise HistoryRewritten(f"the feed of {source} at {item.position} does not follow from what we hold at {position}")
                position, digest = item.position, item.digest
            self._append(source, items, "pulled")
            if len(items) < feed.PAGE:
                return

    def _heard(self, source: str, stopped: str) -> None:
        with self.tables.transaction() as tx:
            tx.execute("INSERT INTO heard VALUES (?, ?, ?, ?) ON CONFLICT (source) DO UPDATE "
                       "SET at = excluded.at, head = excluded.head, stopped = excluded.stopped", (source, event.now(), self.held(source).position, stopped))


def _as_text(headers: Mapping[str, object]) -> str:
    """Whatever a stranger put there, names that are no text included."""
    try:
        return json.dumps({str(k): v for k, v in headers.items()}, default=repr, skipkeys=True)[:8192]
    except (ValueError, RecursionError) as e:
        return f"unreadable: {type(e).__name__}"


def fetch(config: Config, signer: Signer, service: str, path: str) -> bytes:
    """GET from another service as ourselves. Raises Unavailable; 409 from there means that its history differs from ours."""
    owner = signer.kid.split(":")[0]
    token = auth.issue(signer, subject=owner, role="service", scopes=auth.scopes_of("service"), seconds=60)
    connection = http.client.HTTPConnection(urlsplit(config.url(service)).netloc, timeout=5)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException) as e:
        raise Unavailable(f"{service} does not answer: {e!r}") from e
    finally:
        connection.close()
    if answer.status != 200:
        raise Unavailable(f"{service} answers {answer.status} to {path.split('?')[0]}")
    return body
