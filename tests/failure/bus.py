"""A stranger on the bus: publishes whatever bytes it likes to a service's exchange, and takes or loses what is told there."""
import struct
import time
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import amqp


class Raw(amqp.Message):
    """A message whose property bytes are written by hand."""

    def __init__(self, body: bytes, properties: bytes) -> None:
        super().__init__(body)
        self._raw = properties

    def _serialize_properties(self) -> bytes:
        return self._raw


def short(text: bytes) -> bytes:
    return bytes([len(text)]) + text


def table(*items: tuple[bytes, bytes]) -> bytes:
    """A field table; each value with its type letter before it."""
    body = b"".join(short(key) + value for key, value in items)
    return struct.pack(">I", len(body)) + body


def with_headers(headers: bytes) -> bytes:
    return struct.pack(">H", 0x2000) + headers


def longstr(text: bytes) -> bytes:
    return b"S" + struct.pack(">I", len(text)) + text


def nested(depth: int) -> bytes:
    value = b"t\x01"
    for _ in range(depth):
        value = b"F" + table((b"a", value))
    return value


class Bus:
    """A connection of its own, straight to the broker."""

    def __init__(self, uri: str) -> None:
        parts = urlsplit(uri)
        self._connection = amqp.Connection(f"{parts.hostname}:{parts.port}", userid=parts.username, password=parts.password,
                                           virtual_host=parts.path.lstrip("/") or "/", confirm_publish=True)
        self._connection.connect()
        self.channel = self._connection.channel()

    def __enter__(self) -> "Bus":
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._connection.close()

    def publish(self, source: str, body: bytes, headers: dict[str, Any] | None = None, **properties: Any) -> None:
        self.send(source, amqp.Message(body, application_headers=headers or {}, **properties))

    def send(self, source: str, message: amqp.Message) -> None:
        self.channel.basic_publish_confirm(message, exchange=f"{source}.events", routing_key="x")

    def tap(self, source: str) -> str:
        """A queue that gets all `source` publishes from now on."""
        name = self.channel.queue_declare(exclusive=True).queue
        self.channel.queue_bind(name, f"{source}.events", "#")
        return str(name)

    def taken(self, queue: str) -> list[tuple[dict[str, Any], bytes]]:
        result = []
        while message := self.channel.basic_get(queue, no_ack=True):
            result.append((message.headers, message.body))
        return result

    def deaf(self, service: str, source: str, deaf: bool = True) -> None:
        """While deaf, what `source` publishes is lost for `service`, confirmed all the same."""
        change = self.channel.queue_unbind if deaf else self.channel.queue_bind
        change(f"{service}.from.{source}", f"{source}.events", "#")

    def purge(self, service: str, source: str) -> int:
        return int(self.channel.queue_purge(f"{service}.from.{source}"))

    def waiting(self, service: str, source: str) -> int:
        return int(self.channel.queue_declare(f"{service}.from.{source}", passive=True).message_count)

    def drained(self, service: str, source: str, seconds: float = 20) -> None:
        give_up = time.monotonic() + seconds
        while self.waiting(service, source):
            assert time.monotonic() < give_up, f"{service}.from.{source} still holds messages"
            time.sleep(0.05)
