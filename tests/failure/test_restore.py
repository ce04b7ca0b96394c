"""A service restored from an old copy takes its own events back, and takes commands only then."""
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from eventsourcing.persistence import StoredEvent

from installation import demo, edge
from installation.client import Client, Refused
from installation.up import Installation
from installation.verify import verify
from services.membership.application import open_service as open_membership
from services.reporting.application import open_service as open_reporting
from shared import application
from shared.application import Meta, New
from shared.config import Config
from shared.edge.api import serving
from shared.errors import HistoryRewritten, Unavailable
from shared.event import Actor
from shared.feed import Chain, Item
from shared.log import RECEIVED
from shared.restore import ask_in_process, catch_up, guard
from shared.service import Service, migrate
from tests.failure.restore_story import fill
from tests.servers import free_port

PROJECT = Path(__file__).parents[2]


def run_demo(var: Path) -> int:
    command = [sys.executable, "-m", "installation", "demo", "--once", "--json", "--var", str(var), "--port", str(free_port())]
    return subprocess.run(command, cwd=PROJECT, stdout=subprocess.DEVNULL, timeout=90).returncode


def test_embedded_logs_restored_from_an_old_copy_end_with_the_same_figures_and_events(tmp_path: Path) -> None:
    old, var = tmp_path / "old", tmp_path / "var"
    demo_records = demo.records()
    assert run_demo(var) == 0
    before = verify(Config(var=var)).heads
    # The old copy of one service: an installation that had seen a third of the facts would look like this.
    shutil.copytree(var / "membership", old)
    _cut(old, len(demo_records) // 3)
    (old / "tables.db").unlink()
    shutil.rmtree(var / "membership")
    shutil.copytree(old, var / "membership")
    assert run_demo(var) == 0
    result = verify(Config(var=var))
    assert result.faults == [] and result.heads["membership"] == before["membership"]


def _cut(folder: Path, keep: int) -> None:
    connection = sqlite3.connect(folder / "log.db")
    connection.executescript("DROP TRIGGER never_delete; DROP TRIGGER never_update")
    connection.execute("DELETE FROM stored_events WHERE rowid > ?", (keep,))
    connection.execute("DELETE FROM command WHERE stream || '@' || version NOT IN (SELECT originator_id || '@' || originator_version FROM stored_events)")
    connection.commit()
    connection.close()


def test_on_servers_a_restored_log_is_read_only_until_its_events_are_back(database: str, broker: str, tmp_path: Path) -> None:
    config = Config(var=tmp_path / "var", database=database, broker=broker, port=free_port(), heartbeat_s=1.0, silence_s=2.0)
    facts = [f for f in demo.records() if f["service"] == "membership"]
    with Installation(config):
        client = _ready(config)
        answers = [client.command(f["service"], f["command"], f["body"], f["id"]) for f in facts]
        last = int(answers[-1]["position"])
        _until(lambda: _held(database, "reporting") >= last and _held(database, "training") >= last)
    _restore_old_copy(database, keep=20)
    with Installation(config):
        client = _ready(config)
        again = [_patiently(client, f) for f in facts]
        assert [a["events"] for a in again] == [a["events"] for a in answers], "the same events, at the same positions"
        body = {"declaration": "after", "measure": "base", "count": 248, "as_of": "2025-01-01", "source": {"document": "test", "section": "1"}}
        new = _patiently(client, {"service": "membership", "command": "declare-count", "body": body, "id": "after"})
        assert int(new["position"]) > last
        _until(lambda: _held(database, "reporting") >= int(new["position"]))
        assert client.get("reporting", "/reporting/v1/tables/districts?as_of=2024-11-30")["totals"]["base"] == 247
        _until(lambda: verify(config).faults == [])        # it takes again what others had told it, too
    assert verify(config).faults == []


def _ready(config: Config) -> Client:
    client = Client(config, "loader", "loader")
    for service in ("membership", "reporting"):
        _until(lambda service=service: _answers(client, service))
    return client


def _answers(client: Client, service: str) -> bool:
    try:
        client.get(service, f"/{service}/health/ready")
    except (Refused, Unavailable):
        return False
    return True


def _patiently(client: Client, fact: dict) -> dict:
    give_up = time.monotonic() + 40
    while True:
        try:
            return client.command(fact["service"], fact["command"], fact["body"], fact["id"])
        except (Refused, Unavailable) as e:
            if time.monotonic() > give_up or getattr(e, "status", 503) != 503:
                raise
            time.sleep(0.2)


def _until(true: object, seconds: float = 40) -> None:
    give_up = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < give_up, "took too long"
        time.sleep(0.1)


def _held(database: str, holder: str) -> int:
    with psycopg.connect(database) as connection:
        row = connection.execute(f"SELECT max(originator_version) FROM {holder}.{holder}_log WHERE originator_id = 'received/membership'").fetchone()
        return int(row[0] or 0) if row else 0


def _restore_old_copy(database: str, keep: int) -> None:
    """What a backup of some time ago would put in the log's place."""
    with psycopg.connect(database, autocommit=True) as c:
        c.execute("ALTER TABLE membership.membership_log DISABLE TRIGGER never_change")
        c.execute("DELETE FROM membership.membership_log WHERE notification_id > %s", (keep,))
        c.execute("DELETE FROM membership.command WHERE (stream, version) NOT IN (SELECT originator_id, originator_version FROM membership.membership_log)")
        c.execute("SELECT setval(pg_get_serial_sequence('membership.membership_log', 'notification_id'), %s)", (keep,))
        c.execute("ALTER TABLE membership.membership_log ENABLE TRIGGER never_change")


@pytest.fixture
def pair(tmp_path: Path) -> SimpleNamespace:
    """Membership with a few events, and reporting that holds them all; both opened without any server."""
    config = Config(var=tmp_path / "var")
    migrate(config)
    membership, reporting = open_membership(config), open_reporting(config)
    fill(membership, 10)
    items = membership.chain.read(0)
    reporting.log.append([StoredEvent(RECEIVED + "membership", i.position, i.name, i.state) for i in items])
    return SimpleNamespace(config=config, membership=membership, reporting=reporting, items=items)


def test_two_histories_are_never_joined(pair: SimpleNamespace, tmp_path: Path) -> None:
    other = Config(var=tmp_path / "other")
    migrate(other, ["membership"])
    stranger = open_membership(other)
    fill(stranger, 4)
    ask = ask_in_process({"reporting": pair.reporting, "training": pair.reporting, "gold_trade": pair.reporting}, "membership")
    with pytest.raises(HistoryRewritten):
        catch_up(stranger, ask)
    guard(stranger, ask, mend=True)
    with pytest.raises(Unavailable, match="another history"):
        fill(stranger, 1, "late")


def test_what_is_taken_back_has_the_same_digest(pair: SimpleNamespace) -> None:
    whole = Chain(pair.reporting.log, pair.reporting.tables, "membership").digest_at(pair.items[-1].position)
    _cut(pair.config.var / "membership", 5)
    pair.membership.chain = Chain(pair.membership.log, pair.membership.tables)
    ask = ask_in_process({"reporting": pair.reporting, "training": pair.reporting, "gold_trade": pair.reporting}, "membership")
    assert catch_up(pair.membership, ask) == 6
    assert pair.membership.chain.digest_at(pair.membership.log.own_head()) == whole
    assert catch_up(pair.membership, ask) == 0


@pytest.mark.parametrize("kind", ["one process", "servers"])
def test_a_command_that_a_page_cuts_in_two_is_remembered_whole(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Pages of four, commands of three; and the first peer holds a command in part, as an envelope's end may leave it."""
    database = request.getfixturevalue("database") if kind == "servers" else ""
    config = Config(var=tmp_path / "var", database=database)
    migrate(config, ["membership"])
    membership = open_membership(config)
    answers = [_three(membership, f"k{n}") for n in range(5)]
    items = membership.chain.read(0)
    membership.close()
    _restore_old_copy(database, keep=1) if database else _cut(config.var / "membership", 1)

    def ask(peer: str, after: int) -> list[Item]:
        return [item for item in items[:6 if peer == membership.others[0] else None] if item.position > after][:4]

    membership = open_membership(config)
    assert catch_up(membership, ask) == 15
    again = [_three(membership, f"k{n}") for n in range(5)]
    membership.close()
    assert all(a.repeated for a in again) and [(list(a.events), a.position) for a in again] == [(list(a.events), a.position) for a in answers]


def _three(service: Service, key: str) -> application.Answer:
    meta = Meta(actor=Actor("tester", "officer"), client="tester", key=key, digest=key, correlation=key)
    stream = f"x/{key}"
    return application.handle(service.log, meta, [stream], lambda h: [] if h[stream] else [New(stream, "membership.Told", {"n": n}) for n in range(3)])


def _hear(service: Service, version: int) -> None:
    service.log.append([StoredEvent(RECEIVED + "training", version, "training.Told", b"{}")])


def test_what_stands_where_an_event_of_ours_was_stops_the_log_and_says_so(pair: SimpleNamespace) -> None:
    _cut(pair.config.var / "membership", 5)
    pair.membership.chain = Chain(pair.membership.log, pair.membership.tables)
    _hear(pair.membership, 1)
    guard(pair.membership, ask_in_process(dict.fromkeys(pair.membership.others, pair.reporting), "membership"), mend=True)
    with pytest.raises(Unavailable, match="something else stands between 6 and 11"):
        fill(pair.membership, 1, "late")
    assert pair.membership.log.own_head() == 5


class Enough(Exception):
    """The test has seen what it wanted."""


@pytest.mark.parametrize("role", ["api", "inbox"])
def test_nothing_is_taken_from_outside_before_the_others_were_asked(pair: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, role: str) -> None:
    """It could stand where an event of ours must stand again."""
    def start(*_: object) -> None:
        with pytest.raises(Unavailable, match="asking the other services"):
            _hear(serving("membership"), 1)
        raise Enough

    monkeypatch.setattr(edge, "start_runner", start)
    with pytest.raises(Enough):
        edge.serve_role(pair.config, "membership", role)
