"""The main job on one machine: the report's facts go in as commands and come out as the district table."""
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """Facts that go in as commands, what is read when everything has arrived, and when that is right."""

    loading: str
    subject: str
    facts: Callable[[], list[dict[str, Any]]]
    read: Callable[[Client], dict[str, Any]]
    right: Callable[[dict[str, Any]], bool]
    show: Callable[[dict[str, Any], Console], None]
    verdict: tuple[str, str]
    """When it is right, and when not."""
    then: Callable[[Config, Callable[[str, int], Callable[[int], None]]], None] | None = None
    """What happens once the facts are everywhere; it is given a bar to move."""


def records() -> list[dict[str, Any]]:
    """The facts, in loading order; the id of each is its Idempotency-Key."""
    return [json.loads(line) for path in sorted(RECORDS.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines() if line]


def run(config: Config, what: Demo, once: bool, as_json: bool) -> int:
    """0 if what comes out is right. Raises InUse for a `var/` that has another owner."""
    began = time.monotonic()
    console = Console(stderr=True, quiet=as_json)
    with Embedded(config) as running:
        client = Client(config, subject=what.subject, role="loader")
        _load(client, what, console)
        _settle(running)
        if what.then:
            with _bars(console) as progress:
                def bar(text: str, total: int) -> Callable[[int], None]:
                    return partial(progress.advance, progress.add_task(text, total=total))

                what.then(config, bar)
            _settle(running)
        result = what.read(client)
        result["seconds"] = round(time.monotonic() - began, 2)
        right = what.right(result)
        if as_json:
            print(json.dumps(result, ensure_ascii=False, indent=1), flush=True)
        else:
            what.show(result, Console())
            console.print(f"{what.verdict[0] if right else f'[red]{what.verdict[1]}[/]'}  ({result['seconds']} s)")
        if once:
            return 0 if right else 1
        console.print(f"Serving on http://{config.host}:{config.port}  –  Ctrl-C ends it; what is in {config.var}/ stays.")
        running.wait()
        return 0 if right else 1


def _load(client: Client, what: Demo, console: Console) -> None:
    facts = what.facts()
    with _bars(console) as progress:
        task = progress.add_task(what.loading, total=len(facts))
        for _ in given(facts, lambda fact, body: client.command(fact["service"], fact["command"], body, key=fact["id"])):
            progress.advance(task)


def _bars(console: Console) -> Progress:
    return Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console, disable=console.quiet)


def given(facts: Iterable[dict[str, Any]], give: Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """What each fact was answered; where a body says {"event_of": id}, it means the first event that the fact `id` became."""
    made: dict[str, str] = {}
    for fact in facts:
        answer = give(fact, {k: made[v["event_of"]] if isinstance(v, dict) and "event_of" in v else v for k, v in fact["body"].items()})
        if answer["events"]:
            made[fact["id"]] = answer["events"][0]["id"]
        yield answer


def _settle(running: Embedded) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while not running.idle():
        if time.monotonic() > give_up:
            sys.exit(f"reporting has not applied every event after {PATIENCE_S} s: see ./sanu status")
        time.sleep(0.05)


def _read(client: Client) -> dict[str, Any]:
    findings = client.get("reporting", f"/reporting/v1/findings?as_of={next(iter(EXPECTED))}")
    return {"tables": district_tables(client, "declared"), "findings": findings["findings"], "feeds": findings["feeds"]}


def district_tables(client: Client, basis: str) -> list[dict[str, Any]]:
    """The table of districts at both dates of the report, the later one first."""
    return [client.get("reporting", f"/reporting/v1/tables/districts?as_of={as_of}&basis={basis}") for as_of in EXPECTED]


def totals_are_the_reports(tables: Iterable[dict[str, Any]]) -> bool:
    return all({k: t["totals"].get(k) for k in COLUMNS} == EXPECTED[t["as_of"]] for t in tables)


def drawn(answer: dict[str, Any], basis: str) -> Table:
    """A table of districts for people."""
    table = Table(title=f"Mining districts as of {answer['as_of']} ({basis})", title_justify="left")
    table.add_column("District")
    for heading in COLUMNS.values():
        table.add_column(heading, justify="right")
    for row in answer["rows"]:
        table.add_row(row["name"], *(str(row.get(c, "–")) for c in COLUMNS))
    table.add_section()
    table.add_row("Total", *(str(answer["totals"].get(c, "–")) for c in COLUMNS), style="bold")
    return table


def _show(result: dict[str, Any], console: Console) -> None:
    now, start = result["tables"]
    console.print(drawn(now, "declared"))
    totals = ", ".join(f"{start['totals'].get(c, '–')} {heading.lower()}" for c, heading in COLUMNS.items())
    console.print(f"As of {start['as_of']}: {totals}\n")
    console.print("[bold]Before you rely on it[/]")
    for finding in result["findings"]:
        mark = "[yellow]to check[/]" if finding["state"] == "to check" else "observed"
        console.print(f"  • {mark}  {finding['text']['en']}")
    console.print(f"\nRead up to: {', '.join(f'{s} {p}' for s, p in result['feeds'].items() if s in SERVICES)}")


REPORT = Demo(loading="Loading the report's facts", subject="report-loader", facts=records, read=_read, show=_show,
              right=lambda result: totals_are_the_reports(result["tables"]),
              verdict=("The figures are the report’s.", "The figures are NOT the report’s."))
