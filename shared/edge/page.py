"""Pages for people: a browser cannot send a bearer header of its own, so one cookie may bring the token, for the pages alone.

HttpOnly, SameSite=Strict, and never for what a program reads. Reading takes the cookie as it comes; a form that is sent takes it
only from a page of this very address, which the browser itself says.
"""
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import jinja2
import msgspec
from werkzeug.wrappers import Response

from shared import access, auth
from shared.errors import Forbidden, Unsupported
from shared.parameters import today
from shared.route import PAGE, About, Param
from shared.service import Service

from .conditional import fresh
from .http_entrypoint import Http
from .problems import Answer

F = TypeVar("F", bound=Callable[..., Any])
COOKIE = "sanu_session"
FORM = "application/x-www-form-urlencoded"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
# Not no-referrer: with that, a form says Origin: null, and its own page could not be told from a stranger's.
HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Content-Security-Policy": POLICY}
UNKEPT = {**HEADERS, "Cache-Control": "no-store"}
_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]{0,1000}")            # on this site, and nothing that a browser reads as another's address


def of_page(fr: str, en: str, *params: Param, **more: Any) -> About:
    return About(fr=fr, en=en, params=params, kind=PAGE, answer={"type": "string"}, conditional=True, **more)


def unchanged(request: Any, service: Service) -> Service:
    """The service, once the page is named by its day, its reader's rights and the state of the views; raises Unchanged if the reader holds it."""
    fresh(request, today(), sorted(request.caller.scopes), *service.stands_at())
    return service


def templates(folder: Path) -> jinja2.Environment:
    """Those of `folder`, which may extend base.html; every text is escaped."""
    return jinja2.Environment(loader=jinja2.FileSystemLoader([folder, Path(__file__).parent / "pages"]), autoescape=True, trim_blocks=True,
                              lstrip_blocks=True, undefined=jinja2.StrictUndefined)


_templates = templates(Path(__file__).parent / "pages")


class Page(Http):
    """An address that a browser reads: it may bring its token as the cookie, and is shown a page in place of a problem document."""

    def answer(self, request: Any, path: dict[str, Any]) -> Answer:
        token = request.cookies.get(COOKIE, "")
        if "HTTP_AUTHORIZATION" not in request.environ and token and (request.method in ("GET", "HEAD") or same_origin(request)):
            request.environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        answer = super().answer(request, path)
        if answer.status < 400 or not wants_page(request) or _is_page(answer):
            return answer
        if answer.status in (401, 403):
            back = request.full_path.rstrip("?") if request.method == "GET" else request.path
            body = sign_in(answer.status, self.scope or "", back, bool(token))
        else:
            body = _templates.get_template("problem.html").render(problem=msgspec.json.decode(bytes(answer.body)))  # type: ignore[arg-type]
        kept = [(name, value) for name, value in answer.headers if name.lower() not in ("content-type", "www-authenticate")]
        return Answer(answer.status, [*kept, ("Content-Type", "text/html; charset=utf-8"), *UNKEPT.items()], body.encode())


def page(method: str, url: str, about: About) -> Callable[[F], F]:
    """The decorator that puts a method at an address for people."""
    decorate: Callable[[F], F] = Page.decorator(method, url, about=about)
    return decorate


class SignIn:
    """Once in each process that has pages: a token becomes the cookie, and the cookie is given back."""

    name = "sign_in"
    serves_http = True

    @Http.decorator("POST", "/sign-in", about=About(
        fr="Garder un jeton comme cookie, pour les pages seules", en="Keep a token as a cookie, for the pages alone", status=303,
        errors=(Unsupported, Forbidden),
        takes={FORM: {"type": "object", "properties": {"token": {"type": "string"}, "next": {"type": "string"}}}}))
    def sign_in(self, request: Any) -> Response:
        if request.mimetype != FORM:
            raise Unsupported("send the form of the page")
        if foreign(request):                       # else a stranger's page could sign its reader in as somebody else
            raise Forbidden("the form is another site's", rule="Origin")
        answer = Response("", 303, headers={"Location": on_this_site(request.form.get("next", "")), **UNKEPT})
        token = request.form.get("token", "").strip()[:auth.LONGEST]
        answer.set_cookie(COOKIE, token, path="/", httponly=True, samesite="Strict", secure=_encrypted(request))
        return answer

    @Http.decorator("GET", "/sign-out", about=About(
        fr="Rendre le cookie", en="Give the cookie back", kind="text/html", answer={"type": "string"}))
    def sign_out(self, request: Any) -> Response:
        answer = Response(sign_in(200, "", "/", False), mimetype="text/html", headers=UNKEPT)
        answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="Strict")
        return answer


def sign_in(status: int, scope: str, back: str, known: bool) -> str:
    """The form; `known` when a token came which was not enough (403) or is not good any more (401)."""
    roles = sorted(role.name for role in access.table().roles.values() if scope in role.scopes and role.name != auth.SERVICE)
    return _templates.get_template("sign_in.html").render(status=status, roles=roles, back=on_this_site(back), known=known)


def on_this_site(path: str) -> str:
    return path if _PATH.fullmatch(path) else "/"


def _is_page(answer: Answer) -> bool:
    """One that says itself what was refused."""
    return any(name.lower() == "content-type" and value.startswith(PAGE) for name, value in answer.headers)


def wants_page(request: Any) -> bool:
    return bool(request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html")


def same_origin(request: Any) -> bool:
    """Whether the browser says that a page of this very address sends the request; one that does not say is not trusted."""
    return "Origin" in request.headers and not foreign(request)


def foreign(request: Any) -> bool:
    """Whether the browser says that it does not: by Origin, or by Sec-Fetch-Site where it sends that."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return True
    if "Origin" not in request.headers:
        return False
    origin = urlsplit(request.headers["Origin"])
    schemes = ("https",) if _encrypted(request) else ("http", "https")           # a proxy need not tell us
    return not (origin.scheme in schemes and origin.netloc and origin.netloc == request.headers.get("Host", ""))


def _encrypted(request: Any) -> bool:
    return bool(request.headers.get("X-Forwarded-Proto") == "https")
