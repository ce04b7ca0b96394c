"""How masses and fineness are written for people and read from what they write: grams and per mille, to the last milligram."""
import re
from decimal import Decimal

from shared.errors import BadRequest

THIN = "\u202f"
_SPACES = re.compile(r"[\s\u00a0\u202f]")
_MASS = re.compile(r"([0-9]{1,9})(?:[.,]([0-9]{1,3}))?")
_FINENESS = re.compile(r"([0-9]{1,4})(?:[.,]([0-9]{1,2}))?")


def _grouped(whole: int) -> str:
    return f"{whole:,}".replace(",", THIN)


def grams(mg: int) -> str:
    """1 234,567 g."""
    sign, mg = ("−" if mg < 0 else ""), abs(mg)
    return f"{sign}{_grouped(mg // 1000)},{mg % 1000:03}{THIN}g"


def short_grams(mg: int) -> str:
    """For a picture: three digits are enough there."""
    if abs(mg) >= 100_000:
        return f"{_grouped(round(mg / 1000))}{THIN}g"
    return f"{mg / 1000:.{1 if abs(mg) >= 10_000 else 2}f}{THIN}g".replace(".", ",")


def per_mille(per_100k: int) -> str:
    """912,76 ‰."""
    return f"{per_100k // 100},{per_100k % 100:02}{THIN}‰"


def percent(part: int, whole: int) -> str:
    if not whole:
        return "–"
    exact = Decimal(100 * part) / Decimal(whole)
    return f"< 0,01{THIN}%" if 0 < exact < Decimal("0.01") else f"{exact:.2f}{THIN}%".replace(".", ",")


def number(n: int) -> str:
    return _grouped(n)


def milligrams(text: str, field: str) -> int:
    """Of grams as people write them. Raises BadRequest."""
    match = _MASS.fullmatch(_SPACES.sub("", text))
    if not match:
        raise BadRequest(f"{field} is no mass", field=field, rule="grams, at most three digits behind the comma")
    return int(match[1] + (match[2] or "").ljust(3, "0"))


def per_100k(text: str, field: str) -> int:
    """Of per mille as people write it. Raises BadRequest."""
    match = _FINENESS.fullmatch(_SPACES.sub("", text))
    if not match:
        raise BadRequest(f"{field} is no fineness", field=field, rule="per mille, at most two digits behind the comma")
    return int(match[1] + (match[2] or "").ljust(2, "0"))
