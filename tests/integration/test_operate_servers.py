"""What an operator sees and does on real servers: the page, the doctor, a copy and the log put back from it; and nobody is stored in clear."""
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from installation import state
from installation.client import Client
from installation.up import PROJECT
from installation.verify import verify
from shared.config import SERVICES, Config
from tests.canary import in_answers, nowhere, tell
from tests.clients import ask, token, until
from tests.servers import Postgres, Rabbit
from tests.world import OneProcess, four_ports

READ_EVERY_S = 1.0                     # the page keeps what it read for so long


def sanu(config: Config, *arguments: str, code: int = 0) -> str:
    """The command line, told of the servers by the environment as the guide says."""
    done = subprocess.run([sys.executable, "-P", "-m", "installation", *arguments], cwd=config.var.parent, env=environment(config), capture_output=True,
                          text=True, timeout=90, check=False)
    assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    return done.stdout


def environment(config: Config) -> dict[str, str]:
    return {**os.environ, **config.environment(), "PYTHONPATH": str(PROJECT), "SANU_LOG": "DEBUG"}


@contextmanager
def up(config: Config) -> Iterator[subprocess.Popen[bytes]]:
    with (config.var.parent / "log.txt").open("ab") as log:
        process = subprocess.Popen([sys.executable, "-P", "-m", "installation", "up"], env=environment(config), cwd=config.var.parent, stderr=log)
    try:
        until(lambda: not services_alarms(config), 60, "services at work")
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        finally:
            process.kill()
            process.wait()


def services_alarms(config: Config) -> list[Any]:
    return [alarm for alarm in state.of(config)["alarms"] if alarm["service"]]


@pytest.fixture(scope="module")
def config(postgres: Postgres, rabbit: Rabbit, tmp_path_factory: pytest.TempPathFactory) -> Config:
    postgres.start()
    rabbit.start()
    var = tmp_path_factory.mktemp("servers") / "var"
    return Config(var=var, database=postgres.new_database(), broker=rabbit.new_vhost(), port=four_ports(), heartbeat_s=1.0, silence_s=4.0)


@pytest.fixture(scope="module")
def at_work() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture(scope="module")
def running(config: Config, at_work: ExitStack) -> Config:
    at_work.enter_context(up(config))
    return config


