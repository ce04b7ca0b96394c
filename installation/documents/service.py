"""The pages under /docs at the edge: a nameko class beside reporting's."""
from typing import Any

from werkzeug.wrappers import Response

from shared.config import SERVICES
from shared.edge.api import serving
from shared.edge.conditional import fresh
from shared.edge.http_entrypoint import http
from shared.errors import NotFound
from shared.route import About, Param

from . import files, pages

HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Content-Security-Policy":
           "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}
TEXT = {"type": "string"}


def html(request: Any, text: str) -> Response:
    fresh(request, text, weak=False)
    return Response(text, mimetype="text/html", headers=HEADERS)


class Documents:
    name = "documents"
    serves_http = True

    @http("GET", "/docs", about=About(fr="Pour commencer", en="Where to begin", kind="text/html", answer=TEXT, conditional=True))
    def index(self, request: Any) -> Response:
        return html(request, pages.index(serving("reporting").config, request))

    @http("GET", "/docs/<page>", about=About(
        fr="Références, erreurs, droits", en="References, errors, rights", kind="text/html", answer=TEXT, errors=(NotFound,), conditional=True,
        path=(Param(name="page", fr="api, events, problems, access", en="api, events, problems, access", example="problems"),)))
    def page(self, request: Any, page: str) -> Response:
        return html(request, pages.page(page))

    @http("GET", "/docs/openapi/<service>.json", about=About(
        fr="Le document OpenAPI d'un service", en="A service's OpenAPI document", answer={"type": "object"}, errors=(NotFound,), conditional=True,
        path=(Param(name="service", fr="Le service", en="The service", schema={"enum": list(pages.DOCUMENTED)}, example=SERVICES[0]),)))
    def openapi(self, request: Any, service: str) -> Response:
        body = pages.openapi(service, serving("reporting").config)
        fresh(request, body, weak=False)
        return Response(body, mimetype="application/json")

    @http("GET", "/docs/assets/<name>", about=About(
        fr="Ce dont les pages ont besoin", en="What the pages need", kind="text/javascript", answer=TEXT, others={"text/css": "…"},
        errors=(NotFound,), conditional=True, path=(Param(name="name", fr="Le fichier", en="The file", example="api.js"),)))
    def asset(self, request: Any, name: str) -> Response:
        body, kind = files.content(name)
        fresh(request, body, weak=False)
        return Response(body, mimetype=kind, headers={"X-Content-Type-Options": "nosniff"})
