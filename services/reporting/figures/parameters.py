"""The parameters of the figures about membership: what each means, and how its text is read."""
import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from shared.errors import BadRequest
from shared.parameters import today
from shared.route import MOST, Param, one_of, whole

from . import completeness, findings, growth, members, standings
from .sheet import FORMATS

SLUG = "[a-z0-9][a-z0-9-]{0,63}"


def like(pattern: str, rule: str) -> Callable[[str, str], str]:
    """Reads text that fits a pattern as a whole."""
    fits = re.compile(rf"(?:{pattern})\Z", re.ASCII)

    def read(text: str, name: str) -> str:
        if not fits.match(text):
            raise BadRequest(rule, field=name, rule=rule)
        return text
    return read


def text_param(name: str, fr: str, en: str, pattern: str, rule: str, **more: Any) -> Param:
    return Param(name=name, fr=fr, en=en, read=like(pattern, rule), schema={"type": "string", "pattern": f"^({pattern})$"}, **{"default": None, **more})


def choice(name: str, fr: str, en: str, values: tuple[str, ...], default: str | None = None, **more: Any) -> Param:
    schema = {"enum": list(values), **({"default": default} if default else {})}
    return Param(name=name, fr=fr, en=en, read=one_of(*values), schema=schema, default=default, **more)


def by(of: tuple[str, ...], default: str, two: str, example: str = "") -> Param:
    """One or two of the dimensions `of`; `two` is said to who asked for something else."""
    def read(text: str, name: str) -> tuple[str, ...]:
        found = tuple(text.split(","))
        if not (1 <= len(found) <= 2 and len(set(found)) == len(found) and set(found) <= set(of)):
            raise BadRequest(f"{name} is one or two of {', '.join(of)}", field=name, rule=f"such as {two}")
        return found

    one = "|".join(of)
    return Param(name="by", fr="Selon quoi compter : une ou deux dimensions", en="By what to count: one or two dimensions", read=read, default=(default,),
                 schema={"type": "string", "pattern": f"^({one})(,({one}))?$", "default": default}, example=example or default)


def this_month() -> str:
    return today()[:7]


def a_year_ago() -> str:
    day = dt.date.fromisoformat(today())
    return f"{day.year - 1:04}-{day.month:02}"


MONTH_PATTERN = "[0-9]{4}-(0[1-9]|1[0-2])"
BY = by(members.DIMENSIONS, "district", "district,sex", example="district,sex")
FORMAT = choice("format", "JSON, CSV ou XLSX ; ou l'en-tête Accept", "JSON, CSV or XLSX; or the Accept header", tuple(FORMATS), "", example="json")
FROM = text_param("from", "Premier mois ; sans lui, il y a un an", "First month; a year ago without it", MONTH_PATTERN, "a month, YYYY-MM",
                  default=a_year_ago, example="2024-01")
TO = text_param("to", "Dernier mois ; sans lui, ce mois", "Last month; this month without it", MONTH_PATTERN, "a month, YYYY-MM",
                default=this_month, example="2024-12")
MONTH = text_param("month", "Le mois ; sans lui, ce mois", "The month; this month without it", MONTH_PATTERN, "a month, YYYY-MM", default=this_month,
                   example="2024-11")
OF = choice("of", "De qui", "Of whom", growth.OF, "miner")
DISTRICT = text_param("district", "Un district ; vide, aucun district connu", "A district; empty, in none that is known", f"({SLUG})?",
                      "a district's slug, or nothing", example="kangaba")
LEVEL = choice("level", "Le niveau de l'organisation ; vide, qui n'existe pas à cette date", "The organisation's level; empty, not in being on that day",
               members.LEVELS)
ORGANISATION = text_param("organisation", "Une organisation", "An organisation", SLUG, "an organisation's slug")
SEX = choice("sex", "Le sexe", "The sex", members.SEXES)
AGE_BAND = choice("age_band", "La tranche d'âge", "The age band", members.AGE_BANDS)
RULE = text_param("rule", "Une règle", "A rule", "[A-Z]{2,8}-[0-9]{2}[a-z]?", "a rule's id, such as OH-01", example="OH-01")
ARTICLE = text_param("article", "Un article", "An article", "[A-Za-z0-9 ,.()~-]{1,60}", "an article as the finding names it", example="AUSCOOP 204")
STATE = choice("state", "L'état du constat", "The finding's state", findings.STATES)
VALUE = choice("value", "La situation", "The standing", standings.VALUES)
OF_LEVEL = choice("level", "Le niveau", "The level", completeness.LEVELS, "base")
WHAT = choice("what", "Quelle donnée", "Which datum", completeness.OF_ORGANISATIONS, "number")
RECORDED = choice("recorded", "Enregistrée ou manquante", "On record or missing", ("yes", "no"), "no")
AFTER_ORGANISATION = text_param("after", "L'organisation après laquelle la page commence", "The organisation behind which the page begins", f"({SLUG})?",
                                "an organisation's slug", default="")
AFTER_FINDING = text_param("after", "Le constat après lequel la page commence", "The finding behind which the page begins", f"({SLUG}:[A-Z0-9a-z-]{{1,20}})?",
                           "a finding's id", default="")
LIMIT = Param(name="limit", fr="Nombre d'organisations par page", en="How many organisations to a page", read=whole(1, MOST), default=MOST, example=50,
              schema={"type": "integer", "minimum": 1, "maximum": MOST, "default": MOST})
