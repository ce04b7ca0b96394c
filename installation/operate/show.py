"""Tables and lines for people: rich on a terminal, plain aligned text anywhere else, one JSON document when asked."""
import json
from collections.abc import Sequence
from typing import Any

import typer
from rich.console import Console
from rich.table import Table


def document(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))


def table(headings: Sequence[str], rows: Sequence[Sequence[object]], title: str = "") -> None:
    console = Console()
    texts = [[str(cell) for cell in row] for row in rows]
    if console.is_terminal:
        shown = Table(*headings, title=title or None, title_justify="left")
        for row in texts:
            shown.add_row(*row)
        console.print(shown)
        return
    if title:
        typer.echo(title)
    lines = [list(headings), *texts]
    widths = [max(len(line[n]) for line in lines) for n in range(len(headings))]
    for row in lines:
        typer.echo("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def size(n: float) -> str:
    units = ["bytes", "kB", "MB", "GB", "TB"]
    while n >= 1000 and len(units) > 1:
        n, units = n / 1000, units[1:]
    return f"{n:.0f} bytes" if units[0] == "bytes" else f"{n:.1f} {units[0]}"


def ago(seconds: int | None) -> str:
    if seconds is None:
        return "never"
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit} ago"
    return f"{seconds} s ago"
