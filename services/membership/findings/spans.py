"""Spans of days: from a day on, until the day that no longer belongs to it; how they meet, join and leave each other out."""
import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeVar

T = TypeVar("T")
NEVER = "9999-12-31"               # the end of what lasts


class Span(NamedTuple):
    """Days in ISO form; `until` is the first day after it."""

    start: str
    until: str = NEVER


def after(day: str, days: int) -> str:
    """The day that many days later; NEVER where the calendar ends."""
    try:
        return min((dt.date.fromisoformat(day) + dt.timedelta(days)).isoformat(), NEVER)
    except OverflowError:
        return NEVER


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same days in order, as few spans as can be; empty ones are left out."""
    result: list[Span] = []
    for span in sorted(s for s in spans if s.start < s.until):
        if result and span.start <= result[-1].until:
            result[-1] = Span(result[-1].start, max(result[-1].until, span.until))
        else:
            result.append(span)
    return result


def both(some: Iterable[Span], others: Sequence[Span]) -> list[Span]:
    """The days that are in one of `some` and in one of `others`; a span of `some` stays apart from its neighbours."""
    met = (Span(max(a.start, b.start), min(a.until, b.until)) for a in some for b in others)
    return sorted(s for s in met if s.start < s.until)


def gaps(spans: Iterable[Span]) -> list[Span]:
    """The days that are in none of them, from the first day there is."""
    result, start = [], ""
    for span in joined(spans):
        result.append(Span(start, span.start))
        start = span.until
    return [s for s in (*result, Span(start)) if s.start < s.until]


def where(steps: Iterable[tuple[str, T]], holds: Callable[[T], bool]) -> list[Span]:
    """From steps (a day, and what is so from then on) in order of days to the days on which it holds."""
    result, start = [], ""
    for day, value in steps:
        if holds(value) and not start:
            start = day
        elif not holds(value) and start:
            result.append(Span(start, day))
            start = ""
    return joined([*result, Span(start)] if start else result)
