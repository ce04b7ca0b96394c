"""The words failure tests are told in: a running installation, clients who keep every answer, and what must hold at the end.

Whatever was done to the installation, `end_well()` says: every event reached everybody within 60 s, every acknowledged
command stands in its log exactly once, every received copy is the source's feed, every view is what its log says.
"""
import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from installation.client import Client
from installation.up import FIRST_WAIT_S, PROJECT, Installation
from installation.verify import verify
from shared import auth
from shared.config import SERVICES, Config
from shared.feed import decode
from shared.inbox import fetch
from tests.books import Books
from tests.clients import HOT, PATIENCE_S, Kept, Load, ask, report, token, until
from tests.proxy import Proxy
from tests.servers import Postgres, Rabbit, free_port


def four_ports() -> int:
    """The first of four neighbouring free ports."""
    while True:
        port = free_port()
        with suppress(OSError):
            for number in range(port, port + 4):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", number))
            return port


class Running:
    """An installation at work; `direct` reaches its servers past the lines that a test may cut."""

    config: Config
    direct: Config
    kept: list[Kept]

    def load(self, clients: int = 3, pause_s: float = 0.01) -> Load:
        return Load(self.config, self.kept, clients, pause_s)

    def client(self, subject: str = "report-loader", role: str = "loader", territory: Sequence[str] = ()) -> Client:
        return Client(self.config, subject, role, territory)

    def ready(self) -> bool:
        try:
            return all(ask(self.config, name, f"/{name}/health/ready")[0] == 200 for name in SERVICES)
        except (OSError, http.client.HTTPException):
            return False

    def figures(self, as_of: str = "2024-11-30") -> tuple[int, bytes]:
        """What reporting answers about its main table: status and body."""
        bearer = token(self.direct, auth.INSTALLATION, "auditor", "tester")
        status, _, body = ask(self.config, "reporting", f"/reporting/v1/tables/districts?as_of={as_of}", bearer)
        return status, body

    def prepare(self) -> None:
        """The report's facts, and one organisation that all clients of a load rename."""
        until(self.ready, PATIENCE_S, "every service ready")
        report(self.config, self.client(), self.kept)
        body = {"organisation": HOT, "level": "union", "name": "Union", "district": "Kangaba", "occurred_on": "2025"}
        self.kept.append(Kept("report-loader", HOT, "membership", "found-organisation", body,
                              self.client().command("membership", "found-organisation", body, HOT)))

    @contextmanager
    def books(self) -> Iterator[Books]:
        opened = Books(self.direct)
        try:
            yield opened
        finally:
            opened.close()

    def end_well(self, seconds: float = PATIENCE_S) -> None:
        """After the last fault: everything drains, nothing is lost, none is there twice, and old answers are given again."""
        with self.books() as books:
            books.everything_arrived(seconds)
            until(self.ready, 20, "every service ready")
            books.nothing_lost_none_twice(self.kept)
            assert verify(self.direct).faults == []
            client_of: dict[str, Client] = {}
            for k in random.sample(self.kept, min(20, len(self.kept))):
                client = client_of.setdefault(k.client, self.client(k.client))
                again = client.command(k.service, k.command, k.body, k.key)
                assert (again["events"], again["position"]) == (k.answer["events"], k.answer["position"]), k.key
            for name in SERVICES:
                feeds = books.services[name]
                for other in feeds.others:
                    after = feeds.log.own_after(0, 2)[-1].position
                    ours, theirs = (decode(fetch(self.config, feeds.signer, s, f"/{s}/v1/{what}?after={after}")) for s, what in (
                        (name, "feed"), (other, f"received/{name}")))
                    assert ours == theirs


