"""What the HTTP edge answers to good, hostile and slow clients, over real sockets to a process of its own."""
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.servers import free_port

ROOT = Path(__file__).parents[2]


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def is_problem(self, status: int, slug: str) -> bool:
        return (self.status == status and self.headers["content-type"] == "application/problem+json"
                and self.json["type"] == f"/docs/problems#{slug}" and self.json["status"] == status
                and len(self.headers["x-correlation-id"]) > 8)


def read_reply(reader: Any, bare: bool = False) -> Reply:
    line = reader.readline()
    if not line:
        raise EOFError
    headers = {}
    while (field := reader.readline().strip()):
        name, _, value = field.decode().partition(": ")
        headers[name.lower()] = value
    body = b""
    if bare:
        pass
    elif headers.get("transfer-encoding") == "chunked":
        while size := int(reader.readline(), 16):
            body += reader.read(size)
            reader.readline()
        reader.readline()
    else:
        body = reader.read(int(headers.get("content-length", 0)))
    return Reply(int(line.split()[1]), headers, body)


class Server(NamedTuple):
    port: int
    process: subprocess.Popen[bytes]

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=8)

    def raw(self, data: bytes, bare: bool = False) -> Reply:
        """The first answer to `data` on a connection of its own."""
        with self.connect() as sock, sock.makefile("rb") as reader:
            sock.sendall(data)
            return read_reply(reader, bare)

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Reply:
        fields = {"Host": "x", **{k.replace("_", "-"): v for k, v in headers.items()}}
        if body:
            fields["Content-Length"] = str(len(body))
        head = "".join(f"{k}: {v}\r\n" for k, v in fields.items())
        return self.raw(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body, method == "HEAD")


def start() -> Server:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-W", "ignore", "-m", "tests.unit.edge_service", str(port)], cwd=ROOT,
                               stderr=subprocess.PIPE)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return Server(port, process)
        except OSError:
            time.sleep(0.05)
    process.kill()
    raise AssertionError(process.communicate()[1].decode())


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = start()
    yield server
    server.process.kill()
    server.process.communicate()


def test_a_dict_is_the_answer_and_json_bodies_come_back(server: Server) -> None:
    plain = server.ask("GET", "/gold/plain")
    assert (plain.status, plain.headers["content-type"]) == (200, "application/json")
    echo = server.ask("POST", "/gold/echo", b'{"a": [1, "\xc3\xa9"]}', Content_Type="application/json; charset=utf-8")
    assert (echo.status, echo.json) == (201, {"a": [1, "é"]})


def test_two_services_answer_at_one_port(server: Server) -> None:
    assert server.ask("GET", "/training/plain").json == {"service": "training"}
    assert server.ask("GET", "/gold/plain").status == 200


