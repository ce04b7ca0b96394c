"""Sums by one or two dimensions, in pages by the values of these, each with the first and last log position behind it."""
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from services.reporting.figures.asked import Asked, Seen, Table

MONTH, YEAR = "substr({0}, 1, 7)", "substr({0}, 1, 4)"


class Cell(NamedTuple):
    key: dict[str, str]
    sums: dict[str, int]
    first: int
    last: int


class Source(NamedTuple):
    """`sql` is what stands behind FROM, with WHERE; `dimensions` and `sums` are expressions over it."""

    sql: str
    values: Sequence[Any]
    dimensions: Mapping[str, str]
    sums: Mapping[str, str]
    low: str = "r.low"
    high: str = "r.high"


def cells(seen: Seen, source: Source, by: Sequence[str], after: str, limit: int) -> tuple[list[Cell], str]:
    """In the order of their keys; and behind which key the next page begins ('' for none)."""
    keys = ", ".join(f"k{n}" for n in range(len(by)))
    columns = [*(f"{source.dimensions[d]} AS k{n}" for n, d in enumerate(by)), *(f"{sql} AS {name}" for name, sql in source.sums.items()),
               f"min({source.low}) AS low", f"max({source.high}) AS high"]
    where, values = _behind(after, len(by))
    rows = seen.tx.execute(
        f"SELECT * FROM (SELECT {', '.join(columns)} FROM {source.sql} GROUP BY {', '.join(str(n + 1) for n in range(len(by)))}) AS g "
        f"{where}ORDER BY {keys} LIMIT ?", (*source.values, *values, limit)).fetchall()
    size, names = len(by), list(source.sums)
    found = [Cell(dict(zip(by, row[:size], strict=True)), {name: int(n) for name, n in zip(names, row[size:], strict=False)}, row[-2], row[-1]) for row in rows]
    return found, cursor(found[-1].key.values()) if len(found) == limit else ""


def counts(seen: Seen, source: Source, by: Sequence[str]) -> dict[tuple[str, ...], int]:
    """How many there are of each, on all pages."""
    columns = ", ".join(source.dimensions[d] for d in by)
    numbers = ", ".join(str(n + 1) for n in range(len(by)))
    rows = seen.tx.execute(f"SELECT {columns}, {source.sums['count']} FROM {source.sql} GROUP BY {numbers}", source.values).fetchall()
    return {tuple(key): int(n) for *key, n in rows}


def whole(seen: Seen, source: Source) -> dict[str, int]:
    """The sums of all pages."""
    row = seen.tx.execute(f"SELECT {', '.join(f'coalesce({sql}, 0)' for sql in source.sums.values())} FROM {source.sql}", source.values).fetchone()
    return {name: int(n) for name, n in zip(source.sums, row, strict=True)}


def total(seen: Seen, source: Source, found: Sequence[Cell], complete: bool) -> dict[str, int]:
    """The sums of all pages: those of the rows found, if they are all there are."""
    return {name: sum(c.sums[name] for c in found) for name in source.sums} if complete else whole(seen, source)


def cursor(key: Any) -> str:
    """A point before each value: an empty one is a place in the order, too."""
    return ",".join(f".{value}" for value in key)


def _behind(after: str, size: int) -> tuple[str, list[str]]:
    given = [part[1:] for part in after.split(",")] if after else []
    if not given:
        return "", []
    if size == 1 or len(given) == 1:
        return "WHERE k0 > ? ", given[:1]
    return "WHERE (k0 > ? OR (k0 = ? AND k1 > ?)) ", [given[0], *given[:2]]


def events_behind(seen: Seen, asked: Asked, source: Source, key: Mapping[str, str | None], after: int, limit: int) -> tuple[Table, str]:
    """All events of a figure, in pages: `source` has columns position and event; `key` a value per dimension, None for any."""
    given = {d: v for d, v in key.items() if v is not None}
    conditions = "".join(f" AND {source.dimensions[d]} = ?" for d in given)
    found = seen.tx.execute(f"SELECT DISTINCT r.position, r.event FROM {source.sql}{conditions} AND r.position > ? ORDER BY r.position LIMIT ?",
                            (*source.values, *given.values(), after, limit)).fetchall()
    last = str(found[-1][0]) if len(found) == limit else ""
    return seen.answer(asked, **{d: v or None for d, v in given.items()}, events=[event for _, event in found], next=last or None), last
