"""Outside means outside: no form of a private address is connected to, whatever a name leads to, and no answer is waited for longer than 5 s."""
import datetime as dt
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from unittest.mock import patch

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from shared import outside
from shared.errors import BadRequest
from shared.outside import Line, Refused, literal, place, public, resolve

PRIVATE = [
    "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "0.1.2.3",
    "198.18.0.1", "192.0.2.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe",
    "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:c0a8:101::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "100::1", "fec0::1"]
PUBLIC = ["8.8.8.8", "1.1.1.1", "172.32.0.1", "11.0.0.1", "2001:4860:4860::8888", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
WRITTEN = ["127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "017700000001", "0177.0.0.1", "0", "2852039166", "0xa9fea9fe", "10.1", "0300.0250.1.1"]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_not_public(address: str) -> None:
    assert not public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_ones_are(address: str) -> None:
    assert public(address)


@pytest.mark.parametrize("host", [*WRITTEN, *(a for a in PRIVATE if ":" not in a), *(f"[{a}]" for a in PRIVATE if ":" in a)])
def test_an_address_written_out_is_refused_at_once_in_every_form(host: str) -> None:
    with pytest.raises(BadRequest) as refused:
        place(f"https://{host}/hook")
    assert refused.value.field == "url"


@pytest.mark.parametrize("host", WRITTEN)
def test_numbers_are_read_as_resolvers_read_them(host: str) -> None:
    assert literal(host) and not public(literal(host))


@pytest.mark.parametrize("url", [
    "http://example.org/", "ftp://example.org/", "file:///etc/passwd", "gopher://example.org/", "//example.org/", "example.org", "", "https://", "https:///x",
    "https://user@example.org/", "https://user:word@example.org/", "https://example.org/#x", "https://example.org:0/", "https://example.org:99999/",
    "https://example.org:x/", "https://example.org/ x", "https://example.org/\r\nHost: y", "https://exa\tmple.org/", "https://example.org\\@127.0.0.1/",
    "https://①②⑦.⓪.⓪.①/", "https://exämple.org/", "https://[::1/", "https://example.org/\x7f"])
def test_what_is_no_plain_https_address_is_refused(url: str) -> None:
    with pytest.raises(BadRequest):
        place(url)


def test_an_address_keeps_its_path_and_query() -> None:
    assert place("https://Example.org:8443/a/b?c=d") == (True, "example.org", 8443, "/a/b?c=d")
    assert place("https://example.org") == (True, "example.org", 443, "/")


def answering(*addresses: str) -> Callable[..., list[object]]:
    return lambda host, port, **_: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in addresses]


@pytest.mark.parametrize("addresses", [("127.0.0.1",), ("8.8.8.8", "10.0.0.1"), ("2606:4700::1111", "::1"), ("169.254.169.254",)])
def test_a_name_that_leads_inside_by_any_of_its_addresses_is_refused(addresses: tuple[str, ...]) -> None:
    with patch.object(socket, "getaddrinfo", answering(*addresses)), pytest.raises(Refused):
        resolve(place("https://rebind.example.org/"))


def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    """The name leads elsewhere the second time it is asked for (DNS rebinding): it is not asked."""
    asked, went = [], []

    def rebinding(host: str, port: int, **_: object) -> list[object]:
        asked.append(host)
        return answering("8.8.8.8" if len(asked) == 1 else "127.0.0.1")(host, port)

    def connect(address: tuple[str, int], *_: object) -> socket.socket:
        went.append(address)
        raise ConnectionRefusedError("no")

    with patch.object(socket, "getaddrinfo", rebinding), patch.object(socket, "create_connection", connect):
        line = Line("https://rebind.example.org/")
        for _ in range(2):
            with pytest.raises(OSError, match="no"):
                line.post(b"{}", {})
    assert (asked, went) == (["rebind.example.org"], [("8.8.8.8", 443)] * 2)


# what is listened to on the other side

Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def endpoint(answer: Answer, certificate: Path | None = None) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            answer(self)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def says(status: int, body: bytes = b"", **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def test_a_line_is_kept_for_several_posts() -> None:
    with endpoint(says(200, b"ok")) as url:
        line = Line(url, private=True)
        assert [line.post(b"{}", {}) for _ in range(3)] == [(200, b"ok")] * 3
        line.close()


def test_a_redirect_is_not_followed() -> None:
    with endpoint(says(302, Location="http://127.0.0.1:1/inside")) as url:
        assert Line(url, private=True).post(b"{}", {})[0] == 302


def test_a_long_answer_is_not_read_to_its_end() -> None:
    with endpoint(says(200, b"x" * 1_000_000)) as url:
        line = Line(url, private=True)
        assert [len(line.post(b"{}", {})[1]) for _ in range(2)] == [outside.MOST_READ] * 2


@pytest.mark.parametrize("where", ["head", "body", "last body"])
def test_an_answer_that_drips_is_given_up(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "TIMEOUT_S", 0.5)
    stopped = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        try:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n" +
                                {"head": b"", "body": b"Content-Length: 1000\r\n\r\n", "last body": b"Connection: close\r\n\r\n"}[where])
            while not stopped.wait(0.1):
                handler.wfile.write(b"x")
        except OSError:
            pass

    with endpoint(drip) as url:
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            Line(url, private=True).post(b"{}", {})
        assert time.monotonic() - began < 1.5
        stopped.set()


def test_a_tls_greeting_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "TIMEOUT_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        def drip() -> None:
            sock, _ = listening.accept()
            with sock, suppress(OSError):
                for byte in b"\x16\x03\x03\x40\x00" + b"\x02" * 100:
                    sock.sendall(bytes([byte]))
                    time.sleep(0.1)

        threading.Thread(target=drip, daemon=True).start()
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            Line(f"https://127.0.0.1:{listening.getsockname()[1]}/", private=True).post(b"{}", {})
        assert time.monotonic() - began < 2


def test_what_does_not_speak_http_is_a_passing_fault() -> None:
    def babble(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"220 mail ready\r\n")
        handler.close_connection = True

    with endpoint(babble) as url, pytest.raises(OSError, match="no HTTP answer"):
        Line(url, private=True).post(b"{}", {})


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of hook.example.org, and trusted."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hook.example.org")])
    now = dt.datetime.now(dt.UTC)
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
            .not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("hook.example.org")]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256()))
    pem = made.public_bytes(serialization.Encoding.PEM)
    (tmp_path / "trusted.pem").write_bytes(pem)
    (tmp_path / "own.pem").write_bytes(pem + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "trusted.pem"))
    return tmp_path / "own.pem"


@pytest.mark.parametrize("host", ["hook.example.org", "other.example.org"])
def test_https_goes_to_the_checked_address_and_to_nobody_whose_certificate_has_another_name(host: str, certificate: Path) -> None:
    with endpoint(says(200, b"ok"), certificate) as url:
        with patch.object(socket, "getaddrinfo", answering("127.0.0.1")):
            line = Line(f"https://{host}:{url.rsplit(':', 1)[1]}", private=True)
        if host == "hook.example.org":
            assert line.post(b"{}", {}) == (200, b"ok")
        else:
            with pytest.raises(ssl.SSLCertVerificationError):
                line.post(b"{}", {})
        line.close()
