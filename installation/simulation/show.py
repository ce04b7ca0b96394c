"""A season of metal for people: a line a month or a year, one bar traced to its miners, and whether the books are even."""
from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

HEADINGS = {"receipts": "Receipts", "gross_mg": "Gross g", "fine_mg": "Fine g", "loss_mg": "Loss g", "stolen_mg": "Stolen g",
            "assay_fine_mg": "Assay g", "bars": "Bars"}


def table(lines: Sequence[dict[str, Any]]) -> Table:
    """Of `season_table.told`; masses in grams, rounded for reading."""
    drawn = Table(title="Metal (synthetic)", title_justify="left", box=box.SIMPLE_HEAD)
    drawn.add_column("Period")
    for heading in HEADINGS.values():
        drawn.add_column(heading, justify="right")
    for line in lines:
        drawn.add_row(line["period"], *(_cell(key, line[key]) for key in HEADINGS))
    drawn.add_section()
    drawn.add_row("Total", *(_cell(key, sum(line[key] for line in lines)) for key in HEADINGS), style="bold")
    return drawn


def _cell(key: str, number: int) -> str:
    return f"{number / 1000:,.1f}" if key.endswith("_mg") else f"{number:,}"


def traced(origin: dict[str, Any] | None, most: int = 5) -> dict[str, Any] | None:
    """A bar, of how many receipts, societies and miners it came, and who gave most."""
    if origin is None:
        return None
    return {"serial": origin["lot"]["serial"], "fine_mg": origin["lot"]["fine_mg"], "receipts": len(origin["receipts"]),
            "societies": len(origin["societies"]), "miners": len(origin["miners"]), "unnamed_fine_mg": origin["unnamed_fine_mg"],
            "most": origin["miners"][:most]}


def bar(found: dict[str, Any]) -> str:
    most = ", ".join(f"{m['miner']} {m['fine_mg'] / 1000:,.3f} g" for m in found["most"])
    return (f"Bar {found['serial']}: {found['fine_mg'] / 1000:,.3f} g fine, of {found['receipts']:,} receipts, {found['societies']} societies and "
            f"{found['miners']:,} miners; most from {most}")


def outcome(found: dict[str, Any], console: Console) -> None:
    console.print(table(found["season"]))
    if found["bar"]:
        console.print(bar(found["bar"]), highlight=False)
    rate = f", {found['rate_per_s']:,}/s" if found["rate_per_s"] else ""
    console.print(f"Receipts: {found['accepted']:,} accepted in {found['sending_s']:,} s{rate}; {found['known']:,} were there before", highlight=False)
    if found["caught_up_s"] is not None:
        console.print(f"All views of all services had caught up {found['caught_up_s']} s after the last receipt", highlight=False)
    off = found["off"]
    console.print(f"Both ledgers together: {off['gross_mg']} mg gross, {off['fine_mg']} mg fine; societies whose own books are uneven: {off['societies']}",
                  highlight=False)
    for trouble in found["trouble"]:
        console.print(f"[red]{trouble}[/]")
