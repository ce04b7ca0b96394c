"""The same tables for eyes and spreadsheets: HTML in French with English beside, and CSV."""
import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shared.edge.page import templates

from .district_table import LEVELS, Table
from .findings import FR

_templates = templates(Path(__file__).parent / "templates")


def front(table: Table, findings: Sequence[dict[str, Any]], card: dict[str, Any] | None) -> str:
    return _templates.get_template("front.html").render(table=table, findings=findings, card=card, columns=list(LEVELS), measures=FR)


def event(card: dict[str, Any]) -> str:
    """One event for eyes, its data as it is stored."""
    data = json.dumps(card["data"], ensure_ascii=False, indent=1)
    return _templates.get_template("event.html").render(card=card, data=data)


def behind(table: Table, findings: Sequence[dict[str, Any]]) -> set[str]:
    """The events that the page's declared figures and findings rest on."""
    rows = [*table["rows"], *([table["totals"]] if table["totals"] else [])] if table["basis"] == "declared" else []
    return {event for row in rows for events in row["events"].values() for event in events} | {event for f in findings for event in f["events"]}


def districts_csv(table: Table) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["as_of", "basis", "district", "name", *LEVELS])
    for row in table["rows"]:
        writer.writerow([table["as_of"], table["basis"], row["district"] or "", safe(row["name"] or ""), *(row.get(c, "") for c in LEVELS)])
    writer.writerow([table["as_of"], table["basis"], "", "TOTAL", *(table["totals"].get(c, "") for c in LEVELS)])
    return out.getvalue()


def findings_csv(findings: Sequence[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["id", "rule", "article", "state", "since", "fr", "en", "events"])
    for f in findings:
        writer.writerow([f["id"], f["rule"], f.get("article", ""), f["state"], f["since"], safe(f["text"]["fr"]), safe(f["text"]["en"]), " ".join(f["events"])])
    return out.getvalue()


def safe(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
