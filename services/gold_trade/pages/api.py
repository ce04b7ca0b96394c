"""The collector's page at the edge: open to everybody, for it holds nothing; what it sends goes to /gold/v1/sync with a token."""
from typing import Any

from werkzeug.wrappers import Response

from shared.edge.conditional import fresh
from shared.edge.http_entrypoint import http
from shared.errors import NotFound
from shared.route import PAGE, About, Param

from . import collect_files as files

TEXT = {"type": "string"}
HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Content-Security-Policy":
           "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
           "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}
ASSET = Param(name="asset", fr="Le fichier", en="The file", example="collect.js")


class CollectPage:
    @http("GET", "/gold/collect", about=About(
        fr="La page du collecteur, qui travaille aussi sans réseau", en="The collector's page, which works without network too",
        kind=PAGE, answer=TEXT, conditional=True))
    def collect_page(self, request: Any) -> Response:
        return _file(request, files.INDEX)

    @http("GET", "/gold/collect/<asset>", about=About(
        fr="Ce dont la page du collecteur a besoin", en="What the collector's page needs", kind="text/javascript", answer=TEXT,
        others={kind: "…" for kind in sorted(set(files.TYPES.values()) - {"text/javascript"})}, path=(ASSET,), errors=(NotFound,), conditional=True))
    def collect_asset(self, request: Any, asset: str) -> Response:
        return _file(request, asset)


def _file(request: Any, name: str) -> Response:
    body, kind = files.content(name)
    fresh(request, body, weak=False)
    more = {"Service-Worker-Allowed": files.BASE} if name == files.WORKER else {}
    return Response(body, mimetype=kind, headers={**HEADERS, **more})
