"""The parameters of membership's queries and pages: what each means, and how its text is read."""
import re

from shared.errors import BadRequest
from shared.parameters import SLUG_SCHEMA, choice, min_position, slug
from shared.route import Param, one_of

from .directory import LEVELS, STATUSES
from .projections.findings import STATES

NAME = "membership"
_BEFORE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.([0-9]{1,18})", re.ASCII)
_FINDING = re.compile(r"[a-z0-9][a-z0-9-]{0,63}:[A-Za-z0-9.-]{1,64}", re.ASCII)


def before(text: str, name: str) -> tuple[str, int]:
    match = _BEFORE.fullmatch(text)
    if match is None:
        raise BadRequest(f"{name} is <day>.<position>", field=name, rule="as the Link of the page before said it")
    return match[1], int(match[2])


def a_finding(text: str, name: str) -> str:
    if not _FINDING.fullmatch(text):
        raise BadRequest(f"{name} is <organisation>:<rule>", field=name)
    return text


def a_text(text: str, name: str) -> str:
    if len(text) > 200:
        raise BadRequest(f"{name} has at most 200 characters", field=name)
    return text.strip()


DISTRICT = slug("district", "D'un district", "Of one district", example="kangaba")
LEVEL = choice("level", "D'un niveau", "Of one level", LEVELS)
STATUS = choice("status", "Dans un état", "In one status", STATUSES)
Q = Param(name="q", fr="Un morceau d'un de ses noms, accents ou non", en="A part of one of its names, accents or not", read=a_text,
          schema={"type": "string", "maxLength": 200}, example="danaya")
PARENT = slug("parent", "Affiliées à elle", "Affiliated to it")
VIEW = Param(name="view", fr="Liste par nom, ou arbre des affiliations", en="List by name, or tree of affiliations", read=one_of("list", "tree"),
             default="list", schema={"enum": ["list", "tree"], "default": "list"})
AFTER = slug("after", "L'organisation derrière laquelle la page commence", "The organisation behind which the page begins")
BEFORE = Param(name="before", fr="La ligne de l'histoire avant laquelle la page commence : <jour>.<position>",
               en="The line of the timeline before which the page begins: <day>.<position>", read=before, default=None,
               schema={"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\.[0-9]{1,18}$"})
ALL = Param(name="all", fr="Aussi ce qui suit des faits : chaque constat et chaque situation", en="What follows from facts too: every finding and standing",
            read=one_of("1"), schema={"enum": ["1"]})
MIN_POSITION = min_position(NAME)
ORGANISATION = Param(name="organisation", fr="L'organisation", en="The organisation", schema=SLUG_SCHEMA, example="cnscom")
RULE = Param(name="rule", fr="D'une règle", en="Of one rule", read=a_text, schema={"type": "string", "maxLength": 200}, example="OH-05")
STATE = choice("state", "Dans un état", "In one state", STATES[:-1])
AFTER_FINDING = Param(name="after", fr="Le constat derrière lequel la page commence", en="The finding behind which the page begins", read=a_finding)
