"""Membership and reporting side by side: facts go in as commands, figures come out as tables."""
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.membership.application import open_service as membership
from services.reporting import district_table, findings, webhook_port
from services.reporting.application import open_service as reporting
from shared.application import Answer
from shared.testing import Clock
from tests.peers import Together
from tests.unit.reporting.webhook_world import Endpoint, World

SOURCE = {"document": "minutes", "section": "1"}


class Books(Together):
    """What a test says and asks, in its words."""

    clock: Clock

    def district(self, slug: str, name: str, rank: int = 1) -> None:
        self.command("membership", "register-district", district=slug, name=name, rank=rank)

    def declare(self, measure: str, count: int, as_of: str, district: str = "", name: str = "") -> Answer:
        of = {"district": district} if district else {}
        declaration = name or f"declaration-{next(self._keys['declaration'])}"
        return self.command("membership", "declare-count", declaration=declaration, measure=measure, count=count, as_of=as_of, source=SOURCE, **of)

    def found(self, organisation: str, on: str = "", district: str = "", level: str = "base") -> Answer:
        return self.tell("found-organisation", organisation, on, level=level, name=organisation, **({"district": district} if district else {}))

    def tell(self, command: str, organisation: str, on: str = "", **body: Any) -> Answer:
        return self.command("membership", command, organisation=organisation, **({"occurred_on": on} if on else {}), **body)

    def table(self, as_of: str, basis: str = "declared", known_at: str = "") -> dict[str, Any]:
        self.settle()
        return district_table.read(self["reporting"], as_of, basis, known_at)

    def figures(self, as_of: str, basis: str = "declared", known_at: str = "") -> dict[str, Any]:
        """District → its figures."""
        rows = self.table(as_of, basis, known_at)["rows"]
        return {row["district"]: {c: row[c] for c in district_table.LEVELS if c in row} for row in rows}

    def totals(self, as_of: str, basis: str = "declared", known_at: str = "") -> dict[str, int]:
        totals = self.table(as_of, basis, known_at)["totals"]
        return {c: totals[c] for c in district_table.LEVELS if c in totals}

    def findings(self, as_of: str, known_at: str = "") -> dict[str, dict[str, Any]]:
        self.settle()
        return {f["id"]: f for f in findings.read(self["reporting"], as_of, known_at)}


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    with Clock("2025-01-01T08:00:00.000Z").patched() as clock, Books(tmp_path, membership, reporting) as opened:
        opened.clock = clock
        opened.district("kenieba", "Kéniéba", 1)
        opened.district("kangaba", "Kangaba", 2)
        yield opened


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    endpoint = Endpoint()
    monkeypatch.setattr(webhook_port, "Line", endpoint)
    with Clock("2025-01-01T08:00:00.000Z").patched() as clock, World(tmp_path, membership, reporting) as opened:
        opened.endpoint, opened.clock = endpoint, clock
        yield opened
