"""The pages of membership at the edge: about organisations, findings and land."""
from typing import Any

from werkzeug.wrappers import Response

from services.membership import directory, few, land_register
from services.membership.findings import spoken
from services.membership.parameters import (
    AFTER,
    AFTER_FINDING,
    ALL,
    BEFORE,
    DISTRICT,
    LEVEL,
    NAME,
    ORGANISATION,
    PARENT,
    RULE,
    STATE,
    STATUS,
    VIEW,
    Q,
)
from services.membership.projections import findings, organisations
from shared.edge import page as pages
from shared.edge.api import serving
from shared.edge.page import page
from shared.errors import NotFound
from shared.parameters import in_form, today
from shared.projection import reading
from shared.service import Service

from . import shown, words
from .sentences import FOUND

TEXT = {"type": "string"}
ROWS, NODES, LINES = 50, 150, 25                        # so that a page stays small on a slow line
FORM = tuple(in_form(p) for p in (Q, LEVEL, DISTRICT, STATUS, PARENT, AFTER))


class Pages:
    @page("GET", "/membership", about=pages.of_page("Les organisations, comme page", "The organisations, as a page", *FORM, VIEW))
    def organisations_page(self, request: Any) -> Response:
        service, asked = unchanged(request), request.asked
        if asked["view"] == "tree":
            roots, cut = shown.pruned([few.seen(root, request.caller.scopes) for root in directory.tree(service, today())], NODES)
            return html("organisations.html", here="/membership", asked=asked, roots=roots, cut=cut)
        filters = {p.name: asked[p.name] for p in (Q, LEVEL, DISTRICT, STATUS, PARENT)}
        rows = [few.seen(row, request.caller.scopes) for row in directory.listed(service, today(), asked["after"], ROWS, **filters)]
        return html("organisations.html", here="/membership", asked=asked, rows=rows, districts=directory.districts(service),
                    next=_next(rows, "organisation"), parent_name=_name(service, asked["parent"]))

    @page("GET", "/membership/organisations/<organisation>", about=pages.of_page(
        "Une organisation, comme page", "One organisation, as a page", in_form(BEFORE), in_form(ALL), path=(ORGANISATION,), errors=(NotFound,)))
    def organisation_page(self, request: Any, organisation: str) -> Response:
        service, asked = serving(NAME), request.asked
        it = directory.one(service, organisation, today(), asked["before"] or None, LINES, () if asked["all"] else FOUND)
        unchanged(request)
        it["children"] = directory.children(service, organisation, today(), "", ROWS)
        it = spoken.seen(few.seen(it, request.caller.scopes), request.caller.scopes)
        names = directory.districts(service)
        return html("organisation.html", here="", asked=asked, it=it, link=shown.linked(it["known_names"]), district=lambda slug: names.get(slug, slug),
                    coarse=few.PEOPLE not in request.caller.scopes)

    @page("GET", "/membership/findings", about=pages.of_page(
        "Les constats par règle, comme page", "The findings by rule, as a page", *(in_form(p) for p in (RULE, DISTRICT, STATE, AFTER_FINDING))))
    def findings_page(self, request: Any) -> Response:
        service, asked = unchanged(request), request.asked
        with reading([service.view("findings"), service.view("organisations")]) as seen:
            tables = seen.tables["findings"], seen.tables["organisations"]
            found = findings.open_ones(seen.tx, *tables, today(), **{p.name: asked[p.name] for p in (RULE, DISTRICT, STATE, AFTER_FINDING)}, limit=ROWS)
            rules = findings.rules(seen.tx, *tables, today(), asked["district"])
        states = {code: texts for code, texts in words.STATES.items() if code != "expired"}
        return html("findings.html", here="/membership/findings", asked=asked, rules=rules, states=states,
                    found=spoken.findings(few.findings(found, request.caller.scopes), request.caller.scopes), next=_next(found, "finding"),
                    names={r["rule"]: " · ".join(filter(None, (r["rule"], r["article"]))) for r in rules}, districts=directory.districts(service))

    @page("GET", "/membership/land", about=pages.of_page(
        "Sites, couloirs et accords, comme page", "Sites, corridors and agreements, as a page", in_form(DISTRICT), in_form(AFTER)))
    def land_page(self, request: Any) -> Response:
        service, asked = unchanged(request), request.asked
        land = land_register.read(service, today(), asked["district"], asked["after"])
        exact = "people:read" in request.caller.scopes           # where people work is no less to be guarded than who they are (principle 7)
        return html("land.html", here="/membership/land", asked=asked, land=land, degrees=land_register.degrees, exact=exact)


def html(template: str, headers: dict[str, str] = pages.HEADERS, **content: Any) -> Response:
    return Response(shown.page(template, **content), mimetype="text/html", headers={**headers, "Vary": "Cookie"})


def unchanged(request: Any) -> Service:
    """The service, unless the reader holds the page as it is today."""
    return pages.unchanged(request, serving(NAME))


def _next(rows: list[dict[str, Any]], key: str) -> str:
    return str(rows[-1][key]) if len(rows) == ROWS else ""


def _name(service: Service, slug: str) -> str:
    if not slug:
        return ""
    with service.view("organisations").reading() as (tx, table, _):
        return str(organisations.some(tx, table, [slug]).get(slug, {"name": slug})["name"])
