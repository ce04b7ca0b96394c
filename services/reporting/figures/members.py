"""How many miners belong to organisations on a day: by district, level, organisation, sex or age band, one or two at once.

A miner who belongs to two organisations counts in both. An age is the one reached in the year of the day asked for.
"""
from collections.abc import Sequence
from typing import Any, NamedTuple

from services.reporting.projections import districts
from services.reporting.projections.placement import placed, within
from shared.errors import Forbidden
from shared.service import Service

from .asked import Asked, Seen, Table, ends, ids_at, seeing

DIMENSIONS = ("district", "level", "organisation", "sex", "age_band")
LEVELS = ("base", "union", "federation", "confederation", "")
SEXES = ("female", "male", "unstated")
OF_AGE = 18
BANDS = {"0-17": 0, "18-24": OF_AGE, "25-34": 25, "35-44": 35, "45-59": 45, "60+": 60}        # its least age
AGE_BANDS = (*BANDS, "unstated")
MINORS = AGE_BANDS[0]
FEW = 5                            # fewer than these in one organisation point at people


class Cell(NamedTuple):
    key: tuple[str, ...]
    members: int
    minors: int
    first: int
    last: int


def read(service: Service, asked: Asked, by: Sequence[str], after: str = "", limit: int = 0) -> tuple[Table, str]:
    """The answer, and the organisation behind which the next page begins ('' for none): pages are of `limit` organisations."""
    with seeing(service) as seen:
        page = _page(seen, asked, after, limit) if "organisation" in by else None
        cells = _cells(seen, asked, by, page)
        whole = cells if page is None else _cells(seen, asked, (), None)
        names = districts.names(seen.tx, seen.tables["districts"])
        ids = ids_at(seen, "members", {position for c in cells for position in (c.first, c.last)})
        order = {d: {value: n for n, value in enumerate(values)} for d, values in (("district", names), ("level", LEVELS), ("age_band", AGE_BANDS))}
        cells.sort(key=lambda c: [(order[d].get(v, len(order[d])) if d in order else 0, v) for d, v in zip(by, c.key, strict=True)])
        rows = [_row(asked, dict(zip(by, c.key, strict=True)), c, ends(c.first, c.last, ids), names) for c in cells]
        return seen.answer(asked, by=list(by), rows=rows, total=sum(c.members for c in whole), notices=_notices(sum(c.minors for c in whole))), \
            page[-1] if page and len(page) == limit else ""


def _page(seen: Seen, asked: Asked, after: str, limit: int) -> list[str]:
    where, values = within(asked.territory, "m.organisation", "p.district")
    return [row[0] for row in seen.tx.execute(
        f"SELECT DISTINCT m.organisation FROM {seen.tables['members']('')} AS m LEFT JOIN ({placed(seen.tables['presence'])}) AS p "
        f"ON p.organisation = m.organisation WHERE m.kind = 'miner' AND m.day <= ? AND m.recorded_at <= ? AND m.organisation > ? AND {where} "
        "ORDER BY m.organisation LIMIT ?", (*asked.both_axes, *asked.both_axes, after, *values, limit)).fetchall()]


def _cells(seen: Seen, asked: Asked, by: Sequence[str], page: Sequence[str] | None) -> list[Cell]:
    """Summed per organisation first: its district and level are looked up once, not for each of its members."""
    if page is not None and not page:
        return []
    year, place = int(asked.as_of[:4]), {"district", "level"} & set(by)
    own = [d for d in ("organisation", "sex", "age_band") if d in by or (d == "organisation" and place)]
    columns = ", ".join([*(f"{_expression(d, year)} AS {d}" for d in own), ""])
    some, bounds = (" AND organisation >= ? AND organisation <= ?", [page[0], page[-1]]) if page else ("", [])
    inner = (f"SELECT {columns}sum(delta) AS n, sum(CASE WHEN birth_year > {year - OF_AGE} THEN delta ELSE 0 END) AS minors, min(position) AS low, "
             f"max(position) AS high FROM {seen.tables['members']('')} WHERE kind = 'miner' AND day <= ? AND recorded_at <= ?{some}"
             f"{f' GROUP BY {_numbers(len(own))}' if own else ''}")
    values: list[Any] = [*asked.both_axes, *bounds]
    if place:
        keys = ", ".join(f"coalesce(p.{d}, '')" if d in place else f"m.{d}" for d in by)
        inner = (f"SELECT {keys}, sum(n), sum(minors), min(low), max(high) FROM ({inner}) AS m LEFT JOIN ({placed(seen.tables['presence'])}) AS p "
                 f"ON p.organisation = m.organisation GROUP BY {_numbers(len(by))}")
        values += asked.both_axes
    elif len(own) > 1:
        inner = f"SELECT {', '.join(by)}, n, minors, low, high FROM ({inner}) AS m"
    rows = seen.tx.execute(inner, values).fetchall()
    return [Cell(tuple(key), int(n), int(minors), low, high) for *key, n, minors, low, high in rows if low is not None]


