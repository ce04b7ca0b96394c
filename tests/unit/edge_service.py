"""Two small services on one port under eventlet, for the tests of the HTTP edge: `edge_service.py PORT`."""
import eventlet

eventlet.monkey_patch()

import signal  # noqa: E402
import sqlite3  # noqa: E402
import sys  # noqa: E402
from typing import Any  # noqa: E402

from eventsourcing.persistence import OperationalError  # noqa: E402
from nameko.runners import ServiceRunner  # noqa: E402
from werkzeug.wrappers import Response  # noqa: E402

from shared.edge import http_entrypoint  # noqa: E402
from shared.edge.http_entrypoint import http, json_body  # noqa: E402
from shared.edge.http_messages import Limits  # noqa: E402
from shared.errors import Conflict, Forbidden, Unauthenticated  # noqa: E402

SECRET = "/very/secret/path"


class Caller:
    client = "somebody"

    def must(self, scope: str) -> None:
        if scope != "things:read":
            raise Forbidden(f"the token lacks the scope {scope}")


def authenticate(authorization: str | None) -> Caller:
    if authorization != "Bearer good":
        raise Unauthenticated()
    return Caller()


def full() -> None:
    """As eventsourcing reports a full disk: its own error, and SQLite's as the cause."""
    try:
        raise sqlite3.OperationalError("database or disk is full")
    except sqlite3.OperationalError as e:
        raise OperationalError(e) from e


class Gold:
    name = "gold"

    @http("GET", "/gold/plain")
    def plain(self, request: Any) -> dict[str, Any]:
        return {"correlation": request.correlation}

    @http("POST", "/gold/echo")
    def echo(self, request: Any) -> tuple[int, dict[str, Any]]:
        return 201, json_body(request)

    @http("POST", "/gold/size")
    def size(self, request: Any) -> dict[str, int]:
        return {"size": len(request.get_data())}

    @http("GET", "/gold/things/<int:number>", scope="things:read")
    def thing(self, request: Any, number: int) -> tuple[int, dict[str, Any], dict[str, str]]:
        return 200, {"number": number}, {"ETag": '"7"'}

    @http("GET", "/gold/admin", scope="admin")
    def admin(self, request: Any) -> dict[str, Any]:
        return {}

    @http("GET", "/gold/fail/<how>")
    def fail(self, request: Any, how: str) -> dict[str, Any]:
        match how:
            case "conflict":
                raise Conflict("card 7 is taken", field="card")
            case "locked":
                raise sqlite3.OperationalError(f"database is locked: {SECRET}")
            case "full":
                full()
            case "disk":
                raise OSError(28, f"No space left on device: {SECRET}")
            case "header":
                return 200, {}, {"X-Split": "a\r\nSet-Cookie: b"}  # type: ignore[return-value]
        raise KeyError(f"something inside: {SECRET}")

    @http("GET", "/gold/stream")
    def stream(self, request: Any) -> Response:
        return Response((f"line {n}\n" for n in range(3)), mimetype="text/plain")

    @http("GET", "/gold/slow")
    def slow(self, request: Any) -> dict[str, Any]:
        eventlet.sleep(1.0)
        return {"done": True}


class Training:
    name = "training"

    @http("GET", "/training/plain")
    def plain(self, request: Any) -> dict[str, Any]:
        return {"service": "training"}


def main(port: int) -> None:
    http_entrypoint.authenticate = authenticate
    stop: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: stop.append(number))
    config = {"WEB_SERVER_ADDRESS": f"127.0.0.1:{port}", "HTTP_SERVICES": 2, "max_workers": 64,
              "HTTP_LIMITS": Limits(slow_s=1.0, idle_s=2.0, connections=40, grace_s=0.2, finish_s=3.0)}
    for _ in range(2):                 # started, stopped and started again in one process
        runner = ServiceRunner(config)
        runner.add_service(Gold)
        runner.add_service(Training)
        runner.start()
        if _ == 0:
            runner.stop()
    while not stop:                    # a signal does not wake an idle hub: look
        eventlet.sleep(0.05)
    runner.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]))
