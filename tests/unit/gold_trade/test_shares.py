"""Whose gold is in a bar, against a recount in plain fractions that knows nothing of how it is done fast (G6; principle 4)."""
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from services.gold_trade.metal import shares
from services.gold_trade.metal.shares import Spent

masses = st.integers(0, 40)


@st.composite
def blends(draw: st.DrawFn) -> tuple[list[Spent], dict[str, tuple[str, int]]]:
    """What was spent, and what is left: lot to the step it was formed in ('' for a receipt) and its fine mg."""
    lots = {f"r{n}": ("", mg) for n, mg in enumerate(draw(st.lists(masses, min_size=1, max_size=8)))}
    spent: list[Spent] = []
    for n in range(draw(st.integers(1, 6))):
        taken = draw(st.lists(st.sampled_from(sorted(lots)), min_size=1, max_size=4, unique=True))
        spent += [Spent(lot, f"t{n}", lots[lot][1], lots[lot][0]) for lot in taken]
        for lot in taken:
            del lots[lot]
        lots |= {f"l{n}-{m}": (f"t{n}", mg) for m, mg in enumerate(draw(st.lists(masses, min_size=1, max_size=3)))}
    return spent, lots


def recount(step: str, spent: list[Spent]) -> dict[str, Fraction]:
    taken = [s for s in spent if s.transformation == step]
    whole = sum(s.fine_mg for s in taken)
    parts: dict[str, Fraction] = {}
    for s in taken:
        share = Fraction(s.fine_mg, whole) if whole else Fraction(1, len(taken))
        for receipt, part in (recount(s.formed_in, spent) if s.formed_in else {s.lot: Fraction(1)}).items():
            parts[receipt] = parts.get(receipt, Fraction()) + share * part
    return parts


@given(blends())
def test_the_parts_are_those_of_a_recount_and_sum_to_one(world: tuple[list[Spent], dict[str, tuple[str, int]]]) -> None:
    spent, lots = world
    for step in {formed_in for formed_in, _ in lots.values() if formed_in}:
        parts = {lot: Fraction(*part) for lot, part in shares.parts_of(step, spent).items()}
        assert parts == recount(step, spent) and sum(parts.values()) == 1


@given(blends())
def test_what_a_receipt_gave_to_a_lot_is_its_share_of_that_lot(world: tuple[list[Spent], dict[str, tuple[str, int]]]) -> None:
    spent, lots = world
    for lot, (formed_in, mg) in lots.items():
        if formed_in:
            share = shares.rounded(mg, shares.parts_of(formed_in, spent))
            assert sum(share.values()) == mg
            assert {r: shares.of_it(r, formed_in, spent, {lot: mg})[lot] for r in share} == share


@given(blends())
def test_of_a_lot_between_it_is_a_part_like_any_other(world: tuple[list[Spent], dict[str, tuple[str, int]]]) -> None:
    """Rounded once, so less than a milligram from the exact one."""
    spent, lots = world
    for formed_in, mg in lots.values():
        taken = [s for s in spent if s.transformation == formed_in]
        whole = sum(s.fine_mg for s in taken)
        for s in taken:
            exact = Fraction(mg * s.fine_mg, whole) if whole else Fraction(mg, len(taken))
            assert abs(shares.of_it(s.lot, formed_in, spent, {"it": mg})["it"] - exact) < 1
