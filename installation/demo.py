"""The main job on one machine: the report's facts go in as commands and come out as the district table."""
import json
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from shared.config import SERVICES, Config

from .client import Client
from .embedded import Embedded

RECORDS = Path(__file__).parent.parent / "data" / "report"
EXPECTED = {"2024-11-30": {"base": 247, "unions": 17, "federations": 8}, "2019-11-17": {"base": 26, "unions": 4, "federations": 2}}
COLUMNS = {"base": "Base societies", "unions": "Unions", "federations": "Federations"}
PATIENCE_S = 60


def records() -> list[dict[str, Any]]:
    """The facts, in loading order; the id of each is its Idempotency-Key."""
    return [json.loads(line) for path in sorted(RECORDS.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines() if line]


def run(config: Config, once: bool, as_json: bool) -> int:
    """0 if the figures are the report's. Raises InUse for a `var/` that has another owner."""
    began = time.monotonic()
    console = Console(stderr=True, quiet=as_json)
    with Embedded(config) as running:
        client = Client(config, subject="report-loader", role="loader")
        _load(client, console)
        _settle(running)
        result = _read(client)
        result["seconds"] = round(time.monotonic() - began, 2)
        right = all({k: t["totals"].get(k) for k in COLUMNS} == EXPECTED[t["as_of"]] for t in result["tables"])
        if as_json:
            print(json.dumps(result, ensure_ascii=False, indent=1), flush=True)
        else:
            _show(result, Console())
            console.print(f"{'The figures are the report’s.' if right else '[red]The figures are NOT the report’s.[/]'}  ({result['seconds']} s)")
        if once:
            return 0 if right else 1
        console.print(f"Serving on http://{config.host}:{config.port}  –  Ctrl-C ends it; what is in {config.var}/ stays.")
        running.wait()
        return 0 if right else 1


def _load(client: Client, console: Console) -> None:
    facts = records()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=console.quiet) as progress:
        task = progress.add_task("Loading the report's facts", total=len(facts))
        for fact in facts:
            client.command(fact["service"], fact["command"], fact["body"], key=fact["id"])
            progress.advance(task)


def _settle(running: Embedded) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while not running.idle():
        if time.monotonic() > give_up:
            sys.exit(f"reporting has not applied every event after {PATIENCE_S} s: see ./sanu status")
        time.sleep(0.05)


def _read(client: Client) -> dict[str, Any]:
    tables = [client.get("reporting", f"/reporting/v1/tables/districts?as_of={as_of}&basis=declared") for as_of in EXPECTED]
    findings = client.get("reporting", f"/reporting/v1/findings?as_of={next(iter(EXPECTED))}")
    return {"tables": tables, "findings": findings["findings"], "feeds": findings["feeds"]}


def _show(result: dict[str, Any], console: Console) -> None:
    now, start = result["tables"]
    table = Table(title=f"Mining districts as of {now['as_of']} (declared)", title_justify="left")
    table.add_column("District")
    for heading in COLUMNS.values():
        table.add_column(heading, justify="right")
    for row in now["rows"]:
        table.add_row(row["name"], *(str(row.get(c, "–")) for c in COLUMNS))
    table.add_section()
    table.add_row("Total", *(str(now["totals"].get(c, "–")) for c in COLUMNS), style="bold")
    console.print(table)
    totals = ", ".join(f"{start['totals'].get(c, '–')} {heading.lower()}" for c, heading in COLUMNS.items())
    console.print(f"As of {start['as_of']}: {totals}\n")
    console.print("[bold]Before you rely on it[/]")
    for finding in result["findings"]:
        mark = "[yellow]to check[/]" if finding["state"] == "to check" else "observed"
        console.print(f"  • {mark}  {finding['text']['en']}")
    console.print(f"\nRead up to: {', '.join(f'{s} {p}' for s, p in result['feeds'].items() if s in SERVICES)}")
