"""How late and how coarse figures about metal are for those who may not see where it is (principle 7)."""
import datetime as dt
import tomllib
from collections.abc import Collection
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

from services.reporting.figures.asked import Asked, Table
from shared.errors import Forbidden
from shared.parameters import today

FILE = Path(__file__).parents[3] / "data" / "metal-figures.toml"
NEEDS = "lots:read"


class Limits(NamedTuple):
    delay_days: int
    fewest_receipts: int
    fewest_custodians: int


@cache
def limits() -> Limits:
    return Limits(**tomllib.loads(FILE.read_text("utf-8")))


def late(asked: Asked) -> Asked:
    """As of some days ago, if the caller asks for later and may not see where metal is."""
    if asked.lots:
        return asked
    last = dt.date.fromisoformat(today()) - dt.timedelta(days=limits().delay_days)
    return replace(asked, as_of=min(asked.as_of, last.isoformat()))


def coarse(asked: Asked, by: Collection[str], fine: Collection[str]) -> None:
    """Raises Forbidden for a dimension of `fine` that would say who holds metal, or where."""
    if not asked.lots and (too_fine := [d for d in by if d in fine]):
        raise Forbidden(f"by {too_fine[0]} a figure says where metal is", field="by", rule=NEEDS)


def delayed(asked: Asked) -> Table:
    return {} if asked.lots else {"delayed_days": limits().delay_days}
