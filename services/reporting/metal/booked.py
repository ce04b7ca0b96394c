"""Losses and assay differences, by one or two of custodian, step, month and year: what the ledgers have on these accounts."""
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from services.reporting.figures.asked import Asked, Seen, Table, ends, ids_at, seeing
from services.reporting.projections import daily
from services.reporting.projections.bookings import KEY
from shared.service import Service

from . import grouped
from .grouped import MONTH, YEAR, Source
from .limits import coarse, delayed

EXPRESSIONS = {"custodian": "r.holder", "step": "r.step", "month": MONTH.format("r.day"), "year": YEAR.format("r.day")}
DIMENSIONS = tuple(EXPRESSIONS)
FINE = ("custodian",)
SUMS = {"count": "sum(r.number)", "gross_mg": "sum(r.gross_mg)", "fine_mg": "sum(r.fine_mg)"}


class Books(NamedTuple):
    """What is told together, and the address of its events."""

    accounts: tuple[str, ...]
    path: str


LOSSES = Books(("loss", "stolen"), "metal/losses/events")               # what was found again comes off
ASSAYS = Books(("assay",), "metal/assay-differences/events")            # above zero: less fine gold than was thought


def read(service: Service, asked: Asked, books: Books, by: Sequence[str], after: str, limit: int) -> tuple[Table, str]:
    """Raises Forbidden for a dimension that would say who holds metal."""
    coarse(asked, by, FINE)
    with seeing(service) as seen:
        rows, values = daily.known(seen.tables["bookings"], KEY, "1", asked.known_at)
        source = _source(asked, books, rows, values)
        cells, behind = grouped.cells(seen, source, by, after, limit)
        ids = ids_at(seen, "bookings", {position for c in cells for position in (c.first, c.last)}) if asked.lots else {}
        return seen.answer(asked, **delayed(asked), by=list(by), total=grouped.total(seen, source, cells, not (after or behind)), rows=[
            {**c.key, **c.sums, **({"events": ends(c.first, c.last, ids), "all": asked.link(books.path, **c.key)} if asked.lots else {})}
            for c in cells]), behind


def _source(asked: Asked, books: Books, rows: str, values: Sequence[str]) -> Source:
    return Source(f"{rows} AS r WHERE r.account IN ({', '.join('?' * len(books.accounts))}) AND r.day <= ?", [*values, *books.accounts, asked.as_of],
                  EXPRESSIONS, SUMS)


def rows_known(seen: Seen) -> str:
    return f"(SELECT * FROM {seen.tables['bookings']('')} WHERE recorded_at <= ?)"


def events_behind(service: Service, asked: Asked, books: Books, key: Mapping[str, str | None], after: int, limit: int) -> tuple[Table, str]:
    with seeing(service) as seen:
        return grouped.events_behind(seen, asked, _source(asked, books, rows_known(seen), [asked.known]), key, after, limit)
