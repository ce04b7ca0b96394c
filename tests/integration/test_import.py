"""A society's list goes onto the books by `./sanu import miners`: checked, told row by row, resumed, and never twice."""
import csv
import datetime as dt
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from installation.importing import sample
from installation.importing.columns import Mapped
from installation.importing.faults import HEADINGS
from installation.importing.people import open_list
from installation.importing.run import Wanted, run
from installation.importing.source import open_source
from installation.up import PROJECT
from shared.config import Config
from shared.errors import Conflict, SanuError
from tests.clients import Refused, ask, token, until
from tests.lists import NAMES, SOCIETY, a_csv, like
from tests.world import OneProcess, one_process


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneProcess]:
    with one_process(tmp_path_factory.mktemp("import") / "var") as world:
        world.client().command("membership", "found-organisation", {"organisation": SOCIETY, "level": "base", "name": "Les Amis", "occurred_on": "2020"}, "x")
        with world.books() as books:
            books.everything_arrived()
        yield world


def taken(config: Config, file: Path, capsys: pytest.CaptureFixture[str], **more: Any) -> dict[str, Any]:
    capsys.readouterr()
    code = run(config, Wanted(file=file, as_json=True, **more))
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert code == (1 if said["faulty"] else 0)
    return said


def told(said: dict[str, Any]) -> list[tuple[int, str, str]]:
    """Row, column and rule of each line of the list of errors."""
    with Path(said["errors"]).open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file, delimiter=";"))
    assert all(set(line) == set(HEADINGS) and line["règle"] for line in lines)
    return [(int(line["row"]), line["column"], line["rule"]) for line in lines]


def miners(world: OneProcess, organisation: str = SOCIETY) -> list[dict[str, Any]]:
    bearer, more, found = token(world.config, "installation", "auditor", "x"), "", []
    while more is not None:
        page = json.loads(ask(world.config, "membership", f"/membership/v1/miners?organisation={organisation}&limit=200{more}", bearer)[2])
        found += page["miners"]
        more = page["next"] and f"&after={page['next']}"
    return found


def heads(world: OneProcess) -> dict[str, int]:
    with world.books() as books:
        return {name: service.log.own_head() for name, service in books.services.items()}


def written(world: OneProcess) -> list[tuple[str, str]]:
    """Stream and name of all events in the log that tell of miners; a sample's rows have at most one of each name."""
    with world.books() as books:
        return [(r.stream, r.name) for r in books.services["membership"].log.own_after(0, 1_000_000) if r.stream.startswith("miner/")]


def registered(world: OneProcess) -> int:
    events = written(world)
    assert len(events) == len(set(events)), "nothing is there twice"
    return sum(name == "membership.MinerRegistered" for _, name in events)


def command(file: Path, config: Config, *more: str) -> list[str]:
    where = ["--var", str(config.var), "--port", str(config.port)]
    return [sys.executable, "-P", "-W", "ignore", "-m", "installation", "import", "miners", str(file), *where, *more]


def finished(file: Path, config: Config, *more: str) -> str:
    """What the command printed, when everything went well."""
    done = subprocess.run(command(file, config, *more), env=environment(), capture_output=True, text=True, timeout=110, check=False)
    errors = file.with_name(f"{file.name}.errors.csv")
    assert done.returncode == 0, done.stdout + done.stderr + (errors.read_text("utf-8-sig")[:500] if errors.exists() else "")
    return done.stdout


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(PROJECT)}


