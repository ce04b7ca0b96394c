"""How many miners belong to organisations on a day: by district, level, organisation, sex or age band, one or two at once.

A miner who belongs to two organisations counts in both. An age is the one reached in the year of the day asked for.
"""
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from services.reporting.personal import FEW
from services.reporting.projections import districts
from services.reporting.projections.placement import homed, within
from shared.errors import Forbidden
from shared.service import Service
from shared.small_cells import hidden, margins

from .asked import Asked, Seen, Table, ends, ids_at, seeing

DIMENSIONS = ("district", "level", "organisation", "sex", "age_band")
LEVELS = ("base", "union", "federation", "confederation", "")
UNSTATED = "unstated"
SEXES = ("female", "male", UNSTATED)
OF_AGE = 18
BANDS = {"0-17": 0, "18-24": OF_AGE, "25-34": 25, "35-44": 35, "45-59": 45, "60+": 60}        # its least age
AGE_BANDS = (*BANDS, UNSTATED)
MINORS = AGE_BANDS[0]
MANY = 3                           # organisations: a small figure of so many points at none of them
WHOLE_COUNTRY = {"sex", "age_band", "level"}       # by these alone a figure is of all organisations


class Cell(NamedTuple):
    key: tuple[str, ...]
    members: int
    minors: int
    first: int
    last: int
    organisations: int
    """That have some of them; 0 where nobody counted."""


def read(service: Service, asked: Asked, by: Sequence[str], after: str = "", limit: int = 0) -> tuple[Table, str]:
    """The answer, and the organisation behind which the next page begins ('' for none): pages are of `limit` organisations.

    Organisations one by one, and the total beside them, are those of the caller's territory.
    """
    with seeing(service) as seen:
        one_by_one = "organisation" in by
        page = _page(seen, asked, after, limit) if one_by_one else None
        out = _left_out(seen, asked, by)
        cells = _cells(seen, asked, by, page)
        whole = _cells(seen, asked, (), None, asked.territory) if one_by_one else cells
        names = districts.names(seen.tx, seen.tables["districts"])
        ids = ids_at(seen, "members", {position for c in cells for position in (c.first, c.last)})
        order = {d: {value: n for n, value in enumerate(values)} for d, values in (("district", names), ("level", LEVELS), ("age_band", AGE_BANDS))}
        cells.sort(key=lambda c: [(order[d].get(v, len(order[d])) if d in order else 0, v) for d, v in zip(by, c.key, strict=True)])
        rows = [_row(asked, dict(zip(by, c.key, strict=True)), c, c.key in out, ends(c.first, c.last, ids), names) for c in cells]
        return seen.answer(asked, by=list(by), rows=rows, total=sum(c.members for c in whole), notices=_notices(sum(c.minors for c in whole))), \
            page[-1] if page and len(page) == limit else ""


def _left_out(seen: Seen, asked: Asked, by: Sequence[str]) -> set[tuple[str, ...]]:
    """What would point at few people; of all pages, so that none says what another leaves out."""
    if asked.people or set(by) <= WHOLE_COUNTRY:
        return set()
    counts = {c.key: c.members if "organisation" in by or _points(c) else max(c.members, FEW) for c in _cells(seen, asked, by, None)}
    homes = {o: (d, level) for o, d, level in seen.tx.execute(homed(seen.tables["presence"]), asked.both_axes).fetchall()}
    coarser = {"organisation": [lambda o: homes.get(o, ("", ""))[0], lambda o: homes.get(o, ("", ""))[1]]}
    return hidden(counts, FEW, list(margins(by, coarser)))


def _points(cell: Cell) -> bool:
    """Whether it would tell something of the few of one or two organisations; what nobody stated tells nothing of anybody."""
    return cell.organisations < MANY and UNSTATED not in cell.key


def _page(seen: Seen, asked: Asked, after: str, limit: int) -> list[str]:
    mine, values = _of(seen, asked, asked.territory)
    return [row[0] for row in seen.tx.execute(f"{mine} AND m.organisation > ? ORDER BY m.organisation LIMIT ?", (*values, after, limit)).fetchall()]


def _of(seen: Seen, asked: Asked, territory: Collection[str]) -> tuple[str, list[str]]:
    """SQL, with its values, for the organisations of a territory that have, or had, miners."""
    where, values = within(territory, "m.organisation", "p.district")
    return (f"SELECT DISTINCT m.organisation FROM {seen.tables['members']('')} AS m LEFT JOIN ({homed(seen.tables['presence'])}) AS p "
            f"ON p.organisation = m.organisation WHERE m.kind = 'miner' AND m.day <= ? AND m.recorded_at <= ? AND {where}",
            [*asked.both_axes, *asked.both_axes, *values])


