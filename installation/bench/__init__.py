"""`./sanu bench`: our figures against the stock parts', taken in turns, with servers of the bench's own."""
import datetime as dt
import json
import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from .measure import Figure, rounded
from .place import PROJECT, Place

KEPT = PROJECT / "docs" / "bench"
Take = Callable[[Place], Figure]


def keys() -> dict[str, tuple[str, Take]]:
    """What is measured, in the order of the report. Imported late: `./sanu --help` needs none of it."""
    from . import inbox, relay, views
    return {
        "fold": ("rebuild of one narrow view", views.fold),
        "rebuild": ("rebuild of all of reporting's views", views.whole),
        "relay": ("log to broker, confirmed", relay.relay),
        "inbox": ("broker to log to view, committed", inbox.inbox),
        "memory": ("peak of that rebuild", views.memory),
    }


def main(quick: bool, as_json: bool, only: list[str]) -> int:
    """Takes the figures of `only`, or all, prints and keeps them; 0 if every floor holds."""
    known = keys()
    if unknown := set(only) - set(known):
        print(f"no figure is called {', '.join(sorted(unknown))}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    console = Console(stderr=True, highlight=False)
    figures: dict[str, Figure] = {}
    with Place(quick, lambda line: console.print(line)) as place:
        for key, (what, take) in known.items():
            if not only or key in only:
                console.print(f"{key}: {what}")
                figures[key] = take(place)
    document = {key: figure.document() for key, figure in figures.items()}
    _keep(document, quick)
    if as_json:
        print(json.dumps(document, indent=1, ensure_ascii=False))
    else:
        Console().print(_table(figures, known))
    return 0 if all(figure.holds for figure in figures.values()) else 1


def _keep(document: dict[str, Any], quick: bool) -> None:
    """Figures of the same day are joined: a run of some keys replaces only those."""
    path = KEPT / f"{dt.date.today().isoformat()}-{'quick' if quick else 'full'}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = json.loads(path.read_text()) if path.exists() else {}
    machine = {"cpus": os.cpu_count(), "python": platform.python_version(), "kernel": platform.release()}
    path.write_text(json.dumps({**kept, **document, "machine": machine}, indent=1, ensure_ascii=False) + "\n")


def _table(figures: dict[str, Figure], known: dict[str, tuple[str, Take]]) -> Table:
    table = Table("key", "what", title="Ours against the stock parts", title_justify="left")
    for heading in ("ours", "stock", "unit", "ratio", "floor", ""):
        table.add_column(heading, justify="left" if heading in ("unit", "") else "right")
    for key, figure in figures.items():
        table.add_row(key, known[key][0], _number(figure.ours), _number(figure.stock), figure.unit, _number(figure.ratio),
                      f"{'≤' if figure.at_most else '≥'} {figure.floor:g}", "holds" if figure.holds else "[red]MISSED[/]")
    return table


def _number(value: float | None) -> str:
    short = rounded(value)
    return "–" if short is None else f"{short:,.0f}" if abs(short) >= 100 else f"{short:,.2f}"


__all__ = ["KEPT", "Path", "main"]
