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
    """For who may not see where metal is, as of the last day of a month that was over some days ago, and as known when a month began.

    By month, for what two days apart told would be what one day brought.
    """
    if asked.lots:
        return asked
    last = dt.date.fromisoformat(min(asked.as_of, (dt.date.fromisoformat(today()) - dt.timedelta(days=limits().delay_days)).isoformat()))
    before_its_month = (last + dt.timedelta(days=1)).replace(day=1).toordinal() - 1
    return replace(asked, as_of=dt.date.fromordinal(max(before_its_month, 1)).isoformat(),
                   known_at=f"{asked.known_at[:7]}-01T00:00:00.000Z" if asked.known_at else "")


def coarse(asked: Asked, by: Collection[str], fine: Collection[str]) -> None:
    """Raises Forbidden for a dimension of `fine` that would say who holds metal, or where."""
    if not asked.lots and (too_fine := [d for d in by if d in fine]):
        raise Forbidden(f"by {too_fine[0]} a figure says where metal is", field="by", rule=NEEDS)


def delayed(asked: Asked) -> Table:
    return {} if asked.lots else {"delayed_days": limits().delay_days}
