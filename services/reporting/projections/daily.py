"""Masses summed by a key of which the day is one column, as known now, beside the rows they are the sums of."""
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from shared.tables import Transaction

SUMS = "number BIGINT, gross_mg BIGINT, fine_mg BIGINT, low BIGINT, high BIGINT"
"""How many, how much, and the first and the last log position behind it."""
Key = tuple[str, ...]
Row = tuple[Key, int, int, int, int]            # key, number, gross mg, fine mg, log position


def table(*columns: str) -> str:
    """Its columns as SQL."""
    return f"{', '.join(f'{c} TEXT' for c in columns)}, {SUMS}, PRIMARY KEY ({', '.join(columns)})"


def add(tx: Transaction, name: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Rows come in the order of the log: what is there was told before."""
    sums: dict[Key, list[int]] = {}
    for key, number, gross, fine, position in rows:
        of = sums.get(key)
        if of is None:
            sums[key] = [number, gross, fine, position, position]
            continue
        of[0] += number
        of[1] += gross
        of[2] += fine
        of[4] = position
    tx.merge(name, [(*key, *of) for key, of in sums.items()],
             f"ON CONFLICT ({', '.join(columns)}) DO UPDATE SET number = {name}.number + excluded.number, "
             f"gross_mg = {name}.gross_mg + excluded.gross_mg, fine_mg = {name}.fine_mg + excluded.fine_mg, high = excluded.high")


def some(tx: Transaction, sql: str, keys: Iterable[str], before: Sequence[Any] = ()) -> list[Any]:
    """What `sql`, which ends in IN, finds of many keys, in bites that either database takes."""
    found: list[Any] = []
    ordered = sorted(set(keys))
    for n in range(0, len(ordered), 2000):
        bite = ordered[n:n + 2000]
        found += tx.execute(f"{sql} ({', '.join('?' * len(bite))})", [*before, *bite]).fetchall()
    return found


def known(tables: Callable[[str], str], columns: Sequence[str], number: str, known_at: str) -> tuple[str, list[str]]:
    """SQL, with its values, for rows with the columns of a daily table, as known at a time ('' is now)."""
    if not known_at:
        return tables("day"), []
    return (f"(SELECT {', '.join(columns)}, {number} AS number, gross_mg, fine_mg, position AS low, position AS high FROM {tables('')} "
            "WHERE recorded_at <= ?)"), [known_at]
