"""One client's socket: request after request is read, answered in one piece, and counted as idle in between."""
import logging
import socket
from collections.abc import Callable
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from time import monotonic, time

import eventlet

from shared import event
from shared.errors import SanuError

from .http_head import Head, Request, parse, request
from .http_reader import Gone, Limits, Reader
from .problems import Answer, problem

logger = logging.getLogger("sanu.http")
_STATUS = {s.value: f"HTTP/1.1 {s.value} {s.phrase}" for s in HTTPStatus}
_NO_BODY = (204, 304)


@lru_cache(maxsize=2)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)


class Connection:
    def __init__(self, sock: socket.socket, peer: str, limits: Limits, answer: Callable[[Request], Answer]) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock, self.peer, self.limits, self.answer = sock, peer, limits, answer
        self.reader = Reader(sock, limits)
        self.idle = True
        self.closing = False

    def serve(self) -> None:
        """Until either side has enough; never raises."""
        patience = self.limits.slow_s
        try:
            while self._serve_one(patience):
                patience = self.limits.idle_s
                eventlet.sleep(0)      # recv() yields only when nothing has come: a fast client would keep the process
        except (Gone, OSError):
            pass
        except Exception:
            logger.exception("a connection broke")
        finally:
            self.sock.close()

    def finish(self) -> None:
        """The answer in work is the last; an idle connection ends now."""
        self.closing = True
        if self.idle:
            self.hang_up()

    def hang_up(self) -> None:
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass                       # the client was faster

    def _serve_one(self, patience: float) -> bool:
        """Reads and answers one request; whether another may follow."""
        self.idle = not self.reader.buffer
        if self.idle and self.closing:
            return False
        self.reader.wait(patience)
        self.idle = False
        try:
            head = parse(self.reader.head(), self.limits.body)
            came = request(head, self.reader.body(head), self.peer)
        except SanuError as e:
            self._refuse(e)
            return False
        answer = self.answer(came)
        keep = head.keep_alive and not self.closing
        try:
            self._send(answer, keep, head)
        except ValueError as e:        # a header field of ours that HTTP has no form for; nothing has been sent yet
            self._send(problem(e, came.correlation, head.method), keep, head)
        return keep

    def _refuse(self, error: SanuError) -> None:
        """Answers and parts, for where the next request would begin is not known."""
        correlation = event.new_id()
        answer = problem(error, correlation, "reading a request")
        answer.headers.append(("X-Correlation-Id", correlation))
        self._send(answer, False, None)
        # Closing while bytes are still coming would reset the connection and take the answer away from the client.
        self.sock.shutdown(socket.SHUT_WR)
        until = monotonic() + 2
        while (left := until - monotonic()) > 0:
            self.sock.settimeout(left)
            if not self.sock.recv(1 << 20):
                return

    def _send(self, answer: Answer, keep: bool, head: Head | None) -> None:
        """Raises ValueError, before it sends anything, for header fields that cannot be written."""
        status, fields, body = answer
        lines = [_STATUS.get(status) or f"HTTP/1.1 {status} Status"]
        lines += [f"{name}: {value}" for name, value in fields
                  if name.lower() not in ("content-length", "connection", "transfer-encoding", "date")]
        lines.append(f"Date: {_date(int(time()))}")
        if not keep:
            lines.append("Connection: close")
        if status not in _NO_BODY:
            lines.append(f"Content-Length: {len(body)}" if isinstance(body, bytes) else "Transfer-Encoding: chunked")
        text = "\r\n".join(lines)
        if text.count("\n") != len(lines) - 1 or text.count("\r") != len(lines) - 1:
            raise ValueError("a header field holds a line break")
        start = text.encode("latin-1") + b"\r\n\r\n"
        bare = status in _NO_BODY or (head is not None and head.method == "HEAD")
        self.sock.settimeout(self.limits.slow_s)
        if isinstance(body, bytes):
            self.sock.sendall(start if bare else start + body)
            return
        try:
            self.sock.sendall(start)
            if not bare:
                for part in body:
                    if part:
                        self.sock.sendall(b"%x\r\n%b\r\n" % (len(part), part))
                self.sock.sendall(b"0\r\n\r\n")
        finally:
            getattr(body, "close", lambda: None)()
