"""Milligrams: floored, split without a remainder, and booked so that every event sums to zero in both ledgers."""
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

WHOLE = 100_000                     # fineness is parts of this
Entry = dict[str, Any]


def fine(gross_mg: int, fineness_per_100k: int) -> int:
    """Fine gold in mg, floored (AU-02; principle 3)."""
    return gross_mg * fineness_per_100k // WHOLE


def split(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    """`total` by largest remainder, ties by id; the parts sum exactly. Equal parts if no weight is above zero."""
    of = weights if any(weights.values()) else dict.fromkeys(weights, 1)
    whole = sum(of.values())
    parts = {id_: total * weight // whole for id_, weight in of.items()}
    if left := total - sum(parts.values()):
        for id_ in sorted(of, key=lambda id_: (-(total * of[id_] % whole), id_))[:left]:
            parts[id_] += 1
    return parts


def split_within(total: int, most: Mapping[str, int]) -> dict[str, int]:
    """As `split` by `most`, no part above its own most: a lot holds no more fine gold than metal. `total` is at most their sum."""
    parts = split(total, most)
    over = sum(max(0, parts[id_] - most[id_]) for id_ in parts)
    parts = {id_: min(part, most[id_]) for id_, part in parts.items()}
    for id_ in sorted(parts):
        more = min(over, most[id_] - parts[id_])
        parts[id_] += more
        over -= more
    return parts


def entry(account: str, of: str, gross_mg: int, fine_mg: int) -> Entry:
    return {"account": account, "of": of, "gross_mg": gross_mg, "fine_mg": fine_mg}


def booked(entries: Iterable[Entry]) -> list[Entry]:
    """One line per account, none that is zero twice. Raises ArithmeticError if a ledger does not balance: a fault of ours, never of the caller."""
    gross: Counter[tuple[str, str]] = Counter()
    fine_: Counter[tuple[str, str]] = Counter()
    for e in entries:
        gross[e["account"], e["of"]] += e["gross_mg"]
        fine_[e["account"], e["of"]] += e["fine_mg"]
    if sum(gross.values()) or sum(fine_.values()):
        raise ArithmeticError(f"off by {sum(gross.values())} mg gross, {sum(fine_.values())} mg fine")
    return [entry(*key, gross[key], fine_[key]) for key in sorted(gross) if gross[key] or fine_[key]]


def moved(lots: Sequence[Any], to: str) -> list[Entry]:
    """Lots from their custodians to another."""
    return booked([line for lot in lots for line in (
        entry("stock", lot.custodian, -lot.gross_mg, -lot.fine_mg), entry("stock", to, lot.gross_mg, lot.fine_mg))])