def test_many_requests_on_one_connection_also_in_one_packet(server: Server) -> None:
    with server.connect() as sock, sock.makefile("rb") as reader:
        for _ in range(3):
            sock.sendall(b"GET /gold/plain HTTP/1.1\r\nHost: x\r\n\r\n" * 2)
            assert [read_reply(reader).status for _ in range(2)] == [200, 200]
        sock.sendall(b"GET /gold/plain HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert read_reply(reader).headers["connection"] == "close"
        assert reader.read() == b""


def test_http_1_0_and_head_and_a_stream(server: Server) -> None:
    assert server.raw(b"GET /gold/plain HTTP/1.0\r\n\r\n").headers["connection"] == "close"
    head = server.ask("HEAD", "/gold/plain", Connection="close")
    assert head.status == 200 and int(head.headers["content-length"]) > 10
    assert server.ask("GET", "/gold/stream").body == b"line 0\nline 1\nline 2\n"


@pytest.mark.parametrize(("how", "status", "slug"), [
    ("conflict", 409, "conflict"), ("locked", 503, "unavailable"), ("full", 507, "storage-full"),
    ("disk", 507, "storage-full"), ("key", 500, "internal"), ("header", 500, "internal")])
def test_every_failure_is_a_problem_and_tells_no_secret(server: Server, how: str, status: int, slug: str) -> None:
    reply = server.ask("GET", f"/gold/fail/{how}")
    assert reply.is_problem(status, slug) if how != "header" else reply.status == 500
    assert b"secret" not in reply.body and b"Traceback" not in reply.body and "set-cookie" not in reply.headers
    assert (reply.headers.get("retry-after") == "1") == (status == 503)


def test_unknown_address_and_wrong_method(server: Server) -> None:
    assert server.ask("GET", "/gold/nothing").is_problem(404, "not-found")
    wrong = server.ask("DELETE", "/gold/plain")
    assert wrong.is_problem(405, "method-not-allowed") and wrong.headers["allow"] == "GET, HEAD"
    assert server.ask("GET", "/gold/things/seven", Authorization="Bearer good").is_problem(404, "not-found")


def test_who_may_call(server: Server) -> None:
    assert server.ask("GET", "/gold/things/7").is_problem(401, "unauthenticated")
    assert server.ask("GET", "/gold/things/7").headers["www-authenticate"] == "Bearer"
    thing = server.ask("GET", "/gold/things/7", Authorization="Bearer good")
    assert (thing.json, thing.headers["etag"]) == ({"number": 7}, '"7"')
    assert server.ask("GET", "/gold/admin", Authorization="Bearer good").is_problem(403, "forbidden")


@pytest.mark.parametrize(("body", "kind", "status"), [
    (b"{}", "text/plain", 415), (b"", "application/json", 400), (b"[1]", "application/json", 400),
    (b'{"a":1,"a":2}', "application/json", 400), (b'{"a":NaN}', "application/json", 400),
    (b'{"a":"\xff"}', "application/json", 400), (b"[" * 200_000, "application/json", 400)])
def test_bodies_that_are_no_json_object(server: Server, body: bytes, kind: str, status: int) -> None:
    assert server.ask("POST", "/gold/echo", body, Content_Type=kind).status == status


def test_a_correlation_comes_back_if_it_is_sane(server: Server) -> None:
    given = server.ask("GET", "/gold/plain", X_Correlation_Id="case-7.a_B")
    assert given.headers["x-correlation-id"] == given.json["correlation"] == "case-7.a_B"
    for wild in ("a b", "x" * 65, "<script>"):
        made = server.ask("GET", "/gold/plain", X_Correlation_Id=wild)
        assert made.headers["x-correlation-id"] == made.json["correlation"] != wild
    assert server.ask("GET", "/nowhere", X_Correlation_Id="c1").headers["x-correlation-id"] == "c1"


def chunks(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in parts)


CHUNKED = b"POST /gold/size HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_a_body_may_have_a_mebibyte_and_no_byte_more(server: Server) -> None:
    mebibyte = b"x" * 1024 * 1024
    assert server.ask("POST", "/gold/size", mebibyte).json == {"size": 1024 * 1024}
    assert server.raw(CHUNKED + chunks(*[mebibyte[:65536]] * 16) + b"0\r\n\r\n").json == {"size": 1024 * 1024}
    assert server.ask("POST", "/gold/size", mebibyte + b"x").is_problem(413, "too-large")
    assert server.raw(CHUNKED + chunks(mebibyte, b"x")).is_problem(413, "too-large")
    assert server.raw(CHUNKED + chunks(*[b"x"] * 4100) + b"0\r\n\r\n").status == 400


def test_60_megabytes_are_refused_before_they_come(server: Server) -> None:
    head = b"POST /gold/size HTTP/1.1\r\nHost: x\r\nContent-Length: 60000000\r\n\r\n"
    assert server.raw(head).is_problem(413, "too-large")
    assert server.raw(head.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n")).is_problem(413, "too-large")
    assert server.raw(head + b"x" * 8_000_000).is_problem(413, "too-large")


def test_100_continue_is_said_for_a_body_that_is_welcome(server: Server) -> None:
    with server.connect() as sock, sock.makefile("rb") as reader:
        sock.sendall(b"POST /gold/size HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert (reader.readline(), reader.readline()) == (b"HTTP/1.1 100 Continue\r\n", b"\r\n")
        sock.sendall(b"ab")
        assert read_reply(reader).json == {"size": 2}


@pytest.mark.parametrize("head", [
    b"POST /gold/size HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /gold/size HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
    b"POST /gold/size HTTP/1.1\r\nHost: x\r\nContent-Length: -3\r\n\r\nabc",
    b"POST /gold/size HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc",
    b"POST /gold/size HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3\r\n\r\nabc",
    b"POST /gold/size HTTP/1.1\r\nHost: x\r\nContent-Length: \r\n\r\n",
    b"POST /gold/size HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    b"POST /gold/size HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    CHUNKED + b"-1\r\n\r\n",
    CHUNKED + b"2\r\nabc\r\n0\r\n\r\n",
    b"GET /gold/plain HTTP/1.1\r\n\r\n",
    b"GET /gold/plain HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    b"GET /gold/plain HTTP/1.1\r\nHost: x\r\nX : y\r\n\r\n",
    b"GET /gold/plain HTTP/1.1\r\nHost: x\r\nX: y\r\n folded\r\n\r\n",
    b"GET /gold/plain HTTP/1.1\r\nHost: x\nX: y\r\n\r\n",
    b"GET /gold/plain HTTP/1.1\r\nHost: x\r\nX: \x00\r\n\r\n",
    b"GET /gold/fail/%00 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /gold/fail/%ff HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET gold HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /gold/plain HTTP/2.0\r\nHost: x\r\n\r\n",
    b"\x16\x03\x01 hello\r\n\r\n"])
def test_what_two_readers_could_read_differently_is_refused_and_the_connection_ends(server: Server, head: bytes) -> None:
    reply = server.raw(head)
    assert reply.is_problem(400, "bad-request") and reply.headers["connection"] == "close"


def test_header_bombs(server: Server) -> None:
    many = b"".join(b"X-%d: y\r\n" % n for n in range(200))
    for bomb in (many, b"X: " + b"y" * 20_000 + b"\r\n", b"X: " + b"y" * 5_000_000):
        assert server.raw(b"GET /gold/plain HTTP/1.1\r\nHost: x\r\n" + bomb + b"\r\n").is_problem(431, "head-too-large")


def test_clients_that_stop_in_the_middle_are_let_go_while_others_are_served(server: Server) -> None:
    """The server of this test gives 1 s for a part of a request and 2 s between two requests."""
    silent, half, body = server.connect(), server.connect(), server.connect()
    half.sendall(b"GET /gold/plain HTTP/1.1\r\nHo")
    body.sendall(b"POST /gold/size HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc")
    drip = server.connect()
    start = time.monotonic()
    while time.monotonic() - start < 1.6:
        try:
            drip.sendall(b"x")
        except OSError:
            break
        assert server.ask("GET", "/gold/plain").status == 200
        time.sleep(0.1)
    assert silent.recv(100) == b""
    for sock in (half, body, drip):
        assert sock.recv(100).startswith(b"HTTP/1.1 408 ")
        sock.close()
    silent.close()
    assert time.monotonic() - start < 5


def test_beyond_the_cap_of_connections_whoever_waits_longest_makes_room(server: Server) -> None:
    held = [server.connect() for _ in range(40)]
    for sock in held[20:40]:
        sock.sendall(b"GET /gold/plain HTTP/1.1\r\nHo")
    time.sleep(0.4)
    for _ in range(3):
        assert server.ask("GET", "/gold/plain").status == 200
    assert held[0].recv(100) == b""
    for sock in held:
        sock.close()


def test_beyond_the_cap_of_requests_in_work_the_answer_is_503() -> None:
    server = start()
    with ThreadPoolExecutor(60) as pool:
        statuses = [reply.result().status for reply in [pool.submit(server.ask, "GET", "/gold/slow") for _ in range(60)]]
    assert set(statuses) == {200, 503}
    server.process.terminate()
    server.process.communicate()


def test_sigterm_lets_requests_in_flight_finish_and_ends_soon() -> None:
    server = start()
    idle = server.connect()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(server.ask, "GET", "/gold/slow")
        time.sleep(0.3)
        begun = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert slow.result().json == {"done": True}
    assert server.process.wait(5) == 0
    assert time.monotonic() - begun < 5
    assert idle.recv(10) == b""
    idle.close()
    assert b"Traceback" not in server.process.communicate()[1]