class OneProcess(Running):
    """The embedded installation in a process of its own."""

    def __init__(self, var: Path, **settings: Any) -> None:
        self.config = self.direct = Config(var=var, port=free_port(), **settings)
        self.kept = []
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, fault: str = "") -> subprocess.Popen[bytes]:
        environment = {**os.environ, **self.config.environment(), "PYTHONPATH": str(PROJECT), "SANU_ENDS_WITH_STDIN": "1", "SANU_FAULT": fault}
        self.process = subprocess.Popen([sys.executable, "-P", "-W", "ignore", "-m", "installation.host", "embedded"], stdin=subprocess.PIPE, env=environment)
        return self.process

    def end(self, how: signal.Signals = signal.SIGTERM) -> float:
        """Seconds it took."""
        began = time.monotonic()
        if self.process:
            self.process.send_signal(how)
            try:
                self.process.wait(20)
            finally:
                self.process.kill()
                self.process.wait()
                if self.process.stdin:
                    self.process.stdin.close()
        return time.monotonic() - began


class OnServers(Running):
    """A process per role on RabbitMQ and PostgreSQL, with a line to each that can be cut."""

    def __init__(self, base: Path, postgres: Postgres, rabbit: Rabbit, **settings: Any) -> None:
        self.postgres, self.rabbit, self.kept = postgres, rabbit, []
        postgres.start()
        rabbit.start()
        database, broker = postgres.new_database(), rabbit.new_vhost()
        self.vhost = broker.rpartition("/")[2]
        self.to_database, self.to_broker = Proxy(postgres.port), Proxy(rabbit.port)
        var = Path(tempfile.mkdtemp(prefix="var-", dir=base))
        self.direct = Config(var=var, broker=broker, database=database, port=four_ports(), **{"heartbeat_s": 1.0, "silence_s": 4.0, **settings})
        self.config = replace(self.direct, broker=broker.replace(str(rabbit.port), str(self.to_broker.port)),
                              database=database.replace(str(postgres.port), str(self.to_database.port)))
        self.installation = Installation(self.config)
        self.installation.__enter__()

    def stop(self) -> None:
        self.installation.__exit__()
        self.to_database.stop()
        self.to_broker.stop()

    @property
    def roles(self) -> list[tuple[str, str]]:
        return [(child.service, child.role) for child in self.installation.children]

    def process(self, service: str, role: str) -> subprocess.Popen[bytes]:
        process = self.installation.child(service, role).process
        assert process
        return process

    def again(self, service: str, role: str, how: signal.Signals = signal.SIGKILL, **environment: str) -> subprocess.Popen[bytes]:
        """Ends a role's process; the one that comes after it, with `environment` for its life."""
        child = self.installation.child(service, role)
        old = self.process(service, role)
        child.extra = environment
        child.wait = FIRST_WAIT_S
        old.send_signal(how)
        until(lambda: child.process is not old, 20, f"{child.name} started again")
        return self.process(service, role)

    def broker_again(self, with_its_data: bool = True) -> None:
        """Starts the broker; without its data it knows nothing but the name of our virtual host."""
        if not with_its_data:
            self.rabbit.delete_data()
        self.rabbit.start()
        if not with_its_data:
            self.rabbit.new_vhost(self.vhost)


@contextmanager
def one_process(var: Path, **settings: Any) -> Iterator[OneProcess]:
    """Started, and ready."""
    world = OneProcess(var, **settings)
    world.start()
    try:
        until(world.ready, PATIENCE_S, "every service ready")
        yield world
    finally:
        world.end()


@contextmanager
def of_either_kind(request: pytest.FixtureRequest, folder: Path, **settings: Any) -> Iterator[OneProcess | OnServers]:
    """Ready, of the kind that `request.param` names; the servers are the session's."""
    if request.param == "one process":
        with one_process(folder / "var", **settings) as one:
            yield one
        return
    base, postgres, rabbit = (request.getfixturevalue(name) for name in ("server_base", "postgres", "rabbit"))
    assert isinstance(base, Path) and isinstance(postgres, Postgres) and isinstance(rabbit, Rabbit)
    world = OnServers(base, postgres, rabbit, **settings)
    try:
        until(world.ready, PATIENCE_S, "every service ready")
        yield world
    finally:
        world.stop()
