"""Which figures are left out: the small ones, and those from which a small one would follow."""
from hypothesis import given
from hypothesis import strategies as st

from shared.small_cells import Key, hidden, margins

FEW = 5
WHERE = {"a": "north", "b": "north", "c": "south", "d": "south"}
SUMS = list(margins(("who", "sex"), {"who": [lambda who: WHERE[who]]}))


def of_one(counts: dict[str, int], coarser: dict[str, str] | None = None) -> set[str]:
    sums = margins(("who",), {"who": [lambda who: coarser[who]]} if coarser else {})
    return {key[0] for key in hidden({(who,): n for who, n in counts.items()}, FEW, list(sums))}


def test_nothing_is_left_out_where_nothing_is_small() -> None:
    assert of_one({"a": 5, "b": 9}) == set()


def test_beside_one_small_figure_the_next_smallest_is_left_out() -> None:
    assert of_one({"a": 3, "b": 40, "c": 9, "d": 20}) == {"a", "c"}


def test_two_small_figures_keep_each_other_secret_if_they_are_not_few_together() -> None:
    assert of_one({"a": 3, "b": 4, "c": 9}) == {"a", "b"}
    assert of_one({"a": 1, "b": 2, "c": 9, "d": 10}) == {"a", "b", "c"}
    assert of_one({"a": 1, "b": 0, "c": 9, "d": 10}) == {"a", "b", "c"}


def test_a_coarser_sum_is_told_too() -> None:
    assert of_one({"a": 3, "b": 40, "c": 9, "d": 20}, WHERE) == {"a", "b"}


CELLS = st.dictionaries(st.tuples(st.sampled_from("abcd"), st.sampled_from(("f", "m", "?"))), st.integers(0, 12), max_size=12)


@given(CELLS)
def test_in_every_sum_none_or_two_are_left_out_or_all_of_it(counts: dict[Key, int]) -> None:
    out = hidden(counts, FEW, SUMS)
    assert {key for key, n in counts.items() if n < FEW} <= out <= set(counts)
    for margin in SUMS:
        for of in {margin(key) for key in counts}:
            keys = {key for key in counts if margin(key) == of}
            gone = keys & out
            assert not gone or gone == keys or (len(gone) > 1 and sum(counts[key] for key in gone) >= FEW)