def test_m9_a_list_of_a_society_is_on_the_books(world: OneProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = len(miners(world))
    said = taken(world.config, a_csv(tmp_path / "liste.csv", [like(n, birth_year=str(1950 + n)) for n in range(1, 41)]), capsys)
    assert (said["rows"], said["new"], said["there_already"], said["faulty"], said["errors"]) == (40, 40, 0, 0, None)
    until(lambda: len(miners(world)) == before + 40)
    one = next(m for m in miners(world) if m["birth_year"] == 1963)
    assert {k: one[k] for k in ("sex", "village", "organisations", "card_valid_until")} == {
        "sex": "female", "village": "Niéna", "organisations": [SOCIETY], "card_valid_until": "2026-12-31"}
    assert one["standing"]["value"] == ("good" if dt.date.today() < dt.date(2027, 1, 1) else "to check")


def test_m9_a_dry_run_tells_what_the_books_would_say_and_writes_nothing(world: OneProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = a_csv(tmp_path / "essai.csv", [like(100), like(101, organisation="Inconnue au Test"), like(102)])
    before = heads(world)
    said = taken(world.config, file, capsys, dry_run=True)
    assert (said["new"], said["faulty"], heads(world)) == (2, 1, before)
    assert [line[:2] for line in told(said)] == [(3, "organisation")]
    assert taken(world.config, file, capsys)["new"] == 2, "and the real run is not kept from anything by it"


def test_m9_each_faulty_row_is_told_by_number_column_and_rule_and_holds_up_no_other(
        world: OneProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [like(200), like(201, sex="X"), like(202, birth_year="90"), like(203, admitted_on="31/02/2024"), like(204, valid_until="2026"),
            like(205, name=""), like(206, number=""), like(207, organisation=""), like(208, valid_until="2023-01-01"), like(209, organisation="inconnue-a"),
            like(210, phone="1" * 60), like(211, name="=HYPERLINK(1)"), like(212, village="#N/A"), like(213, name="Un\x07Exemple"), [*like(214), "de trop"],
            like(200), like(216, number="ex 000200"), [""] * 13, like(218), like(219, name="1234")]
    said = taken(world.config, a_csv(tmp_path / "fautes.csv", rows), capsys)
    assert (said["rows"], said["new"], said["faulty"], said["remarks"]) == (19, 3, 16, 1)
    lines = told(said)
    assert [(row, column) for row, column, _ in lines] == [
        (3, "sex"), (4, "birth_year"), (5, "admitted_on"), (6, "valid_until"), (7, "name"), (8, "card_number"), (9, "organisation"), (10, "valid_until"),
        (11, "organisation"), (12, "phone"), (13, "name"), (14, "village"), (15, "name"), (16, ""), (17, ""), (18, "card_number"), (21, "name")]
    assert lines[14][2] == "the same as row 2" and lines[15][2] == "the same card as in row 2"
    again = taken(world.config, tmp_path / "fautes.csv", capsys)
    assert (again["new"], again["there_already"], told(again)) == (0, 3, lines)


def test_m9_what_was_mended_is_imported_alone(world: OneProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "corriger.csv"
    rows = [like(300), like(301, sex="?"), like(302), like(303, organisation="inconnue-b"), like(304, birth_year="x")]
    said = taken(world.config, a_csv(file, rows), capsys)
    assert (said["new"], said["faulty"]) == (2, 3)
    rows[1], rows[3] = like(301), like(303)
    a_csv(file, rows)
    for only in (None, Path(said["errors"])):
        trial = taken(world.config, file, capsys, only=only, dry_run=True)
        assert (trial["new"], trial["faulty"]) == (2, 1) and len(told(said)) == 3, "a trial leaves the list as it was"
    with pytest.raises(Conflict, match="an import left"):
        taken(world.config, file, capsys, dry_run=True, errors=Path(said["errors"]))
    said = taken(world.config, file, capsys, only=Path(said["errors"]))
    assert (said["rows"], said["new"], said["faulty"]) == (3, 2, 1)
    rows[4] = like(304)
    said = taken(world.config, a_csv(file, rows), capsys, only=Path(said["errors"]))
    assert (said["rows"], said["new"], said["faulty"], said["errors"]) == (1, 1, 0, None)
    assert not file.with_name("corriger.csv.errors.csv").exists(), "nothing is left to mend"
    said = taken(world.config, file, capsys)
    assert (said["new"], said["there_already"]) == (0, 5), "whatever became of the lists of errors"


def test_m9_a_list_saved_again_with_more_rows_registers_nobody_twice(world: OneProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [like(360 + n) for n in range(3)]
    assert taken(world.config, a_csv(tmp_path / "rose.csv", rows), capsys)["new"] == 3
    more = [like(363), *[[row[0].upper(), *row[1:]] for row in reversed(rows)]]
    said = taken(world.config, a_csv(tmp_path / "Rose Exemple.csv", more, separator=","), capsys)
    assert (said["new"], said["there_already"], said["faulty"]) == (1, 3, 0)


def test_m9_a_list_named_after_somebody_names_nobody_in_the_log(world: OneProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    taken(world.config, a_csv(tmp_path / "Zanibougou Exemplovitch.csv", [like(370)]), capsys)
    with world.books() as books:
        told_ = [r.state for r in books.services["membership"].log.own_after(0, 1_000_000)]
    assert told_ and not [state for state in told_ if b"Zanibougou" in state]


def test_m9_a_list_without_a_fault_names_no_row_to_import_alone(world: OneProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = a_csv(tmp_path / "pareil.csv", [like(350), like(351, number="EX-000350")])
    said = taken(world.config, file, capsys)
    assert (said["new"], said["remarks"]) == (2, 1)
    again = taken(world.config, a_csv(file, [like(350), like(352)]), capsys, only=Path(said["errors"]))
    assert (again["rows"], again["new"]) == (0, 0)


def test_m9_an_import_killed_in_the_middle_goes_on_where_it_was_and_a_third_changes_nothing(world: OneProcess, tmp_path: Path) -> None:
    file = tmp_path / "longue.csv"
    sample.write(file, 6000, [SOCIETY])
    before = registered(world)
    process = subprocess.Popen(command(file, world.config), env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    head = heads(world)["membership"]
    until(lambda: heads(world)["membership"] > head + 1500, 60, "the import under way")
    process.kill()
    process.wait()
    second = json.loads(finished(file, world.config, "--json"))
    assert second["new"] > 0 < second["there_already"] and second["new"] + second["there_already"] == second["rows"] == 6000
    assert registered(world) == before + 6000
    after = written(world)
    assert "Nothing changed: every good row was on the books already." in finished(file, world.config)
    assert written(world) == after


def test_m9_an_import_outlives_a_server_that_dies_and_comes_back(world: OneProcess, tmp_path: Path) -> None:
    file = tmp_path / "panne.csv"
    sample.write(file, 4000)
    before, head = registered(world), heads(world)["membership"]
    process = subprocess.Popen(command(file, world.config, "--json"), env=environment(), stdout=subprocess.PIPE, text=True)
    until(lambda: heads(world)["membership"] > head + 1000, 60, "the import under way")
    world.end(signal.SIGKILL)
    world.start()
    said = json.loads(process.communicate(timeout=110)[0])
    assert (process.returncode, said["new"], said["there_already"], said["faulty"]) == (0, 4000, 0, 0) and registered(world) == before + 4000


def test_m9_two_imports_of_one_file_at_once_register_nobody_twice(world: OneProcess, tmp_path: Path) -> None:
    file = a_csv(tmp_path / "deux.csv", [like(20_000 + n) for n in range(1500)])
    before = registered(world)
    both = [subprocess.Popen(command(file, world.config, "--json", "--errors", str(tmp_path / f"{n}.csv")), env=environment(), text=True,
                             stdout=subprocess.PIPE) for n in range(2)]
    said = [json.loads(process.communicate(timeout=110)[0]) for process in both]
    assert registered(world) == before + 1500
    assert [s["faulty"] for s in said] == [0, 0] and sum(s["new"] for s in said) >= 1500 and all(s["new"] + s["there_already"] == 1500 for s in said)


def test_m9_a_refused_token_and_a_silent_server_say_what_to_do(world: OneProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = a_csv(tmp_path / "jeton.csv", [like(400)])
    with pytest.raises(Refused) as refused:
        run(Config(var=tmp_path / "var", port=world.config.port), Wanted(file=file))
    assert refused.value.status == 401
    wrong = subprocess.run(command(file, Config(var=tmp_path / "var", port=world.config.port)), env=environment(), capture_output=True, text=True, check=False)
    assert (wrong.returncode, "--var" in wrong.stderr, "Traceback" in wrong.stderr) == (1, True, False)
    with pytest.raises(SanuError, match="is in use by process"):
        run(Config(var=world.config.var, port=1), Wanted(file=file))


def test_x12_nothing_personal_is_told_outside_the_books(world: OneProcess, tmp_path: Path) -> None:
    """Even where columns are swapped and the server refuses the values, and where the first row is somebody."""
    secret = ["Zanibougou", "Exemplovitch", "777555333", "CARTESECRETE"]
    row = like(500, name=f"{secret[0]} {secret[1]}", phone=secret[2], number=secret[3])
    swapped = like(501, name="1", organisation=f"{secret[0]} {secret[1]}", admitted_on=secret[2], sex=secret[1], card_type=secret[3], number=secret[2])
    rows = [row, [*row, secret[0]], row, swapped, like(502, organisation=secret[0]), like(503, organisation="x'y" + secret[1]), like(504, name=secret[2])]
    files = [a_csv(tmp_path / "a.csv", rows), a_csv(tmp_path / "b.csv", [row], headings=row),
             a_csv(tmp_path / "c.csv", [row], headings=[*NAMES[:5], secret[2], *NAMES[6:]])]
    for file in files:
        done = subprocess.run(command(file, world.config), env=environment(), capture_output=True, text=True, timeout=60, check=False)
        errors = file.with_name(f"{file.name}.errors.csv")
        text = done.stdout + done.stderr + (errors.read_text("utf-8-sig") if errors.exists() else "")
        assert done.returncode in (0, 1) and "Traceback" not in text
        assert not [word for word in secret if word.lower() in text.lower()], text
    assert (tmp_path / "a.csv.errors.csv").exists()


def test_a_pseudonym_cannot_be_told_without_the_installations_secret(tmp_path: Path) -> None:
    """The same file gives the same ones in one installation, and others in another."""
    source = open_source(a_csv(tmp_path / "un.csv", [like(1)]), lambda heading: True)
    ours, again, others = (next(iter(open_list(source, Mapped(), secret).rows())).person for secret in (b"a" * 32, b"a" * 32, b"b" * 32))
    assert ours and again and others and ours == again and ours.body["miner"] != others.body["miner"]
    assert re.fullmatch("m-[0-9a-z]{6,40}", ours.body["miner"])


def test_an_installation_that_does_not_run_is_started_for_the_import(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world = OneProcess(tmp_path / "var")
    said = taken(world.config, a_csv(tmp_path / "seul.csv", [like(n, organisation="", admitted_on="") for n in range(5)]), capsys)
    assert said["new"] == 5 == registered(world)
    assert not world.ready(), "and ended with it"


def test_a_dry_run_without_an_installation_makes_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = Config(var=tmp_path / "var", port=1)
    said = taken(config, a_csv(tmp_path / "x.csv", [like(1), like(2, sex="?")]), capsys, dry_run=True)
    assert (said["new"], said["faulty"], config.var.exists()) == (1, 1, False)


def test_a_list_of_errors_replaces_only_one_of_ours(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = a_csv(tmp_path / "x.csv", [like(1, sex="?")])
    other = tmp_path / "x.csv.dry-run.csv"
    other.write_text("somebody's work\n")
    with pytest.raises(Conflict):
        run(Config(var=tmp_path / "var", port=1), Wanted(file=file, dry_run=True))
    assert other.read_text() == "somebody's work\n"
    other.unlink()
    for _ in range(2):
        assert told(taken(Config(var=tmp_path / "var", port=1), file, capsys, dry_run=True))[0][:2] == (2, "sex")


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_long_list_takes_little_memory(tmp_path: Path, ending: str) -> None:
    """Measured in a process of its own, from its start to its end."""
    file = tmp_path / f"long.{ending}"
    sample.write(file, 20_000, [SOCIETY])
    script = ("import sys; from pathlib import Path; from installation.importing.run import Wanted, run; from shared.config import Config\n"
              "run(Config(var=Path(sys.argv[2])), Wanted(file=Path(sys.argv[1]), dry_run=True, as_json=True))\n"
              "print(Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])")
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script, str(file), str(tmp_path / "var")], env=environment(), capture_output=True, text=True,
                          timeout=110, check=True)
    assert int(done.stdout.split()[-1]) / 1024 < 100
