"""`verify` names the service, the position and the copy of whatever was changed behind the logs' back."""
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from installation.verify import Fault, verify
from shared import event, service
from shared.application import Meta, New
from shared.config import Config
from shared.service import migrate
from tests.servers import free_port

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation in which every service has heard everything."""
    var = tmp_path_factory.mktemp("told") / "var"
    subprocess.run([sys.executable, "-m", "installation", "demo", "--once", "--json", "--var", str(var), "--port", str(free_port())],
                   check=True, cwd=PROJECT, stdout=subprocess.DEVNULL)
    return var


@pytest.fixture
def var(told: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(told, tmp_path / "var"))


def tamper(var: Path, service: str, sql: str, *params: object) -> None:
    """As somebody would who owns the file: the triggers go first."""
    connection = sqlite3.connect(var / service / "log.db")
    connection.executescript("DROP TRIGGER never_update; DROP TRIGGER never_delete")
    assert connection.execute(sql, params).rowcount > 0
    connection.commit()
    connection.close()


def faults(var: Path) -> list[Fault]:
    return verify(Config(var=var)).faults


OWN, HELD = "own log", "copy held by reporting"
FIFTIETH = "(SELECT rowid FROM stored_events WHERE originator_id NOT LIKE 'received/%' ORDER BY rowid LIMIT 1 OFFSET 49)"


def fiftieth(var: Path) -> int:
    rows = sqlite3.connect(var / "membership" / "log.db").execute(f"SELECT {FIFTIETH}")
    return int(rows.fetchone()[0])


def test_an_untouched_installation_has_no_fault(var: Path) -> None:
    result = verify(Config(var=var))
    assert result.faults == [] and result.events > 100 and set(result.heads) == {"membership", "training", "gold_trade", "reporting"}


def test_a_changed_event_in_the_own_log_is_found(var: Path) -> None:
    at = fiftieth(var)
    tamper(var, "membership", f"UPDATE stored_events SET state = CAST(replace(state, 'report-loader', 'somebody-else') AS BLOB) WHERE rowid = {FIFTIETH}")
    assert faults(var) == [Fault("membership", OWN, at, "the event was changed")]


def test_a_changed_event_in_a_received_copy_is_found(var: Path) -> None:
    at = fiftieth(var)
    tamper(var, "reporting", "UPDATE stored_events SET state = CAST(replace(state, 'report-loader', 'somebody-else') AS BLOB) "
           "WHERE originator_id = 'received/membership' AND originator_version = ?", at)
    assert faults(var) == [Fault("membership", HELD, at, "the event was changed")]


def test_a_dropped_event_in_the_own_log_is_found(var: Path) -> None:
    at = fiftieth(var)
    tamper(var, "membership", f"DELETE FROM stored_events WHERE rowid = {FIFTIETH}")
    assert Fault("membership", OWN, at, "the event is missing (dropped)") in faults(var)


def test_a_dropped_event_in_a_received_copy_is_found(var: Path) -> None:
    at = fiftieth(var)
    tamper(var, "reporting", "DELETE FROM stored_events WHERE originator_id = 'received/membership' AND originator_version = ?", at)
    assert faults(var) == [Fault("membership", HELD, at, "the event is missing (dropped)")]


def test_two_events_that_changed_places_are_found(var: Path) -> None:
    connection = sqlite3.connect(var / "membership" / "log.db")
    a, b = (r[0] for r in connection.execute("SELECT rowid FROM stored_events WHERE originator_id LIKE 'declaration/%' ORDER BY rowid LIMIT 2"))
    connection.close()
    tamper(var, "membership", "UPDATE stored_events SET rowid = CASE rowid WHEN ?1 THEN -1 ELSE -2 END WHERE rowid IN (?1, ?2)", a, b)
    connection = sqlite3.connect(var / "membership" / "log.db")
    connection.execute("UPDATE stored_events SET rowid = CASE rowid WHEN -1 THEN ?2 ELSE ?1 END WHERE rowid < 0", (a, b))
    connection.commit()
    connection.close()
    assert faults(var) == [Fault("membership", OWN, p, "another event stands here (reordered or replaced)") for p in (a, b)]


def test_a_tail_cut_off_the_own_log_is_found(var: Path) -> None:
    at = fiftieth(var)
    tamper(var, "membership", "DELETE FROM stored_events WHERE originator_id NOT LIKE 'received/%' AND rowid > ?", at)
    assert any(f.copy == OWN and f.position == at and "truncated" in f.what for f in faults(var))


def test_a_tail_cut_off_a_received_copy_is_found(var: Path) -> None:
    at = fiftieth(var)
    tamper(var, "reporting", "DELETE FROM stored_events WHERE originator_id = 'received/membership' AND originator_version > ?", at)
    assert [(f.service, f.copy, f.position) for f in faults(var)] == [("membership", HELD, at)]


def test_an_added_event_in_a_received_copy_is_found(var: Path) -> None:
    at = fiftieth(var)
    tamper(var, "reporting", "UPDATE stored_events SET originator_version = ?1 + 1000000 WHERE originator_id = 'received/membership' "
           "AND originator_version = ?1", at)
    found = faults(var)
    assert Fault("membership", HELD, at, "the event is missing (dropped)") in found


def test_a_column_that_differs_from_the_stored_bytes_is_found(var: Path) -> None:
    at = fiftieth(var)
    tamper(var, "membership", f"UPDATE stored_events SET topic = 'membership.Other' WHERE rowid = {FIFTIETH}")
    assert [(f.copy, f.position) for f in faults(var)] == [(OWN, at)] and "column name" in faults(var)[0].what


def test_the_command_exits_with_1_and_prints_the_fault(var: Path) -> None:
    at = fiftieth(var)
    tamper(var, "membership", f"DELETE FROM stored_events WHERE rowid = {FIFTIETH}")
    result = subprocess.run([sys.executable, "-m", "installation", "verify", "--var", str(var)], cwd=PROJECT, capture_output=True, text=True)
    assert result.returncode == 1 and f"membership at {at}, own log" in result.stdout


def test_on_postgresql_a_changed_event_is_found(database: str, tmp_path: Path) -> None:
    config = Config(var=tmp_path / "var", database=database)
    migrate(config)
    from services.membership.application import open_service
    membership = open_service(config)
    meta: Callable[[str], Meta] = lambda key: Meta(actor=event.Actor("a", "officer"), client="a", key=key, digest="d", correlation="c")  # noqa: E731
    for n in range(3):
        service.application.handle(membership.log, meta(str(n)), [f"x/{n}"], lambda h, n=n: [New(f"x/{n}", "membership.X", {"n": n})])
    membership.close()
    assert verify(config).faults == []
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("ALTER TABLE membership.membership_log DISABLE TRIGGER never_change")
        connection.execute("DELETE FROM membership.membership_log WHERE originator_id = 'x/1'")
        connection.execute("UPDATE membership.membership_log SET originator_version = 7 WHERE originator_id = 'x/2'")
    assert {(f.service, f.copy) for f in verify(config).faults} == {("membership", OWN)}
