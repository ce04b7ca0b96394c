"""membership at the edge: nameko classes that parse, call and answer."""
from typing import Any
from urllib.parse import urlencode

from services.membership import answers, directory, few
from shared.config import SERVICES
from shared.edge.api import next_page, service_api, service_inbox, serving, wait
from shared.edge.conditional import fresh
from shared.edge.http_entrypoint import http
from shared.errors import NotFound
from shared.parameters import PAGE_OF, today
from shared.route import About

from .findings import spoken
from .miners.api import MinersApi
from .pages.edge import Pages
from .pages.miners_edge import MinersPages
from .parameters import AFTER, BEFORE, DISTRICT, LEVEL, MIN_POSITION, NAME, ORGANISATION, PARENT, STATUS, VIEW, Q

FILTERS = (DISTRICT, LEVEL, STATUS, PARENT, Q)


class Api(MinersApi, Pages, MinersPages, service_api(NAME)):  # type: ignore[misc]
    name = "membership_api"

    @http("GET", "/membership/v1/organisations", about=About(
        fr="Les organisations, par nom ou en arbre", en="The organisations, by name or as a tree", params=(*FILTERS, VIEW, AFTER, PAGE_OF, MIN_POSITION),
        answer=answers.OrganisationList, conditional=True, paged=True))
    def organisations(self, request: Any) -> Any:
        service, asked = serving(NAME), request.asked
        wait(service, request, "organisations", "organisation_members", "findings", "places")
        scopes = request.caller.scopes
        fresh(request, today(), service.stands_at(), few.PEOPLE in scopes)
        if asked["view"] == "tree":
            return {"tree": [few.seen(root, scopes) for root in directory.tree(service, today())]}
        found = [few.seen(row, scopes) for row in directory.listed(service, today(), asked["after"], asked["limit"],
                                                                   **{p.name: asked[p.name] for p in FILTERS})]
        after = found[-1]["organisation"] if len(found) == asked["limit"] else None
        return 200, {"organisations": found, "next": after}, {"Link": next_page(request, after)} if after else {}

    @http("GET", "/membership/v1/organisations/<organisation>", about=About(
        fr="Une organisation : ce qu'elle est, son histoire, ses constats", en="One organisation: what it is, its timeline, its findings",
        path=(ORGANISATION,), params=(BEFORE, PAGE_OF, MIN_POSITION), answer=answers.WholeOrganisation, errors=(NotFound,), conditional=True, paged=True))
    def organisation(self, request: Any, organisation: str) -> Any:
        service, asked = serving(NAME), request.asked
        wait(service, request)
        found = directory.one(service, organisation, today(), asked["before"], asked["limit"])
        scopes = request.caller.scopes
        fresh(request, today(), service.stands_at(), few.PEOPLE in scopes, spoken.OVERSIGHT in scopes)
        found["children"] = directory.children(service, organisation, today(), "", 50)
        found = spoken.seen(few.seen(found, scopes), scopes)
        older = urlencode({"before": found["before"], "limit": asked["limit"]})
        return 200, found, {"Link": f'</membership/v1/organisations/{organisation}?{older}>; rel="next"'} if found["before"] else {}


Inbox = service_inbox(NAME, [s for s in SERVICES if s != NAME])
