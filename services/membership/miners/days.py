"""The clocks of a withdrawal (AUSCOOP 11), in days of the calendar; and how far ahead a day may lie before it is a slip of the pen."""
import calendar
import datetime as dt
from collections.abc import Mapping
from functools import lru_cache

from shared.errors import BadRequest

HAPPENED, PLANNED = 1, 50                  # years after today: of what happened (a list made up for the coming year), and of what is to come
AHEAD = {"received_on": HAPPENED, "effective_on": PLANNED, "valid_from": PLANNED, "valid_until": PLANNED}


@lru_cache(maxsize=10_000)                 # cards of a list end on the same days
def day_after(day: str) -> str:
    date = dt.date.fromisoformat(day)
    return (date + dt.timedelta(1)).isoformat() if date < dt.date.max else day


def years_after(day: str, years: int) -> str:
    """The same day of a later year; of 29 February, where the year has none, the last of the month; the last day of the calendar beyond it."""
    date = dt.date.fromisoformat(day)
    year = date.year + years
    if year > dt.MAXYEAR:
        return dt.date.max.isoformat()
    last = calendar.monthrange(year, date.month)[1]
    return dt.date(year, date.month, min(date.day, last)).isoformat()


def too_far(day: str, today: str, years: int) -> str:
    """The rule that a day breaks which lies more than so many years after today; '' for one that does not."""
    return f"at most {years} year(s) after today" if day > years_after(today, years) else ""


def must_not_be_far(day: str, today: str, years: int, field: str) -> None:
    """Raises BadRequest."""
    if rule := too_far(day, today, years):
        raise BadRequest(f"{day} lies too far ahead", field=field, rule=rule)


def must_be_near(named: Mapping[str, str], today: str) -> None:
    """The days that a command names, by field, with '' for one it does not. Raises BadRequest."""
    for field, day in named.items():
        if field in AHEAD and day:
            must_not_be_far(day, today, AHEAD[field], field)


def effective(received_on: str, stated_on: str | None) -> str:
    """At the date in the notice, or at its receipt if later."""
    return max(received_on, stated_on or received_on)


def refund_due_by(effective_on: str) -> str:
    """Shares are repaid in the year after."""
    return years_after(effective_on, 1)


def latest_refund(effective_on: str) -> str:
    """To which a reasoned decision may extend it."""
    return years_after(effective_on, 2)
