"""Balance, stock and consignments at the edge."""
from typing import Any

from shared.edge.api import next_page, serving, wait
from shared.edge.http_entrypoint import http
from shared.errors import Forbidden, NotFound
from shared.parameters import PAGE_OF
from shared.route import About

from . import answers, reading
from .parameters import (
    AFTER_CONSIGNMENT,
    AFTER_LOT,
    AS_OF,
    CONSIGNMENT,
    HELD_OR_NOT,
    HOLDER,
    MIN_POSITION,
    NAME,
    SOCIETY,
    STAGE,
)


class BalanceApi:
    @http("GET", "/gold/v1/balance", about=About(
        fr="Les deux livres par compte et par détenteur, selon qui demande", en="Both ledgers by account and holder, by who asks",
        params=(AS_OF, HOLDER, MIN_POSITION), answer=answers.Balance, errors=(Forbidden,)))
    def balance(self, request: Any) -> dict[str, Any]:
        asked = request.asked
        wait(serving(NAME), request, "ledger")
        return reading.balance(serving(NAME), request.caller, asked["as_of"], asked["holder"])

    @http("GET", "/gold/v1/societies/<society>/balance", about=About(
        fr="Les comptes d'une société à travers tous les mélanges", en="A society's own accounts through every blend", path=(SOCIETY,), params=(MIN_POSITION,),
        answer=answers.SocietyBalance, errors=(NotFound,)))
    def society_balance(self, request: Any, society: str) -> dict[str, Any]:
        wait(serving(NAME), request, "societies")
        return reading.society(serving(NAME), society)

    @http("GET", "/gold/v1/lots", about=About(
        fr="Les lots en stock, selon qui demande", en="The lots in stock, by who asks", params=(HOLDER, HELD_OR_NOT, AFTER_LOT, PAGE_OF, MIN_POSITION),
        answer=answers.Stock, paged=True, errors=(Forbidden,)))
    def stock(self, request: Any) -> Any:
        asked = request.asked
        wait(serving(NAME), request, "genealogy", "holds")
        found = reading.stock(serving(NAME), request.caller, asked["holder"], asked["held"], asked["after"], asked["limit"])
        return _page(request, found)

    @http("GET", "/gold/v1/consignments", about=About(
        fr="Les envois dont vous êtes vendeur ou acheteur", en="The consignments you sell or buy", params=(STAGE, AFTER_CONSIGNMENT, PAGE_OF, MIN_POSITION),
        answer=answers.ConsignmentList, paged=True))
    def consignments(self, request: Any) -> Any:
        asked = request.asked
        wait(serving(NAME), request, "consignments")
        return _page(request, reading.listed(serving(NAME), request.caller, asked["stage"], asked["after"], asked["limit"]))

    @http("GET", "/gold/v1/consignments/<consignment>", about=About(
        fr="Un envoi : ses étapes, ses termes, les essais une fois tous deux révélés",
        en="One consignment: its steps, its terms, the assays once both are revealed",
        path=(CONSIGNMENT,), params=(MIN_POSITION,), answer=answers.Consignment, errors=(NotFound,)))
    def consignment(self, request: Any, consignment: str) -> dict[str, Any]:
        wait(serving(NAME), request, "consignments", "genealogy")
        return reading.consignment(serving(NAME), request.caller, consignment)


def _page(request: Any, found: dict[str, Any]) -> Any:
    return 200, found, {"Link": next_page(request, found["next"])} if found["next"] else {}
