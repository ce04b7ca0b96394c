"""The figures about metal at the edge: parse, ask, and answer in the format that was asked for."""
from collections.abc import Mapping, Sequence
from typing import Any

from services.reporting.figures.parameters import FORMAT, FROM, TO
from services.reporting.figures.sheet import Sheet
from services.reporting.metal import answers, bars, booked, consignments, holds, receipts, stock
from services.reporting.metal import parameters as p
from services.reporting.metal.booked import ASSAYS, LOSSES
from services.reporting.metal.limits import late
from shared.edge.http_entrypoint import http
from shared.errors import Forbidden
from shared.parameters import KNOWN_AT
from shared.route import AFTER, LIMIT, About, Param

from .membership_api import DATES, events, others, table, whole
from .parameters import AS_OF

BEHIND = ("events", "all")
RECEIPTS = Sheet("metal-receipts", (*receipts.DIMENSIONS[:4], "district_name", *receipts.DIMENSIONS[4:], "count", "gross_mg", "fine_mg", "fineness_per_100k",
                                    "suppressed", *BEHIND))
LOSS_SHEET = Sheet("metal-losses", (*booked.DIMENSIONS, "count", "gross_mg", "fine_mg", *BEHIND))
ASSAY_SHEET = Sheet("metal-assay-differences", LOSS_SHEET.columns)
STOCK = Sheet("metal-stock", ("month", *stock.BY, "custodians", "gross_mg", "fine_mg", "suppressed", *BEHIND))
HOLDS = Sheet("metal-holds", ("rule", "held", "begun", "lifted", "spent", *BEHIND))
BARS = Sheet("metal-bars", (*bars.DIMENSIONS, "count", "gross_mg", "fine_mg", "days_to_bar", *BEHIND))
CONSIGNMENTS = Sheet("metal-consignments", (*consignments.DIMENSIONS, "sent", "gross_mg", "fine_mg", "melted", "melt_loss_mg", "compared",
                                            "mean_difference_per_100k", "beyond", "umpired", *BEHIND))


def _rows(fr: str, en: str, by: Param, answer: Any, sheet: Sheet) -> About:
    return About(fr=fr, en=en, params=(*DATES, by, p.AFTER, p.LIMIT, FORMAT), answer=answer, others=others(sheet), errors=(Forbidden,), conditional=True,
                 paged=True)


def _events(fr: str, en: str, params: Sequence[Param]) -> About:
    return About(fr=fr, en=en, params=(AS_OF, KNOWN_AT, *params, AFTER, LIMIT), answer=answers.EventPage, conditional=True, paged=True)


def _figure(request: Any, of: Sequence[Param]) -> Mapping[str, str | None]:
    return {param.name: request.asked[param.name] for param in of}


