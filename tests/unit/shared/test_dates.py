"""A date is as precise as it is known, and counts from its last possible day."""
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import dates
from shared.errors import BadRequest


@pytest.mark.parametrize(("text", "first", "last", "precision"), [
    ("2019-11-17", "2019-11-17", "2019-11-17", "day"),
    ("2024-11", "2024-11-01", "2024-11-30", "month"),
    ("2024-02", "2024-02-01", "2024-02-29", "month"),
    ("2023-02", "2023-02-01", "2023-02-28", "month"),
    ("2019", "2019-01-01", "2019-12-31", "year"),
    ("2022-08-07/2022-08-11", "2022-08-07", "2022-08-11", "range"),
    ("2019-11/2024-11", "2019-11-01", "2024-11-30", "period"),
    ("2024-11-10/2024-11", "2024-11-10", "2024-11-30", "period"),
    ("2024/2024", "2024-01-01", "2024-12-31", "period")])
def test_a_date_has_a_first_and_a_last_day_and_a_precision(text: str, first: str, last: str, precision: str) -> None:
    dated = dates.parse(text)
    assert (dated.first.isoformat(), dated.last.isoformat(), dated.precision) == (first, last, precision)
    assert dates.counts_from(text) == last


@pytest.mark.parametrize("text", [
    "", "unknown", "..", "24-11-17", "2024-1", "2024-13", "2024-00", "2024-02-00", "2024-02-30", "2023-02-29", "0000", "2024-11-17T00:00", " 2024", "2024\n",
    "2024-11-17Z", "-2024", "+2024", "２０２４", "2024/", "/2024", "2024/2023", "2024-11-18/2024-11-17", "2020/2021/2022", "1e9", "2024?", "2024~"])
def test_what_is_no_date_is_refused_naming_the_field(text: str) -> None:
    with pytest.raises(BadRequest) as refused:
        dates.parse(text, "as_of")
    assert refused.value.field == "as_of"


@given(st.dates(min_value=dt.date(1, 1, 1)))
def test_every_day_of_the_calendar_is_read_back(day: dt.date) -> None:
    assert dates.parse(day.isoformat()) == (day, day, "day")


@given(st.text(max_size=12))
def test_any_text_is_a_date_or_refused(text: str) -> None:
    try:
        dated = dates.parse(text)
    except BadRequest:
        return
    assert dated.first <= dated.last
