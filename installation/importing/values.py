"""Texts of cells → a row of `register-miners`, and what is wrong with them."""
import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .columns import Layout, Mapped, plain
from .faults import Fault, fault

SEXES = {**dict.fromkeys(("f", "femme", "female", "feminin"), "female"), **dict.fromkeys(("h", "m", "homme", "male", "masculin"), "male")}
NOTHING = ("", "-", "–", "—")
ERRORS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!")
CARD = ("card_type", "issuer", "number", "valid_from", "valid_until")
YEAR = re.compile(r"(?:19[0-9]{2}|20[0-9]{2}|2100)\Z")
DATE = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?(?:[ T]00:00(?::00)?)?\Z")
CUT_NUMBER = re.compile(r"-?[0-9]+(?:[.,][0-9]+E[+-]?|E[+-])[0-9]+\Z", re.IGNORECASE)       # 1.23456789012346E+18: a spreadsheet keeps fifteen digits
FRENCH_DATE = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})\Z")


class Wrong(Exception):
    """What a value should be: one of the rules of `faults`."""


def clean(cell: str) -> str:
    """Raises Wrong for what no person writes into a cell."""
    text = " ".join(cell.split())
    if text.isascii():
        if not text.isprintable():
            raise Wrong("a character that is none")
    else:
        text = unicodedata.normalize("NFC", text)
        if any(unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn") or c == "\N{REPLACEMENT CHARACTER}" for c in text):
            raise Wrong("a character that is none")
    if text[:1] in ("=", "@"):
        raise Wrong("a formula, not a value")
    if text in ERRORS:
        raise Wrong("the sheet shows an error in this cell")
    if CUT_NUMBER.match(text):
        raise Wrong("a number too long for a cell: write it as text")
    return "" if text in NOTHING else text


def sex(text: str) -> str:
    if (said := SEXES.get(plain(text))) is None:
        raise Wrong("one of F, H, M, femme, homme")
    return said


def year(text: str) -> int:
    if not YEAR.match(text):
        raise Wrong("a year of four digits, from 1900 to 2100")
    return int(past(text))


def past(date: str) -> str:
    """What is told as having been. Raises Wrong for a day, month or year that lies wholly ahead."""
    if date > dt.date.today().isoformat()[:len(date)]:
        raise Wrong("lies in the future")
    return date


def date(text: str) -> str:
    """As precisely as it is known, in ISO form."""
    if match := FRENCH_DATE.match(text):
        day, month, year_ = match.groups()
    elif match := DATE.match(text):
        year_, month, day = match.groups()
    else:
        raise Wrong("a date: 2024-11-17, 17/11/2024, 2024-11 or 2024")
    try:
        dt.date(int(year_), int(month or 1), int(day or 1))
    except ValueError as e:
        raise Wrong("not a day of the calendar") from e
    return "-".join([year_, *(f"{int(part):02}" for part in (month, day) if part)])


def day(text: str) -> str:
    said = date(text)
    if len(said) < 10:
        raise Wrong("a day: 2024-11-17 or 17/11/2024")
    return said


def slug(text: str) -> str:
    """"Niéna" → niena."""
    return plain(text).replace("_", "-")[:64] or text


READ: Mapping[str, Callable[[str], Any]] = {"sex": sex, "birth_year": year, "admitted_on": lambda text: past(date(text)), "valid_from": day, "valid_until": day,
                                            "organisation": slug, "site": slug, "card_type": slug}


def read(number: int, cells: Sequence[str], layout: Layout, mapped: Mapped) -> tuple[dict[str, Any], list[Fault]]:
    """The row as the command takes it, without its pseudonym; of no use if anything is wrong with it."""
    faults: list[Fault] = []
    said: dict[str, Any] = {}
    for name, cell in zip(layout.fields, cells, strict=False):
        if not name or not cell:
            continue
        try:
            if text := clean(cell):
                if words := mapped.values.get(name):
                    text = words.get(plain(text), text)
                said[name] = READ[name](text) if name in READ else text
        except Wrong as e:
            faults.append(fault(number, name, str(e)))
    if any(cell.strip() for cell in cells[len(layout.fields):]):
        faults.append(fault(number, "", "more cells than headings: a separator within a value?"))
    faults += _together(number, said, {f.field for f in faults})
    if card := {k: said.pop(k) for k in CARD if k in said}:
        said["card"] = card
    return said, faults


def _together(number: int, said: Mapping[str, Any], wrong: set[str]) -> list[Fault]:
    """What only shows when all of a row is known; what is wrong already is not said again."""
    needed = [("name", "missing")]
    if "admitted_on" in said:
        needed.append(("organisation", "needed with the date of admission"))
    if any(k in said for k in CARD):
        needed += [(k, "needed with a card") for k in ("card_type", "number")]
    faults = [fault(number, k, rule) for k, rule in needed if k not in said and k not in wrong]
    if said.get("valid_from", "") > said.get("valid_until", "9999"):
        faults.append(fault(number, "valid_until", "lies before the first day of the card"))
    return faults