def _cells(seen: Seen, asked: Asked, by: Sequence[str], page: Sequence[str] | None, territory: Collection[str] = ()) -> list[Cell]:
    """Summed per organisation first: its district and level are looked up once, not for each of its members."""
    if page is not None and not page:
        return []
    year, place = int(asked.as_of[:4]), {"district", "level"} & set(by)
    own = [d for d in ("organisation", "sex", "age_band") if d in by or (d == "organisation" and place)]
    columns = ", ".join([*(f"{_expression(d, year)} AS {d}" for d in own), ""])
    some, only = (", ".join("?" * len(page)), list(page)) if page else _of(seen, asked, territory) if territory else ("", [])
    inner = (f"SELECT {columns}sum(delta) AS n, sum(CASE WHEN birth_year > {year - OF_AGE} THEN delta ELSE 0 END) AS minors, min(position) AS low, "
             f"max(position) AS high FROM {seen.tables['members']('')} WHERE kind = 'miner' AND day <= ? AND recorded_at <= ?"
             f"{f' AND organisation IN ({some})' if some else ''}{f' GROUP BY {_numbers(len(own))}' if own else ''}")
    values: list[Any] = [*asked.both_axes, *only]
    if place:
        keys = ", ".join(f"coalesce(p.{d}, '')" if d in place else f"m.{d}" for d in by)
        inner = (f"SELECT {keys}, sum(n), sum(minors), min(low), max(high), count(DISTINCT CASE WHEN n > 0 THEN m.organisation END) FROM ({inner}) AS m "
                 f"LEFT JOIN ({homed(seen.tables['presence'])}) AS p ON p.organisation = m.organisation GROUP BY {_numbers(len(by))}")
        values += asked.both_axes
    else:
        inner = f"SELECT {', '.join([*by, ''])}n, minors, low, high, 0 FROM ({inner}) AS m"
    rows = seen.tx.execute(inner, values).fetchall()
    return [Cell(tuple(key), int(n), int(minors), low, high, count) for *key, n, minors, low, high, count in rows if low is not None]


def _expression(dimension: str, year: int) -> str:
    match dimension:
        case "sex":
            return f"CASE WHEN sex = '' THEN '{UNSTATED}' ELSE sex END"
        case "age_band":
            bands = " ".join(f"WHEN birth_year <= {year - least} THEN '{band}'" for band, least in reversed(BANDS.items()))
            return f"CASE WHEN birth_year = 0 THEN '{UNSTATED}' {bands} ELSE '{MINORS}' END"
    return dimension


def _numbers(columns: int) -> str:
    return ", ".join(str(n) for n in range(1, columns + 1))


def _row(asked: Asked, key: dict[str, str], cell: Cell, left_out: bool, events: list[str], names: dict[str, str]) -> Table:
    shown: Table = {d: v or None for d, v in key.items()}
    if "district" in key:
        shown["district_name"] = names.get(key["district"])
    if left_out:
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
    where, values = within(asked.territory, "m.organisation", "p.district")
    columns = {d: f"coalesce(p.{d}, '')" if d in ("district", "level") else f"m.{d}" for d in DIMENSIONS}
    given = {d: v for d, v in key.items() if v is not None}
    year = int(asked.as_of[:4])
    with seeing(service) as seen:
        if not asked.people and _pointing(seen, asked, given):
            raise Forbidden("the events of one organisation's miners, or of minors, point at people", rule="people:read")
        found = seen.tx.execute(
            f"SELECT DISTINCT m.position, m.event FROM (SELECT organisation, position, event, {_expression('sex', year)} AS sex, "
            f"{_expression('age_band', year)} AS age_band FROM {seen.tables['members']('')} "
            "WHERE kind = 'miner' AND day <= ? AND recorded_at <= ? AND position > ?) AS m "
            f"LEFT JOIN ({homed(seen.tables['presence'])}) AS p ON p.organisation = m.organisation "
            f"WHERE {''.join(f'{columns[d]} = ? AND ' for d in given)}{where} ORDER BY m.position LIMIT ?",
            (*asked.both_axes, after, *asked.both_axes, *given.values(), *values, limit)).fetchall()
        last = str(found[-1][0]) if len(found) == limit else ""
        return seen.answer(asked, **{d: v or None for d, v in given.items()}, events=[event for _, event in found], next=last or None), last


def _pointing(seen: Seen, asked: Asked, given: Mapping[str, str]) -> bool:
    """Whether a figure is of one organisation or of minors, is left out of its table, or stands in none."""
    return "organisation" in given or given.get("age_band") == MINORS or len(given) > 2 or tuple(given.values()) in _left_out(seen, asked, tuple(given))
