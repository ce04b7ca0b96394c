"""The parameters of reporting's queries: what each means, and how its text is read."""
from dataclasses import replace

from shared import dates
from shared.config import SERVICES
from shared.errors import BadRequest
from shared.parameters import SLUG_SCHEMA, today
from shared.route import Param, one_of

from .district_table import LEVELS


def day(text: str, name: str) -> str:
    """A month or year means its last day. Raises BadRequest."""
    return dates.counts_from(text, name)


def place_in_feed(text: str, name: str) -> tuple[str, int]:
    source, _, number = text.rpartition(":")
    if source not in SERVICES or not (number.isascii() and number.isdigit()) or len(number) > 18:
        raise BadRequest(f"{name} is <service>:<position>", field=name, rule=", ".join(SERVICES))
    return source, int(number)


AS_OF = Param(name="as_of", fr="À quelle date ; sans elle, aujourd'hui. Un mois ou une année vaut son dernier jour",
              en="On which day; today without it. A month or year means its last day", read=day, default=today, example="2024-11-30",
              schema={"type": "string", "pattern": f"^{dates.PATTERN}$"})
FORM_DAY = replace(AS_OF, read=lambda text, name: day(text, name) if text else today(),     # a form's empty field is sent too
                   schema={"type": "string", "pattern": f"^({dates.PATTERN})?$"})
BASIS = Param(name="basis", fr="Ce que les sources déclarent, ou ce qui suit des organisations notées une à une",
              en="What sources declare, or what follows from the organisations recorded one by one", read=one_of("declared", "derived"),
              default="declared", example="declared", schema={"enum": ["declared", "derived"], "default": "declared"})
MIN_POSITION = Param(name="min_position", fr="Attendre, 5 s au plus, que cet événement soit vu : <service>:<position> d'une réponse à une commande",
                     en="Wait, at most 5 s, until this event is seen: <service>:<position> of a command's answer", read=place_in_feed, default=None,
                     schema={"type": "string", "pattern": f"^({'|'.join(SERVICES)}):[0-9]{{1,18}}$"}, example="membership:1")
FORMAT = Param(name="format", fr="CSV au lieu de JSON ; ou Accept: text/csv", en="CSV in place of JSON; or Accept: text/csv", read=one_of("json", "csv"),
               schema={"enum": ["json", "csv"], "default": "json"}, default="")
DISTRICT = Param(name="district", fr="Le district ; sans lui, les organisations sans district connu", en="The district; without it, organisations in none",
                 example="kangaba")
COLUMN = Param(name="column", fr="Quelle colonne du tableau", en="Which column of the table", read=one_of(*LEVELS), default="base",
               schema={"enum": list(LEVELS), "default": "base"})
EVENT = Param(name="event", fr="L'événement à montrer", en="The event to show")
EVENT_ID = Param(name="id_", fr="L'identifiant de l'événement", en="The event's id", schema={"type": "string", "pattern": "^[0-9a-f-]{36}$"},
                 example="01a20cc6-ac18-7740-9507-82aa48a57fe0")
WEBHOOK = Param(name="webhook", fr="Le nom du webhook", en="The webhook's name", schema=SLUG_SCHEMA, example="exemple")
