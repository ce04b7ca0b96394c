"""Organisations by level and miners, month by month: how many at the beginning, how many new, how many left, how many at the end.

Who leaves one organisation and joins another on the same day has neither left nor come. What comes after the day asked for does not count yet.
"""
from collections.abc import Iterator
from typing import Any, NamedTuple

from services.reporting.projections.placement import within
from shared.errors import BadRequest
from shared.service import Service

from .asked import Asked, Seen, Table, ends, ids_at, seeing

OF = ("base", "union", "federation", "confederation", "miner")
MOST_MONTHS = 240


class Month(NamedTuple):
    new: int
    left: int
    first: int
    last: int


def months(first: str, last: str) -> Iterator[str]:
    """Each, both included; counted as numbers: as text the month behind 9999-12 would stand before it."""
    for n in range(_counted(first), _counted(last) + 1):
        yield f"{n // 12:04}-{n % 12 + 1:02}"


def spanned(first: str, last: str) -> None:
    """Raises BadRequest for a span that ends before it begins, or is longer than 20 years."""
    if not 0 <= _counted(last) - _counted(first) < MOST_MONTHS:
        raise BadRequest("'from' stands after 'to', or too long before it", field="from", rule=f"at most {MOST_MONTHS} months")


def _counted(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def read(service: Service, asked: Asked, first: str, last: str) -> Table:
    """Raises BadRequest for a span that ends before it begins, or is longer than 20 years."""
    spanned(first, last)
    with seeing(service) as seen:
        opening = {**_before(seen, "presence", "level", first, asked), **_before(seen, "members", "kind", first, asked)}
        moved = {**_moved(seen, "presence", first, last, asked), **_moved(seen, "members", first, last, asked)}
        ids = {view: ids_at(seen, view, {p for (of, _), m in moved.items() if (of == "miner") == (view == "members") for p in (m.first, m.last)})
               for view in ("presence", "members")}
        rows: list[Table] = []
        for of in OF:
            if of in opening or any(o == of for o, _ in moved):
                rows += _rows(asked, of, first, last, opening.get(of, 0), moved, ids["members" if of == "miner" else "presence"])
        return seen.answer(asked, **{"from": first, "to": last}, rows=rows)


def _rows(asked: Asked, of: str, first: str, last: str, count: int, moved: dict[tuple[str, str], Month], ids: dict[int, str]) -> Iterator[Table]:
    for month in months(first, last):
        m = moved.get((of, month))
        new, left = (m.new, m.left) if m else (0, 0)
        yield {"of": of, "month": month, "opening": count, "new": new, "left": left, "closing": (count := count + new - left),
               "events": ends(m.first, m.last, ids) if m else [], "all": asked.link("growth/events", of=of, month=month)}


def _before(seen: Seen, view: str, kind: str, first: str, asked: Asked) -> dict[str, int]:
    only = " AND kind = 'miner'" if view == "members" else ""
    return {of: int(n) for of, n in seen.tx.execute(
        f"SELECT {kind}, sum(delta) FROM {seen.tables[view]('')} WHERE day < ? AND day <= ? AND recorded_at <= ?{only} GROUP BY {kind}",
        (first, *asked.both_axes)).fetchall()}


def _moved(seen: Seen, view: str, first: str, last: str, asked: Asked) -> dict[tuple[str, str], Month]:
    """Per member and day first: a correction, and a move between districts or organisations, is no coming or going."""
    kind, who = ("kind", "member") if view == "members" else ("level", "organisation")
    only = " AND kind = 'miner'" if view == "members" else ""
    rows = seen.tx.execute(
        f"SELECT of, substr(day, 1, 7), sum(CASE WHEN n > 0 THEN n ELSE 0 END), sum(CASE WHEN n < 0 THEN -n ELSE 0 END), min(low), max(high) FROM ("
        f"SELECT {kind} AS of, {who}, day, sum(delta) AS n, min(position) AS low, max(position) AS high FROM {seen.tables[view]('')} "
        f"WHERE day >= ? AND day < ? AND day <= ? AND recorded_at <= ?{only} GROUP BY {kind}, {who}, day) AS d GROUP BY of, substr(day, 1, 7)",
        (f"{first}-01", f"{last}-99", *asked.both_axes)).fetchall()
    return {(of, month): Month(int(new), int(left), low, high) for of, month, new, left, low, high in rows}


def events_behind(service: Service, asked: Asked, of: str, month: str, after: int, limit: int) -> tuple[Table, str]:
    """All events that say something of a month, in pages."""
    view, kind = ("members", "kind") if of == "miner" else ("presence", "level")
    with seeing(service) as seen:
        where, values = within(asked.territory, "organisation", "district")
        if view == "members" and asked.territory:
            where = f"organisation IN (SELECT organisation FROM {seen.tables['presence']('')} WHERE {where})"
        found: list[Any] = seen.tx.execute(
            f"SELECT DISTINCT position, event FROM {seen.tables[view]('')} WHERE {kind} = ? AND day >= ? AND day < ? AND day <= ? AND recorded_at <= ? "
            f"AND position > ? AND {where} ORDER BY position LIMIT ?", (of, f"{month}-01", f"{month}-99", *asked.both_axes, after, *values, limit)).fetchall()
        behind = str(found[-1][0]) if len(found) == limit else ""
        return seen.answer(asked, of=of, month=month, events=[event for _, event in found], next=behind or None), behind
