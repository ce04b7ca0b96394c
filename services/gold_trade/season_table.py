"""A season at a glance: what came in, what was lost, what assays changed, what was cast; and whether all books are even."""
from collections.abc import Sequence
from typing import Any, NamedTuple

from shared import projection
from shared.service import Service

from .projections import ledger

MONTH, YEAR = 7, 4                      # of a day's characters


class Line(NamedTuple):
    """Milligrams: what receipts brought in, and what of it was lost, stolen, or no longer fine by later assays."""

    period: str
    receipts: int
    gross_mg: int
    fine_mg: int
    loss_mg: int
    stolen_mg: int
    assay_fine_mg: int
    bars: int


def lines(service: Service, length: int = MONTH) -> list[Line]:
    """By the day on which it happened, of which the first `length` characters make a line."""
    with projection.reading([service.view("ledger"), service.view("genealogy")]) as (tx, tables, _):
        accounts = tx.execute(f"SELECT substr(day, 1, {length}), account, sum(gross_mg), sum(fine_mg) FROM {tables['ledger']('')} GROUP BY 1, 2").fetchall()
        counted = tx.execute(
            f"SELECT substr(day, 1, {length}), sum(CASE WHEN formed_in = '' THEN 1 ELSE 0 END), sum(CASE WHEN serial <> '' THEN 1 ELSE 0 END) "
            f"FROM {tables['genealogy']('')} GROUP BY 1").fetchall()
    gross = {(period, account): int(mg) for period, account, mg, _ in accounts}
    fine = {(period, account): int(mg) for period, account, _, mg in accounts}
    lots = {period: (int(receipts), int(bars)) for period, receipts, bars in counted}
    return [Line(p, lots.get(p, (0, 0))[0], -gross.get((p, "source"), 0), -fine.get((p, "source"), 0), gross.get((p, "loss"), 0),
                 gross.get((p, "stolen"), 0), fine.get((p, "assay"), 0), lots.get(p, (0, 0))[1])
            for p in sorted({*(period for period, _ in gross), *lots})]


def total(some: Sequence[Line]) -> Line:
    return Line("", *(sum(column) for column in list(zip(*some, strict=True))[1:])) if some else Line("", *[0] * 7)


def off(service: Service) -> dict[str, int]:
    """By how many mg each ledger is not even, and how many societies' own books are not."""
    with projection.reading([service.view("ledger"), service.view("societies")]) as (tx, tables, _):
        gross, fine = ledger.off(tx, tables["ledger"])
        uneven = tx.execute(f"SELECT count(*) FROM (SELECT society FROM {tables['societies']('')} GROUP BY society "
                            "HAVING sum(gross_mg) <> 0 OR sum(fine_mg) <> 0) AS s").fetchone()[0]
    return {"gross_mg": gross, "fine_mg": fine, "societies": int(uneven)}


def some_bar(service: Service) -> str:
    """The serial number of the last bar by number, '' if there is none."""
    with service.view("genealogy").reading() as (tx, table, _):
        return str(tx.execute(f"SELECT coalesce(max(serial), '') FROM {table('')} WHERE serial <> ''").fetchone()[0])


def told(some: Sequence[Line]) -> list[dict[str, Any]]:
    return [line._asdict() for line in some]
