"""Tails the log and publishes signed envelopes; its position moves only after the broker's confirm."""
import base64
import logging
import time
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from . import broker, feed, metrics
from .config import Config
from .faults import fault
from .feed import Chain, Item
from .log import Log
from .signing import Signer
from .tables import Tables

ENVELOPE_EVENTS = 500
ENVELOPE_BYTES = 512 * 1024
PAGE = 1000                                # events read, published and confirmed together
CONFIRM_S = 5.0
logger = logging.getLogger(__name__)


def signed_bytes(source: str, log_id: str, head: str, body: bytes) -> bytes:
    """The body by its SHA-256: Ed25519 itself would read it twice, and slower."""
    return b"\n".join((source.encode(), log_id.encode(), head.encode(), sha256(body).digest()))


def envelopes(items: Sequence[Item], most: int = ENVELOPE_EVENTS) -> list[list[Item]]:
    """Cuts consecutive events into envelopes of at most `most` events and 512 KiB."""
    result: list[list[Item]] = []
    size = ENVELOPE_BYTES
    for item in items:
        cost = len(item.state) + 320                     # the CloudEvents attributes around it
        if size + cost > ENVELOPE_BYTES or len(result[-1]) == most:
            result.append([])
            size = 0
        result[-1].append(item)
        size += cost
    return result


class Relay:
    """One is active per service; a second one would only repeat envelopes, which receivers drop."""

    def __init__(self, config: Config, log: Log, tables: Tables, signer: Signer, most: int = ENVELOPE_EVENTS) -> None:
        self.config, self.log, self.tables, self.signer, self.most = config, log, tables, signer, most
        self.chain = Chain(log, tables)
        self._connection: Any = None
        self._producer: Any = None
        self._confirms: broker.Confirms | None = None
        self._ahead: list[Item] = []

    @property
    def position(self) -> int:
        return int(self.tables.query("SELECT position FROM relay")[0][0])

    def step(self) -> int:
        """Publishes one page; how many events. Raises whatever the broker or database raises, with nothing saved."""
        at = self.position
        items = self._ahead if self._ahead and self._ahead[0].previous == at else self.chain.read(at, PAGE)
        self._ahead = []
        if not items:
            return 0
        began = time.monotonic()
        for envelope in envelopes(items, self.most):
            fault("relay.before-publish")
            self._send(envelope, envelope[-1].position)
        if len(items) == PAGE:                           # catching up: read on while the broker writes
            self._ahead = self.chain.read(items[-1].position, PAGE)
        self._confirmed()
        metrics.of(metrics.CONFIRM, self.log.service).observe(time.monotonic() - began)
        metrics.of(metrics.PUBLISHED, self.log.service).inc(len(items))
        fault("relay.after-publish")
        with self.tables.transaction() as tx:
            tx.execute("UPDATE relay SET position = ? WHERE position = ?", (items[-1].position, at))
        return len(items)

    def publish(self, items: Sequence[Item], head: int) -> None:
        """One envelope; none of events is a heartbeat, which tells our head to whoever missed the last envelope."""
        self._send(items, head)
        self._confirmed()

    def _send(self, items: Sequence[Item], head: int) -> None:
        source, log_id = self.log.service, self.log.opened.log_id
        body = feed.encode(source, items)
        signature = self.signer.sign(signed_bytes(source, log_id, str(head), body))
        headers = {"source": source, "log_id": log_id, "head": str(head), "kid": self.signer.kid,
                   "signature": base64.b64encode(signature).decode()}
        producer = self._open()
        if self._confirms:
            self._confirms.expect()
        producer.publish(
            body, exchange=f"{source}.events", routing_key=items[0].name if items else "heartbeat", serializer=None,
            content_type="application/cloudevents-batch+json", content_encoding="binary", delivery_mode=2, headers=headers, timeout=CONFIRM_S)

    def _confirmed(self) -> None:
        if self._confirms:
            self._confirms.wait(CONFIRM_S)
            self._blocked(False)

    def _open(self) -> Any:
        if not self._producer:
            self._connection = broker.connect(self.config, self._blocked)
            self._connection.ensure_connection(max_retries=1, interval_start=0.1, timeout=3)
            broker.exchange(self.log.service)(self._connection.default_channel).declare()
            if not self.config.broker.startswith("memory"):
                self._confirms = broker.Confirms(self._connection.default_channel)
            self._producer = self._connection.Producer(auto_declare=False)
            metrics.of(metrics.CONNECTED, self.log.service, "relay").set(1)
        return self._producer

    def _blocked(self, blocked: bool) -> None:
        """By the broker's word; our own dropping of the line does not unblock it, only a confirm does."""
        metrics.of(metrics.BLOCKED, self.log.service).set(blocked)

    def drop(self) -> None:
        metrics.of(metrics.CONNECTED, self.log.service, "relay").set(0)
        connection, self._connection, self._producer, self._confirms = self._connection, None, None, None
        if connection:
            broker.drop(connection)

    def run(self, stopping: Any) -> None:
        beat = 0.0
        while not stopping():
            seen = self.log.appended.count
            try:
                sent = self.step()
                if time.monotonic() - beat > self.config.heartbeat_s:
                    self.publish([], self.position)
                    beat = time.monotonic()
            except Exception as e:
                logger.warning("relay of %s waits: %r", self.log.service, e)
                self.drop()
                time.sleep(0.3)
                continue
            if sent < self.most:
                self.log.appended.wait(seen, self.config.poll_s)
                time.sleep(self.config.linger_s)
        self.drop()
