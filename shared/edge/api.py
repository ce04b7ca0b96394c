"""What every service answers over HTTP: commands, its feed, what it received, and its health."""
import re
from typing import Any
from urllib.parse import quote, urlencode

from werkzeug.wrappers import Response

from shared import documents, feed
from shared.application import ANY
from shared.errors import BadRequest, NotFound, Unavailable
from shared.service import Service

from . import about
from .about import CLOUDEVENTS
from .batch_entrypoint import batch
from .conditional import fresh
from .http_entrypoint import http, json_body, routes, served

MOST_BYTES = 4 * 1024 * 1024
_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]*"|[0-9]{1,15}')
_VERSION = re.compile(r'"?([0-9]{1,15})"?')
_open: dict[str, Service] = {}


def serve(service: Service) -> None:
    """Makes `service` the one that this process answers for under its name."""
    _open[service.name] = service


def serving(name: str) -> Service:
    return _open[name]


def wait(service: Service, request: Any, *views: str) -> None:
    """Honours min_position: the caller reads what it wrote, in `views` or in all. Raises Unavailable."""
    if request.asked["min_position"]:
        service.wait_for([service.view(view) for view in views] or service.views, *request.asked["min_position"])


def accept(service: Service, request: Any, command: str) -> tuple[int, dict[str, Any], dict[str, str]]:
    key = request.headers.get("Idempotency-Key", "")
    if not (0 < len(key) <= 200) or not key.isprintable():
        raise BadRequest("an Idempotency-Key of 1 to 200 characters is required", field="Idempotency-Key")
    answer = service.handle(command, json_body(request), request.caller, key, request.correlation, expected=expected(request))
    body = {"events": list(answer.events), "position": str(answer.position), "repeated": answer.repeated}
    versions = [line["version"] for line in answer.events if line["stream"] == answer.stream]
    return (201 if answer.events and not answer.repeated else 200), body, {"ETag": f'"{versions[-1]}"'} if versions else {}


def expected(request: Any) -> frozenset[int] | None:
    """The versions named by If-Match (RFC 9110, 13.1.1); 0 stands for none, ANY for *. A tag that is weak or no version matches nothing.

    Raises BadRequest.
    """
    if "If-Match" not in request.headers:
        return None
    text = request.headers["If-Match"].strip()
    if text == "*":
        return frozenset([ANY])
    tags = [tag.strip() for tag in text.split(",")]
    if not all(map(_TAG.fullmatch, tags)):
        raise BadRequest("If-Match is a list of versions, or *", field="If-Match", rule='"7"')
    return frozenset(int(version[1]) for tag in tags if (version := _VERSION.fullmatch(tag)))


def page(service: Service, request: Any, source: str) -> Response:
    """Events of a feed in CloudEvents batch format: our own, or the copy of another's that we hold."""
    after, limit = request.asked["after"], request.asked["limit"]
    chain = service.chain if source == service.name else feed.Chain(service.log, service.tables, source)
    items = chain.read(after, limit)
    whole = len(items) == limit
    size = 0
    for count, item in enumerate(items):
        size += len(item.state) + 320
        if size > MOST_BYTES:
            items, whole = items[:max(count, 1)], True
            break
    fresh(request, items[-1].digest if items else b"", len(items), weak=False)
    answer = Response(feed.encode(source, items), mimetype=CLOUDEVENTS)
    if whole:
        answer.headers["Link"] = next_page(request, items[-1].position)
    return answer


def next_page(request: Any, after: int | str, name: str = "after") -> str:
    """The Link to the page that follows (RFC 8288)."""
    query = {**request.args.to_dict(), name: str(after)}
    return f'<{quote(request.path)}?{urlencode(query)}>; rel="next"'


def health(service: Service) -> dict[str, Any]:
    """Ready when the log answers; the broker may be away, for commands are taken without it, and this process may not know."""
    heard = service.tables.query("SELECT source, at, head, stopped FROM heard")
    stopped = {source: why for source, _, _, why in heard if why}
    stopped |= {p.view.name: run.why for p in service.projections if (run := p.current()).stopped_at}
    return {"service": service.name, "kind": service.log.opened.kind, "log_id": service.log.opened.log_id, "head": str(service.log.head()),
            "read_only": service.log.read_only or None, "received": {source: str(head) for source, _, head, _ in heard}, "stopped": stopped}


def document(request: Any, body: bytes) -> Response:
    fresh(request, body, weak=False)
    return Response(body, mimetype="application/json")


def service_api(name: str) -> type:
    """The base class of a service's nameko class."""
    base = f"/{name}"

    class Api:
        @http("POST", f"{base}/v1/commands/<command>", about=about.COMMAND)
        def command(self, request: Any, command: str) -> tuple[int, dict[str, Any], dict[str, str]]:
            return accept(serving(name), request, command)

        @http("GET", f"{base}/v1/feed", about=about.FEED)
        def feed(self, request: Any) -> Response:
            return page(serving(name), request, name)

        @http("GET", f"{base}/v1/received/<source>", about=about.RECEIVED)
        def received(self, request: Any, source: str) -> Response:
            if source not in serving(name).others:
                raise NotFound(f"no service '{source}'", field="source")
            return page(serving(name), request, source)

        @http("GET", f"{base}/health/live", about=about.LIVE)
        def live(self, request: Any) -> dict[str, Any]:
            return {"service": name}

        @http("GET", f"{base}/health/ready", about=about.READY)
        def ready(self, request: Any) -> dict[str, Any]:
            answer = health(serving(name))
            if answer["stopped"] or answer["read_only"]:
                raise Unavailable("something stands still", **answer)
            return answer

        @http("GET", f"{base}/openapi.json", about=about.OPENAPI)
        def openapi(self, request: Any) -> Response:
            beside = [route for route in served.values() if route.url.startswith(f"{base}/")]
            mine = {(route.method, route.url): route for route in (*routes(type(self)), *beside)}
            return document(request, documents.openapi(serving(name).definition, list(mine.values())))

        @http("GET", f"{base}/asyncapi.json", about=about.ASYNCAPI)
        def asyncapi(self, request: Any) -> Response:
            return document(request, documents.asyncapi(serving(name).definition))

    return Api


def service_inbox(name: str, others: list[str]) -> type:
    """A nameko class with one queue per source."""

    def taker(source: str) -> Any:
        def take(self: Any, source: str, messages: list[tuple[dict[str, Any], bytes]]) -> list[int]:
            return serving(name).inbox.take(source, messages)
        take.__name__ = f"take_{source}"
        return batch(name, source)(take)

    return type("Inbox", (), {"name": f"{name}_inbox", **{f"take_{s}": taker(s) for s in others}})


