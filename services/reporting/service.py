"""reporting at the edge: nameko classes that parse, call and answer."""
from typing import Any

from werkzeug.wrappers import Response

from services.reporting import answers, district_table, event_card, findings, pages, territory, webhook_answers, webhook_list
from shared.config import SERVICES
from shared.edge.api import next_page, service_api, service_inbox, serving, wait
from shared.edge.conditional import fresh
from shared.edge.http_entrypoint import http
from shared.edge.kept import Kept
from shared.edge.page import HEADERS, page, wants_page
from shared.edge.problems import encode
from shared.errors import NotFound
from shared.parameters import KNOWN_AT
from shared.route import AFTER, LIMIT, PAGE, About

from .membership_api import MembershipFigures
from .metal_api import MetalFigures
from .parameters import AS_OF, BASIS, COLUMN, DISTRICT, EVENT, EVENT_ID, FORM_DAY, FORMAT, MIN_POSITION, WEBHOOK

NAME = "reporting"
_tables = Kept()
YOUNG_S, OLD_S = 0.2, 2.0              # while views move, a table is made a few times a second, and nobody waits for it
CSV = {"text/csv": "as_of,basis,district,name,base,unions,federations"}


class Api(MetalFigures, MembershipFigures, service_api(NAME)):  # type: ignore[misc]
    name = "reporting_api"

    @http("GET", "/reporting/v1/tables/districts", about=About(
        fr="Le tableau des districts à toute date", en="The table of districts on any date", params=(AS_OF, BASIS, KNOWN_AT, MIN_POSITION, FORMAT),
        answer=answers.DistrictTable, others=CSV, conditional=True))
    def districts(self, request: Any) -> Any:
        service, asked = serving(NAME), request.asked
        wait(service, request)
        of, as_csv = (asked["as_of"], asked["basis"], asked["known_at"]), wants_csv(request)
        what = service.log.opened.log_id, of, as_csv

        def make() -> bytes:
            table = district_table.read(service, *of)
            return pages.districts_csv(table).encode() if as_csv else encode(table)

        if asked["min_position"]:
            fresh(request, asked["as_of"], at := service.stands_at())
            answer = _tables.answer(what, at, make)
        else:                              # it says how far each feed was held; who must see more than that names a min_position
            made = _tables.recent(what, service.stands_at, make, YOUNG_S, OLD_S)
            fresh(request, asked["as_of"], made.at)
            answer = made.answer
        return Response(answer, mimetype="text/csv" if as_csv else "application/json")

    @http("GET", "/reporting/v1/tables/districts/events", about=About(
        fr="Tous les événements derrière un chiffre déduit", en="All events behind a derived figure",
        params=(AS_OF, DISTRICT, COLUMN, KNOWN_AT, AFTER, LIMIT), answer=answers.DistrictEvents, errors=(NotFound,), conditional=True, paged=True))
    def district_events(self, request: Any) -> Any:
        asked = request.asked
        found = district_table.events_behind(serving(NAME), asked["as_of"], asked["district"], asked["column"], asked["known_at"],
                                             asked["after"], asked["limit"], request.caller.territory)
        fresh(request, found, weak=False)
        return 200, found, {"Link": next_page(request, found["next"])} if found["next"] else {}

    @http("GET", "/reporting/v1/findings", about=About(
        fr="Ce qu'il faut savoir avant de se fier à un chiffre", en="What to know before trusting a figure",
        params=(AS_OF, KNOWN_AT, MIN_POSITION, FORMAT), answer=answers.FindingList, others=CSV, conditional=True))
    def findings(self, request: Any) -> Any:
        service, as_of = serving(NAME), request.asked["as_of"]
        wait(service, request)
        fresh(request, as_of, service.stands_at())
        found = findings.read(service, as_of, request.asked["known_at"])
        if wants_csv(request):
            return csv(pages.findings_csv(found))
        return {"as_of": as_of, "findings": found, "feeds": district_table.feeds(service)}

    @page("GET", "/reporting/v1/events/<id_>", about=About(
        fr="Un événement : qui, quand, où, pourquoi, et sa place dans la chaîne", en="One event: who, when, where, why, and its place in the chain",
        path=(EVENT_ID,), params=(MIN_POSITION,), answer=answers.EventCard, others={"text/html": "…"}, errors=(NotFound,), conditional=True))
    def event(self, request: Any, id_: str) -> Any:
        wait(serving(NAME), request)
        card = event_card.read(serving(NAME), id_, request.caller.scopes)
        if not territory.sees(serving(NAME), request.caller.territory, card["data"]):
            raise NotFound(f"no event {id_}", field="id")
        fresh(request, card, weak=False)
        return Response(pages.event(card), mimetype="text/html", headers=HEADERS) if wants_page(request) else card

    @http("GET", "/reporting/v1/webhooks", about=About(
        fr="Vos webhooks, et jusqu'où chacun a été servi", en="Your webhooks, and how far each was told",
        params=(MIN_POSITION,), answer=webhook_answers.WebhookList))
    def webhooks(self, request: Any) -> Any:
        wait(serving(NAME), request, "webhooks")
        return webhook_list.read(serving(NAME), request.caller.subject)

    @http("GET", "/reporting/v1/webhooks/<webhook>/secret", about=About(
        fr="Le secret qui vérifie nos signatures", en="The secret that checks our signatures",
        path=(WEBHOOK,), answer=webhook_answers.WebhookSecret, errors=(NotFound,)))
    def webhook_secret(self, request: Any, webhook: str) -> Any:
        return 200, webhook_list.secret(serving(NAME), request.caller.subject, webhook), {"Cache-Control": "no-store"}

    @http("GET", "/", about=About(fr="Le tableau et les constats, comme page", en="The table and the findings, as a page",
                                  params=(FORM_DAY, EVENT), kind=PAGE, answer={"type": "string"}))
    def front(self, request: Any) -> Response:
        service, as_of = serving(NAME), request.asked["as_of"]
        table, found = district_table.read(service, as_of, "declared"), findings.read(service, as_of)
        if not table["totals"]:                        # nobody declared anything: then what is recorded one by one
            table = district_table.read(service, as_of, "derived")
        shown = request.asked["event"]                 # what stands behind a figure of this page is as open as the figure
        card = event_card.read(service, shown, ()) if shown in pages.behind(table, found) else None
        return Response(pages.front(table, found, card), mimetype="text/html")


def wants_csv(request: Any) -> bool:
    return bool(request.asked["format"] == "csv" or (not request.asked["format"] and request.accept_mimetypes.best == "text/csv"))


def csv(text: str) -> Response:
    return Response(text, mimetype="text/csv")


Inbox = service_inbox(NAME, [s for s in SERVICES if s != NAME])
