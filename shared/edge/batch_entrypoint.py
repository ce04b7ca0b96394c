"""A nameko entrypoint that hands a service what one source published, batch by batch, in order, and never loses any."""
import logging
from time import monotonic
from typing import Any

import eventlet
from nameko.extensions import Entrypoint

from shared import metrics
from shared.broker import CONNECT_S, connect, declare, drop, settle

from . import worker

logger = logging.getLogger("sanu.batch")
RECONNECT_S = 1.0                      # fixed: a back-off that grows would add to every outage of the broker
RETRY_FIRST_S, RETRY_MOST_S = 0.1, 2.0
HOLD_MOST_S = 600.0                    # then the connection is given up: RabbitMQ closes it at 30 minutes, in its own way
STOP_S = 4.5


class _GivenBack(Exception):
    """The connection is dropped on purpose; its unacknowledged messages come again, in order."""


class Batch(Entrypoint):
    """`def method(self, source, messages)`, each message (headers, body as the bytes that came); acknowledged when it returns.

    It returns the indexes of messages that can never be read: those are rejected, to the dead letters where a policy names
    them, the others acknowledged. When it raises, the batch is held and given again after 0.1 s, then ever later up to 2 s: nothing is refused
    or passed over. Without messages it is called at the start, at every connection and after `silence_s` of silence,
    broker or not, so that the service looks for itself what it missed. `container.config["SANU"]` is the `Config`.
    """

    def __init__(self, service: str, source: str, size: int = 100, linger_s: float = 0.005, **kw: Any) -> None:
        self.service, self.source, self.size, self.linger_s = service, source, size, linger_s
        self.stopping = False
        self.ask_at = 0.0              # monotonic time of the next call without messages
        self.ask_wait = RETRY_FIRST_S
        super().__init__(**kw)

    def start(self) -> None:
        self.config = self.container.config["SANU"]
        self._link = metrics.of(metrics.CONNECTED, self.service, f"from.{self.source}")
        self.loop = self.container.spawn_managed_thread(self._run, identifier=f"{self.service}.from.{self.source}")

    def stop(self) -> None:
        """Lets the method in work finish, at most 4.5 s; what is not acknowledged comes again."""
        self.stopping = True
        with eventlet.Timeout(STOP_S, False):
            self.loop.wait()
        self.kill()

    def kill(self) -> None:
        self.stopping = True
        self.loop.kill()

    def _run(self) -> None:
        while not self.stopping:
            connection = connect(self.config)
            try:
                connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=CONNECT_S)
                self._consume(connection)
            except Exception as e:     # whatever it was: nameko would end the whole service
                if not self.stopping:
                    logger.warning("%s.from.%s: no connection: %r", self.service, self.source, e)
            finally:
                self._link.set(0)
                drop(connection)
            self._ask_if_due(None)
            self._pause(None, RECONNECT_S)

    def _consume(self, connection: Any) -> None:
        buffer: list[Any] = []         # dies with the channel: its tags mean nothing on another one
        bound = declare(connection, self.service, self.source)     # before the service looks for itself, so that nothing falls in between
        channel = bound.channel
        self._link.set(1)
        self.ask_at = 0.0
        self._ask_if_due(connection)
        channel.basic_qos(0, 2 * self.size, False)
        # Not kombu's Consumer: it makes each message a kombu Message, which inflates bodies at a header's request.
        bound.consume(f"{self.service}-{id(self)}", buffer.append)
        while not self.stopping:
            self._fill(connection, buffer)
            if not buffer:
                self._ask_if_due(connection)
                continue
            batch = buffer[:self.size]
            del buffer[:self.size]
            settle(channel, batch, self._deliver(connection, batch))
            if self.ask_wait == RETRY_FIRST_S:     # not while a failed look waits for its next try
                self.ask_at = monotonic() + self.config.silence_s

    def _fill(self, connection: Any, buffer: list[Any]) -> None:
        """Until `size` messages are there, or `linger_s` after the first, or a second without any."""
        if not buffer:
            self._drain(connection, min(1.0, max(0.001, self.ask_at - monotonic())))
        until = monotonic() + self.linger_s
        while buffer and len(buffer) < self.size and (left := until - monotonic()) > 0:
            self._drain(connection, left)

    def _deliver(self, connection: Any, batch: list[Any]) -> list[int]:
        messages = [(dict(m.headers or {}), _bytes(m.body)) for m in batch]
        wait, since = RETRY_FIRST_S, monotonic()
        while True:
            refused, error = self._call(connection, messages)
            if error is None:
                return refused or []
            logger.warning("%s.from.%s holds %d messages: %r", self.service, self.source, len(batch), error)
            self._pause(connection, wait)
            if self.stopping or monotonic() - since > HOLD_MOST_S:
                raise _GivenBack("messages were held for too long") from error
            wait = min(2 * wait, RETRY_MOST_S)

    def _ask_if_due(self, connection: Any) -> None:
        """A failure here holds up no messages: a source that is down cannot be asked, but the broker still carries."""
        if self.stopping or monotonic() < self.ask_at:
            return
        _, error = self._call(connection, [])
        if error is None:
            self.ask_at, self.ask_wait = monotonic() + self.config.silence_s, RETRY_FIRST_S
            return
        log = logger.warning if self.ask_wait == RETRY_FIRST_S else logger.debug
        log("%s.from.%s could not look for what it missed: %r", self.service, self.source, error)
        self.ask_wait = min(2 * self.ask_wait, RETRY_MOST_S)
        self.ask_at = monotonic() + self.ask_wait

    def _call(self, connection: Any, messages: list[tuple[dict[str, Any], bytes]]) -> tuple[Any, BaseException | None]:
        def beat() -> None:
            if connection is not None:
                self._drain(connection, 0.001)

        return worker.call_with_beat(self.container, self, (self.source, messages), beat)

    def _pause(self, connection: Any, seconds: float) -> None:
        until = monotonic() + seconds
        while not self.stopping and (left := until - monotonic()) > 0:
            if connection is None:
                eventlet.sleep(min(left, 0.1))
            else:
                self._drain(connection, min(left, 0.5))

    def _drain(self, connection: Any, seconds: float) -> None:
        """Takes what comes (at most twice `size` unacknowledged) and keeps the heartbeat; returns at the first message."""
        try:
            connection.drain_events(timeout=seconds)
        except TimeoutError:
            pass
        connection.heartbeat_check()


def _bytes(body: str | bytes | None) -> bytes:
    return body.encode() if isinstance(body, str) else body or b""


batch = Batch.decorator
