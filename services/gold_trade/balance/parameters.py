"""The parameters of the queries about balance, stock and consignments."""
import datetime as dt

from services.gold_trade.projections.consignments import STAGES
from shared import dates
from shared.errors import BadRequest
from shared.parameters import choice, min_position, slug, today
from shared.route import Param

NAME = "gold_trade"
HELD, FREE = "held", "free"


def a_day(text: str, name: str) -> str:
    """Raises BadRequest."""
    try:
        return dt.date.fromisoformat(text).isoformat() if len(text) == len("2024-11-30") else _no_day(text, name)
    except ValueError:
        return _no_day(text, name)


def _no_day(text: str, name: str) -> str:
    raise BadRequest(f"'{text[:40]}' is not a date", field=name, rule="a day: YYYY-MM-DD")


AS_OF = Param(name="as_of", fr="Les comptes à la fin de ce jour", en="The accounts at the end of this day", read=a_day, default=today,
              schema={"type": "string", "pattern": f"^{dates.DAY}$"}, example="2024-11-30")
HOLDER = slug("holder", "D'un seul détenteur", "Of one holder", example="comptoir-exemple")
HELD_OR_NOT = choice("held", "Retenus ou libres seulement", "Only held ones, or only free ones", (HELD, FREE))
AFTER_LOT = slug("after", "Le lot derrière lequel la page commence", "The lot behind which the page begins", example="recu-exemple-1")
AFTER_CONSIGNMENT = slug("after", "L'envoi derrière lequel la page commence", "The consignment behind which the page begins", example="envoi-exemple")
STAGE = choice("stage", "À une étape", "At one stage", STAGES)
SOCIETY = slug("society", "La société", "The society", example="niena")
CONSIGNMENT = slug("consignment", "L'envoi", "The consignment", example="envoi-exemple")
MIN_POSITION = min_position(NAME)
