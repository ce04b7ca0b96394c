"""./sanu simulate in one process: a small life whose books are even, and a second run that changes nothing."""
import json
from pathlib import Path
from typing import Any

import pytest

from installation.simulation.kept import NAME
from tests.e2e.test_demo import sanu
from tests.e2e.test_season import books
from tests.servers import free_port

OPTIONS = ("--seed", "3", "--years", "1", "--receipts", "150", "--json")


def simulate(var: Path, *more: str) -> Any:
    return sanu("simulate", *OPTIONS, "--var", str(var), "--port", str(free_port()), *more)


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("simulation") / "var"
    done = simulate(path)
    assert done.returncode == 0, done.stdout + done.stderr
    (path.parent / "first.json").write_text(done.stdout)
    return path


def test_its_books_are_even_and_a_bar_leads_to_its_miners(var: Path) -> None:
    said = json.loads((var.parent / "first.json").read_text())
    assert said["right"] and said["trouble"] == [] and said["off"] == {"gross_mg": 0, "fine_mg": 0, "societies": 0}
    assert said["accepted"] == said["in_books"] == 150 == sum(line["receipts"] for line in said["season"]) and said["known"] == 0
    assert said["rate_per_s"] > 0 and said["caught_up_s"] is not None
    assert said["bar"]["serial"].startswith("SIM-2025-") and said["bar"]["miners"] > 3 and said["bar"]["most"][0]["fine_mg"] > 0
    assert sum(line["bars"] for line in said["season"]) >= 8 and sum(line["loss_mg"] for line in said["season"]) > 0


def test_a_second_run_changes_nothing_even_if_it_has_forgotten_what_was_done(var: Path) -> None:
    before, said = books(var), json.loads((var.parent / "first.json").read_text())
    again = simulate(var)
    assert again.returncode == 0, again.stderr
    kept = json.loads((var / NAME).read_text())
    (var / NAME).write_text(json.dumps({**kept, "done": ["people"]}))
    from_the_start = simulate(var)
    assert from_the_start.returncode == 0, from_the_start.stderr
    for answer in (json.loads(again.stdout), json.loads(from_the_start.stdout)):
        assert (answer["accepted"], answer["known"]) == (0, 150)
        assert {k: answer[k] for k in ("season", "bar", "off", "right")} == {k: said[k] for k in ("season", "bar", "off", "right")}
    assert books(var) == before


def test_another_life_is_refused_in_the_same_place(var: Path) -> None:
    refused = simulate(var, "--seed", "4")
    assert refused.returncode == 1 and "another life" in refused.stderr and "Traceback" not in refused.stderr
