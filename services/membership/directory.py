"""The organisations as a list, as a tree, and each one with all that is known of it: what pages show and queries answer."""
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shared.errors import NotFound
from shared.projection import Reading, reading
from shared.service import Service

from .projections import corridors, findings, organisation_members, organisations, places, timeline

LEVELS = ("confederation", "federation", "union", "base")
STATUSES = ("in constitution", "registered", "suspended", "dissolved", "merged")
SHOWN_FROM_ROW = ("organisation", "name", "acronym", "level", "form", "district", "commune", "site", "seat", "founded_on", "parents")
Answer = dict[str, Any]


def listed(service: Service, today: str, after: str, limit: int, **filters: str) -> list[Answer]:
    """A page of them by name, behind the organisation `after`; filters as in `organisations.page`."""
    with reading(_views(service, "organisations", "organisation_members", "findings", "places")) as seen:
        rows = organisations.page(seen.tx, seen.tables["organisations"], today, after=after, limit=limit, **filters)
        return _shown(seen, rows, today)


def tree(service: Service, today: str) -> list[Answer]:
    """Those without a parent, each with those affiliated to it, and so on down; who has two parents stands under both."""
    with reading(_views(service, "organisations", "organisation_members", "findings", "places")) as seen:
        rows = _shown(seen, organisations.everything(seen.tx, seen.tables["organisations"]), today)
    known = {row["organisation"] for row in rows}
    below: dict[str, list[Answer]] = {}
    for row in rows:
        for parent in row["parents"]:
            below.setdefault(parent, []).append(row)

    def grown(row: Answer, above: tuple[str, ...] = ()) -> Answer:
        slug = row["organisation"]
        return {**row, "children": [grown(child, (*above, slug)) for child in _by_level(below.get(slug, ())) if child["organisation"] not in (*above, slug)]}

    return [grown(row) for row in _by_level([r for r in rows if not known & set(r["parents"])])]


def _by_level(rows: Sequence[Answer]) -> list[Answer]:
    """The highest level first; of one level as they come."""
    return sorted(rows, key=lambda row: LEVELS.index(row["level"]) if row["level"] in LEVELS else len(LEVELS))


def one(service: Service, slug: str, today: str, before: tuple[str, int] | None = None, limit: int = 100, without: Sequence[str] = ()) -> Answer:
    """All there is to say of one, with a page of its timeline, the newest first, without events of some names. Raises NotFound."""
    with reading(_views(service, "organisations", "organisation_members", "findings", "places", "timeline", "corridors")) as seen:
        table = seen.tables["organisations"]
        row = organisations.some(seen.tx, table, [slug]).get(slug)
        if row is None:
            raise NotFound(f"no organisation '{slug}'", field="organisation")
        lines = timeline.read(seen.tx, seen.tables["timeline"], slug, before, limit, without)
        related = {slug, *row["parents"], *(s for line in lines for s in _named(line["data"])), *filter(None, (row["merged_into"],))}
        names = {s: r["name"] for s, r in organisations.some(seen.tx, table, related).items()}
        breaches = findings.of(seen.tx, seen.tables["findings"], table, slug, today)
        return {
            **_shown(seen, [row], today)[0], "register": row["register"], "number": row["number"], "number_normalised": row["normalised"],
            "counts_from": row["founded_from"], "merged_into": row["merged_into"], "steps": row["standing"],
            "names": [n for n in organisations.names(seen.tx, table, slug) if n not in (row["name"], slug)],
            "findings": breaches,
            "corridors": corridors.of(seen.tx, seen.tables["corridors"], slug), "timeline": lines, "known_names": names,
            "before": f"{lines[-1]['day']}.{lines[-1]['position']}" if len(lines) == limit else ""}


def children(service: Service, slug: str, today: str, after: str, limit: int) -> list[Answer]:
    return listed(service, today, after, limit, parent=slug)


def districts(service: Service) -> dict[str, str]:
    with service.view("places").reading() as (tx, table, _):
        return places.districts(tx, table)


def standing(steps: Sequence[Mapping[str, Any]], today: str) -> Answer:
    """The step that holds on that day; good where nobody said otherwise."""
    held = [step for step in steps if step["from"] <= today]
    last = max(held, key=lambda step: str(step["from"])) if held else {"value": "good", "why": []}
    return {"value": last["value"], "why": last["why"], **({"since": last["from"]} if held else {})}


def _views(service: Service, *names: str) -> list[Any]:
    return [service.view(name) for name in names]


def _shown(seen: Reading, rows: Sequence[Mapping[str, Any]], today: str) -> list[Answer]:
    slugs = [row["organisation"] for row in rows]
    members = _in_parts(slugs, lambda some: organisation_members.counts(seen.tx, seen.tables["organisation_members"], some, today))
    open_findings = _in_parts(slugs, lambda some: findings.counts(seen.tx, seen.tables["findings"], seen.tables["organisations"], some, today))
    statuses = _in_parts(slugs, lambda some: organisations.statuses(seen.tx, seen.tables["organisations"], some, today))
    names = places.districts(seen.tx, seen.tables["places"])
    return [{**{key: row[key] for key in SHOWN_FROM_ROW}, "district_name": names.get(row["district"], row["district"]),
             "status": statuses.get(row["organisation"], ""), "members": members.get(row["organisation"], {}),
             "findings_open": open_findings.get(row["organisation"], 0), "standing": standing(row["standing"], today)} for row in rows]


def _in_parts(slugs: Sequence[str], counted: Callable[[Sequence[str]], Mapping[str, Any]]) -> dict[str, Any]:
    """A statement has only so many parameters."""
    return {k: v for n in range(0, len(slugs), 500) for k, v in counted(slugs[n:n + 500]).items()}


def _named(data: Mapping[str, Any]) -> list[str]:
    """The organisations that the data of an event names."""
    return [*(data[key] for key in ("organisation", "parent", "into") if key in data), *data.get("founders", ()),
            *(party["organisation"] for party in data.get("parties", ()) if "organisation" in party)]
