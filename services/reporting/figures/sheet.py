"""One table for programs and spreadsheets: the same columns and rows as CSV and as XLSX, whatever the JSON beside them holds more."""
import csv
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import xlsxwriter

from services.reporting.pages import safe

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = {"json": "application/json", "csv": CSV, "xlsx": XLSX}
DATES = ("as_of", "known_at")


class Sheet(NamedTuple):
    """`columns` are keys of the rows; the dates asked for stand before them in every row, so that a row says what it is."""

    name: str
    columns: Sequence[str]
    rows: str = "rows"
    """Under which key of the answer they stand."""

    def lines(self, answer: Mapping[str, Any]) -> list[list[str | int | float]]:
        dates = [name for name in DATES if name in answer]
        return [[*dates, *self.columns], *([*(answer[d] for d in dates), *(_cell(row.get(c)) for c in self.columns)] for row in answer[self.rows])]

    def csv(self, answer: Mapping[str, Any]) -> bytes:
        out = io.StringIO()
        csv.writer(out).writerows([safe(cell) if isinstance(cell, str) else cell for cell in line] for line in self.lines(answer))
        return out.getvalue().encode()

    def xlsx(self, answer: Mapping[str, Any]) -> bytes:
        """The same answer gives the same bytes; no text becomes a formula or a link."""
        out = io.BytesIO()
        book = xlsxwriter.Workbook(out, {"in_memory": True})
        book.set_properties({"created": dt.datetime(2000, 1, 1)})
        page, bold = book.add_worksheet(self.name[:31]), book.add_format({"bold": True})
        for y, line in enumerate(self.lines(answer)):
            for x, cell in enumerate(line):
                if isinstance(cell, str):
                    page.write_string(y, x, cell, bold if y == 0 else None)
                else:
                    page.write_number(y, x, cell)
        page.freeze_panes(1, 0)
        page.autofit()
        book.close()
        return out.getvalue()


def _cell(value: Any) -> str | int | float:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int() | float() | str():
            return value
        case {"fr": str(text)}:
            return text
        case Mapping():
            return "; ".join(f"{k}: {_cell(v)}" for k, v in sorted(value.items()))
        case _:
            return " ".join(str(v) for v in value)
