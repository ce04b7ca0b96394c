"""Consignments by buyer, seller and month: what was sent, what the melt took, and how far two assays stood apart."""
from collections.abc import Mapping, Sequence

from services.reporting.figures.asked import Asked, Seen, Table, ends, ids_at, seeing
from services.reporting.projections.consignments import SUMS
from shared.service import Service

from . import grouped
from .grouped import MONTH, YEAR, Cell, Source
from .limits import coarse, delayed

EXPRESSIONS = {"buyer": "r.buyer", "seller": "r.seller", "month": MONTH.format("r.day"), "year": YEAR.format("r.day")}
DIMENSIONS = tuple(EXPRESSIONS)
FINE = ("buyer", "seller")
PATH = "metal/consignments/events"


def read(service: Service, asked: Asked, by: Sequence[str], after: str, limit: int) -> tuple[Table, str]:
    """Raises Forbidden for a dimension that would say who holds metal."""
    coarse(asked, by, FINE)
    with seeing(service) as seen:
        cells, behind = grouped.cells(seen, _source(seen, asked), by, after, limit)
        ids = ids_at(seen, "consignments", {position for c in cells for position in (c.first, c.last)}) if asked.lots else {}
        return seen.answer(asked, **delayed(asked), by=list(by), rows=[_row(asked, c, ids) for c in cells]), behind


def _row(asked: Asked, cell: Cell, ids: Mapping[int, str]) -> Table:
    sums = dict(cell.sums)
    apart, compared = sums.pop("difference_per_100k"), sums["compared"]
    more = {"events": ends(cell.first, cell.last, ids), "all": asked.link(PATH, **cell.key)} if asked.lots else {}
    return {**{d: v or None for d, v in cell.key.items()}, **sums, "mean_difference_per_100k": apart // compared if compared else None, **more}


def _source(seen: Seen, asked: Asked) -> Source:
    return Source(f"{seen.tables['consignments']('')} AS r WHERE r.day <= ? AND r.recorded_at <= ?", list(asked.both_axes), EXPRESSIONS,
                  {name: f"sum(r.{name})" for name in SUMS}, "r.position", "r.position")


def events_behind(service: Service, asked: Asked, key: Mapping[str, str | None], after: int, limit: int) -> tuple[Table, str]:
    with seeing(service) as seen:
        return grouped.events_behind(seen, asked, _source(seen, asked), key, after, limit)
