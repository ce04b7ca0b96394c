"""Bars cast: how many, gross and fine mg, and how many days their metal took from the receipt, weighted by fine gold."""
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from services.reporting.figures.asked import Asked, Table, ends, ids_at, seeing
from services.reporting.projections.bars import PER_DAY
from shared.service import Service

from . import grouped
from .grouped import MONTH, YEAR, Source, cursor
from .limits import coarse, delayed

EXPRESSIONS = {"custodian": "r.custodian", "month": MONTH.format("r.day"), "year": YEAR.format("r.day")}
DIMENSIONS = tuple(EXPRESSIONS)
FINE = ("custodian",)
PATH = "metal/bars/events"


class Bar(NamedTuple):
    gross_mg: int
    fine_mg: int
    number: int
    age: int | None
    event: str
    position: int


def read(service: Service, asked: Asked, by: Sequence[str], after: str, limit: int) -> tuple[Table, str]:
    """Raises Forbidden for a dimension that would say who holds metal."""
    coarse(asked, by, FINE)
    with seeing(service) as seen:
        cells: dict[tuple[str, ...], list[Bar]] = {}
        columns = ", ".join(EXPRESSIONS[d] for d in by)
        for row in seen.tx.execute(
                f"SELECT {columns}, r.gross_mg, r.fine_mg, r.number, r.age, r.event, r.position FROM {seen.tables['bars']('')} AS r "
                "WHERE r.day <= ? AND r.recorded_at <= ? ORDER BY r.position", asked.both_axes).fetchall():
            cells.setdefault(tuple(row[:len(by)]), []).append(Bar(*row[len(by):]))
        page = [key for key in sorted(cells) if not after or key > tuple(part[1:] for part in after.split(","))][:limit]
        ids = ids_at(seen, "bars", {b.position for key in page for b in (cells[key][0], cells[key][-1])}) if asked.lots else {}
        rows = [_row(asked, dict(zip(by, key, strict=True)), cells[key], ids) for key in page]
        return seen.answer(asked, **delayed(asked), by=list(by), rows=rows, total=_figures([b for bars in cells.values() for b in bars])), \
            cursor(page[-1]) if len(page) == limit else ""


def _row(asked: Asked, key: Mapping[str, str], bars: list[Bar], ids: Mapping[int, str]) -> Table:
    more = {"events": ends(bars[0].position, bars[-1].position, ids), "all": asked.link(PATH, **key)} if asked.lots else {}
    return {**key, **_figures(bars), **more}


def _figures(bars: list[Bar]) -> dict[str, Any]:
    """The mean is of whole numbers, rounded down once to hundredths of a day; None where no bar's origin is known."""
    of_known = [(b.fine_mg, b.age) for b in bars if b.age is not None]
    weight = sum(fine for fine, _ in of_known)
    days = sum(fine * age for fine, age in of_known) * 100 // (weight * PER_DAY) / 100 if weight > 0 else None
    return {"count": sum(b.number for b in bars), "gross_mg": sum(b.gross_mg for b in bars), "fine_mg": sum(b.fine_mg for b in bars), "days_to_bar": days}


def events_behind(service: Service, asked: Asked, key: Mapping[str, str | None], after: int, limit: int) -> tuple[Table, str]:
    with seeing(service) as seen:
        source = Source(f"{seen.tables['bars']('')} AS r WHERE r.day <= ? AND r.recorded_at <= ?", list(asked.both_axes), EXPRESSIONS, {})
        return grouped.events_behind(seen, asked, source, key, after, limit)
