"""Findings of law about organisations, on a day as known at a time: one by one, and counted by article. Findings are not verdicts."""
import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from services.reporting import personal
from services.reporting.projections import districts
from services.reporting.projections.organisation_findings import ENDLESS, dates, standing_as_of
from services.reporting.projections.placement import placed, within
from shared.service import Service

from .asked import SHOWN_EVENTS, Asked, Seen, Table, seeing

STATES = ("observed", "to check", "confirmed", "answered", "lifted", "expired")
FILTERS = {"rule": "f.rule", "article": "f.article", "state": "f.state", "organisation": "f.organisation", "district": "coalesce(p.district, '')"}


def read(service: Service, asked: Asked, only: Mapping[str, str | None], after: str, limit: int) -> tuple[Table, str]:
    """Those that fit `only` (a filter → its value, None for any), by organisation and rule in pages; the finding behind which the next begins."""
    given = {name: value for name, value in only.items() if value is not None}
    with seeing(service) as seen:
        mine, territory = within(asked.territory, "f.organisation", "coalesce(p.district, '')")
        rows = seen.tx.execute(
            "SELECT f.finding, f.organisation, p.level, p.district, f.rule, f.article, f.severity, f.tag, f.state, f.day, f.until, f.facts, f.event, f.word, "
            f"f.behind FROM {_joined(seen)} WHERE {''.join(f'{FILTERS[name]} = ? AND ' for name in given)}{mine} AND f.finding > ? ORDER BY f.finding LIMIT ?",
            (*dates(*asked.both_axes), *asked.both_axes, *given.values(), *territory, after, limit)).fetchall()
        names = districts.names(seen.tx, seen.tables["districts"])
        found = [_finding(row, names, asked.people) for row in rows]
        return seen.answer(asked, findings=found), found[-1]["finding"] if len(found) == limit else ""


def _joined(seen: Seen) -> str:
    return (f"({standing_as_of(seen.tables['organisation_findings'])}) AS f LEFT JOIN ({placed(seen.tables['presence'])}) AS p "
            "ON p.organisation = f.organisation")


def _finding(row: tuple[Any, ...], names: Mapping[str, str], people: bool) -> Table:
    finding, organisation, level, district, rule, article, severity, tag, state, since, until, facts, event, word, behind = row
    return {"finding": finding, "organisation": organisation, "level": level or None, "district": district or None,
            "district_name": names.get(district or ""), "rule": rule, "article": article or None, "severity": severity, "tag": tag, "state": state,
            "since": since, "until": None if until == ENDLESS else until,
            "facts": json.loads(facts) if people else personal.facts(rule, json.loads(facts)),
            "events": list(dict.fromkeys([*behind.split(), event, *([word] if word else [])]))}


def by_article(service: Service, asked: Asked) -> Table:
    """How many findings of each rule and article are in each state."""
    with seeing(service) as seen:
        rows = seen.tx.execute(f"SELECT rule, article, state, finding, position, event FROM ({standing_as_of(seen.tables['organisation_findings'])}) AS f "
                               "ORDER BY rule, article, state, position", dates(*asked.both_axes)).fetchall()
        cells: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        for rule, article, state, _, _, event in rows:
            cells[rule, article, state].append(event)
        ordered = sorted(cells, key=lambda cell: (cell[0], cell[1], STATES.index(cell[2])))
        return seen.answer(asked, rows=[
            {"rule": rule, "article": article or None, "state": state, "count": len(events := cells[rule, article, state]), "events": events[:SHOWN_EVENTS],
             "all": asked.link("findings/organisations", rule=rule, article=article, state=state)} for rule, article, state in ordered])
