"""Metal received: how many receipts, gross and fine mg, and mean fineness, by one or two dimensions.

District and union are those of the society on the receipt's day. A correction counts on that day too, and is known from when it was told.
"""
from collections.abc import Callable, Collection, Mapping, Sequence

from services.reporting.figures.asked import Asked, Seen, Table, ends, ids_at, seeing
from services.reporting.projections import daily, districts, whereabouts
from services.reporting.projections.placement import within
from services.reporting.projections.receipts import KEY
from shared.service import Service
from shared.small_cells import hidden, margins

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
    """Raises Forbidden for a dimension that would say where metal is. Societies one by one, and the total beside them, are of the caller's territory."""
    coarse(asked, by, FINE)
    with seeing(service) as seen:
        rows, columns = daily.known(seen.tables["receipts"], KEY, "number", asked.known_at)
        own = {"society"} & set(by)
        source = _source(seen, asked, rows, columns, by, own)
        cells, behind = grouped.cells(seen, source, by, after, limit)
        out = set[tuple[str, ...]]() if asked.lots else _left_out(seen, asked, by)
        total = {} if out else {"total": _masses(grouped.total(seen, _source(seen, asked, rows, columns, (), own), cells, not (after or behind)))}
        names = districts.names(seen.tx, seen.tables["districts"])
        ids = ids_at(seen, "receipts", {position for c in cells for position in (c.first, c.last)}) if asked.lots else {}
        return seen.answer(asked, **delayed(asked), by=list(by), **total, rows=[
            _row(asked, c, tuple(c.key.values()) in out, ids, names) for c in cells]), behind


def _left_out(seen: Seen, asked: Asked, by: Sequence[str]) -> set[tuple[str, ...]]:
    """What would say where metal is, or where from: of all pages and of the whole country, so that no table says what another leaves out."""
    rows, columns = daily.known(seen.tables["receipts"], KEY, "number", asked.known_at)

    def counted(*dimensions: str) -> dict[tuple[str, ...], int]:
        return grouped.counts(seen, _source(seen, asked, rows, columns, dimensions, ()), dimensions)

    coarser: dict[str, list[Callable[[str], str]]] = {"day": [_month, _year], "month": [_year]}
    if "society" in by:
        coarser["society"] = [_most(counted("society", place)) for place in ("district", "union")]
    return hidden(counted(*by), limits().fewest_receipts, list(margins(by, coarser)))


def _month(day: str) -> str:
    return day[:7]


def _year(day: str) -> str:
    return day[:4]


def _most(counts: Mapping[tuple[str, ...], int]) -> Callable[[str], str]:
    """Of each society the place of most of its receipts."""
    places = {society: place for (society, place), _ in sorted(counts.items(), key=lambda one: one[1])}
    return lambda society: places.get(society, "")


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


def _row(asked: Asked, cell: Cell, left_out: bool, ids: Mapping[int, str], names: Mapping[str, str]) -> Table:
    shown: Table = {d: v or None for d, v in cell.key.items()}
    if "district" in cell.key:
        shown["district_name"] = names.get(cell.key["district"])
    if asked.lots:
        return {**shown, **_masses(cell.sums), "suppressed": False, "events": ends(cell.first, cell.last, ids), "all": asked.link(PATH, **cell.key)}
    if left_out:
        return {**shown, "suppressed": True}
    return {**shown, **_masses(cell.sums), "suppressed": False}


def events_behind(service: Service, asked: Asked, key: Mapping[str, str | None], after: int, limit: int) -> tuple[Table, str]:
    """All receipts and corrections that make the figure of `key`, in pages."""
    given = [d for d, v in key.items() if v is not None]
    with seeing(service) as seen:
        rows = f"(SELECT * FROM {seen.tables['receipts']('')} WHERE recorded_at <= ?)"
        source = _source(seen, asked, rows, [asked.known], given, ("society",))
        return grouped.events_behind(seen, asked, source, key, after, limit)
