"""Which figures there are, how they are printed and where they are kept."""
import datetime as dt
import json
import os
import platform
import sys
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.table import Table

from . import append, flat, http, inbox, people, relay, sync, views, visible
from .measure import Figure, rounded
from .place import PROJECT, Place

KEPT = PROJECT / "docs" / "bench"
Take = Callable[[Place], Figure]


FIGURES: dict[str, tuple[str, Take]] = {
    "fold": ("rebuild of one narrow view", views.fold),
    "rebuild": ("rebuild of all of reporting's views", views.whole),
    "relay": ("log to broker, confirmed", relay.relay),
    "inbox": ("broker to log to view, committed", inbox.inbox),
    "append": ("load, decide, append; 64 in flight", append.append),
    "single": ("the same, one caller", append.single),
    "flat": ("one more event among many, append and views", flat.flat),
    "memory": ("peak of that rebuild", views.memory),
    "visible": ("committed to visible, 200 commands/s", visible.servers),
    "http": ("commands over HTTP, 64 clients", http.http),
    "import": ("a list of miners, from file to books, sealed", people.import_),
    "sync": ("receipts of devices through /sync, two API processes", sync.sync),
    "query": ("district table over HTTP, 16 clients", people.query),
    "miners": ("50 miners over HTTP, 16 clients", people.miners),
    "catchup": ("waits while a backlog is taken", http.catchup),
    "visible-embedded": ("the same in one process, 100 commands/s", visible.embedded),
}


def run(quick: bool, as_json: bool, only: list[str]) -> int:
    """Takes the figures of `only`, or all, prints and keeps them; 0 if every floor holds."""
    if unknown := set(only) - set(FIGURES):
        print(f"no figure is called {', '.join(sorted(unknown))}; there are {', '.join(FIGURES)}", file=sys.stderr)
        return 2
    os.environ.setdefault("SANU_LOG", "ERROR")              # the children's, whose servers and peers come and go
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    console = Console(stderr=True, highlight=False)
    figures: dict[str, Figure] = {}
    loads: dict[str, float] = {}               # what else the machine was doing: load average of the minute before the figure was taken
    with Place(quick, lambda line: console.print(line)) as place:
        for key, (what, take) in FIGURES.items():
            if not only or key in only:
                console.print(f"{key}: {what}")
                loads[key] = round(os.getloadavg()[0], 1)
                figures[key] = take(place)
    document = {key: {**figure.document(), "load_before": loads[key]} for key, figure in figures.items()}
    _keep(document, quick)
    if as_json:
        print(json.dumps(document, indent=1, ensure_ascii=False))
    else:
        Console().print(_table(figures))
    return 0 if all(figure.holds for figure in figures.values()) else 1


def _keep(document: dict[str, Any], quick: bool) -> None:
    """Figures of the same day are joined: a run of some keys replaces only those."""
    path = KEPT / f"{dt.date.today().isoformat()}-{'quick' if quick else 'full'}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = json.loads(path.read_text()) if path.exists() else {}
    machine = {"cpus": os.cpu_count(), "python": platform.python_version(), "kernel": platform.release()}
    path.write_text(json.dumps({**kept, **document, "machine": machine}, indent=1, ensure_ascii=False) + "\n")


def _table(figures: dict[str, Figure]) -> Table:
    table = Table("key", "what", title="Ours against the stock parts", title_justify="left")
    for heading in ("ours", "stock", "unit", "ratio", "floor", ""):
        table.add_column(heading, justify="left" if heading in ("unit", "") else "right")
    for key, figure in figures.items():
        table.add_row(key, FIGURES[key][0], _number(figure.ours), _number(figure.stock), figure.unit, _number(figure.ratio),
                      f"{'≤' if figure.at_most else '≥'} {figure.floor:g}", "holds" if figure.holds else "[red]MISSED[/]")
    return table


def _number(value: float | None) -> str:
    short = rounded(value)
    return "–" if short is None else f"{short:,.0f}" if abs(short) >= 100 else f"{short:,.2f}"

