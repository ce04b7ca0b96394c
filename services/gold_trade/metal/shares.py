"""Whose gold is in a bar: exact fractions through every blend, rounded once (G6; principle 4)."""
from collections import defaultdict
from collections.abc import Iterable, Mapping
from math import gcd
from typing import NamedTuple

from .arithmetic import split


class Spent(NamedTuple):
    """A lot that went into a transformation, with what it counted there; `formed_in` is '' for a receipt."""

    lot: str
    transformation: str
    fine_mg: int
    formed_in: str


class Part(NamedTuple):
    """A fraction that need not be in lowest terms: a bar has ten thousand of them, and nobody adds them up."""

    numerator: int
    denominator: int


def parts_of(bar_formed_in: str, inputs: Iterable[Spent]) -> dict[str, Part]:
    """Receipt to its part of what was formed in `bar_formed_in`; the parts sum to one. All outputs of a transformation have the same parts.

    `inputs` are those of all transformations behind it. Where nothing fine went in, each input has the same part.
    """
    into: dict[str, list[Spent]] = defaultdict(list)
    for spent in inputs:
        into[spent.transformation].append(spent)
    weight = {bar_formed_in: Part(1, 1)}
    parts: dict[str, Part] = {}
    for transformation in downwards(bar_formed_in, below(into)):
        taken = into.get(transformation, [])
        whole = sum(s.fine_mg for s in taken)
        n, d = weight[transformation]
        common = gcd(n, whole or len(taken))
        n, d = n // common, d * ((whole or len(taken)) // common)          # of each milligram, or each lot
        for lot, _, fine_mg, formed_in in taken:
            part = Part(n * (fine_mg if whole else 1), d)
            if not formed_in:
                parts[lot] = part                                          # spent once, so it stands once
            elif formed_in in weight:
                weight[formed_in] = _sum(weight[formed_in], part)
            else:
                weight[formed_in] = _least(part)
    return parts


def _sum(a: Part, b: Part) -> Part:
    return _least(Part(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator))


def _least(part: Part) -> Part:
    common = gcd(part.numerator, part.denominator)
    return Part(part.numerator // common, part.denominator // common)


def of_it(lot: str, formed_in: str, inputs: Iterable[Spent], formed_mg: Mapping[str, int]) -> dict[str, int]:
    """How many mg of each lot formed there came of `lot`: of a receipt, the same to the milligram as its share of each."""
    parts = parts_of(formed_in, (s._replace(formed_in="") if s.lot == lot else s for s in inputs))
    return {each: rounded(mg, parts)[lot] for each, mg in formed_mg.items()}


def below(into: Mapping[str, Iterable[Spent]]) -> dict[str, set[str]]:
    """Transformation to those its inputs were formed in."""
    return {transformation: {s.formed_in for s in taken if s.formed_in} for transformation, taken in into.items()}


def downwards(top: str, below: Mapping[str, set[str]]) -> list[str]:
    """Transformations from `top` on in such an order that each comes before those that `below` names for it."""
    waiting: dict[str, int] = defaultdict(int)
    seen, stack = {top}, [top]
    while stack:
        for one in below.get(stack.pop(), ()):
            waiting[one] += 1
            if one not in seen:
                seen.add(one)
                stack.append(one)
    order, ready = [], [top]
    while ready:
        order.append(transformation := ready.pop())
        for one in below.get(transformation, ()):
            waiting[one] -= 1
            if not waiting[one]:
                ready.append(one)
    return order


def rounded(total_mg: int, parts: Mapping[str, Part]) -> dict[str, int]:
    """`total_mg` by largest remainder, ties by id; sums exactly."""
    if not parts:
        return {}
    # Remainders are compared as whole numbers with so many bits that two different ones never look alike.
    bits = 2 * max(part.denominator for part in parts.values()).bit_length()
    whole: dict[str, int] = {}
    order = []
    for id_, part in parts.items():
        denominator = part.denominator
        whole[id_], rest = divmod(total_mg * part.numerator, denominator)
        order.append((-((rest << bits) // denominator), id_))
    order.sort()
    for _, id_ in order[:total_mg - sum(whole.values())]:
        whole[id_] += 1
    return whole


def among_miners(mg: int, agreed: Mapping[str, int]) -> dict[str, int]:
    """A receipt's milligrams by the shares agreed at the counter."""
    if len(agreed) < 2:
        return dict.fromkeys(agreed, mg)
    return split(mg, agreed)
