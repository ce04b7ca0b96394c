"""What an operator does on one machine: look, copy, lose a disk, put back, hand the log to a third person."""
import fcntl
import json
import shutil
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from installation import state
from installation.up import PROJECT
from installation.verify import verify
from shared.config import SERVICES, Config
from tests.clients import until
from tests.command_line import sanu
from tests.servers import free_port
from tests.world import OneProcess


def demo(var: Path) -> None:
    subprocess.run([PROJECT / "sanu", "demo", "--once", "--json", "--var", var, "--port", str(free_port())], check=True, stdout=subprocess.DEVNULL, timeout=90)


def check(file: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-I", PROJECT / "deploy" / "check_export.py", file, *more], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation in which every service has heard everything, not running."""
    var = tmp_path_factory.mktemp("told") / "var"
    demo(var)
    return var


@pytest.fixture
def var(told: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(told, tmp_path / "var"))


def test_status_tells_everything_though_nothing_runs(var: Path) -> None:
    verify(Config(var=var))
    found = json.loads(sanu(var, "status", "--json", code=1).stdout)
    assert set(found["services"]) == set(SERVICES)
    reporting = found["services"]["reporting"]
    assert not reporting["answers"] and reporting["relay"]["behind"] == 0 and reporting["dead_letters"] == 0
    assert {i["behind"] for i in reporting["inbox"].values()} == {0} and {v["behind"] for v in reporting["views"].values()} == {0}
    assert reporting["verified"]["position"] == reporting["own_head"]
    assert [a["en"] for a in found["alarms"] if "disk" not in a["en"]] == [f"{name} does not answer." for name in sorted(SERVICES)]
    text = sanu(var, "status", code=1).stdout
    assert "STOP  reporting does not answer." in text and "\x1b" not in text


def test_status_says_that_the_running_ones_answer_and_asks_for_nothing(tmp_path: Path) -> None:
    running = OneProcess(tmp_path / "var")
    running.start()
    try:
        until(running.ready, 30)
        until(lambda: not [a for a in state.of(running.config)["alarms"] if a["service"]], 30, "no alarm")
        found = json.loads(sanu(running.config.var, "status", "--json", "--port", str(running.config.port)).stdout)
        assert all(s["answers"] and s["read_only"] is None for s in found["services"].values())
    finally:
        running.end()


def test_doctor_passes_a_sound_installation_and_names_each_mend(var: Path) -> None:
    good = sanu(var, "doctor", "--port", str(free_port())).stdout
    assert "✗" not in good and "✓ green wait" in good and "✓ keys" in good
    (var / "keys.db").chmod(0o644)
    (var / "keys").chmod(0o755)
    var.chmod(0o755)
    bad = json.loads(sanu(var, "doctor", "--json", "--port", str(free_port()), code=1).stdout)
    assert [c["mend"].split()[:2] for c in bad if not c["good"]] == [["chmod", "o-rwx"], ["chmod", "0700"], ["chmod", "0600"]]


def test_doctor_tells_every_fault_of_the_configuration_at_once(var: Path) -> None:
    text = sanu(var, "doctor", code=1, SANU_POLL_S="often", SANU_WORKERS="many").stdout
    assert "SANU_POLL_S" in text and "SANU_WORKERS" in text
    sanu(var, "verify", code=2, SANU_POLL_S="often")


def test_a_database_that_is_away_is_said_in_one_line(var: Path) -> None:
    away = ("--database", "postgresql://nobody@127.0.0.1:1/x")
    for command in (("status",), ("verify",), ("backup", str(var.parent / "copy")), ("views", "list"), ("dead-letters", "list"), ("export", "training")):
        assert "sanu: the database does not answer" in sanu(var, *command, *away, code=1).stderr
    assert "✗ PostgreSQL" in sanu(var, "doctor", *away, "--broker", "amqp://guest:guest@127.0.0.1:1//", code=1).stdout
    own_logins = ("--database", "postgresql://sanu_{service}@127.0.0.1:1/x")
    assert "sanu: the database does not answer" in sanu(var, "backup", str(var.parent / "other"), *own_logins, code=1).stderr
    assert "manifest.json is missing" in sanu(var, "restore", str(var.parent), *own_logins, code=1).stderr


def test_doctor_names_who_has_the_port_and_a_log_that_is_torn(var: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        text = sanu(var, "doctor", "--port", str(taken.getsockname()[1]), code=1).stdout
    assert "cannot be had" in text and "ss -ltnp" in text


def test_a_lost_disk_costs_nothing_when_a_peer_holds_the_rest(tmp_path: Path, told: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The drill of the guide: a copy of earlier, work after it, one service's directory gone."""
    var = tmp_path / "var"
    running = OneProcess(var)
    running.start()
    until(running.ready, 30)
    client = running.client()
    region: dict[str, Any] = {"region": "kayes", "name": "Kayes"}
    first = client.command("membership", "register-region", region, "r1")
    copy = tmp_path / "copy"
    sanu(var, "backup", str(copy))
    later = [client.command("membership", "register-district", {"district": f"d{n}", "name": f"D{n}"}, f"d{n}") for n in range(7)]
    until(lambda: json.loads(sanu(var, "status", "--json", "--port", str(running.config.port)).stdout)["alarms"] == [], 30)
    running.end()
    before = verify(Config(var=var)).heads
    shutil.rmtree(var / "membership")

    said = json.loads(sanu(var, "restore", str(copy), "--service", "membership", "--json").stdout)["services"]["membership"]
    assert said["own_head"] == first["position"]
    assert said["peers_hold_beyond"]["reporting"] == {"events": 14, "up_to": later[-1]["position"]}
    sanu(var, "restore", str(copy), "--service", "membership", "--accept-loss", "--reason", "impatient", code=1)

    running.start()
    until(running.ready, 30)
    again = [client.command("membership", "register-district", {"district": f"d{n}", "name": f"D{n}"}, f"d{n}") for n in range(7)]
    running.end()
    assert [a["events"] for a in again] == [a["events"] for a in later] and all(a["repeated"] for a in again)
    result = verify(Config(var=var))
    assert result.faults == [] and result.heads["membership"] == before["membership"]
    with capsys.disabled():
        print(f"\n  drill: {said['peers_hold_beyond']['reporting']['events']} events behind the copy; lost: nothing")


def test_an_empty_machine_gets_everything_back(var: Path, tmp_path: Path) -> None:
    before = verify(Config(var=var)).heads
    sanu(var, "backup", str(tmp_path / "copy"))
    other = tmp_path / "other" / "var"
    other.parent.mkdir()
    said = json.loads(sanu(other, "restore", str(tmp_path / "copy"), "--json").stdout)
    assert said["signing_keys_restored"] and said["personal_keys_restored"] and said["aside"] == {}
    assert verify(Config(var=other)).heads == before
    assert oct((other / "keys").stat().st_mode)[-3:] == "700" and oct((other / "keys.db").stat().st_mode)[-3:] == "600"
    demo(other)
    assert verify(Config(var=other)).faults == []


def test_nobody_holding_more_an_epoch_may_start(var: Path, tmp_path: Path) -> None:
    sanu(var, "backup", str(tmp_path / "copy"))
    sanu(var, "restore", str(tmp_path / "copy"), "--accept-loss", code=1)                       # not without a reason
    said = json.loads(sanu(var, "restore", str(tmp_path / "copy"), "--accept-loss", "--reason", "drill", "--json").stdout)
    assert all(int(s["epoch_started_at"]) > int(s["own_head"]) for s in said["services"].values())
    assert len(list(var.glob("*.before-*"))) == len(SERVICES)
    demo(var)
    assert verify(Config(var=var)).faults == []


@pytest.mark.parametrize("harm", ["a file changed", "a file missing", "another log under a right sum", "no manifest"])
def test_a_copy_that_is_not_whole_changes_nothing(var: Path, tmp_path: Path, harm: str) -> None:
    copy = tmp_path / "copy"
    sanu(var, "backup", str(copy))
    log = copy / "membership" / "log.db"
    match harm:
        case "a file changed":
            log.write_bytes(log.read_bytes()[:-1] + b"x")
        case "a file missing":
            (copy / "training" / "log.db").unlink()
        case "no manifest":
            (copy / "manifest.json").unlink()
        case _:
            with closing(sqlite3.connect(log)) as connection:
                connection.executescript("DROP TRIGGER never_delete; DELETE FROM stored_events WHERE rowid = 50")
            said = json.loads((copy / "manifest.json").read_text())
            said["files"]["membership/log.db"]["sha256"] = sha256(log.read_bytes()).hexdigest()
            (copy / "manifest.json").write_text(json.dumps(said))
    before = verify(Config(var=var)).heads
    assert "sanu:" in sanu(var, "restore", str(copy), code=1).stderr
    assert verify(Config(var=var)).heads == before and not list(var.glob("*.before-*"))


def test_a_copy_has_a_folder_of_its_own_and_a_running_installation_is_not_restored(var: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    assert "not empty" in sanu(var, "backup", str(tmp_path / "full"), code=1).stderr
    sanu(var, "backup", str(tmp_path / "copy"))
    assert oct((tmp_path / "copy").stat().st_mode)[-3:] == "700"
    with open(var / "lock", "a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "in use" in sanu(var, "restore", str(tmp_path / "copy"), code=1).stderr


def test_a_third_person_recomputes_an_exported_log(var: Path, tmp_path: Path) -> None:
    file = tmp_path / "membership.ndjson"
    file.write_text(sanu(var, "export", "membership").stdout, encoding="utf-8")
    position, digest = verify(Config(var=var)).heads["membership"]
    whole = check(file)
    assert whole.returncode == 0 and f"position {position}, digest {digest}" in whole.stdout
    lines = file.read_text().splitlines(keepends=True)

    middle = json.loads(lines[19])
    file.write_text(sanu(var, "export", "membership", "--after", middle["position"]).stdout, encoding="utf-8")
    assert check(file).returncode == 1 and check(file, middle["digest"]).returncode == 0
    for harmed, says in (([*lines[:20], *lines[21:]], "line 21"), ([*lines[:5], lines[6], lines[5], *lines[7:]], "line 6"),
                         ([*lines[:9], lines[9].replace('"actor"', '"Actor"'), *lines[10:]], "line 10"), ([*lines[:3], "{}\n"], "line 4")):
        file.write_text("".join(harmed))
        told = check(file)
        assert told.returncode == 1 and says in told.stdout


def test_dead_letters_from_the_command_line(var: Path) -> None:
    with closing(sqlite3.connect(var / "training" / "tables.db", isolation_level=None)) as connection:
        connection.execute("INSERT INTO refused (source, refused_at, why, headers, body) VALUES (?, ?, ?, ?, ?)",
                           ("membership", "2026-01-01T00:00:00.000Z", "unsigned", "{}", b"x"))
    (row,) = json.loads(sanu(var, "dead-letters", "list", "--json").stdout)
    assert (row["service"], row["id"], row["why"], row["decision"]) == ("training", 1, "unsigned", None)
    assert "unsigned" in sanu(var, "dead-letters", "show", "training", "1").stdout
    assert "still refused" in sanu(var, "dead-letters", "retry", "training", "1", code=1).stderr
    assert "reason" in sanu(var, "dead-letters", "discard", "training", "1", code=1).stderr
    sanu(var, "dead-letters", "discard", "training", "1", "--reason", "a test")
    assert json.loads(sanu(var, "dead-letters", "list", "--json").stdout) == []
    assert "discarded" in sanu(var, "dead-letters", "list", "--all").stdout
    assert verify(Config(var=var)).faults == []


def test_views_are_listed_as_json_and_rebuilt_by_either_name(var: Path) -> None:
    found = json.loads(sanu(var, "views", "list", "--json").stdout)
    assert found["views"]["districts"]["run"] == 1
    sanu(var, "views", "rebuild", "reporting", "districts")
    assert json.loads(sanu(var, "views", "list", "--json").stdout)["views"]["districts"]["run"] == 2


def test_keys_are_rotated_in_two_steps(var: Path) -> None:
    old = (var / "keys" / "training.pem").read_bytes()
    sanu(var, "keys", "rotate", "training")
    assert (var / "keys" / "training.pem").read_bytes() != old
    assert sanu(var, "clients", "list").stdout.count("training:") == 2
    assert "1 older" in sanu(var, "keys", "retire", "training").stdout
    assert sanu(var, "clients", "list").stdout.count("training:") == 1 and not list((var / "keys").glob("*.old"))
    sanu(var, "keys", "rotate", "somebody", code=1)
