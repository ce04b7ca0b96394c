"""How much of a life, from when to when: which day brings how many receipts."""
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate

from services.gold_trade import season

LAST = date(2025, 12, 31)               # by then all societies of the report are there, and one seasonal stop has been
MONTHS = (12, 12, 12, 11, 10, 6, 3, 2, 3, 8, 10, 11)         # how much of a year's gold comes in January, February …
GROWTH = 4                              # in this many years as much again is brought as in the first
IN_STOP = 1000                          # one receipt of so many comes within a stop
PER_HOUSE, MOST_HOUSES = 2000, 24


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`began`: what the devices' clocks say; the same in a run that goes on with an earlier one."""

    seed: int
    receipts: int
    miners: int
    first: date
    last: date
    began: str

    @classmethod
    def of_years(cls, seed: int, years: int, receipts: int, miners: int, began: str) -> "Plan":
        return cls(seed=seed, receipts=receipts, miners=miners, first=date(LAST.year + 1 - years, 1, 1), last=LAST, began=began)

    @property
    def houses(self) -> int:
        """How many comptoirs buy."""
        return max(3, min(MOST_HOUSES, self.receipts // PER_HOUSE))

    @cached_property
    def days(self) -> dict[str, int]:
        """Day to its receipts; within a stop a few, which will be held or drawn from declared stock."""
        all_ = [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]
        stopped = [day for day in all_ if season.covering(day.isoformat())]
        few = min(self.receipts, max(2, self.receipts // IN_STOP)) if stopped else 0
        open_ = {day.isoformat(): MONTHS[day.month - 1] * (GROWTH + day.year - self.first.year) for day in all_ if day not in stopped}
        return dict(sorted({**_spread(self.receipts - few, open_), **_spread(few, dict.fromkeys(map(date.isoformat, stopped), 1))}.items()))

    @property
    def months(self) -> list[str]:
        return sorted({day[:7] for day in self.days})

    def of_month(self, month: str) -> dict[str, int]:
        return {day: n for day, n in self.days.items() if day[:7] == month and n}


def _spread(number: int, weights: Mapping[str, int]) -> dict[str, int]:
    """By weight, and evenly along the days even where they are more than the receipts."""
    whole = sum(weights.values())
    ends = [number * before // whole for before in accumulate(weights.values())]
    return {day: end - begin for day, begin, end in zip(weights, [0, *ends], ends)}     # noqa: B905 - the last end begins nothing
