"""./sanu demo --season: the season goes in as commands, and the counts derived from it are held against the report's."""
from collections import Counter
from typing import Any

from rich.console import Console
from rich.table import Table

from installation import demo
from installation.client import Client
from installation.simulation import show
from services.reporting.figures.findings import STATES
from shared.config import SERVICES

from . import facts, metal, places

SEXES = {"female": "Women", "male": "Men", "unstated": "Not stated"}


def _read(client: Client) -> dict[str, Any]:
    def table(path: str) -> dict[str, Any]:
        return client.get("reporting", f"/reporting/v1/tables/{path}as_of={places.NOW}")

    findings, members = table("findings/by-article?"), table("members?by=district,sex&")
    return {"tables": demo.district_tables(client, "derived"), "findings": findings["rows"], "members": members["rows"], "metal": metal.read(client.config),
            "feeds": findings["feeds"]}


def _right(result: dict[str, Any]) -> bool:
    """Every cell of the report's table at its date, and the totals at both dates; and books of metal that are even, with a bar."""
    rows = {r["district"]: {c: r.get(c, 0) for c in demo.COLUMNS} for r in result["tables"][0]["rows"]}
    even = result["metal"]["bar"] and not any(result["metal"]["off"].values())
    return bool(even and rows == places.stated() and demo.totals_are_the_reports(result["tables"]))


def _show(result: dict[str, Any], console: Console) -> None:
    for answer in result["tables"]:
        console.print(demo.drawn(answer, "derived, synthetic"))
    console.print(_members(result["members"]))
    console.print(_findings(result["findings"]))
    console.print(show.table(result["metal"]["season"]))
    console.print(show.bar(result["metal"]["bar"]), highlight=False)
    console.print(f"\nRead up to: {', '.join(f'{s} {p}' for s, p in result['feeds'].items() if s in SERVICES)}")


def _members(rows: list[dict[str, Any]]) -> Table:
    cells = {(r["district"], r["sex"]): r.get("count", "–") for r in rows}
    table = Table(title=f"Miners as of {places.NOW} (synthetic)", title_justify="left")
    table.add_column("District")
    for heading in SEXES.values():
        table.add_column(heading, justify="right")
    for district, name in places.names().items():
        table.add_row(name, *(str(cells.get((district, sex), 0)) for sex in SEXES))
    return table


def _findings(rows: list[dict[str, Any]]) -> Table:
    states = sorted({r["state"] for r in rows}, key=STATES.index)
    cells = Counter({(r["rule"], r["state"]): r["count"] for r in rows})
    table = Table(title="Findings by rule", title_justify="left")
    for heading in ("Rule", "Article"):
        table.add_column(heading)
    for state in states:
        table.add_column(state.capitalize(), justify="right")
    for rule, article in dict.fromkeys((r["rule"], r["article"] or "") for r in rows):
        table.add_row(rule, article, *(str(cells[rule, state] or "–") for state in states))
    return table


SEASON = demo.Demo(loading="Loading a synthetic season", subject="season-loader", facts=facts, read=_read, right=_right, show=_show, then=metal.live,
                   verdict=("Derived from synthetic societies, the figures are the report’s.", "The derived figures are NOT the report’s."))
