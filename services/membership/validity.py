"""From when until when something holds; a last day is a day on which it still does."""
import datetime as dt
from collections.abc import Iterable

from shared import dates
from shared.errors import BadRequest, Conflict
from shared.event import Event


def day_of(e: Event) -> str:
    """The day from which a recorded fact counts."""
    return dates.counted(e.occurred_on, e.recorded_at[:10])


def day_before(day: str) -> str:
    return (dt.date.fromisoformat(day) - dt.timedelta(days=1)).isoformat()


def earliest(days: Iterable[str | None]) -> str | None:
    """Of the days that are known; None if none is."""
    return min((day for day in days if day), default=None)


def must_not_end_before(begins: str | None, ends: str | None) -> None:
    """Raises BadRequest; a day that nobody said is in no wrong order."""
    if begins and ends and ends < begins:
        raise BadRequest(f"{ends} lies before the beginning, {begins}", field="valid_until", rule="what ends has begun")


def is_before(day: str, began: str) -> bool:
    """Whether a day lies before the first possible day of a beginning (EDTF); never, where nobody said when that was."""
    return bool(began) and day < dates.parse(began).first.isoformat()


def must_not_come_before(day: str, began: str, field: str = "occurred_on") -> None:
    """Raises Conflict for an end, on the day from which it counts, that lies before its beginning: that is impossible, however imprecise the dates."""
    if is_before(day, began):
        raise Conflict(f"{day} lies before the beginning, {began}", field=field, rule="what ends has begun")
