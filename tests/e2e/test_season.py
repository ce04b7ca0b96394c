"""./sanu demo --season as a person runs it: a synthetic log whose derived counts are the report's."""
import json
from pathlib import Path
from typing import Any

import pytest

from installation import demo
from installation.catalogue import open_service
from installation.season import places
from shared.config import SERVICES, Config
from tests.e2e.test_demo import run_demo, sanu, without_time
from tests.servers import free_port

MOST_S = 40


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the season's logs are."""
    path = tmp_path_factory.mktemp("season") / "var"
    done = run_demo(path, "--season", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    (path.parent / "first.json").write_text(done.stdout)
    return path


@pytest.fixture
def answer(var: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((var.parent / "first.json").read_text())
    return found


def books(var: Path) -> dict[str, tuple[str, int, set[bool]]]:
    """Of each service how its log was born, how many own events stand in it, and whether they say that they are synthetic."""
    result = {}
    for name in SERVICES:
        service = open_service(Config(var=var, kind="synthetic"), name)
        try:
            states = [json.loads(row.state) for row in service.log.own_after(0, 100_000)]
            result[name] = (service.log.opened.kind, len(states), {bool(e.get("synthetic")) for e in states[1:]})
        finally:
            service.close()
    return result


def test_the_derived_counts_are_the_reports_at_both_dates(answer: dict[str, Any]) -> None:
    now, start = answer["tables"]
    assert {t["as_of"]: {k: t["totals"][k] for k in demo.COLUMNS} for t in (now, start)} == demo.EXPECTED
    assert {t["basis"] for t in (now, start)} == {"derived"}
    stated = {r["district"]: {c: r[c] for c in demo.COLUMNS} for r in _declared()["rows"]}
    assert {r["district"]: {c: r.get(c, 0) for c in demo.COLUMNS} for r in now["rows"]} == stated == places.stated()


def _declared() -> dict[str, Any]:
    """The table of the report itself, from the records as they stand."""
    counts = [r["body"] for r in demo.records() if r["command"] == "declare-count" and "district" in r["body"]]
    rows: dict[str, dict[str, Any]] = {}
    for rank, district in enumerate(places.names(), 1):
        of = {places.COLUMN[c["measure"]]: c["count"] for c in counts if c["source"]["row"] == str(rank)}
        rows[district] = {"district": district, **of}
    return {"rows": list(rows.values())}


def test_it_comes_with_miners_and_findings_soon_enough(answer: dict[str, Any]) -> None:
    assert answer["seconds"] < MOST_S
    assert 1400 < sum(row.get("count", 0) for row in answer["members"]) <= 1500
    assert {"OH-01", "OH-03", "OH-05", "OH-21", "OH-31", "ML-02"} <= {row["rule"] for row in answer["findings"]}


def test_it_comes_with_metal_whose_books_are_even(answer: dict[str, Any]) -> None:
    metal = answer["metal"]
    assert [line["period"] for line in metal["season"]] == ["2024-09", "2024-10", "2024-11"] and sum(line["receipts"] for line in metal["season"]) == 300
    assert metal["off"] == {"gross_mg": 0, "fine_mg": 0, "societies": 0}
    assert metal["bar"]["serial"] == "SIM-2024-11-0001" and metal["bar"]["societies"] > 20 and metal["bar"]["miners"] > 50


def test_its_log_is_synthetic_and_a_second_start_changes_nothing(var: Path, answer: dict[str, Any]) -> None:
    before = books(var)
    assert {kind for kind, _, _ in before.values()} == {"synthetic"} and before["membership"][2] == {True}
    again = run_demo(var, "--season", "--json")
    assert again.returncode == 0, again.stderr
    assert without_time(again.stdout) == {k: v for k, v in answer.items() if k != "seconds"}
    assert books(var) == before


def test_neither_demo_opens_the_others_log(var: Path) -> None:
    refused = run_demo(var)
    assert refused.returncode == 1 and "is synthetic, not real" in refused.stderr and "Traceback" not in refused.stderr


def test_people_are_shown_the_derived_tables_and_what_is_found(var: Path) -> None:
    shown = sanu("demo", "--season", "--once", "--var", str(var), "--port", str(free_port()))
    assert shown.returncode == 0, shown.stderr
    for text in ("2024-11-30 (derived, synthetic)", "2019-11-17 (derived, synthetic)", "Miners as of 2024-11-30", "Findings by rule", "OH-01",
                 "Metal (synthetic)", "Bar SIM-2024-11-0001"):
        assert text in shown.stdout
