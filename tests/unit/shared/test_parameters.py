"""How the text of a query's parameter is read."""
import pytest

from shared.errors import BadRequest
from shared.parameters import moment


@pytest.mark.parametrize(("text", "read"), [
    ("2026-11-24T08:00:00Z", "2026-11-24T08:00:00.000Z"), ("2026-11-24T08:00:00+02:00", "2026-11-24T06:00:00.000Z"),
    ("2026-11-24 00:00:00", "2026-11-24T00:00:00.000Z"), ("2026-11-24", "2026-11-24T23:59:59.999Z"), ("20261124", "2026-11-24T23:59:59.999Z")])
def test_a_moment_is_in_utc_and_a_day_is_its_end(text: str, read: str) -> None:
    assert moment(text, "known_at") == read


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "2026-11", "0001-01-01T00:00:00+23:59"])
def test_what_is_no_time_is_named(text: str) -> None:
    with pytest.raises(BadRequest) as refused:
        moment(text, "known_at")
    assert refused.value.field == "known_at"
