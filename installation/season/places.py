"""The places and the figures of the report, for the season to be built in and held against."""
from collections.abc import Mapping
from datetime import date
from typing import Any

from installation import demo

SOURCE = {"document": "saison synthétique", "section": "tout est inventé"}
COLUMN = {"base": "base", "union": "unions", "federation": "federations"}
NOW, START = (date.fromisoformat(day) for day in demo.EXPECTED)
Fact = dict[str, Any]
Dated = tuple[date, Fact]


def fact(id_: str, command: str, **body: Any) -> Fact:
    """Under a key of the season's own, citing nothing real."""
    return {"id": f"season.{id_}", "service": "membership", "command": command, "body": {**body, "source": SOURCE}}


def facts() -> list[Fact]:
    """Regions and districts bear their real names: a synthetic society has to be somewhere."""
    return [{**r, "id": f"season.{r['id']}", "body": {**r["body"], "source": SOURCE}} for r in demo.records()
            if r["command"] in ("register-region", "register-district", "record-place-alias")]


def names() -> dict[str, str]:
    """District to name, in the order of the report's table."""
    rows = [r["body"] for r in demo.records() if r["command"] == "register-district"]
    return {row["district"]: row["name"] for row in sorted(rows, key=lambda row: row["rank"])}


def stated() -> Mapping[str, Mapping[str, int]]:
    """Per district what the report's table says, by column."""
    by_row = {str(r["body"]["rank"]): r["body"]["district"] for r in demo.records() if r["command"] == "register-district"}
    result: dict[str, dict[str, int]] = {district: {} for district in names()}
    for body in (r["body"] for r in demo.records() if r["command"] == "declare-count"):
        if district := by_row.get(body["source"].get("row", "")):
            result[district][COLUMN[body["measure"]]] = body["count"]
    return result
