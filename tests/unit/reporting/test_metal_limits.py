"""How late and coarse figures about metal are to who may not see where it is: none of few receipts, nor one from which it follows (principle 7)."""
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.reporting.figures.asked import Asked
from services.reporting.metal import receipts
from services.reporting.metal.limits import late
from shared.testing import Clock
from tests.unit.reporting.raw_metal import RawMetal

TRAINER = Asked(as_of="2024-12-31", lots=False)
AUDITOR = Asked(as_of="2024-12-31")


@pytest.fixture
def raw(tmp_path: Path) -> Iterator[RawMetal]:
    with Clock("2025-03-03T08:00:00.000Z").patched() as clock, RawMetal(tmp_path) as opened:
        opened.clock = clock
        for society, district in (("sup-a", "kangaba"), ("sup-b", "kenieba"), ("sup-c", "kenieba"), ("sup-d", "kangaba")):
            opened.founds(society, "2020-01-01", district)
        for society, days in (("sup-a", ("2024-01-10",) * 3), ("sup-b", ("2024-02-10",)), ("sup-c", ("2024-01-11",) * 5),
                              ("sup-d", ("2023-01-10",) * 3 + ("2024-01-12",) * 4)):
            for n, day in enumerate(days):
                assert opened.receives(f"{society}-{n}", society=society, occurred_on=day)
        yield opened


def shown(raw: RawMetal, asked: Asked, *by: str, **more: Any) -> dict[Any, int | None]:
    table = receipts.read(raw.carried(), asked, by, "", 500)[0]
    assert all(row["suppressed"] == ("gross_mg" not in row) for row in table["rows"])
    assert ("total" in table) == (not any(row["suppressed"] for row in table["rows"])) or asked.territory
    return {tuple(row[d] for d in by) if len(by) > 1 else row[by[0]]: row.get("count") for row in table["rows"]}


def test_beside_few_receipts_the_next_fewest_of_the_district_are_left_out_and_the_total(raw: RawMetal) -> None:
    assert shown(raw, TRAINER, "society") == {"sup-a": 3, "sup-b": None, "sup-c": None, "sup-d": 7}
    assert shown(raw, TRAINER, "district") == {"kangaba": 10, "kenieba": 6}
    by_year = shown(raw, TRAINER, "society", "year")
    assert by_year["sup-b", "2024"] is by_year["sup-c", "2024"] is None and by_year["sup-d", "2023"] == 3
    assert shown(raw, AUDITOR, "society") == {"sup-a": 3, "sup-b": 1, "sup-c": 5, "sup-d": 7}
    pages = [row for after in ("", ".sup-a", ".sup-b", ".sup-c") for row in receipts.read(raw.reporting, TRAINER, ("society",), after, 1)[0]["rows"]]
    assert [row.get("count") for row in pages] == [3, None, None, 7]


def test_beside_a_month_of_few_receipts_another_of_its_year_is_left_out(raw: RawMetal) -> None:
    assert shown(raw, TRAINER, "month") == {"2023-01": 3, "2024-01": None, "2024-02": None}
    assert shown(raw, TRAINER, "year") == {"2023": 3, "2024": 13}


def test_a_society_s_table_and_its_total_are_of_the_territory(raw: RawMetal) -> None:
    table = receipts.read(raw.carried(), Asked(as_of="2024-12-31", territory=frozenset({"district:kenieba"})), ("society",), "", 500)[0]
    assert [row["society"] for row in table["rows"]] == ["sup-b", "sup-c"] and table["total"]["count"] == 6


def test_two_days_of_a_month_are_one_to_who_sees_late() -> None:
    with Clock("2025-03-03T08:00:00.000Z").patched():
        asked = {day: late(Asked(as_of=day, lots=False)).as_of for day in ("2024-05-30", "2024-05-31", "2024-06-01", "2025-03-03", "0001-01-15")}
        assert asked == {"2024-05-30": "2024-04-30", "2024-05-31": "2024-05-31", "2024-06-01": "2024-05-31", "2025-03-03": "2025-02-28",
                         "0001-01-15": "0001-01-01"}
        assert late(Asked(as_of="2024-05-30", known_at="2024-07-17T10:00:00.000Z", lots=False)).known_at == "2024-07-01T00:00:00.000Z"
        assert late(Asked(as_of="2024-05-30", known_at="2024-07-17T10:00:00.000Z")) == Asked(as_of="2024-05-30", known_at="2024-07-17T10:00:00.000Z")
