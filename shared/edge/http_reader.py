"""Reads requests from one socket within bounds of size and time."""
import re
import socket
from dataclasses import dataclass
from time import monotonic

from shared.errors import BadRequest, TooLarge

from .http_head import Head
from .problems import HeadTooLarge, TooSlow

_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?")
_CHUNKS = 4096                         # a MiB in chunks of one byte would keep the process busy for seconds


@dataclass(frozen=True)
class Limits:
    body: int = 1024 * 1024            # bytes
    head: int = 16 * 1024              # bytes of the request line and all header fields
    slow_s: float = 15.0               # for a head; for a body as well, and a second more for each KiB that came
    idle_s: float = 60.0               # between two requests of one connection; the first has slow_s
    connections: int = 1000
    finish_s: float = 5.0              # for requests in flight when the server stops


class Gone(Exception):
    """The client went away or kept silent; nobody is there to answer."""


class Reader:
    def __init__(self, sock: socket.socket, limits: Limits) -> None:
        self.sock, self.limits = sock, limits
        self.buffer = b""
        self.until = 0.0               # monotonic time by which the present part must have arrived

    def wait(self, seconds: float) -> None:
        """Until a byte of the next request is here. Raises Gone after `seconds` of silence."""
        if self.buffer:
            return
        self.until = monotonic() + seconds
        try:
            self._more()
        except TooSlow as e:
            raise Gone from e

    def head(self) -> bytes:
        """The head without its empty line. Raises HeadTooLarge, TooSlow, Gone."""
        self.until = monotonic() + self.limits.slow_s
        while True:
            self.buffer = self.buffer.lstrip(b"\r\n")
            end = self.buffer.find(b"\r\n\r\n", 0, self.limits.head + 4)
            if end >= 0:
                head, self.buffer = self.buffer[:end], self.buffer[end + 4:]
                return head
            if len(self.buffer) > self.limits.head:
                raise HeadTooLarge(f"the head of a request is limited to {self.limits.head} bytes")
            self._more()

    def body(self, head: Head) -> bytes:
        """The whole body. Raises BadRequest, TooLarge, TooSlow, Gone."""
        if head.length == 0:
            return b""
        if head.expects and not self.buffer:
            self.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.until = monotonic() + self.limits.slow_s
        return self._take(head.length) if head.length > 0 else self._chunks()

    def _chunks(self) -> bytes:
        parts: list[bytes] = []
        total = 0
        while size := self._chunk_size():
            total += size
            if total > self.limits.body:
                raise TooLarge(f"the body is limited to {self.limits.body} bytes")
            parts.append(self._take(size))
            if self._take(2) != b"\r\n":
                raise BadRequest("a chunk is longer than it says")
            if len(parts) > _CHUNKS:
                raise BadRequest(f"more than {_CHUNKS} chunks")
        trailer = 0
        while line := self._line():    # trailer fields are read and forgotten
            trailer += len(line)
            if trailer > self.limits.head:
                raise HeadTooLarge("the trailer fields are too long")
        return b"".join(parts)

    def _chunk_size(self) -> int:
        match = _CHUNK.fullmatch(self._line())
        if match is None:
            raise BadRequest("the size of a chunk is malformed")
        return int(match[1], 16)

    def _line(self) -> bytes:
        while (end := self.buffer.find(b"\r\n")) < 0:
            if len(self.buffer) > 1024:
                raise BadRequest("a line between chunks is too long")
            self._more()
        line, self.buffer = self.buffer[:end], self.buffer[end + 2:]
        return line

    def _take(self, size: int) -> bytes:
        """Exactly `size` bytes, of which the buffer may hold some."""
        parts, have = [self.buffer], len(self.buffer)
        while have < size:
            self.buffer = b""          # kept apart: joining at each receipt would copy a large body again and again
            self._more()
            self.until += len(self.buffer) / 1024
            parts.append(self.buffer)
            have += len(self.buffer)
        whole = b"".join(parts)
        self.buffer = whole[size:]
        return whole[:size]

    def _more(self) -> None:
        left = self.until - monotonic()
        if left <= 0:
            raise TooSlow()
        self.sock.settimeout(left)
        try:
            data = self.sock.recv(65536)
        except TimeoutError as e:
            raise TooSlow() from e
        if not data:
            raise Gone
        self.buffer += data
