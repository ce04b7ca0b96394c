"""Connections, exchanges and queues of the broker: RabbitMQ, or kombu's memory:// with a bell in place of polling."""
import logging
from collections.abc import Callable, Sequence
from queue import Empty
from time import monotonic
from typing import Any

from amqp import method_framing
from kombu import Connection, Exchange, Queue
from kombu.transport import memory, virtual

from .config import Config
from .wake import Signal

logger = logging.getLogger("sanu.broker")
CONNECT_S = 5.0
HEARTBEAT_S = 30


_bell = Signal()                        # rung for every message put in memory


class RawMessage(virtual.Message):  # type: ignore[misc]
    """A message whose body stays what was published: an error noted beforehand keeps kombu from unpacking it."""

    errors = ("kept raw",)             # kombu inflates a body whose `compression` header asks for it, whatever its size


class BellChannel(memory.Channel):  # type: ignore[misc]
    Message = RawMessage

    def _put(self, queue: str, message: Any, **kw: Any) -> None:
        super()._put(queue, message, **kw)
        _bell.set()


class BellTransport(memory.Transport):  # type: ignore[misc]
    """memory:// whose consumers wait for the bell; stock kombu sleeps a second between looks."""

    Channel = BellChannel

    def drain_events(self, connection: Any, timeout: float | None = None) -> None:
        """Delivers one message. Raises TimeoutError after `timeout` seconds without one."""
        end = None if timeout is None else monotonic() + timeout
        while True:
            seen = _bell.count
            try:
                self.cycle.get(self._deliver, timeout=timeout)
                return
            except Empty:
                left = 1.0 if end is None else end - monotonic()
                if left <= 0:
                    raise TimeoutError from None
                _bell.wait(seen, min(left, 1.0))


class _Message(method_framing.Message):  # type: ignore[misc]
    """py-amqp breaks the connection at properties it cannot read, and would meet the same message again for ever."""

    def _load_properties(self, class_id: Any, buf: Any, offset: int) -> None:
        try:
            super()._load_properties(class_id, buf, offset)
        except Exception as e:         # not UTF-8, a time beyond the calendar, tables nested a thousand deep
            logger.warning("a message's properties are unreadable: %s", type(e).__name__)
            self.properties = dict[str, Any]()


method_framing.Message = _Message


def connect(config: Config, blocked: Callable[[bool], None] = lambda blocked: None) -> Connection:
    """A connection, opened at its first use. `blocked` hears when the broker takes nothing more, and when it does again."""
    if config.broker.startswith("memory"):
        return Connection("memory://", transport=BellTransport)
    told = {"on_blocked": lambda *_: blocked(True), "on_unblocked": lambda *_: blocked(False)}
    return Connection(config.broker, heartbeat=HEARTBEAT_S, connect_timeout=CONNECT_S, transport_options=told)


class Confirms:
    """What was published on a channel and not confirmed yet: many messages may be on their way at once."""

    def __init__(self, channel: Any) -> None:
        self._connection = channel.connection
        self._sent, self._open, self._refused = 0, set[int](), False
        channel.confirm_select()
        channel.events["basic_ack"].add(self._acked)
        channel.events["basic_nack"].add(self._nacked)

    def expect(self) -> None:
        """Before each publish: the broker numbers them from 1."""
        self._sent += 1
        self._open.add(self._sent)

    def wait(self, seconds: float) -> None:
        """Raises TimeoutError, ConnectionError for what the broker refuses, and what the connection raises."""
        until = monotonic() + seconds
        while self._open:
            self._connection.drain_events(timeout=max(0.001, until - monotonic()))
        if self._refused:
            raise ConnectionError("the broker refused a message")

    def _acked(self, tag: int, multiple: bool) -> None:
        self._open = {other for other in self._open if other > tag} if multiple else self._open - {tag}

    def _nacked(self, tag: int, multiple: bool) -> None:
        self._refused = True
        self._acked(tag, multiple)


def drop(connection: Connection) -> None:
    """Closes hard: a polite close waits for a broker that may never answer. Never raises."""
    try:
        connection.collect()
    except Exception as e:
        logger.debug("dropping a connection: %r", e)


def exchange(service: str) -> Exchange:
    """Where a service publishes its envelopes."""
    return Exchange(f"{service}.events", "topic", durable=True)


def queue(service: str, source: str) -> Queue:
    """What `service` is told by `source`. Limits and dead letters are set by policy: arguments cannot be changed later."""
    return Queue(f"{service}.from.{source}", exchange(source), routing_key="#", durable=True,
                 queue_arguments={"x-queue-type": "quorum", "x-single-active-consumer": True})


def declare(connection: Connection, service: str, source: str) -> Any:
    """Makes the queue, bound to its source's exchange, on a channel of its own. The exchange is made only where it is missing:
    a service with rights on nothing but its own may not declare another's, even if it is there."""
    channel = raw_channel(connection)
    if isinstance(channel, virtual.Channel):
        bound = queue(service, source)(channel)
        bound.declare()
        return bound
    try:
        exchange(source)(channel).declare(passive=True)
    except connection.channel_errors:  # the broker closes a channel on which something was missing
        channel = raw_channel(connection)
        exchange(source)(channel).declare()
    bound = queue(service, source)(channel)
    bound.queue_declare()
    bound.queue_bind()
    return bound


def raw_channel(connection: Connection) -> Any:
    """A channel that hands bodies over as the bytes that came."""
    channel = connection.channel()
    channel.auto_decode = False        # py-amqp would turn a body into text when `content_encoding` names a charset
    return channel


def settle(channel: Any, messages: Sequence[Any], refused: Sequence[int]) -> None:
    """Rejects the messages at the indexes `refused` and acknowledges the others, in the order of their delivery on `channel`."""
    for index in refused:
        channel.basic_reject(messages[index].delivery_tag, False)
    kept = [m for index, m in enumerate(messages) if index not in refused]
    if isinstance(channel, virtual.Channel):
        for message in kept:           # virtual channels take `multiple` and ignore it
            channel.basic_ack(message.delivery_tag)
    elif kept:
        channel.basic_ack(kept[-1].delivery_tag, multiple=True)
