"""Dates as precisely as they are known, in EDTF form: 2019-11-17, 2024-11, 2019, 2022-08-07/2022-08-11, or absent."""
import calendar
import datetime as dt
import re
from functools import lru_cache
from typing import NamedTuple

from .errors import BadRequest

DAY = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_DAY = "[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?"
PATTERN = f"{_DAY}(/{_DAY})?"           # what every date looks like; not everything that looks like one is

_ONE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?\Z", re.ASCII)
NAMES = {4: "year", 7: "month", 10: "day"}


class Dated(NamedTuple):
    """First and last possible day, and the precision: day, month, year, range (of days) or period."""

    first: dt.date
    last: dt.date
    precision: str


def _one(text: str, field: str) -> Dated:
    match = _ONE.match(text)
    if not match:
        raise BadRequest(f"'{text}' is not a date", field=field, rule="EDTF: YYYY, YYYY-MM, YYYY-MM-DD or A/B")
    year, month, day = match.groups()
    try:
        first = dt.date(int(year), int(month or 1), int(day or 1))
        last_month = int(month or 12)
        last = dt.date(int(year), last_month, int(day or calendar.monthrange(int(year), last_month)[1]))
    except (ValueError, IndexError) as e:          # month 13 reaches monthrange as an IndexError
        raise BadRequest(f"'{text}' is not a day of the calendar", field=field) from e
    return Dated(first, last, NAMES[len(text)])


def parse(text: str, field: str = "occurred_on") -> Dated:
    """Reads an EDTF date or interval (ISO 8601-2 level 0). Raises BadRequest."""
    if "/" not in text:
        return _one(text, field)
    start, _, end = text.partition("/")
    a, b = _one(start, field), _one(end, field)
    if a.first > b.last:
        raise BadRequest(f"'{text}' ends before it begins", field=field)
    return Dated(a.first, b.last, "range" if a.precision == b.precision == "day" else "period")


@lru_cache(maxsize=10_000)                 # every load of a stream asks for the same days again
def counts_from(text: str, field: str = "occurred_on") -> str:
    """The day from which a fact dated `text` counts: its last possible day (principle 9)."""
    return parse(text, field).last.isoformat()


def counted(occurred_on: str, otherwise: str) -> str:
    """The day from which a fact counts; `otherwise` where nobody said when it happened."""
    return counts_from(occurred_on) if occurred_on else otherwise
