"""The decorator that puts a service method at an address: who may call, what comes back, what an error becomes."""
import inspect
from collections.abc import Callable
from typing import Any

import eventlet
from nameko.extensions import Entrypoint
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Response

from shared.access import COMMAND, OPEN, table
from shared.errors import BadRequest, Unauthenticated, Unavailable, Unsupported
from shared.event import read_json
from shared.route import About, Route

from . import conditional, worker
from .http_messages import Request
from .problems import Answer, encode, problem
from .web_server import OnePortServer

NOTHING_SAID = About(fr="", en="")
SLOT_S = 10.0                          # how long a request waits for one of the service's workers


def _nobody(authorization: str | None) -> Any:
    raise Unauthenticated()


authenticate: Callable[[str | None], Any] = _nobody
"""Set at start-up: Authorization header → caller, who has `must(scope)`."""


def _open(method: str, url: str) -> str:
    return OPEN


scope_of: Callable[[str, str], str] = _open
"""Set at start-up: what an address asks for, by the table of who may do what."""


def _unlimited(client: str) -> None:
    pass


count: Callable[[str], None] = _unlimited
"""Set at start-up: counts a request of a client, and raises TooManyRequests."""


def json_body(request: Request, nulls: bool = False) -> dict[str, Any]:
    """The body as a JSON object; with `nulls` the caller looks for them. Raises Unsupported for another content type, BadRequest for no object."""
    if request.mimetype != "application/json":
        raise Unsupported("send application/json")
    body = read_json(request.get_data(), nulls=nulls)
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object")
    return body


def _answer(request: Request, result: Any) -> Answer:
    match result:
        case dict():
            return Answer(200, [("Content-Type", "application/json")], encode(result))
        case (int(status), dict(body)):
            return Answer(status, [("Content-Type", "application/json")], encode(body))
        case (int(status), dict(body), dict(headers)):
            return Answer(status, [("Content-Type", "application/json"), *headers.items()], encode(body))
        case Response():
            fields = list(result.get_wsgi_headers(request.environ))
            if not result.is_sequence:
                return Answer(result.status_code, fields, result.get_app_iter(request.environ))
            whole = result.get_data()
            result.close()
            return Answer(result.status_code, fields, whole)
    raise TypeError(f"a handler returned {type(result).__name__}")

served: dict[tuple[str, str], Route] = {}
"""What this process answers, by method and path."""


class Http(Entrypoint):
    """`def method(self, request, **path)` returns a dict, (status, dict), (status, dict, headers) or a werkzeug Response.

    Unless the address is open, the caller must be known and hold its scope; the method finds the caller at `request.caller`.
    With `about`, the query is read by it, and the method finds its values at `request.asked`.
    """

    server = OnePortServer()

    def __init__(self, method: str, url: str, scope: str | None = None, about: About | None = None, **kw: Any) -> None:
        self.method, self.url, self.scope, self.about = method, url, scope, about
        super().__init__(**kw)

    def get_url_rule(self) -> Rule:
        return Rule(self.url, methods=self.method.split(","))

    def setup(self) -> None:
        """Raises TypeError when the method does not take what the address holds: at start, not at the first call."""
        rule = self.get_url_rule()
        Map([rule])
        self.scope = self.scope or scope_of(self.method, self.url)
        method = getattr(self.container.service_cls, self.method_name)
        inspect.signature(method).bind(None, None, **dict.fromkeys(rule.arguments))
        served[self.method, self.url] = Route(self.method, self.url, self.scope, self.about or NOTHING_SAID)
        self.server.register_provider(self)

    def stop(self) -> None:
        self.server.close()
        self.server.unregister_provider(self)

    def answer(self, request: Request, path: dict[str, Any]) -> Answer:
        """Runs the method in the connection's own green thread; never raises."""
        try:
            self._admit(request)
            if not self.server.slots.acquire(timeout=SLOT_S):
                raise Unavailable("all workers are busy")
            try:
                result = worker.call(self.container, self, (request,), path)
            finally:
                self.server.slots.release()
            answer = _answer(request, result)
            if request.tag:
                answer.headers.extend(conditional.headers(request.tag))
            return answer
        except conditional.Unchanged:
            return Answer(304, conditional.headers(request.tag), b"")
        except (Exception, eventlet.Timeout) as e:
            return problem(e, request.correlation, f"{self.method} {self.url}")

    def _admit(self, request: Request) -> None:
        """Who it is, whether they may, how often, and what they ask. Raises Unauthenticated, Forbidden, TooManyRequests, BadRequest."""
        if self.scope != OPEN:
            request.caller = authenticate(request.environ.get("HTTP_AUTHORIZATION"))
        if self.about is None or self.about.limited:
            count(request.caller.client if request.caller else request.environ["REMOTE_ADDR"])
        if self.scope not in (OPEN, COMMAND):
            request.caller.must(self.scope)
        if self.about is not None:
            request.asked = self.about.read(request.args)


http = Http.decorator


def routes(service: type) -> list[Route]:
    """The addresses of a nameko class, by path."""
    found = [e for name in dir(service) for e in getattr(getattr(service, name), "nameko_entrypoints", ()) if isinstance(e, Http)]
    named = [Route(e.method, e.url, e.scope or table().scope(e.method, e.url), e.about or NOTHING_SAID) for e in found]
    return sorted(named, key=lambda route: (route.url, route.method))
