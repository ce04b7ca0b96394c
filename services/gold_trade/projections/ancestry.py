"""What is asked of lots behind, ahead of and beside another, and what was known of them at an earlier time."""
from collections.abc import Callable, Sequence
from typing import NamedTuple

from services.gold_trade.metal.shares import Spent
from shared.tables import Transaction

from .genealogy import Row

BACK = ("back(made) AS (SELECT CAST(? AS TEXT) UNION SELECT t.formed_in FROM {lot} t JOIN back ON t.spent_in = back.made "
        "WHERE t.formed_in <> '')")


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
    rows = tx.execute(f"WITH RECURSIVE {BACK.format(lot=table(''))} SELECT {', '.join(f't.{c}' for c in Ancestor._fields)} "
                      f"FROM {table('')} t JOIN back ON t.spent_in = back.made", (transformation,)).fetchall()
    return list(map(Ancestor._make, rows))


def ahead(tx: Transaction, table: Callable[[str], str], lot: str) -> list[Row]:
    """All lots that hold, however far on, some of it; itself first."""
    rows = tx.execute(
        f"WITH RECURSIVE onward(lot, spent_in) AS (SELECT lot, spent_in FROM {table('')} WHERE lot = ? UNION "
        f"SELECT t.lot, t.spent_in FROM {table('')} t JOIN onward ON t.formed_in = onward.spent_in WHERE onward.spent_in <> '') "
        f"SELECT t.* FROM {table('')} t JOIN onward ON t.lot = onward.lot ORDER BY t.day, t.lot", (lot,)).fetchall()
    return list(map(Row._make, rows))


def inputs(rows: Sequence[Row | Ancestor]) -> list[Spent]:
    return [Spent(r.lot, r.spent_in, r.fine_mg, r.formed_in) for r in rows]


def known(tx: Transaction, table: Callable[[str], str], top: Row, rows: Sequence[Ancestor], at: str) -> tuple[Row, list[Ancestor]]:
    """A lot and those behind it as they were known at that time: what was recorded later is left out, the last first (X4)."""
    found = tx.execute(
        f"WITH RECURSIVE {BACK.format(lot=table(''))} SELECT e.lot, e.gross_mg, e.fine_mg, e.society, e.miners FROM {table('earlier')} e "
        f"WHERE e.until > ? AND (e.lot = ? OR EXISTS (SELECT 1 FROM {table('')} t JOIN back ON t.spent_in = back.made WHERE t.lot = e.lot)) "
        "ORDER BY e.position DESC", (top.formed_in or None, at, top.lot)).fetchall()          # '' would lead to all that is not spent
    were = {lot: {"fine_mg": fine, "society": society, "miners": miners} for lot, _, fine, society, miners in found}
    gross = {lot: mg for lot, mg, *_ in found}
    return (top._replace(gross_mg=gross.get(top.lot, top.gross_mg), **were.get(top.lot, {})), [row._replace(**were.get(row.lot, {})) for row in rows])
