"""Metal received: how many receipts, gross and fine mg, and mean fineness, by one or two dimensions.

District and union are those of the society on the receipt's day. A correction counts on that day too, and is known from when it was told.
"""
from collections.abc import Collection, Mapping, Sequence

from services.reporting.figures.asked import Asked, Seen, Table, ends, ids_at, seeing
from services.reporting.projections import daily, districts, whereabouts
from services.reporting.projections.placement import within
from services.reporting.projections.receipts import KEY
from shared.service import Service

from . import grouped
from .grouped import MONTH, YEAR, Cell, Source
from .limits import coarse, delayed, limits

EXPRESSIONS = {"day": "r.day", "month": MONTH.format("r.day"), "year": YEAR.format("r.day"), "district": "coalesce(p.place, '')", "society": "r.society",
               "site": "r.site", "collector": "r.collector", "union": "coalesce(u.place, '')"}
DIMENSIONS = tuple(EXPRESSIONS)
FINE = ("site", "collector")               # where metal is, and who has it
WHOLE = 100_000
PATH = "metal/receipts/events"
SUMS = {"count": "sum(r.number)", "gross_mg": "sum(r.gross_mg)", "fine_mg": "sum(r.fine_mg)"}


def read(service: Service, asked: Asked, by: Sequence[str], after: str, limit: int) -> tuple[Table, str]:
    """Raises Forbidden for a dimension that would say where metal is."""
    coarse(asked, by, FINE)
    with seeing(service) as seen:
        rows, columns = daily.known(seen.tables["receipts"], KEY, "number", asked.known_at)
        cells, behind = grouped.cells(seen, _source(seen, asked, rows, columns, by, {"society"} & set(by)), by, after, limit)
        complete = not (after or behind or ("society" in by and asked.territory))
        total = grouped.total(seen, _source(seen, asked, rows, columns, (), ()), cells, complete)
        names = districts.names(seen.tx, seen.tables["districts"])
        ids = ids_at(seen, "receipts", {position for c in cells for position in (c.first, c.last)}) if asked.lots else {}
        return seen.answer(asked, **delayed(asked), by=list(by), rows=[_row(asked, c, ids, names) for c in cells], total=_masses(total)), behind


def _source(seen: Seen, asked: Asked, rows: str, values: Sequence[str], needed: Collection[str], own: Collection[str]) -> Source:
    """`rows` with the places that dimensions of `needed` ask for; societies one by one (`own`) only of the caller's territory."""
    mine, territory = within(asked.territory if own else (), "r.society", "coalesce(p.place, '')")
    sql, given = f"{rows} AS r", list(values)
    for dimension, alias, steps in (("district", "p", whereabouts.districts(seen.tables["presence"])),
                                    ("union", "u", whereabouts.parents(seen.tables["members"]))):
        if dimension in needed or (dimension == "district" and territory):
            sql += f" {whereabouts.joined(steps, alias, 'r.society', 'r.day')}"
            given.append(asked.known)
    return Source(f"{sql} WHERE r.day <= ? AND {mine}", [*given, asked.as_of, *territory], EXPRESSIONS, SUMS)


def _masses(sums: Mapping[str, int]) -> Table:
    gross, fine = sums["gross_mg"], sums["fine_mg"]
    return {**sums, "fineness_per_100k": fine * WHOLE // gross if gross > 0 else None}


def _row(asked: Asked, cell: Cell, ids: Mapping[int, str], names: Mapping[str, str]) -> Table:
    shown: Table = {d: v or None for d, v in cell.key.items()}
    if "district" in cell.key:
        shown["district_name"] = names.get(cell.key["district"])
    if asked.lots:
        return {**shown, **_masses(cell.sums), "suppressed": False, "events": ends(cell.first, cell.last, ids), "all": asked.link(PATH, **cell.key)}
    if cell.sums["count"] < limits().fewest_receipts:
        return {**shown, "suppressed": True}
    return {**shown, **_masses(cell.sums), "suppressed": False}


def events_behind(service: Service, asked: Asked, key: Mapping[str, str | None], after: int, limit: int) -> tuple[Table, str]:
    """All receipts and corrections that make the figure of `key`, in pages."""
    given = [d for d, v in key.items() if v is not None]
    with seeing(service) as seen:
        rows = f"(SELECT * FROM {seen.tables['receipts']('')} WHERE recorded_at <= ?)"
        source = _source(seen, asked, rows, [asked.known], given, ("society",))
        return grouped.events_behind(seen, asked, source, key, after, limit)
