"""What a step may lose before somebody looks (G5): dated configuration [M], which warns and holds and never refuses."""
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from .arithmetic import WHOLE

FILE = Path(__file__).parents[3] / "data" / "tolerances.toml"
RULE = "mass-balance"
HANDOVER = "handover"                   # a step of its own here: two scales, the same metal


class Tolerance(NamedTuple):
    """Parts in 100,000 of what went in."""

    gross_per_100k: int
    fine_per_100k: int


class Mass(NamedTuple):
    """Milligrams."""

    gross_mg: int
    fine_mg: int


@cache
def _dated() -> dict[str, list[tuple[str, Tolerance]]]:
    """By step, with the first day of each, the earliest first."""
    found: dict[str, list[tuple[str, Tolerance]]] = {}
    for line in tomllib.loads(FILE.read_text("utf-8"))["tolerances"]:
        dated = line["effective_from"].isoformat(), Tolerance(line["gross_per_100k"], line["fine_per_100k"])
        found.setdefault(line["step"], []).append(dated)
    return {step: sorted(lines) for step, lines in found.items()}


def of(step: str, day: str, stated_per_100k: int | None = None) -> Tolerance:
    """As configured for `day` (ISO 8601); what somebody states narrows what the balance may say, and never widens it. Raises KeyError."""
    lines = _dated()[step]
    gross, fine = next((tolerance for first, tolerance in reversed(lines) if first <= day), lines[0][1])
    return Tolerance(gross if stated_per_100k is None else min(gross, stated_per_100k), fine)


def breach(before: Mass, after: Mass, step: str, day: str, stated_per_100k: int | None = None) -> dict[str, Any] | None:
    """The finding where a ledger lost or gained more than `step` may on `day`; it holds where metal came of nothing. None where all is well."""
    tolerance = of(step, day, stated_per_100k)
    beyond = [went_in < came_out for went_in, came_out, most in zip(before, after, tolerance, strict=True)
              if abs(went_in - came_out) * WHOLE > most * went_in]
    return {"rule": RULE, "hold": any(beyond)} if beyond else None
