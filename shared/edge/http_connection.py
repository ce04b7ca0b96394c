"""One client's socket: h11 reads request after request within bounds of size and time; each is answered in one piece."""
import logging
import socket
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any, NoReturn

import eventlet
import h11

from shared import event, metrics
from shared.errors import BadRequest, SanuError, TooLarge

from .http_messages import NO_BODY, Limits, Request, environ, request, response
from .problems import Answer, HeadTooLarge, TooSlow, problem

logger = logging.getLogger("sanu.http")


class Connection:
    def __init__(self, sock: socket.socket, peer: str, limits: Limits, answer: Callable[[Request], Answer]) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock, self.peer, self.limits, self.answer = sock, peer, limits, answer
        self.http = h11.Connection(h11.SERVER, limits.head)
        self.bare = False              # a HEAD request: its answer has no body
        self.idle = True
        self.closing = False
        self.waits_since: float | None = monotonic()   # for a head; None while a request is read or answered

    def serve(self) -> None:
        """Until either side has enough; never raises."""
        patience = self.limits.slow_s
        try:
            while self._serve_one(patience):
                self.http.start_next_cycle()
                self.waits_since = monotonic()
                patience = self.limits.idle_s
                eventlet.sleep(0)      # recv() yields only when nothing has come: a fast client would keep the process
        except OSError:
            pass                       # the client left, or kept silent between two requests
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
        self.waits_since = None
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass                       # the client was faster

    def _serve_one(self, patience: float) -> bool:
        """Reads and answers one request; whether another may follow."""
        self.idle = not self.http.trailing_data[0]
        if self.idle:
            if self.closing:
                return False
            self.http.receive_data(self._receive(monotonic() + patience))
            self.idle = False
        try:
            came = self._read()
        except SanuError as e:
            self._refuse(e)
        answer = self.answer(came)
        try:
            head = response(answer, self.closing)
        except (h11.LocalProtocolError, ValueError) as e:      # nothing has been sent yet
            answer = problem(e, came.correlation, came.method)
            head = response(answer, self.closing)
        self._send(head, answer.body)
        return self.http.our_state is h11.DONE

    def _read(self) -> Request:
        """Raises BadRequest, HeadTooLarge, TooLarge, TooSlow, and OSError when the client left."""
        try:
            return request(self._head(), self._body())
        except TimeoutError as e:
            raise TooSlow() from e
        except h11.RemoteProtocolError as e:
            raise (HeadTooLarge() if e.error_status_hint == 431 else BadRequest("this is not HTTP/1.1")) from e

    def _head(self) -> dict[str, Any]:
        self.bare, until = False, monotonic() + self.limits.slow_s
        seen = self.http.trailing_data[0]
        while (head := self.http.next_event()) is h11.NEED_DATA:
            self.http.receive_data(self._receive(until))
            seen = self.http.trailing_data[0]
        assert isinstance(head, h11.Request)  # noqa: S101 - a client's first event is nothing else
        self.bare, self.waits_since = head.method == b"HEAD", None
        return environ(head, seen[:len(seen) - len(self.http.trailing_data[0])], self.peer, self.limits)

    def _body(self) -> bytes:
        body, chunks, until = bytearray(), 0, monotonic() + self.limits.slow_s
        while not isinstance(came := self.http.next_event(), h11.EndOfMessage):
            if isinstance(came, h11.Data):
                body += came.data
                until += len(came.data) / 1024
                chunks += came.chunk_start
                if len(body) > self.limits.body:
                    raise TooLarge(f"the body is limited to {self.limits.body} bytes")
                if chunks > self.limits.chunks:
                    raise BadRequest(f"more than {self.limits.chunks} chunks")
                continue
            if self.http.they_are_waiting_for_100_continue:
                self.sock.sendall(self.http.send(h11.InformationalResponse(status_code=100, headers=[], reason="Continue")))
            self.http.receive_data(self._receive(until))
        return bytes(body)

    def _receive(self, until: float) -> bytes:
        """Raises TimeoutError and, when the client left, ConnectionAbortedError."""
        if (left := until - monotonic()) <= 0:
            raise TimeoutError
        self.sock.settimeout(left)
        if data := self.sock.recv(65536):
            return data
        raise ConnectionAbortedError

    def _refuse(self, error: SanuError) -> NoReturn:
        """Answers and parts, for where the next request would begin is not known. Raises OSError."""
        answer = problem(error, correlation := event.new_id(), "reading a request")
        metrics.http("", "", "(unread)", answer.status, monotonic())
        answer.headers.append(("X-Correlation-Id", correlation))
        self._send(response(answer, True), answer.body)
        # Closing while bytes are still coming would reset the connection and take the answer away from the client.
        self.sock.shutdown(socket.SHUT_WR)
        until = monotonic() + 2
        while True:
            self._receive(until)
            eventlet.sleep(0)

    def _send(self, head: h11.Response, body: bytes | Iterable[bytes]) -> None:
        """A body of bytes goes out together with its head, another one part by part. Raises OSError."""
        ready = self.http.send(head)
        try:
            for part in () if self.bare or head.status_code in NO_BODY else [body] if isinstance(body, bytes) else body:
                self._push(ready + self.http.send(h11.Data(part)))
                ready = b""
            if ready := ready + self.http.send(h11.EndOfMessage()):
                self._push(ready)
        finally:
            getattr(body, "close", lambda: None)()

    def _push(self, data: bytes) -> None:
        """Within 15 s and a second for each KiB: whoever reads more slowly keeps a place from others. Raises OSError."""
        with eventlet.Timeout(self.limits.slow_s + len(data) / 1024, TimeoutError()):
            self.sock.settimeout(None)
            self.sock.sendall(data)
