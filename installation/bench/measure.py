"""How a figure is taken: our way and the stock way in turns on the same noisy machine, and the median of their ratios."""
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from .place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`ratio` is ours to stock; the floor is its least, or where `at_most`, its most (of `ours` where there is no stock)."""

    ours: float
    stock: float | None
    ratio: float | None
    unit: str
    runs: Sequence[dict[str, Any]]
    floor: float
    at_most: bool = False
    note: str = ""

    @property
    def holds(self) -> bool:
        value = self.ours if self.ratio is None else self.ratio
        return value <= self.floor if self.at_most else value >= self.floor

    def document(self) -> dict[str, Any]:
        return {"ours": rounded(self.ours), "stock": rounded(self.stock), "ratio": rounded(self.ratio), "unit": self.unit, "runs": self.runs,
                "floor": self.floor, "at_most": self.at_most, "holds": self.holds, "note": self.note}


def rounded(value: float | None) -> float | None:
    """Three digits behind small numbers, none behind large ones."""
    return value if value is None else round(value) if abs(value) >= 1000 else round(value, 3)


def in_turns(place: Place, ours: Callable[[], float], stock: Callable[[], float], *, unit: str, floor: float, at_most: bool = False,
             note: str = "") -> Figure:
    """Ours, stock, ours, stock …"""
    runs = []
    for number in range(place.runs):
        pair = {"ours": ours(), "stock": stock()}
        runs.append({**pair, "ratio": pair["ours"] / pair["stock"]})
        place.say(f"  run {number + 1} of {place.runs}: ours {pair['ours']:,.1f}, stock {pair['stock']:,.1f} {unit}, ratio {runs[-1]['ratio']:,.2f}")
    middle = {name: median(run[name] for run in runs) for name in ("ours", "stock", "ratio")}
    return Figure(**middle, unit=unit, floor=floor, at_most=at_most, note=note,
                  runs=[{name: rounded(value) for name, value in run.items()} for run in runs])
