"""Which figures of a table are left out because they count few, and which beside them, so that none is found from a sum that is told."""
import itertools
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any

Key = tuple[str, ...]
Margin = Callable[[Key], Hashable]
Coarser = Mapping[str, Sequence[Callable[[str], str]]]


def margins(by: Sequence[str], coarser: Coarser) -> Iterator[Margin]:
    """The sums that a table by some dimensions lies within: over all values of a dimension, or over those that share a coarser one."""
    yield lambda key: ()
    for n, dimension in enumerate(by):
        for of in (*coarser.get(dimension, ()), lambda value: ""):
            yield lambda key, n=n, of=of: (*key[:n], of(key[n]), *key[n + 1:])  # type: ignore[misc]


def hidden(counts: Mapping[Key, int], few: int, sums: Sequence[Margin]) -> set[Key]:
    """Cells under `few`; and in each sum the next smallest, until what is left out there are two at least that count `few` together."""
    out = {key for key, n in counts.items() if n < few}
    groups: list[list[list[Key]]] = []
    for margin in sums:
        of: dict[Hashable, list[Key]] = defaultdict(list)
        for key in counts:
            of[margin(key)].append(key)
        groups.append(list(of.values()))
    groups.sort(key=len, reverse=True)                 # what is left out of a narrow sum is left out of a wider one, too
    for n in range(len(groups)):
        told = -1
        while out and told != len(out):                # what one sum takes out may stand alone in another
            told = len(out)
            for keys in itertools.chain.from_iterable(groups[:n + 1]):
                out |= _beside(keys, out, counts, few)
    return out


def _beside(keys: Sequence[Key], out: set[Key], counts: Mapping[Key, int], few: int) -> set[Key]:
    gone = [key for key in keys if key in out]
    left = sorted((key for key in keys if key not in out), key=lambda key: (counts[key], key))
    more: set[Key] = set()
    while gone and left and (len(gone) < 2 or sum(counts[key] for key in gone) < few):
        gone.append(left.pop(0))
        more.add(gone[-1])
    return more


def masked(facts: Mapping[str, Any], few: int) -> dict[str, Any]:
    """With numbers under `few` as text that says no more."""
    return {k: f"< {few}" if type(v) is int and v < few else v for k, v in facts.items()}
