"""The page /operations: the condition of the installation, living, without any personal data."""
import time
from pathlib import Path
from typing import Any

import eventlet
import msgspec
from werkzeug.wrappers import Response

from shared import state
from shared.config import SERVICES, Config
from shared.edge.api import serving
from shared.edge.http_entrypoint import http
from shared.edge.page import POLICY, UNKEPT, page, templates, wants_page
from shared.errors import SanuError
from shared.inbox import fetch
from shared.route import About

from .state import joined

PATH = "/operations"
STATE = {"type": "object"}
READ_EVERY_S = 1.0                     # however many look
HEADERS = {**UNKEPT, "Content-Security-Policy": f"{POLICY}; script-src 'self'; connect-src 'self'"}
_folder = Path(__file__).parent / "pages"
_templates = templates(_folder)


class Operations:
    name = "operations"
    serves_http = True

    @page("GET", PATH, about=About(
        fr="L'état du système, comme page ou en JSON", en="The state of the system, as a page or JSON", answer=STATE, others={"text/html": "…"}))
    def operations(self, request: Any) -> Any:
        said = current(_config())
        if wants_page(request):
            return Response(_templates.get_template("operations.html").render(state=said), mimetype="text/html", headers=HEADERS)
        return 200, said, HEADERS

    @http("GET", f"{PATH}.json", about=About(fr="L'état du système", en="The state of the system", answer=STATE))
    def operations_json(self, request: Any) -> Any:
        return 200, current(_config()), HEADERS

    @http("GET", f"{PATH}/live.js", about=About(
        fr="Ce qui tient la page à jour", en="What keeps the page up to date", kind="text/javascript", answer={"type": "string"}))
    def live(self, request: Any) -> Response:
        return Response((_folder / "live.js").read_bytes(), mimetype="text/javascript", headers={"X-Content-Type-Options": "nosniff"})


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


def _config() -> Config:
    return serving("reporting").config
