"""How long a miner's card holds: to its last day, or, where it names none, as long as data/cards.toml says (ML-06)."""
import datetime as dt
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from .days import day_after, years_after
from .facts import Fact

FILE = Path(__file__).parents[3] / "data" / "cards.toml"


class Period(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many years for cards that begin on one of these days; none of it is law that was verified, so it is to check at most."""

    id: str
    years: Annotated[int, msgspec.Meta(ge=1)]
    effective_from: dt.date
    tag: Literal["V2", "M"]
    source: str
    effective_to: dt.date = dt.date.max


@cache
def periods() -> Sequence[Period]:
    return msgspec.convert(tomllib.loads(FILE.read_text("utf-8"))["periods"], list[Period])


def begins(card: Fact) -> str:
    """A card counts from its first day; one without from the day it was noted for."""
    return str(card.data.get("valid_from", card.counts_from))


def ends(card: Fact) -> str:
    """The first day on which it holds no longer; '' where nothing says so."""
    if "valid_until" in card.data:
        return day_after(card.data["valid_until"])
    first = begins(card)
    years = next((p.years for p in periods() if p.effective_from.isoformat() <= first <= p.effective_to.isoformat()), 0)
    return years_after(first, years) if years else ""