def form(config: Config, fields: Mapping[str, str]) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(config.host, config.port_of("reporting"), timeout=10)
    connection.request("POST", "/sign-in", urllib.parse.urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded"})
    return connection.getresponse()


def test_the_page_tells_the_condition_of_every_service(running: Config) -> None:
    operator = token(running, "installation", "operator", "op")
    for path in ("/operations", "/operations.json"):
        status, headers, body = ask(running, "reporting", path, operator)
        said = json.loads(body)
        assert status == 200 and headers["Cache-Control"] == "no-store" and set(said["services"]) == set(SERVICES)
        assert all(s["answers"] and s["kind"] == "real" for s in said["services"].values())
        assert said["services"]["membership"]["inbox"]["reporting"]["behind"] is not None
        assert ask(running, "reporting", path)[0] == 401
        assert ask(running, "reporting", path, token(running, "installation", "auditor", "a"))[0] == 403
    for name in SERVICES:
        assert ask(running, name, f"/{name}/health/state")[0] == 401
        assert json.loads(ask(running, name, f"/{name}/health/state", operator)[2])["answers"] is True


def test_a_browser_signs_in_with_a_cookie_that_is_good_for_pages_alone(running: Config) -> None:
    operator = token(running, "installation", "operator", "op")
    status, headers, body = ask(running, "reporting", "/operations", Accept="text/html")
    assert status == 401 and headers["Content-Type"].startswith("text/html") and b'<form method="post" action="/sign-in">' in body
    answer = form(running, {"token": operator, "next": "/operations"})
    cookie = answer.headers["Set-Cookie"]
    assert answer.status == 303 and answer.headers["Location"] == "/operations"
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    sent = {"Accept": "text/html", "Cookie": cookie.split(";")[0]}
    status, headers, body = ask(running, "reporting", "/operations", **sent)
    assert status == 200 and "default-src 'none'" in headers["Content-Security-Policy"] and "État du système" in body.decode() and b"membership" in body
    assert b"data-at" in body and b"<noscript><meta http-equiv" in body
    for path in ("/operations.json", "/reporting/v1/findings", "/reporting/health/state"):
        assert ask(running, "reporting", path, **sent)[0] == 401
    assert ask(running, "reporting", "/operations", Accept="text/html", Cookie="sanu_session=a.b.c")[0] == 401
    status, _, body = ask(running, "reporting", "/operations", token(running, "installation", "auditor", "a"), Accept="text/html")
    assert status == 403 and "ne permet pas" in body.decode()
    assert "Max-Age=0" in ask(running, "reporting", "/sign-out")[1]["Set-Cookie"]
    assert ask(running, "reporting", "/operations/live.js")[1]["Content-Type"].startswith("text/javascript")


def test_the_page_says_which_service_does_not_answer(running: Config) -> None:
    pids = [int(p.name) for p in Path("/proc").glob("[0-9]*") if _is(p, running, "api", "training")]
    assert len(pids) == 1
    os.kill(pids[0], signal.SIGSTOP)
    time.sleep(READ_EVERY_S + 0.1)
    try:
        said = json.loads(ask(running, "reporting", "/operations.json", token(running, "installation", "operator", "op"))[2])
        assert not said["services"]["training"]["answers"] and said["services"]["membership"]["answers"]
        assert "training ne répond pas." in [a["fr"] for a in said["alarms"]]
    finally:
        os.kill(pids[0], signal.SIGCONT)
    until(lambda: not services_alarms(running), 20)


def _is(process: Path, config: Config, role: str, service: str) -> bool:
    try:
        return (process / "cmdline").read_bytes().endswith(f"installation.host\0{role}\0{service}\0".encode()) and (
            f"SANU_PORT={config.port}\0".encode() in (process / "environ").read_bytes())
    except OSError:
        return False


def test_the_doctor_looks_at_both_servers_and_hears_an_alarm(running: Config, rabbit: Rabbit) -> None:
    text = sanu(running, "doctor")
    assert "✗" not in text
    for line in (r"✓ PostgreSQL: 1\d", "✓ PostgreSQL: fsync is on", "✓ PostgreSQL: synchronous_commit is on", r"✓ clock: 0\.\d+ s from",
                 r"✓ broker: RabbitMQ \d", "✓ broker: takes and confirms"):
        assert re.search(line, text), line
    rabbit.eval("rabbit_alarm:set_alarm({{resource_limit, memory, node()}, []}), ok.")
    try:
        assert "✗ broker: is in alarm" in sanu(running, "doctor", code=1)
    finally:
        rabbit.eval("rabbit_alarm:clear_alarm({resource_limit, memory, node()}), ok.")


def test_who_somebody_is_is_stored_nowhere_in_clear_in_one_process(tmp_path: Path) -> None:
    one = OneProcess(tmp_path / "var")
    log = (tmp_path / "log.txt").open("wb")
    process = subprocess.Popen([sys.executable, "-P", "-m", "installation.host", "embedded"], env=environment(one.config), stderr=log)
    try:
        until(one.ready, 30)
        assert in_answers(tell(one.config)) == []
        until(lambda: not services_alarms(one.config), 20)
        sanu(one.config, "backup", "copy")
        (tmp_path / "feed.ndjson").write_text(sanu(one.config, "export", "membership"), encoding="utf-8")
    finally:
        process.terminate()
        process.wait(15)
        log.close()
    assert "MinerCardRecorded" in (tmp_path / "feed.ndjson").read_text() and nowhere(tmp_path) > 300_000
    lines = [json.loads(line) for line in (tmp_path / "log.txt").read_text().splitlines()]
    asked = [line for line in lines if line.get("route") == "/membership/v1/commands/<command>"]
    assert {line["status"] for line in asked} >= {201, 400, 404} and all(line["correlation"] and line["at"] for line in asked)


def test_who_somebody_is_is_stored_nowhere_in_clear_on_servers(running: Config, postgres: Postgres, rabbit: Rabbit) -> None:
    assert in_answers(tell(running)) == []
    until(lambda: {i["behind"] for s in state.of(running)["services"].values() for i in s["inbox"].values()} == {0}, 30)
    sanu(running, "backup", "copy-of-names")
    with psycopg.connect(postgres.uri, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    assert nowhere(running.var.parent, postgres.base, rabbit.base) > 10_000_000
    for line in (running.var.parent / "log.txt").read_text().splitlines():
        assert line.startswith(("{", *SERVICES)), line


def test_a_lost_log_comes_back_from_a_copy_and_a_peer(running: Config, at_work: ExitStack, capsys: pytest.CaptureFixture[str]) -> None:
    """The drill on servers; the last test here, since it stops them."""
    config, client = running, Client(running, "loader", "loader")
    activity: dict[str, Any] = {"title": "Forum", "kind": "forum", "role": "organised"}
    sanu(config, "backup", "copy")
    later = [client.command("training", "record-activity", {"activity": f"a{n}", **activity}, f"a{n}") for n in range(5)]
    until(lambda: state.of(config)["services"]["reporting"]["inbox"]["training"]["behind"] == 0, 30)
    sanu(config, "restore", "copy", code=1)                      # not while they run
    at_work.close()
    before = verify(config).heads
    with psycopg.connect(config.database, autocommit=True) as connection:
        connection.execute("DROP SCHEMA training CASCADE")
    said = json.loads(sanu(config, "restore", "copy", "--service", "training", "--json"))["services"]["training"]
    assert said["peers_hold_beyond"]["reporting"] == {"events": 5, "up_to": later[-1]["position"]}
    with up(config):
        again = [client.command("training", "record-activity", {"activity": f"a{n}", **activity}, f"a{n}") for n in range(5)]
        assert [a["events"] for a in again] == [a["events"] for a in later]
    result = verify(config)
    assert result.faults == [] and result.heads == before
    with capsys.disabled():
        print("\n  drill on servers: 5 events behind the copy; lost: nothing")
