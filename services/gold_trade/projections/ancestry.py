"""What is asked of lots behind, ahead of and beside another, and what was known of them at an earlier time."""
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from services.gold_trade.metal.shares import Spent
from shared.tables import Transaction

from .genealogy import Row

AT_ONCE = 1000                  # values of one statement


class Ancestor(NamedTuple):
    """What is asked of the lots behind another: there may be tens of thousands."""

    lot: str
    spent_in: str
    fine_mg: int
    formed_in: str
    society: str
    miners: str
    event: str
    day: str


def behind(tx: Transaction, table: Callable[[str], str], transformation: str) -> list[Ancestor]:
    """All lots that went, however far back, into what was formed there."""
    found: list[Ancestor] = []
    steps, seen = [transformation], {transformation}
    while steps:
        level = [Ancestor._make(row) for row in _among(
            tx, f"SELECT {', '.join(Ancestor._fields)} FROM {table('')} WHERE spent_in IN ({{marks}})", steps)]
        found += level
        steps = _unseen((row.formed_in for row in level), seen)
    return found


def ahead(tx: Transaction, table: Callable[[str], str], lot: str) -> list[Row]:
    """All lots that hold, however far on, some of it; by day, itself among them."""
    found = [Row._make(row) for row in tx.execute(f"SELECT * FROM {table('')} WHERE lot = ?", (lot,)).fetchall()]
    seen: set[str] = set()
    steps = _unseen((row.spent_in for row in found), seen)
    while steps:
        level = [Row._make(row) for row in _among(tx, f"SELECT * FROM {table('')} WHERE formed_in IN ({{marks}})", steps)]
        found += level
        steps = _unseen((row.spent_in for row in level), seen)
    return sorted(found, key=lambda row: (row.day, row.lot))


def _unseen(steps: Iterable[str], seen: set[str]) -> list[str]:
    """Those that are new, in order; '' is no step. Level by level, for in a recursive query PostgreSQL guesses how many there are of each,
    and where it learned that from a young table it reads the whole of it for each step.
    """
    new = sorted(set(steps) - seen - {""})
    seen.update(new)
    return new


def _among(tx: Transaction, sql: str, values: Sequence[str], *before: str) -> Iterator[Any]:
    for n in range(0, len(values), AT_ONCE):
        some = values[n:n + AT_ONCE]
        yield from tx.execute(sql.format(marks=", ".join("?" * len(some))), (*before, *some)).fetchall()


def inputs(rows: Sequence[Row | Ancestor]) -> list[Spent]:
    return [Spent(r.lot, r.spent_in, r.fine_mg, r.formed_in) for r in rows]


def known(tx: Transaction, table: Callable[[str], str], top: Row, rows: Sequence[Ancestor], at: str) -> tuple[Row, list[Ancestor]]:
    """A lot and those behind it as they were known at that time: what was recorded later is left out, the last first (X4)."""
    found = sorted(_among(tx, f"SELECT position, lot, gross_mg, fine_mg, society, miners FROM {table('earlier')} WHERE until > ? AND lot IN ({{marks}})",
                          [top.lot, *(row.lot for row in rows)], at), reverse=True)
    were = {lot: {"fine_mg": fine, "society": society, "miners": miners} for _, lot, _, fine, society, miners in found}
    gross = {lot: mg for _, lot, mg, *_ in found}
    return (top._replace(gross_mg=gross.get(top.lot, top.gross_mg), **were.get(top.lot, {})), [row._replace(**were.get(row.lot, {})) for row in rows])
