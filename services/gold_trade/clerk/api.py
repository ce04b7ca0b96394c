"""The pages about metal at the edge: stock and balance, a lot's trace, and the clerk's consignments."""
from pathlib import Path
from typing import Any

from werkzeug.wrappers import Response

from services.gold_trade import trace
from services.gold_trade.balance import parameters as p
from services.gold_trade.balance import reading, sight
from services.gold_trade.parameters import LOT
from services.gold_trade.projections import holds
from shared import event, french
from shared.edge import page as pages
from shared.edge.api import serving
from shared.edge.conditional import fresh
from shared.edge.http_entrypoint import http
from shared.edge.page import FORM, HEADERS, POLICY, UNKEPT, page, wants_page
from shared.errors import NotFound, SanuError, Unauthenticated, Unavailable, Unsupported
from shared.parameters import in_form
from shared.route import PAGE, About, Param, whole
from shared.service import Service

from . import forms, progress, shown, way

NAME, TEXT = "gold_trade", {"type": "string"}
ROWS = 50
FIRST = Param(name="first", fr="La réception par laquelle le tableau commence", en="The receipt with which the table begins", read=whole(0, 10**7), default=0,
              schema={"type": "integer", "minimum": 0}, example=0)
SENT: dict[str, Any] = {"type": "object", "properties": {name: TEXT for name in (
    "do", "key", "weighed", "lot", "party", "commitment", "fineness", "nonce", "umpire", "why", "decision", "occurred_on")}, "required": ["do"]}
SCRIPT = Path(__file__).parent / "exchange.js"
WITH_SCRIPT = {**HEADERS, "Content-Security-Policy": f"{POLICY}; script-src 'self'"}
RIGHTS = {"events": "events:read", "people": "people:read", "organisations": "figures:read"}


class ClerkPages:
    @page("GET", "/gold", about=pages.of_page("Le stock et le bilan, comme page", "Stock and balance, as a page",
                                              *(in_form(one) for one in (p.AS_OF, p.HOLDER, p.HELD_OR_NOT, p.AFTER_LOT))))
    def stock_page(self, request: Any) -> Response:
        service, caller, asked = unchanged(request), request.caller, request.asked
        balance = reading.balance(service, caller, asked["as_of"], asked["holder"])
        stock = reading.stock(service, caller, asked["holder"], asked["held"], asked["after"], ROWS)
        return html("stock.html", here="/gold", asked=asked, balance=balance, stock=stock, held=reading.held(service))

    @page("GET", "/gold/lots/<lot>", about=pages.of_page(
        "D'où vient un lot et où il est allé, en image et en tableaux", "Where a lot came from and went, as a picture and tables", in_form(FIRST),
        path=(LOT,), errors=(NotFound,)))
    def lot_page(self, request: Any, lot: str) -> Response:
        service, seen = serving(NAME), sight.holders(request.caller)
        found = trace.behind(service, lot)
        top = found.top
        if seen and top.custodian not in seen:
            raise NotFound(f"no lot '{lot}'", field="lot")
        unchanged(request)
        ahead = trace.ahead(service, top.lot)
        onward = sorted(((r, mg) for r, mg in ahead.now if seen is None or r.custodian in seen), key=lambda item: (-item[1], item[0].lot))
        steps = len({r.spent_in for r in ahead.rows if r.spent_in})
        with service.view("holds").reading() as (tx, table, _):
            why = holds.of(tx, table, [top.lot])
        return html("lot.html", here="", top=top, it=trace.shared_out(found), drawing=way.drawn(top, found.rows, onward, steps), onward=onward,
                    holds=why.get(top.lot, []), whole=seen is None, custodian=seen != [], may=_rights(request), most=ROWS, first=request.asked["first"])

    @page("GET", "/gold/consignments", about=pages.of_page(
        "Les envois, comme page", "The consignments, as a page", in_form(p.STAGE), in_form(p.AFTER_CONSIGNMENT)))
    def consignments_page(self, request: Any) -> Response:
        service, asked = unchanged(request), request.asked
        found = reading.listed(service, request.caller, asked["stage"], asked["after"], ROWS)
        return html("consignments.html", here="/gold/consignments", asked=asked, found=found)

    @page("GET", "/gold/consignments/<consignment>", about=pages.of_page(
        "Un envoi : la page du commis", "One consignment: the clerk's page", path=(p.CONSIGNMENT,), errors=(NotFound,)))
    def consignment_page(self, request: Any, consignment: str) -> Response:
        return _consignment(serving(NAME), request, consignment)

    @page("POST", "/gold/consignments/<consignment>", about=About(
        fr="Un formulaire de cette page : peser, fondre, engager, révéler, contester, arbitrer",
        en="A form of that page: weigh, melt, bind, reveal, dispute, umpire", kind=PAGE, answer=TEXT, status=303, path=(p.CONSIGNMENT,), takes={FORM: SENT},
        errors=(NotFound, Unsupported)))
    def consignment_form(self, request: Any, consignment: str) -> Response:
        service = serving(NAME)
        reading.consignment(service, request.caller, consignment)              # or NotFound, as for one that does not exist
        if request.mimetype != FORM:
            raise Unsupported("send the form of the page")
        try:
            name, body = forms.command(consignment, request.form)
            answer = service.handle(name, body, request.caller, request.form.get("key", "")[:200] or event.new_id(), request.correlation)
        except (Unauthenticated, Unavailable):
            raise
        except SanuError as e:
            if not wants_page(request):
                raise
            return _consignment(service, request, consignment, e)
        _seen(service, answer.position)
        return Response("", 303, headers={"Location": f"/gold/consignments/{consignment}", **UNKEPT})

    @http("GET", "/gold/clerk/exchange.js", about=About(
        fr="Fait le nombre secret et l'engagement dans le navigateur du commis", en="Makes the nonce and the commitment in the clerk's browser",
        kind="text/javascript", answer=TEXT, conditional=True))
    def exchange_script(self, request: Any) -> Response:
        body = SCRIPT.read_bytes()
        fresh(request, body, weak=False)
        return Response(body, mimetype="text/javascript", headers=HEADERS)


def _consignment(service: Service, request: Any, id_: str, refused: SanuError | None = None) -> Response:
    it = reading.consignment(service, request.caller, id_)
    if not refused:
        unchanged(request)
    done = progress.of(it)
    headers = {**WITH_SCRIPT, **(UNKEPT if refused else {}), "Content-Security-Policy": WITH_SCRIPT["Content-Security-Policy"]}
    answer = html("consignment.html", headers, here="", it=it, done=done, todo=progress.open_to(it, done, request.caller), may=_rights(request),
                  key=event.new_id, problem=refused, french=french.of, faults=refused.more.get("errors", []) if refused else [],
                  typed=request.form if refused else {})
    answer.status_code = refused.status if refused else 200
    return answer


def _seen(service: Service, position: int) -> None:
    """The page that follows shows what was done; if that takes too long, it shows it later."""
    try:
        service.wait_for([service.view("consignments"), service.view("genealogy")], NAME, position)
    except Unavailable:
        pass


def _rights(request: Any) -> dict[str, bool]:
    """Where the links of the page would lead to a closed door, they are no links."""
    return {name: scope in request.caller.scopes for name, scope in RIGHTS.items()}


def html(template: str, headers: dict[str, str] = HEADERS, **content: Any) -> Response:
    return Response(shown.page(template, **content), mimetype="text/html", headers={**headers, "Vary": "Cookie"})


def unchanged(request: Any) -> Service:
    """The service, unless the reader holds the page as it is today."""
    return pages.unchanged(request, serving(NAME))
