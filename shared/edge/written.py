"""How pages write what they show: days as French writes them, codes with their English beside, and links to the same page."""
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

MONTHS = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


def day(text: str) -> str:
    """An EDTF date as French writes it: 17 novembre 2019, novembre 2019, 2019; a range with a dash; '' stays ''."""
    if "/" in text:
        first, _, last = text.partition("/")
        return f"{day(first)} – {day(last)}"
    match = _DATE.fullmatch(text)
    if match is None:
        return text
    year, month, number = match.groups()
    if month is None:
        return year
    written = f"{MONTHS[int(month) - 1]} {year}"
    return f"{'1er' if number == '01' else int(number)} {written}" if number else written


def code(text: str) -> str:
    """A code of a few words as text: assistance-juridique is assistance juridique."""
    return text.replace("-", " ").replace("_", " ")


def said(codes: Mapping[str, tuple[str, str]], value: str) -> Markup:
    """The French of a code, with its English beside."""
    fr, en = codes.get(value, (code(value), ""))
    beside = Markup(' <span class="en" lang="en">{}</span>').format(en) if en and en.casefold() != fr.casefold() else Markup("")
    return Markup("{}{}").format(fr, beside)


def query(given: Mapping[str, Any], **changed: Any) -> str:
    """The query of a link to the same page with some parameters changed; empty ones are left out."""
    whole = {k: v for k, v in {**given, **changed}.items() if v}
    return f"?{urlencode(whole)}" if whole else "?"