def _expression(dimension: str, year: int) -> str:
    match dimension:
        case "sex":
            return "CASE WHEN sex = '' THEN 'unstated' ELSE sex END"
        case "age_band":
            bands = " ".join(f"WHEN birth_year <= {year - least} THEN '{band}'" for band, least in reversed(BANDS.items()))
            return f"CASE WHEN birth_year = 0 THEN 'unstated' {bands} ELSE '{MINORS}' END"
    return dimension


def _numbers(columns: int) -> str:
    return ", ".join(str(n) for n in range(1, columns + 1))


def _row(asked: Asked, key: dict[str, str], cell: Cell, events: list[str], names: dict[str, str]) -> Table:
    shown: Table = {d: v or None for d, v in key.items()}
    if "district" in key:
        shown["district_name"] = names.get(key["district"])
    if not asked.people and "organisation" in key and cell.members < FEW:
        return {**shown, "suppressed": True}
    if not asked.people and ("organisation" in key or key.get("age_band") == MINORS):
        return {**shown, "count": cell.members, "suppressed": False}
    return {**shown, "count": cell.members, "suppressed": False, "events": events, "all": asked.link("members/events", **key)}


def _notices(minors: int) -> list[Table]:
    """A minor in the books is to check: a number, never a person."""
    if minors <= 0:
        return []
    fr = f"{minors} mineur(s) d'âge parmi les membres, d'après l'année de naissance : à vérifier."
    return [{"rule": "minor", "state": "to check", "count": minors, "text": {
        "fr": fr, "en": f"{minors} of the members are minors by their year of birth: to check."}}]


def events_behind(service: Service, asked: Asked, key: dict[str, str | None], after: int, limit: int) -> tuple[Table, str]:
    """All events that make the figure of `key` (a value per dimension, None for any), in pages. Raises Forbidden for what would point at people."""
    if not asked.people and (key.get("organisation") is not None or key.get("age_band") == MINORS):
        raise Forbidden("the events of one organisation's miners, or of minors, point at people", rule="people:read")
    where, values = within(asked.territory, "m.organisation", "p.district")
    columns = {d: f"coalesce(p.{d}, '')" if d in ("district", "level") else f"m.{d}" for d in DIMENSIONS}
    given = {d: v for d, v in key.items() if v is not None}
    year = int(asked.as_of[:4])
    with seeing(service) as seen:
        found = seen.tx.execute(
            f"SELECT DISTINCT m.position, m.event FROM (SELECT organisation, position, event, {_expression('sex', year)} AS sex, "
            f"{_expression('age_band', year)} AS age_band FROM {seen.tables['members']('')} "
            "WHERE kind = 'miner' AND day <= ? AND recorded_at <= ? AND position > ?) AS m "
            f"LEFT JOIN ({placed(seen.tables['presence'])}) AS p ON p.organisation = m.organisation "
            f"WHERE {''.join(f'{columns[d]} = ? AND ' for d in given)}{where} ORDER BY m.position LIMIT ?",
            (*asked.both_axes, after, *asked.both_axes, *given.values(), *values, limit)).fetchall()
        last = str(found[-1][0]) if len(found) == limit else ""
        return seen.answer(asked, **{d: v or None for d, v in given.items()}, events=[event for _, event in found], next=last or None), last
