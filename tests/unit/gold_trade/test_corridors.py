"""In which days a society may work in a corridor: gold_trade, reporting and membership's own rules say the same of every day."""
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.gold_trade.application import open_service as gold_trade
from services.gold_trade.projections import corridors
from services.membership.application import open_service as membership
from services.membership.findings import around
from services.membership.processes import AssessmentProcess
from services.reporting.application import open_service as reporting
from services.reporting.figures import completeness
from services.reporting.figures.asked import Asked
from shared.application import New
from tests.peers import Together

SOCIETY = "keneya"
DAYS = ("2019-12-31", "2020-01-01", "2020-06-30", "2021-01-01", "2021-06-29", "2021-06-30", "2021-12-31", "2022-01-01", "2022-12-31", "2023-01-01",
        "2024-06-30", "2026-01-01", "2030-01-01")


class Land(Together):
    def says(self, command: str, on: str = "", /, **body: Any) -> str:
        return str(self.command("membership", command, **body, **({"occurred_on": on} if on else {})).events[0]["id"])

    def tells(self, name: str, on: str, **data: Any) -> None:
        """As an older log holds it."""
        new = New("corridor/c", f"membership.{name}", {"corridor": "c", "organisation": SOCIETY, **data}, occurred_on=on)
        self["membership"]._append("corridor/c", "", lambda histories: [new])

    def days(self) -> list[str]:
        """Those of DAYS on which it may work in some corridor, as all three say."""
        self.settle()
        with self["gold_trade"].view("corridors").reading() as (tx, table, _):
            spans = corridors.spans(tx, table, SOCIETY)
        held = [h.span for h in around.read(self["membership"].view(AssessmentProcess.name), SOCIETY).corridors]
        traded = [day for day in DAYS if any(first <= day <= last for first, last in spans)]
        ruled = [day for day in DAYS if any(span.start <= day < span.until for span in held)]
        reported = [day for day in DAYS if [row["organisation"] for row in completeness.organisations(
            self["reporting"], Asked(as_of=day), "base", "corridor", True, "", 9)[0]["rows"]] == [SOCIETY]]
        assert traded == ruled == reported
        return traded


@pytest.fixture
def land(tmp_path: Path) -> Iterator[Land]:
    with Land(tmp_path, membership, gold_trade, reporting) as opened:
        opened.says("register-district", district="kangaba", name="Kangaba")
        opened.says("found-organisation", "2015-01-01", organisation=SOCIETY, level="base", name="Keneya SCOOPS", form="SCOOPS", district="Kangaba")
        opened.says("grant-corridor", "2019-06-01", corridor="c", name="C", district="Kangaba", valid_from="2020-01-01")
        yield opened


def assigned(land: Land, on: str, until: str = "") -> str:
    return land.says("assign-corridor", on, corridor="c", organisation=SOCIETY, **({"valid_until": until} if until else {}))


def between(first: str, last: str) -> list[str]:
    return [day for day in DAYS if first <= day <= last]


def test_what_is_assigned_again_was_assigned_before_too(land: Land) -> None:
    assigned(land, "2021-01-01", "2021-12-31")
    assigned(land, "2026-01-01")
    assert land.days() == [*between("2021-01-01", "2021-12-31"), "2026-01-01", "2030-01-01"]


def test_an_end_ends_the_assignment_of_its_day_and_no_later_one(land: Land) -> None:
    assigned(land, "2021-01-01", "2021-12-31")
    assigned(land, "2023-01-01")
    land.says("end-corridor-assignment", "2021-06-30", corridor="c", organisation=SOCIETY)
    assert land.days() == ["2021-01-01", "2021-06-29", *between("2023-01-01", "9999")]


def test_an_end_of_an_older_log_names_none_and_means_the_one_in_force(land: Land) -> None:
    assigned(land, "2021-01-01", "2021-12-31")
    assigned(land, "2023-01-01")
    land.tells("CorridorAssignmentEnded", "2021-06-30")
    assert land.days() == ["2021-01-01", "2021-06-29", *between("2023-01-01", "9999")]
    land.tells("CorridorAssignmentEnded", "2022-06-30")                # none is in force: the one that began last
    assert land.days() == ["2021-01-01", "2021-06-29"]


def test_none_begins_before_its_corridor_nor_lasts_beyond_it(land: Land) -> None:
    assigned(land, "2019-07-01")
    assert land.days() == between("2020-01-01", "9999")
    land.says("extend-corridor", corridor="c", valid_until="2022-12-31")
    assert land.days() == between("2020-01-01", "2022-12-31")
    land.says("close-corridor", "2021-06-30", corridor="c")
    assert land.days() == between("2020-01-01", "2021-06-29")
