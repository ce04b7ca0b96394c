"""What every service answers over HTTP: commands, its feed, what it received, and its health."""
from typing import Any

from werkzeug.wrappers import Response

from shared import feed
from shared.errors import BadRequest, NotFound, Unavailable
from shared.service import Service

from .batch_entrypoint import batch
from .http_entrypoint import http, json_body

MOST = 500
MOST_BYTES = 4 * 1024 * 1024
_open: dict[str, Service] = {}


def serve(service: Service) -> None:
    """Makes `service` the one that this process answers for under its name."""
    _open[service.name] = service


def serving(name: str) -> Service:
    return _open[name]


def whole(request: Any, name: str, default: int, most: int) -> int:
    """A query parameter 0…most. Raises BadRequest."""
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise BadRequest(f"{name} must be a whole number", field=name)
    return min(int(text), most)


def accept(service: Service, request: Any, command: str) -> tuple[int, dict[str, Any]]:
    key = request.headers.get("Idempotency-Key", "")
    if not (0 < len(key) <= 200) or not key.isprintable():
        raise BadRequest("an Idempotency-Key of 1 to 200 characters is required", field="Idempotency-Key")
    answer = service.handle(command, json_body(request), request.caller, key, request.correlation)
    body = {"events": list(answer.events), "position": str(answer.position), "repeated": answer.repeated}
    return (201 if answer.events and not answer.repeated else 200), body


def page(service: Service, request: Any, source: str) -> Response:
    """Events of a feed in CloudEvents batch format: our own, or the copy of another's that we hold."""
    after, limit = whole(request, "after", 0, 2**62), whole(request, "limit", MOST, MOST)
    chain = service.chain if source == service.name else feed.Chain(service.log, service.tables, source)
    items = chain.read(after, limit)
    size = 0
    for count, item in enumerate(items):
        size += len(item.state) + 320
        if size > MOST_BYTES:
            items = items[:max(count, 1)]
            break
    return Response(feed.encode(source, items), mimetype="application/cloudevents-batch+json")


def health(service: Service) -> dict[str, Any]:
    """Ready when the log answers; the broker may be away, and is only named."""
    heard = service.tables.query("SELECT source, at, head, stopped FROM heard")
    stopped = {source: why for source, _, _, why in heard if why}
    stopped |= {p.view.name: run.why for p in service.projections if (run := p.current()).stopped_at}
    return {"service": service.name, "kind": service.log.opened.kind, "log_id": service.log.opened.log_id, "head": str(service.log.head()),
            "read_only": service.log.read_only or None, "received": {source: str(head) for source, _, head, _ in heard}, "stopped": stopped}


def service_api(name: str) -> type:
    """The base class of a service's nameko class."""
    base = f"/{name}"

    class Api:
        @http("POST", f"{base}/v1/commands/<command>")
        def command(self, request: Any, command: str) -> tuple[int, dict[str, Any]]:
            return accept(serving(name), request, command)

        @http("GET", f"{base}/v1/feed")
        def feed(self, request: Any) -> Response:
            return page(serving(name), request, name)

        @http("GET", f"{base}/v1/received/<source>")
        def received(self, request: Any, source: str) -> Response:
            if source not in serving(name).others:
                raise NotFound(f"no service '{source}'", field="source")
            return page(serving(name), request, source)

        @http("GET", f"{base}/health/live")
        def live(self, request: Any) -> dict[str, Any]:
            return {"service": name}

        @http("GET", f"{base}/health/ready")
        def ready(self, request: Any) -> dict[str, Any]:
            answer = health(serving(name))
            if answer["stopped"] or answer["read_only"]:
                raise Unavailable("something stands still", **answer)
            return answer

    return Api


def service_inbox(name: str, others: list[str]) -> type:
    """A nameko class with one queue per source."""

    def taker(source: str) -> Any:
        def take(self: Any, source: str, messages: list[tuple[dict[str, Any], bytes]]) -> list[int]:
            return serving(name).inbox.take(source, messages)
        take.__name__ = f"take_{source}"
        return batch(name, source)(take)

    return type("Inbox", (), {"name": f"{name}_inbox", **{f"take_{s}": taker(s) for s in others}})


