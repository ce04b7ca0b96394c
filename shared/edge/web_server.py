"""One port, one socket and one map of addresses for all the services of a process."""
import logging
import re
from operator import itemgetter
from time import monotonic
from typing import Any

import eventlet
from eventlet.green import socket
from nameko.constants import WEB_SERVER_CONFIG_KEY
from nameko.web.server import WebServer, parse_address
from werkzeug.routing import Map

from shared import event, logs, metrics
from shared.errors import Unavailable

from .http_connection import Connection
from .http_messages import Limits, Request
from .problems import Answer, encode, problem

logger = logging.getLogger("sanu.http")
_SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")
_WHY = encode(Unavailable("too many connections").problem())
_BUSY = (b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Type: application/problem+json\r\n"
         b"Content-Length: %d\r\n\r\n%b" % (len(_WHY), _WHY))
_sites: dict[tuple[str, int], "Site"] = {}


class Site:
    """What listens at one address: bound when the first service starts, open when all have."""

    def __init__(self, address: tuple[str, int], services: int, limits: Limits, shared: bool = False) -> None:
        self.address, self.limits, self.missing = address, limits, services
        self.map = Map(strict_slashes=False, merge_slashes=False, redirect_defaults=False)
        self.routes = self.map.bind("localhost")
        self.connections: dict[Connection, Any] = {}
        self.closed = False
        self.sock = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:                     # only when told so: else a second owner must fail
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.sock.bind(address)

    def join(self, providers: Any) -> None:
        """Adds one service's addresses; the last of the expected services opens the doors."""
        if self.missing <= 0:          # a caller would have met 404 where a service was still starting
            raise RuntimeError("HTTP_SERVICES is smaller than the number of services at this address")
        for provider in providers:
            rule = provider.get_url_rule()
            rule.endpoint = provider
            self.map.add(rule)
        self.missing -= 1
        if self.missing == 0:
            self.map.update()
            self.sock.listen(512)
            eventlet.spawn(self._accept)

    def _accept(self) -> None:
        while not self.closed:
            try:
                sock, peer = self.sock.accept()
            except OSError as e:
                if not self.closed:    # out of file descriptors, or a client that left: neither may end the server
                    logger.warning("accept failed: %r", e)
                    eventlet.sleep(0.1)
                continue
            try:
                if len(self.connections) >= self.limits.connections and not self._made_room():
                    sock.setblocking(False)
                    sock.send(_BUSY)
                    sock.close()
                    continue
                connection = Connection(sock, peer[0], self.limits, self.answer)
            except OSError:
                sock.close()
                continue
            self.connections[connection] = eventlet.spawn(self._serve, connection)

    def _made_room(self) -> bool:
        """Whoever has kept us waiting longest for a request goes: half-open connections may not shut others out."""
        since, longest = min(((c.waits_since, c) for c in self.connections if c.waits_since is not None), key=itemgetter(0), default=(monotonic(), None))
        if longest is None or monotonic() - since < self.limits.grace_s:
            return False
        longest.hang_up()
        eventlet.sleep(0)                          # it leaves
        return True

    def _serve(self, connection: Connection) -> None:
        try:
            connection.serve()
        finally:
            self.connections.pop(connection, None)

    def answer(self, request: Request) -> Answer:
        """Never raises; every answer carries the correlation of its request."""
        given = request.environ.get("HTTP_X_CORRELATION_ID", "")
        request.correlation = given if _SANE.fullmatch(given) else event.new_id()
        began, service, route = monotonic(), "", "(none)"
        with logs.correlation(request.correlation):
            try:
                provider, path = self.routes.match(request.path, method=request.method)
                service, route = provider.container.service_name, provider.url
                answer: Answer = provider.answer(request, path)
            except (Exception, eventlet.Timeout) as e:
                answer = problem(e, request.correlation, "finding an address")
            if logger.isEnabledFor(logging.INFO):
                logger.info("answered", extra={"method": request.method, "route": route, "status": answer.status, "ms": round(1000 * (monotonic() - began), 1)})
        answer.headers.append(("X-Correlation-Id", request.correlation))
        metrics.http(service, request.method if service else "", route, answer.status, began)
        return answer

    def close(self) -> None:
        """Takes nothing new, lets the requests in flight finish, then hangs up on whoever is left."""
        if not self.closed:
            self.closed = True
            _sites.pop(self.address, None)
            try:
                self.sock.shutdown(socket.SHUT_RDWR)                        # wakes accept()
            except OSError:
                pass                   # never opened
            self.sock.close()
            for connection in list(self.connections):
                connection.finish()
        with eventlet.Timeout(self.limits.finish_s, False):
            while self.connections:
                eventlet.sleep(0.01)
        for connection, thread in list(self.connections.items()):
            connection.hang_up()
            thread.kill()


class OnePortServer(WebServer):
    """nameko makes one per service; all that have the same address share a Site.

    Configuration: HTTP_SERVICES, how many services of this process have HTTP entrypoints (1); HTTP_LIMITS, a `Limits`;
    HTTP_SHARED, whether other processes listen at the address, too, and the kernel divides connections among them.
    The address is WEB_SERVER_ADDRESS, or what SANU, the `Config`, gives the service.
    """

    site: Site | None = None

    @property
    def address(self) -> tuple[str, int]:
        config = self.container.config
        if WEB_SERVER_CONFIG_KEY in config:
            return tuple(parse_address(config[WEB_SERVER_CONFIG_KEY]))
        return config["SANU"].host, config["SANU"].port_of(self.container.service_name)

    def start(self) -> None:
        if self.site is not None:
            return
        config, address = self.container.config, self.address
        if address not in _sites:      # nothing yields between look and set
            _sites[address] = Site(address, config.get("HTTP_SERVICES", 1), config.get("HTTP_LIMITS", Limits()),
                                   config.get("HTTP_SHARED", False))
        self.site = _sites[address]
        self.slots = eventlet.semaphore.Semaphore(self.container.max_workers)
        self.site.join(self._providers)

    def close(self) -> None:
        """Called by every entrypoint that stops: no service may stop while requests for it still come in."""
        if self.site is not None:
            self.site.close()

    def stop(self) -> None:
        self.close()
        self.wait_for_providers()

    def kill(self) -> None:
        self.close()
