"""The page /operations: the condition of the installation, living, without any personal data.

A browser cannot send a bearer header on its own, so the token may come as a cookie too: HttpOnly, SameSite=Strict, for this
path alone and for reading alone. The one form sets that cookie and does nothing else.
"""
import time
from pathlib import Path
from typing import Any

import eventlet
import jinja2
import msgspec
from werkzeug.wrappers import Response

from shared import auth, state
from shared.config import SERVICES, Config
from shared.edge.api import serving
from shared.edge.http_entrypoint import Http, http
from shared.edge.problems import Answer
from shared.errors import SanuError, Unsupported
from shared.inbox import fetch
from shared.route import About

from .state import joined

COOKIE, PATH = "sanu_operations", "/operations"
STATE = {"type": "object"}
READ_EVERY_S = 1.0                     # however many look
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Content-Security-Policy":
           "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"}
_folder = Path(__file__).parent / "pages"
_templates = jinja2.Environment(loader=jinja2.FileSystemLoader(_folder), autoescape=True, trim_blocks=True, lstrip_blocks=True,
                                undefined=jinja2.StrictUndefined)


class Page(Http):
    """An address that a browser reads: it may bring its token as the cookie, and is shown the sign-in form in place of a 401 or 403."""

    def answer(self, request: Any, path: dict[str, Any]) -> Answer:
        if "HTTP_AUTHORIZATION" not in request.environ and COOKIE in request.cookies and request.method == "GET":
            request.environ["HTTP_AUTHORIZATION"] = f"Bearer {request.cookies[COOKIE]}"
        answer = super().answer(request, path)
        if answer.status in (401, 403) and _wants_page(request):
            return Answer(answer.status, [("Content-Type", "text/html; charset=utf-8"), *HEADERS.items()], sign_in(answer.status).encode())
        return answer


page = Page.decorator


class Operations:
    name = "operations"
    serves_http = True

    @page("GET", PATH, about=About(
        fr="L'état du système, comme page ou en JSON", en="The state of the system, as a page or JSON", answer=STATE, others={"text/html": "…"}))
    def operations(self, request: Any) -> Any:
        said = current(_config())
        if _wants_page(request):
            return Response(_templates.get_template("operations.html").render(state=said), mimetype="text/html", headers=HEADERS)
        return 200, said, HEADERS

    @http("GET", f"{PATH}.json", about=About(fr="L'état du système", en="The state of the system", answer=STATE))
    def operations_json(self, request: Any) -> Any:
        return 200, current(_config()), HEADERS

    @http("GET", f"{PATH}/live.js", about=About(
        fr="Ce qui tient la page à jour", en="What keeps the page up to date", kind="text/javascript", answer={"type": "string"}))
    def live(self, request: Any) -> Response:
        return Response((_folder / "live.js").read_bytes(), mimetype="text/javascript", headers={"X-Content-Type-Options": "nosniff"})

    @http("POST", f"{PATH}/sign-in", about=About(
        fr="Garder un jeton comme cookie, pour cette page seule", en="Keep a token as a cookie, for this page alone", status=303, errors=(Unsupported,),
        takes={"application/x-www-form-urlencoded": {"type": "object", "properties": {"token": {"type": "string"}}}}))
    def sign_in(self, request: Any) -> Response:
        if request.mimetype != "application/x-www-form-urlencoded":
            raise Unsupported("send the form of the page")
        answer = Response("", 303, headers={"Location": PATH, **HEADERS})
        token = request.form.get("token", "").strip()[:auth.LONGEST]
        answer.set_cookie(COOKIE, token, path=PATH, httponly=True, samesite="Strict", secure=request.headers.get("X-Forwarded-Proto") == "https")
        return answer

    @http("GET", f"{PATH}/sign-out", about=About(fr="Rendre le cookie", en="Give the cookie back", status=303))
    def sign_out(self, request: Any) -> Response:
        answer = Response("", 303, headers={"Location": PATH, **HEADERS})
        answer.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="Strict")
        return answer


def condition(name: str) -> type:
    """A nameko class that tells the condition of one service, for the page in another process."""
    class Condition:
        serves_http = True

        @http("GET", f"/{name}/health/state", about=About(
            fr="L'état d'un service, pour la page d'un autre processus", en="A service's condition, for another process's page", answer=STATE, limited=False))
        def state(self, request: Any) -> dict[str, Any]:
            return of(name)

    Condition.name = f"{name}_condition"  # type: ignore[attr-defined]
    return Condition


def beside(name: str) -> list[type]:
    """What is mounted in the process that answers for a service."""
    return [condition(name), *([Operations] if name == "reporting" else [])]


def of(name: str) -> dict[str, Any]:
    service = serving(name)
    return {**state.of(service), "answers": True, "read_only": service.log.read_only or None}


_last: tuple[float, dict[str, Any]] = (0.0, {})


def current(config: Config) -> dict[str, Any]:
    """Of this process's own services directly, of the others over HTTP as the service whose process this is."""
    global _last
    if time.monotonic() - _last[0] >= READ_EVERY_S:
        services = dict(zip(SERVICES, eventlet.GreenPool(len(SERVICES)).imap(lambda name: _one(config, name), SERVICES), strict=True))
        _last = time.monotonic(), joined(config, services)
    return _last[1]


def _one(config: Config, name: str) -> dict[str, Any]:
    try:
        return of(name)
    except KeyError:
        pass                                       # another process's
    except SanuError as e:
        return {"answers": True, "read_only": None, "unreadable": e.detail}
    try:
        said: dict[str, Any] = msgspec.json.decode(fetch(config, serving("reporting").signer, name, f"/{name}/health/state"))
        return said
    except SanuError as e:
        return {"answers": False, "read_only": None, "unreadable": e.detail}


def _wants_page(request: Any) -> bool:
    return bool(request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html")


def _config() -> Config:
    return serving("reporting").config


def sign_in(status: int) -> str:
    return _templates.get_template("sign_in.html").render(refused=status == 403)
