"""One line to an address outside: never a private one, always the address that was checked, and no redirect is followed."""
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from typing import NamedTuple
from urllib.parse import urlsplit

from .errors import BadRequest

TIMEOUT_S = 5.0
MOST_READ = 16 * 1024
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_V4_IN_V6 = ipaddress.ip_network("::/96")
_UNICAST = ipaddress.ip_network("2000::/3")


class Refused(OSError):
    """The name leads to an address inside."""


class Place(NamedTuple):
    """Where a URL leads; `path` holds its query too."""

    tls: bool
    host: str
    port: int
    path: str


def place(url: str, private: bool = False) -> Place:
    """Raises BadRequest for what is no plain https address (http, too, if `private`), and for a private address written out."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as e:
        raise BadRequest("the address cannot be read", field="url", rule="https://host/path") from e
    if not url.isascii() or any(c <= " " or c in '\\"<>' or c == "\x7f" for c in url) or not host or "@" in parts.netloc or parts.fragment or port == 0:
        raise BadRequest("only https://host[:port]/path is taken", field="url", rule="ASCII, no user, no fragment; international names as xn--…")
    if parts.scheme not in (("https", "http") if private else ("https",)):
        raise BadRequest("the address must begin with https://", field="url", rule="https")
    address = literal(host)
    if address and not private and not public(address):
        raise BadRequest("the address is a private one", field="url", rule="public addresses only")
    tls = parts.scheme == "https"
    return Place(tls, host, port or (443 if tls else 80), (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def literal(host: str) -> str:
    """The address that a host written as a number means, in every form that resolvers take (127.1, 0x7f000001, 017700000001); else ''."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return ""


def public(address: str) -> bool:
    """Whether anybody on the internet may have it; a v6 address that carries a v4 address is as public as that one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_global and not ip.is_multicast and not ip.is_reserved
    carried = ip.ipv4_mapped or ip.sixtofour or (ip.teredo or (None, None))[1]
    if ip in _NAT64 or ip in _V4_IN_V6:
        carried = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    if carried is not None:
        return public(str(carried))
    return ip in _UNICAST and ip.is_global


def resolve(to: Place, private: bool = False) -> str:
    """One address of the host. Raises Refused if any of its addresses is private, OSError if it has none."""
    known = literal(to.host)
    try:
        found = [known] if known else [str(info[4][0]) for info in socket.getaddrinfo(to.host, to.port, type=socket.SOCK_STREAM)]
    except UnicodeError as e:
        raise OSError("the name cannot be looked up") from e
    if not private and not all(map(public, found)):
        raise Refused("the name leads to a private address")
    return found[0]


class _Connection(HTTPConnection):
    """To the address that was checked, whatever the name leads to by now."""

    def __init__(self, to: Place, address: str) -> None:
        super().__init__(to.host, to.port, timeout=TIMEOUT_S)
        self._to, self._address = to, address
        self._cut: socket.socket | None = None         # a second handle: TLS hides the socket, and an answer that ends the connection takes it

    def connect(self) -> None:
        self._forget()
        self.sock = socket.create_connection((self._address, self._to.port), TIMEOUT_S)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)        # head and body go out apart: else 40 ms lie between them
        self._cut = self.sock.dup()
        if self._to.tls:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self._to.host)

    def cut(self) -> None:
        """Ends what is being waited for, whoever waits."""
        if self._cut is not None:
            try:
                self._cut.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def hang_up(self) -> None:
        self.close()
        self._forget()

    def _forget(self) -> None:
        if self._cut is not None:
            self._cut.close()
            self._cut = None


class Line:
    """Kept open between posts; each is given 5 s in all, however slowly the answer drips."""

    def __init__(self, url: str, private: bool = False) -> None:
        try:
            self._to = place(url, private)
        except BadRequest as e:
            raise Refused(str(e)) from e
        self._connection = _Connection(self._to, resolve(self._to, private))

    def post(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """The status and the first 16 KiB of the answer. Raises OSError."""
        began = time.monotonic()
        watch = threading.Timer(TIMEOUT_S, self._connection.cut)
        watch.daemon = True
        watch.start()
        try:
            self._connection.request("POST", self._to.path, body, dict(headers))
            answer = self._connection.getresponse()
            content = answer.read(MOST_READ)
            if not answer.isclosed():              # there is more than we want to read
                answer.close()
                self._connection.hang_up()
        except (OSError, HTTPException, ValueError) as e:
            self._connection.hang_up()
            if time.monotonic() - began >= TIMEOUT_S:
                raise TimeoutError(f"no answer within {TIMEOUT_S:g} s") from e
            raise e if isinstance(e, OSError) else OSError(f"no HTTP answer: {type(e).__name__}") from e
        finally:
            watch.cancel()
        if time.monotonic() - began >= TIMEOUT_S:
            raise TimeoutError(f"no whole answer within {TIMEOUT_S:g} s")
        return answer.status, content

    def close(self) -> None:
        self._connection.hang_up()
