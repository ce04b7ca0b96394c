"""How organisations stand on a day, as known at a time: counted by value and district, and one by one with the event that says so."""
from collections.abc import Mapping

from services.reporting.projections import districts
from services.reporting.projections.placement import placed, within
from services.reporting.projections.standings import standing_as_of
from shared.service import Service

from .asked import Asked, Seen, Table, ends, ids_at, seeing

VALUES = ("good", "to check", "suspended")
FILTERS = {"value": "s.value", "district": "p.district"}


def read(service: Service, asked: Asked) -> Table:
    """Of the organisations in being; one of which nobody told a standing is in no figure."""
    with seeing(service) as seen:
        rows = seen.tx.execute(f"SELECT p.district, s.value, count(*), min(s.position), max(s.position) FROM {_joined(seen)} GROUP BY p.district, s.value",
                               _dates(asked)).fetchall()
        names = districts.names(seen.tx, seen.tables["districts"])
        ids = ids_at(seen, "standings", {p for *_, low, high in rows for p in (low, high)})
        order = [*names, ""]
        rows.sort(key=lambda row: (order.index(row[0]) if row[0] in order else len(order), VALUES.index(row[1]) if row[1] in VALUES else len(VALUES)))
        return seen.answer(asked, rows=[
            {"district": d or None, "district_name": names.get(d), "value": value, "count": int(n), "events": ends(low, high, ids),
             "all": asked.link("standings/organisations", district=d, value=value)} for d, value, n, low, high in rows])


def organisations(service: Service, asked: Asked, only: Mapping[str, str | None], after: str, limit: int) -> tuple[Table, str]:
    """Each with its standing and why, by name in pages; the one behind which the next page begins."""
    given = {name: value for name, value in only.items() if value is not None}
    with seeing(service) as seen:
        mine, territory = within(asked.territory, "p.organisation", "p.district")
        rows = seen.tx.execute(
            f"SELECT s.organisation, p.level, p.district, s.value, s.why, s.day, s.event FROM {_joined(seen)} "
            f"WHERE {''.join(f'{FILTERS[name]} = ? AND ' for name in given)}{mine} AND s.organisation > ? ORDER BY s.organisation LIMIT ?",
            (*_dates(asked), *given.values(), *territory, after, limit)).fetchall()
        found = [{"organisation": o, "level": level, "district": d or None, "value": value, "why": why.split(), "since": since, "events": [event]}
                 for o, level, d, value, why, since, event in rows]
        return seen.answer(asked, rows=found), rows[-1][0] if len(rows) == limit else ""


def _joined(seen: Seen) -> str:
    return (f"({standing_as_of(seen.tables['standings'])}) AS s JOIN ({placed(seen.tables['presence'])}) AS p ON p.organisation = s.organisation")


def _dates(asked: Asked) -> tuple[str, ...]:
    return asked.as_of, asked.as_of, asked.known, asked.known, *asked.both_axes