class MetalFigures:
    """The addresses under /reporting/v1/tables/metal. Who may not see where metal is gets them late and coarse, and no events."""

    @http("GET", "/reporting/v1/tables/metal/receipts", about=_rows(
        "L'or reçu aux sites, brut et fin, selon une ou deux dimensions", "Gold received at the sites, gross and fine, by one or two dimensions",
        p.RECEIPTS_BY, answers.ReceiptTable, RECEIPTS))
    def metal_receipts(self, request: Any) -> Any:
        a = request.asked
        return table(request, RECEIPTS, lambda service, asked: receipts.read(service, asked, a["by"], a["after"], a["limit"]), late)

    @http("GET", "/reporting/v1/tables/metal/receipts/events", about=_events(
        "Tous les événements derrière un chiffre des réceptions", "All events behind a figure of the receipts", p.OF_RECEIPTS))
    def metal_receipt_events(self, request: Any) -> Any:
        a, key = request.asked, _figure(request, p.OF_RECEIPTS)
        return events(request, lambda service, asked: receipts.events_behind(service, asked, key, a["after"], a["limit"]))

    @http("GET", "/reporting/v1/tables/metal/losses", about=_rows(
        "Les pertes, par détenteur, étape, mois ou année", "Losses by custodian, step, month or year", p.BOOKED_BY, answers.BookedTable, LOSS_SHEET))
    def metal_losses(self, request: Any) -> Any:
        a = request.asked
        return table(request, LOSS_SHEET, lambda service, asked: booked.read(service, asked, LOSSES, a["by"], a["after"], a["limit"]), late)

    @http("GET", "/reporting/v1/tables/metal/losses/events", about=_events(
        "Tous les événements derrière une perte", "All events behind a loss", p.OF_BOOKED))
    def metal_loss_events(self, request: Any) -> Any:
        a, key = request.asked, _figure(request, p.OF_BOOKED)
        return events(request, lambda service, asked: booked.events_behind(service, asked, LOSSES, key, a["after"], a["limit"]))

    @http("GET", "/reporting/v1/tables/metal/assay-differences", about=_rows(
        "Les écarts d'essai, par détenteur, étape, mois ou année", "Assay differences by custodian, step, month or year", p.BOOKED_BY, answers.BookedTable,
        ASSAY_SHEET))
    def metal_assay_differences(self, request: Any) -> Any:
        a = request.asked
        return table(request, ASSAY_SHEET, lambda service, asked: booked.read(service, asked, ASSAYS, a["by"], a["after"], a["limit"]), late)

    @http("GET", "/reporting/v1/tables/metal/assay-differences/events", about=_events(
        "Tous les événements derrière un écart d'essai", "All events behind an assay difference", p.OF_BOOKED))
    def metal_assay_events(self, request: Any) -> Any:
        a, key = request.asked, _figure(request, p.OF_BOOKED)
        return events(request, lambda service, asked: booked.events_behind(service, asked, ASSAYS, key, a["after"], a["limit"]))

    @http("GET", "/reporting/v1/tables/metal/stock", about=About(
        fr="L'or en stock à la fin de chaque mois, par genre de détenteur", en="Gold in stock at the end of each month, by kind of custodian",
        params=(*DATES, p.STOCK_BY, FROM, TO, FORMAT), answer=answers.StockTable, others=others(STOCK), errors=(Forbidden,), conditional=True))
    def metal_stock(self, request: Any) -> Any:
        a = request.asked
        return table(request, STOCK, whole(lambda service, asked: stock.read(service, asked, a["by"], a["from"], a["to"])), late)

    @http("GET", "/reporting/v1/tables/metal/stock/events", about=_events(
        "Tous les événements derrière un stock", "All events behind a stock", p.OF_STOCK))
    def metal_stock_events(self, request: Any) -> Any:
        a, key = request.asked, _figure(request, p.OF_STOCK)
        return events(request, lambda service, asked: stock.events_behind(service, asked, key, a["after"], a["limit"]))

    @http("GET", "/reporting/v1/tables/metal/holds", about=About(
        fr="Combien de lots sont retenus, par règle", en="How many lots are held, by rule", params=(*DATES, FORMAT), answer=answers.HoldTable,
        others=others(HOLDS), conditional=True))
    def metal_holds(self, request: Any) -> Any:
        return table(request, HOLDS, whole(holds.read), late)

    @http("GET", "/reporting/v1/tables/metal/holds/events", about=_events(
        "Tous les événements derrière les retenues d'une règle", "All events behind a rule's holds", (p.RULE,)))
    def metal_hold_events(self, request: Any) -> Any:
        a, key = request.asked, _figure(request, (p.RULE,))
        return events(request, lambda service, asked: holds.events_behind(service, asked, key, a["after"], a["limit"]))

    @http("GET", "/reporting/v1/tables/metal/bars", about=_rows(
        "Les barres coulées, et combien de jours depuis la réception", "Bars cast, and how many days since the receipt", p.BARS_BY, answers.BarTable, BARS))
    def metal_bars(self, request: Any) -> Any:
        a = request.asked
        return table(request, BARS, lambda service, asked: bars.read(service, asked, a["by"], a["after"], a["limit"]), late)

    @http("GET", "/reporting/v1/tables/metal/bars/events", about=_events(
        "Tous les événements derrière un chiffre des barres", "All events behind a figure of the bars", p.OF_BARS))
    def metal_bar_events(self, request: Any) -> Any:
        a, key = request.asked, _figure(request, p.OF_BARS)
        return events(request, lambda service, asked: bars.events_behind(service, asked, key, a["after"], a["limit"]))

    @http("GET", "/reporting/v1/tables/metal/consignments", about=_rows(
        "Les envois aux acheteurs, la perte à la fonte et l'écart des essais", "Consignments to buyers, the melt's loss and how far assays stood apart",
        p.CONSIGNMENTS_BY, answers.ConsignmentTable, CONSIGNMENTS))
    def metal_consignments(self, request: Any) -> Any:
        a = request.asked
        return table(request, CONSIGNMENTS, lambda service, asked: consignments.read(service, asked, a["by"], a["after"], a["limit"]), late)

    @http("GET", "/reporting/v1/tables/metal/consignments/events", about=_events(
        "Tous les événements derrière un chiffre des envois", "All events behind a figure of the consignments", p.OF_CONSIGNMENTS))
    def metal_consignment_events(self, request: Any) -> Any:
        a, key = request.asked, _figure(request, p.OF_CONSIGNMENTS)
        return events(request, lambda service, asked: consignments.events_behind(service, asked, key, a["after"], a["limit"]))
