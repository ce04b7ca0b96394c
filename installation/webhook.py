"""A stranger's end of a webhook: checks what arrives, prints it, answers the challenge."""
import json
import sys
from collections import OrderedDict
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from services.reporting.webhook_message import CHALLENGE
from shared.errors import BadRequest

from .plainly import listening_on

MOST_BYTES, REMEMBERED = 1024 * 1024, 10_000


class Listener:
    """`seen` is called once per id; what comes again is acknowledged and has no effect."""

    def __init__(self, secret: str, seen: Callable[[dict[str, Any]], None]) -> None:
        try:
            self._webhook = Webhook(secret)
        except Exception as e:
            raise BadRequest("the secret is whsec_ and base64: GET /reporting/v1/webhooks/{webhook}/secret", field="secret") from e
        self._seen, self._ids = seen, OrderedDict[str, None]()

    def take(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        """Status and answer; 401 for what is unsigned, changed, or older than five minutes."""
        try:
            message: dict[str, Any] = self._webhook.verify(body, headers)
        except (WebhookVerificationError, ValueError) as e:
            print(f"refused: {e}", file=sys.stderr, flush=True)
            return 401, {"detail": "the signature does not fit"}
        if message.get("type") == CHALLENGE:
            print(f"challenge answered for {message['data']['webhook']}", file=sys.stderr, flush=True)
            return 200, {"challenge": message["data"]["challenge"]}
        if message["id"] not in self._ids:
            self._seen(message)
            self._ids[message["id"]] = None
            while len(self._ids) > REMEMBERED:
                self._ids.popitem(last=False)
        return 200, {}


def server(listener: Listener, port: int) -> ThreadingHTTPServer:
    """Bound to loopback; `serve_forever` runs it."""
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not length.isdigit() or int(length) > MOST_BYTES:
                return self._answer(413, {"detail": "too large, or of unknown length"})
            self._answer(*listener.take(dict(self.headers.items()), self.rfile.read(int(length))))

        def _answer(self, status: int, body: dict[str, Any]) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            if status == 413:
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """What arrives is printed, requests are not."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


def listen(port: int, secret: str) -> None:
    """Prints one JSON line per event until it is interrupted. Raises OSError naming a port that is taken."""
    listener = Listener(secret, lambda message: print(json.dumps(message, ensure_ascii=False, sort_keys=True), flush=True))
    with listening_on("127.0.0.1", port):
        opened = server(listener, port)
    with opened as running:
        print(f"listening on http://127.0.0.1:{running.server_port}/", file=sys.stderr, flush=True)
        running.serve_forever()
