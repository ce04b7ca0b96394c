"""gold_trade at the edge: nameko classes that parse, call and answer."""
from functools import partial
from typing import Any

import eventlet
from werkzeug.wrappers import Response

from services.gold_trade import answers, trace
from services.gold_trade.balance.api import BalanceApi
from services.gold_trade.balance.parameters import MIN_POSITION
from services.gold_trade.clerk.api import ClerkPages
from services.gold_trade.devices import sync
from services.gold_trade.devices.requests import Sync
from services.gold_trade.epcis import capture, query
from services.gold_trade.epcis import parameters as epcis
from services.gold_trade.epcis.vocabulary import VERSIONS
from services.gold_trade.pages.api import CollectPage
from services.gold_trade.parameters import DEVICE, JOB, LOT
from services.gold_trade.projections import devices
from shared.config import SERVICES
from shared.edge.api import next_page, service_api, service_inbox, serving, wait
from shared.edge.http_entrypoint import http, json_body
from shared.edge.problems import encode
from shared.errors import Conflict, Forbidden, NotFound, Unsupported
from shared.parameters import KNOWN_AT
from shared.route import About

NAME = "gold_trade"


class Api(CollectPage, BalanceApi, ClerkPages, service_api(NAME)):  # type: ignore[misc]
    name = "gold_trade_api"

    @http("POST", "/gold/v1/sync", about=About(
        fr="Prendre ce qu'un appareil a noté sans réseau, un résultat par enregistrement",
        en="Take what a device recorded without network, one result per record",
        takes={"application/json": Sync}, answer=answers.SyncResults, errors=(NotFound, Forbidden, Unsupported)))
    def sync(self, request: Any) -> dict[str, Any]:
        return sync.take(serving(NAME), json_body(request, nulls=True), request.caller, request.correlation, partial(eventlet.sleep, 0))

    @http("GET", "/gold/v1/devices/<device>", about=About(
        fr="Les numéros d'un appareil qui manquent", en="The numbers of a device that are missing", path=(DEVICE,), answer=answers.DeviceGaps,
        errors=(NotFound,)))
    def device(self, request: Any, device: str) -> dict[str, Any]:
        sync.known(serving(NAME), device, request.caller)
        with serving(NAME).view("devices").reading() as (tx, table, _):
            return {"device": device, **devices.gaps(tx, table, device)}

    @http("GET", "/gold/v1/lots/<lot>/origin", about=About(
        fr="De quelles réceptions, sociétés et de quels mineurs vient un lot ou une barre", en="Of which receipts, societies and miners a lot or bar came",
        path=(LOT,), params=(KNOWN_AT, MIN_POSITION), answer=answers.Origin, errors=(NotFound,)))
    def origin(self, request: Any, lot: str) -> dict[str, Any]:
        wait(serving(NAME), request, "genealogy")
        return trace.back(serving(NAME), lot, request.asked["known_at"])

    @http("GET", "/gold/v1/lots/<lot>/onward", about=About(
        fr="Dans quels lots et barres un lot est passé", en="Into which lots and bars a lot has gone", path=(LOT,), params=(MIN_POSITION,),
        answer=answers.Onward, errors=(NotFound,)))
    def onward(self, request: Any, lot: str) -> dict[str, Any]:
        wait(serving(NAME), request, "genealogy")
        return trace.onward(serving(NAME), lot)

    @http("GET", "/gold/v1/epcis/events", about=About(
        fr="Les événements physiques dont vous êtes partie, en EPCIS 2.0", en="The physical events you are party to, in EPCIS 2.0", params=epcis.PARAMS,
        answer={"type": "object"}, kind="application/ld+json", paged=True))
    def epcis_events(self, request: Any) -> Response:
        document, token = query.read(serving(NAME), request.asked, request.caller)
        link = {"Link": next_page(request, token, "nextPageToken")} if token else {}
        return Response(encode(document), mimetype="application/ld+json", headers={**VERSIONS, **link})

    @http("POST", "/gold/v1/epcis/capture", about=About(
        fr="Prendre les événements EPCIS 2.0 d'un partenaire ; GS1-Capture-Error-Behaviour: rollback ou proceed",
        en="Take a partner's EPCIS 2.0 events; GS1-Capture-Error-Behaviour: rollback or proceed",
        takes={"application/json": {"type": "object"}}, status=202, errors=(Conflict, Unsupported)))
    def epcis_capture(self, request: Any) -> Response:
        behaviour = request.headers.get("GS1-Capture-Error-Behaviour", capture.ROLLBACK)
        job = capture.capture(serving(NAME), json_body(request), behaviour, request.caller, request.correlation)
        return Response("", 202, headers={**VERSIONS, "Location": f"/gold/v1/epcis/capture/{job}"})

    @http("GET", "/gold/v1/epcis/capture/<job>", about=About(
        fr="Ce qu'il est advenu d'une prise d'événements", en="What became of a capture", path=(JOB,), answer=answers.CaptureJob, errors=(NotFound,)))
    def epcis_job(self, request: Any, job: str) -> dict[str, Any]:
        return capture.job(serving(NAME), job, request.caller)


Inbox = service_inbox(NAME, [s for s in SERVICES if s != NAME])
