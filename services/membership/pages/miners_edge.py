"""The pages of membership about miners at the edge: pseudonyms for who may see people, and names only behind a purpose that goes on record."""
from typing import Any

from werkzeug.wrappers import Response

from services.membership import directory
from services.membership.miners import answers, lists, reading
from services.membership.miners.api import AFTER, MINER, OF, SEX
from services.membership.parameters import DISTRICT, NAME
from services.membership.projections import organisations
from shared import requests
from shared.edge.api import serving
from shared.edge.page import FORM, UNKEPT, of_page, page
from shared.errors import Conflict, NotFound, Unsupported
from shared.parameters import in_form, today
from shared.route import PAGE, About
from shared.service import Service

from . import shown
from .edge import ROWS, TEXT, html, unchanged

READS = "identities:read"
SEARCH: dict[str, Any] = {"type": "object", "properties": {"name": TEXT, "card": TEXT}}
READ: dict[str, Any] = {"type": "object", "properties": {"purpose": TEXT, "fields": {"type": "array", "items": TEXT}}, "required": ["purpose"]}


class MinersPages:
    @page("GET", "/membership/miners", about=of_page(
        "Les orpailleurs sous leur pseudonyme, comme page", "The miners under their pseudonyms, as a page", *(in_form(p) for p in (OF, DISTRICT, SEX, AFTER))))
    def miners_page(self, request: Any) -> Response:
        service, asked = unchanged(request), request.asked
        rows = lists.listed(service, today(), request.caller.territory, limit=ROWS, **asked)
        return _list(service, request, rows, asked, next=rows[-1]["miner"] if len(rows) == ROWS else "")

    @page("POST", "/membership/miners", about=About(
        fr="Chercher un orpailleur par nom ou carte, comme page", en="Search a miner by name or card, as a page", kind=PAGE, answer=TEXT,
        takes={FORM: SEARCH}, errors=(Unsupported,)))
    def search_page(self, request: Any) -> Response:
        sent = _form(request)
        asked = requests.read(answers.SearchFor(), {key: text for key in ("name", "card") if (text := sent.get(key, "").strip())})
        service = serving(NAME)
        found = lists.search(service, today(), request.caller.territory, asked.get("name", ""), asked.get("card", ""))
        return _list(service, request, found["miners"], {}, searched=asked, more=found["more"])

    @page("GET", "/membership/miners/<miner>", about=of_page("Un orpailleur, comme page", "One miner, as a page", path=(MINER,), errors=(NotFound,)))
    def miner_page(self, request: Any, miner: str) -> Response:
        return _one(serving(NAME), request, miner)

    @page("POST", "/membership/miners/<miner>", about=About(
        fr="Lire une identité, comme page ; qui lit, et pourquoi, est enregistré d'abord",
        en="Read an identity, as a page; who reads, and why, is recorded first", kind=PAGE, answer=TEXT, path=(MINER,), takes={FORM: READ},
        errors=(NotFound, Conflict, Unsupported)))
    def identity_page(self, request: Any, miner: str) -> Response:
        sent = _form(request)
        asked = requests.read(answers.ReadIdentity(), {"purpose": sent.get("purpose", "").strip(), "fields": sent.getlist("fields") or ["name"]})
        service = serving(NAME)
        said = reading.read(service, request.caller, request.correlation, miner, list(dict.fromkeys(asked["fields_"])), asked["purpose"])
        return _one(service, request, miner, identity=said["identity"])


def _form(request: Any) -> Any:
    """Raises Unsupported."""
    if request.mimetype != FORM:
        raise Unsupported("send the form of the page")
    return request.form


def _list(service: Service, request: Any, rows: list[dict[str, Any]], asked: dict[str, Any], **more: Any) -> Response:
    content = {"next": "", "searched": {}, "more": False, **more}
    names = _names(service, {slug for row in rows for slug in row["organisations"]} | {s for s in (asked.get("organisation"),) if s})
    headers = {"headers": UNKEPT} if content["searched"] else {}
    return html("miners.html", here="/membership/miners", rows=rows, asked={"organisation": "", "district": "", "sex": "", **asked}, names=names,
                districts=directory.districts(service), may_read=READS in request.caller.scopes, **headers, **content)


def _one(service: Service, request: Any, miner: str, **more: Any) -> Response:
    it = lists.one(service, miner, today(), request.caller.territory)
    if not more:
        unchanged(request)
    slugs = {m["organisation"] for m in it["memberships"]} | {line["organisation"] for line in it["history"] if "organisation" in line}
    names = _names(service, slugs)
    return html("miner.html", here="", it=it, names=names, link=shown.linked(names), may_read=READS in request.caller.scopes, fields=reading.FIELDS,
                **{"identity": None, **more}, **({"headers": UNKEPT} if more else {}))


def _names(service: Service, slugs: set[str]) -> dict[str, str]:
    with service.view("organisations").reading() as (tx, table, _):
        return {slug: str(row["name"]) for slug, row in organisations.some(tx, table, slugs).items()}
