"""What went into a step, and whose what came out of it is: pooled, and divided by largest remainder in both ledgers."""
from collections.abc import Mapping
from typing import NamedTuple

from services.gold_trade.metal.arithmetic import split

Part = tuple[int, int]                                  # gross and fine mg
Parts = dict[str, Part]                                 # by society


class Pool(NamedTuple):
    """How many lots come out of a step, how much fine gold of what is missing is loss, and the lots with their masses as they were formed."""

    outputs: int
    lost_mg: int
    formed: dict[str, Part]


class Divided(NamedTuple):
    """Whose each lot is, and whose loss and whose assay difference the rest."""

    formed: dict[str, Parts]
    lost: Parts
    assay: Parts


def divided(whole: Mapping[str, Part], pool: Pool) -> Divided:
    """All lots are divided alike, by what each society brought; what is missing of the fine gold is loss as far as the step says so."""
    by_gross, by_fine = {s: max(g, 0) for s, (g, _) in whole.items()}, {s: max(f, 0) for s, (_, f) in whole.items()}
    rest = dict(whole)
    formed: dict[str, Parts] = {}
    for lot, (gross_mg, fine_mg) in sorted(pool.formed.items()):
        gross, fine = split(gross_mg, by_gross), split(fine_mg, by_fine)
        formed[lot] = {s: (gross[s], fine[s]) for s in whole}
        rest = plus(rest, less(formed[lot]))
    lost = _lost(pool.lost_mg, {s: f for s, (_, f) in rest.items()})
    return Divided(formed, {s: (g, lost[s]) for s, (g, _) in rest.items()}, {s: (0, f - lost[s]) for s, (_, f) in rest.items()})


def _lost(lost_mg: int, missing: Mapping[str, int]) -> dict[str, int]:
    """How much of what each misses is loss: all where all is, nothing where all was assayed differently."""
    if lost_mg == sum(missing.values()):
        return dict(missing)
    return split(lost_mg, {s: max(mg, 0) for s, mg in missing.items()})


def plus(one: Mapping[str, Part], other: Mapping[str, Part]) -> Parts:
    sums = dict(one)
    for society, (gross, fine) in other.items():
        before = sums.get(society, (0, 0))
        sums[society] = before[0] + gross, before[1] + fine
    return sums


def less(parts: Mapping[str, Part]) -> Parts:
    return {s: (-g, -f) for s, (g, f) in parts.items()}
