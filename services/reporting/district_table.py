"""The confederation's table of districts at any date, on either basis, with the events behind each figure."""
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from shared.errors import NotFound
from shared.feed import held
from shared.projection import Reading, Run, current, reading
from shared.service import Service

from .projections import declarations, district_counts, districts, presence
from .projections.declarations import Statement
from .territory import organisations

LEVELS = {"base": "base", "unions": "union", "federations": "federation"}      # column -> level
SHOWN_EVENTS = 20
END_OF_TIME = "9999"
Table = dict[str, Any]
Latest = Mapping[tuple[str, str], Sequence[Statement]]
Derived = Mapping[tuple[str, str], int]


def read(service: Service, as_of: str, basis: str, known_at: str = "") -> Table:
    """The whole answer, of one moment. Figures that nobody stated are absent, never 0; the sum of rows is the total where the rows are as recent."""
    known, received = known_at or END_OF_TIME, held(service.log, service.others)
    with reading(service.views) as seen:
        latest, names = _declared(seen, as_of, known)
        derived = _derived(seen, as_of, known_at)
        slugs = [*names, *([""] if any(d == "" for d, _ in derived) else [])]
        events = presence.first_behind(seen.tx, seen.tables["presence"], [cell for cell in derived if cell[0] in slugs], as_of, known, SHOWN_EVENTS) \
            if basis == "derived" else {}
    if basis == "declared":
        rows = [row for slug, name in names.items() if (row := _declared_row(slug, name, latest))]
        totals = _declared_totals(rows, latest)
    else:
        rows = [row for slug in slugs if (row := _derived_row(slug, names.get(slug, ""), derived, events))]
        totals = {column: sum(row.get(column, 0) for row in rows) for column in LEVELS if any(column in row for row in rows)}
    result = {"as_of": as_of, "basis": basis, "rows": rows, "totals": totals,
              "completeness": _completeness(derived, latest), "feeds": _feeds(received, seen.runs)}
    return {**result, "known_at": known_at} if known_at else result


def _declared(seen: Reading, as_of: str, known: str) -> tuple[Latest, dict[str, str]]:
    return declarations.latest(seen.tx, seen.tables["declarations"], as_of, known), districts.names(seen.tx, seen.tables["districts"])


def latest_statements(service: Service, as_of: str, known_at: str = "") -> tuple[Latest, dict[str, str]]:
    with reading([service.view("declarations"), service.view("districts")]) as seen:
        return _declared(seen, as_of, known_at or END_OF_TIME)


def _derived(seen: Reading, as_of: str, known_at: str) -> Derived:
    if known_at:
        return presence.counts(seen.tx, seen.tables["presence"], as_of, known_at)
    return district_counts.counts(seen.tx, seen.tables["district_counts"], as_of)


def _declared_row(slug: str, name: str, latest: Latest) -> Table | None:
    stated = {column: latest[level, slug][-1] for column, level in LEVELS.items() if (level, slug) in latest}
    if not stated:
        return None
    return {"district": slug, "name": name, **{column: s.value for column, s in stated.items()},
            "declared_as_of": {column: s.as_of for column, s in stated.items()},
            "events": {column: [s.event for s in latest[LEVELS[column], slug]] for column in stated},
            "counts_from": {column: s.counts_from for column, s in stated.items()}}


def _declared_totals(rows: Sequence[Table], latest: Latest) -> Table:
    """The rows' sum where each row is as recent as the national statement; else that statement."""
    totals: Table = {}
    how: dict[str, str] = {}
    events: dict[str, list[str]] = {}
    for column, level in LEVELS.items():
        cells = [row for row in rows if column in row]
        national = latest.get((level, ""), ())
        if cells and (not national or min(r["counts_from"][column] for r in cells) >= national[0].counts_from):
            totals[column], how[column] = sum(r[column] for r in cells), "sum of rows"
            events[column] = [e for r in cells for e in r["events"][column]]
        elif national:
            totals[column], how[column] = national[-1].value, "national statement"
            events[column] = [s.event for s in national]
    return {**totals, "how": how, "events": events} if totals else {}


def _derived_row(slug: str, name: str, derived: Derived, behind: Mapping[tuple[str, str], Sequence[str]]) -> Table | None:
    figures = {column: derived[slug, level] for column, level in LEVELS.items() if (slug, level) in derived}
    if not figures:
        return None
    return {"district": slug or None, "name": name or None, **figures, "events": {column: behind[slug, LEVELS[column]] for column in figures}}


def _completeness(derived: Derived, latest: Latest) -> Table:
    """How many organisations are recorded one by one, of those declared for the country."""
    result = {}
    for column, level in LEVELS.items():
        stated = [s.value for (measure, district), statements in latest.items() if measure == level and district for s in statements[-1:]]
        national = latest.get((level, ""))
        declared = sum(stated) if stated else national[-1].value if national else None
        result[column] = {"derived": sum(n for (_, measured), n in derived.items() if measured == level),
                          **({"declared": declared} if declared is not None else {})}
    return result


def events_behind(service: Service, as_of: str, district: str, column: str, known_at: str, after: int, limit: int,
                  territory: Collection[str] = ()) -> Table:
    """All events that make a derived figure, in pages; `next` is the `after` of the page that follows.

    Raises NotFound for a district outside the territory; of organisations, those in it are shown.
    """
    if any(t.startswith("district:") for t in territory) and f"district:{district}" not in territory:
        raise NotFound(f"no district '{district}'", field="district")
    with service.view("presence").reading() as (tx, table, _):
        found = presence.behind(tx, table, district, LEVELS[column], as_of, known_at or END_OF_TIME, after, limit, organisations(territory))
    return {"as_of": as_of, "district": district or None, "column": column, "events": [event for _, event in found],
            "next": str(found[-1][0]) if len(found) == limit else None}


def feeds(service: Service) -> dict[str, str]:
    """How far each service's feed is held here, and how far the slowest view has read our log."""
    return _feeds(held(service.log, service.others), current(service.views))


def _feeds(received: Mapping[str, int], runs: Mapping[str, Run]) -> dict[str, str]:
    return {**{source: str(position) for source, position in received.items()}, "views_at": str(min(run.position for run in runs.values()))}
