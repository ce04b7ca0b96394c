"""The clocks of a withdrawal (AUSCOOP 11), in days of the calendar."""
import calendar
import datetime as dt
from functools import lru_cache


@lru_cache(maxsize=10_000)                 # cards of a list end on the same days
def day_after(day: str) -> str:
    date = dt.date.fromisoformat(day)
    return (date + dt.timedelta(1)).isoformat() if date < dt.date.max else day


def years_after(day: str, years: int) -> str:
    """The same day of a later year; of 29 February, where the year has none, the last of the month."""
    date = dt.date.fromisoformat(day)
    year = date.year + years
    last = calendar.monthrange(year, date.month)[1]
    return dt.date(year, date.month, min(date.day, last)).isoformat()


def effective(received_on: str, effective_on: str | None) -> str:
    """At the date in the notice, or at its receipt if later."""
    return max(received_on, effective_on or received_on)


def refund_due_by(effective_on: str) -> str:
    """Shares are repaid in the year after."""
    return years_after(effective_on, 1)


def latest_refund(effective_on: str) -> str:
    """To which a reasoned decision may extend it."""
    return years_after(effective_on, 2)
