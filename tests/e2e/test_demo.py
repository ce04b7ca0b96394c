"""./sanu demo as a person runs it."""
import json
import subprocess
from pathlib import Path

import pytest

from installation import demo
from installation.up import PROJECT
from tests.clients import until
from tests.servers import free_port
from tests.world import OneProcess


def sanu(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROJECT / "sanu", *arguments], capture_output=True, text=True, timeout=90, check=False)


def run_demo(var: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return sanu("demo", "--once", "--var", str(var), "--port", str(free_port()), *more)


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first demo left its logs."""
    path = tmp_path_factory.mktemp("demo") / "var"
    done = run_demo(path, "--json")
    assert done.returncode == 0, done.stderr
    (path.parent / "first.json").write_text(done.stdout)
    return path


def without_time(text: str) -> dict[str, object]:
    return {k: v for k, v in json.loads(text).items() if k != "seconds"}


def test_the_demo_prints_one_document_with_the_reports_figures(var: Path) -> None:
    answer = json.loads((var.parent / "first.json").read_text())
    assert {t["as_of"]: {k: t["totals"][k] for k in demo.COLUMNS} for t in answer["tables"]} == demo.EXPECTED
    assert answer["findings"]


def test_a_second_demo_on_the_same_directory_says_the_same_to_the_letter(var: Path) -> None:
    again = run_demo(var, "--json")
    assert again.returncode == 0, again.stderr
    assert without_time(again.stdout) == without_time((var.parent / "first.json").read_text())


def test_the_demo_shows_a_table_to_people(var: Path) -> None:
    shown = run_demo(var)
    assert shown.returncode == 0, shown.stderr
    assert "Mining districts as of 2024-11-30" in shown.stdout
    assert all(str(n) in shown.stdout for n in (247, 17, 8, 26, 4, 2))


def test_what_the_demo_wrote_verifies(var: Path) -> None:
    verified = sanu("verify", "--var", str(var), "--json")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert json.loads(verified.stdout)["faults"] == []


def test_a_directory_in_use_is_named_with_its_owner(tmp_path: Path) -> None:
    owner = OneProcess(tmp_path / "var")
    owner.start()
    try:
        until(owner.ready, 20)
        assert owner.process
        var = str(owner.config.var)
        for arguments in (("demo", "--once", "--var", var, "--port", str(free_port())), ("rebuild", "--var", var)):
            refused = sanu(*arguments)
            assert refused.returncode == 1
            assert f"is in use by process {owner.process.pid}" in refused.stderr
            assert "Traceback" not in refused.stderr
        assert sanu("views", "list", "--var", var).returncode == 0         # looking is free
    finally:
        owner.end()


def test_a_real_directory_is_not_opened_as_synthetic(tmp_path: Path) -> None:
    for born, opened in (("real", "synthetic"), ("synthetic", "real")):
        var = tmp_path / born
        first = OneProcess(var, kind=born)
        first.start()
        try:
            until(first.ready, 20)
        finally:
            first.end()
        other = OneProcess(var, kind=opened)
        assert other.start().wait(20) not in (0, None)
        other.end()
