"""The parameters of the figures about metal: what each means, and how its text is read."""
from services.reporting.figures.parameters import SLUG, by, choice, text_param
from shared.route import Param, whole

from . import bars, booked, consignments, receipts, stock

MOST_ROWS = 5000


def _by(of: tuple[str, ...]) -> Param:
    return by(of, "month", f"{of[0]},{of[1]}")


RECEIPTS_BY, BOOKED_BY, BARS_BY = _by(receipts.DIMENSIONS), _by(booked.DIMENSIONS), _by(bars.DIMENSIONS)
CONSIGNMENTS_BY = _by(consignments.DIMENSIONS)
STOCK_BY = choice("by", "Par genre de détenteur, ou par détenteur", "By kind of custodian, or by custodian", stock.BY, stock.KIND)
AFTER = text_param("after", "La ligne après laquelle la page commence", "The row behind which the page begins",
                   r"(\.[a-z0-9-]{0,64}(,\.[a-z0-9-]{0,64})?)?", "a row's values, each after a point", default="")
LIMIT = Param(name="limit", fr="Nombre de lignes par page", en="How many rows to a page", read=whole(1, MOST_ROWS), default=MOST_ROWS, example=50,
              schema={"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": MOST_ROWS})

DAY = text_param("day", "Un jour", "A day", "[0-9]{4}-[0-9]{2}-[0-9]{2}", "a day: YYYY-MM-DD", example="2024-11-30")
MONTH = text_param("month", "Un mois", "A month", "[0-9]{4}-(0[1-9]|1[0-2])", "a month, YYYY-MM", example="2024-11")
YEAR = text_param("year", "Une année", "A year", "[0-9]{4}", "a year, YYYY", example="2024")
DISTRICT = text_param("district", "Un district ; vide, aucun district connu", "A district; empty, in none that is known", f"({SLUG})?",
                      "a district's slug, or nothing", example="kangaba")
SOCIETY = text_param("society", "Une société", "A society", SLUG, "an organisation's slug")
SITE = text_param("site", "Un site ; vide, aucun site noté", "A site; empty, none was told", f"({SLUG})?", "a site's slug, or nothing")
COLLECTOR = text_param("collector", "Un collecteur", "A collector", SLUG, "an actor's slug")
UNION = text_param("union", "Une union ; vide, aucune", "A union; empty, none", f"({SLUG})?", "an organisation's slug, or nothing")
CUSTODIAN = text_param("custodian", "Un détenteur", "A custodian", SLUG, "an actor's slug")
STEP = text_param("step", "Une étape : fonte, affinage, correction, perte…", "A step: melting, refining, correction, loss…", "[a-z-]{0,30}", "a step's name",
                  example="melt")
KIND = choice("kind", "Le genre de détenteur ; vide, inconnu", "The kind of custodian; empty, unknown", stock.KINDS)
RULE = text_param("rule", "Une règle", "A rule", r"[^\x00]{1,64}", "a rule's id, such as ML-10", example="ML-10")     # whoever holds a lot names it
BUYER = text_param("buyer", "Un acheteur ; vide, inconnu", "A buyer; empty, unknown", f"({SLUG})?", "an actor's slug, or nothing")
SELLER = text_param("seller", "Un vendeur ; vide, inconnu", "A seller; empty, unknown", f"({SLUG})?", "an actor's slug, or nothing")
OF_RECEIPTS = (DAY, MONTH, YEAR, DISTRICT, SOCIETY, SITE, COLLECTOR, UNION)
OF_BOOKED = (CUSTODIAN, STEP, MONTH, YEAR)
OF_STOCK = (KIND, CUSTODIAN)
OF_BARS = (CUSTODIAN, MONTH, YEAR)
OF_CONSIGNMENTS = (BUYER, SELLER, MONTH, YEAR)
