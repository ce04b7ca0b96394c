"""The words failure tests are told in: a running installation, clients who keep every answer, and what must hold at the end.

Whatever was done to the installation, `end_well()` says: every event reached everybody within 60 s, every acknowledged
command stands in its log exactly once, every received copy is the source's feed, every view is what its log says.
"""
import http.client
import itertools
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from installation import demo
from installation.catalogue import open_service
from installation.client import Client, Refused
from installation.up import FIRST_WAIT_S, PROJECT, Installation
from installation.verify import verify
from shared import auth, tables
from shared.config import SERVICES, Config
from shared.errors import SanuError, Unavailable
from shared.feed import decode
from shared.inbox import fetch
from shared.projection import Projection
from shared.recorder import Recorded
from shared.service import Service
from shared.signing import Signer
from tests.servers import Postgres, Proxy, Rabbit, free_port

RECEIVED = "received/"
PATIENCE_S = 60
DISTRICTS = ("kenieba", "kangaba", "bougouni", "kadiolo", "yanfolila")
_numbers = itertools.count(1)


def until(condition: Callable[[], object], seconds: float = 30, what: str = "") -> None:
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, f"not within {seconds} s: {what or condition}"
        time.sleep(0.02)


def four_ports() -> int:
    """The first of four neighbouring free ports."""
    while True:
        port = free_port()
        with suppress(OSError):
            for number in range(port, port + 4):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", number))
            return port


# ---- what was asked, and what was answered


class Kept(NamedTuple):
    """A command that was acknowledged."""

    client: str
    key: str
    service: str
    command: str
    body: dict[str, Any]
    answer: dict[str, Any]


def report(config: Config, client: Client, kept: list[Kept]) -> None:
    """Sends the report's facts."""
    for fact in demo.records():
        answer = client.command(fact["service"], fact["command"], fact["body"], fact["id"])
        kept.append(Kept("report-loader", fact["id"], fact["service"], fact["command"], fact["body"], answer))


def commands(name: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What one client sends for ever: foundings, moves, counts, activities, actors, sealed names, and one name all clients change."""
    choose = random.Random(name)
    founded: list[str] = []
    for n in itertools.count():
        day = f"20{choose.randint(25, 35)}-{choose.randint(1, 12):02}-{choose.randint(1, 28):02}"
        match n % 8:
            case 0 | 4:
                founded.append(f"{name}-{n}")
                yield "membership", "found-organisation", {"organisation": founded[-1], "level": "base" if n % 3 else "union", "name": f"Société {n}",
                                                           "district": choose.choice(DISTRICTS), "occurred_on": day}
            case 1:
                yield "membership", "move-organisation", {"organisation": choose.choice(founded), "district": choose.choice(DISTRICTS), "occurred_on": day}
            case 2:
                yield "training", "record-activity", {"activity": f"{name}-{n}", "title": "Forum", "kind": "forum", "role": "organised"}
            case 3:
                yield "membership", "declare-count", {"declaration": f"{name}-{n}", "measure": "base", "count": n, "as_of": day,
                                                      "district": choose.choice(DISTRICTS), "source": {"document": "test", "section": str(n)}}
            case 5:
                yield "gold_trade", "register-actor", {"actor": f"{name}-{n}", "kind": "collector", "name": f"Collecteur {n}"}
            case 6:
                yield "membership", "rename-organisation", {"organisation": HOT, "name": f"Nom {name} {n}", "occurred_on": day}
            case 7:
                yield "membership", "name-representative", {"organisation": founded[-1], "function": "presidente", "name": f"Awa {name} {n}"}


HOT = "everybodys"
POISONED = "organisation/poison"               # a test appends an event to it that no view can apply


class Load:
    """Clients who each send one command after the other, and repeat it under the same key until it is answered."""

    def __init__(self, config: Config, kept: list[Kept], clients: int = 3, pause_s: float = 0.01) -> None:
        self.config, self.kept, self.pause_s = config, kept, pause_s
        self.repeats: Counter[str] = Counter()                   # why a command had to be sent again
        self.wrong: list[str] = []
        self._stopping = threading.Event()
        names = [f"client-{next(_numbers)}" for _ in range(clients)]
        self._threads = [threading.Thread(target=self._work, args=(name,), daemon=True) for name in names]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(PATIENCE_S + 30)
        if kind is None:
            assert not self.wrong, self.wrong

    def acknowledged(self, more: int, seconds: float = 30) -> None:
        """Waits until `more` commands were answered."""
        target = len(self.kept) + more
        until(lambda: len(self.kept) >= target or self.wrong, seconds, f"{more} commands answered; repeats {dict(self.repeats)}")
        assert not self.wrong, self.wrong

    def _work(self, name: str) -> None:
        client = Client(self.config, name, "loader")
        try:
            for n, (service, command, body) in enumerate(commands(name)):
                if self._stopping.is_set():
                    return
                self.kept.append(Kept(name, f"{name}-{n}", service, command, body, self._answer(client, service, command, body, f"{name}-{n}")))
                time.sleep(self.pause_s)
        except Exception as e:
            self.wrong.append(f"{name}: {e!r}")

    def _answer(self, client: Client, service: str, command: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        give_up = time.monotonic() + PATIENCE_S
        while True:
            try:
                return client.command(service, command, body, key)
            except Unavailable:
                self.repeats["nobody answers"] += 1
            except Refused as e:
                if e.status != 503 and not (e.status == 409 and "changed the same stream" in str(e)):
                    raise
                self.repeats[str(e)] += 1
            if time.monotonic() > give_up:
                raise TimeoutError(f"{command} {key} was never answered: {dict(self.repeats)}")
            time.sleep(0.05)


def ask(config: Config, service: str, path: str, token: str = "", **headers: str) -> tuple[int, Mapping[str, str], bytes]:
    """One GET: status, headers, body."""
    connection = http.client.HTTPConnection(config.host, config.port_of(service), timeout=15)
    try:
        sent = {**headers, **({"Authorization": f"Bearer {token}"} if token else {})}
        connection.request("GET", path, headers={k.replace("_", "-"): v for k, v in sent.items()})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def token(config: Config, owner: str, role: str, subject: str = "") -> str:
    return auth.issue(Signer.open(config, owner), subject=subject or owner, role=role, scopes=auth.scopes_of(role), seconds=600)


# ---- what was written


class Books:
    """The logs and tables of an installation, read by the test itself beside the running processes."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.services: dict[str, Service] = {name: open_service(config, name) for name in SERVICES}

    def close(self) -> None:
        for service in self.services.values():
            service.close()

    def rows(self, name: str) -> list[Recorded]:
        result: list[Recorded] = []
        while page := self.services[name].log.after(result[-1].position if result else 0, 5000):
            result += page
        return result

    def heads(self) -> dict[str, int]:
        return {name: s.log.head() for name, s in self.services.items()}

    def refused(self, name: str) -> list[tuple[str, str]]:
        """(source, why) of every envelope that `name` did not take."""
        return [(source, why) for source, why in self.services[name].tables.query("SELECT source, why FROM refused ORDER BY id")]

    def missing(self, stopped: Sequence[str] = ()) -> list[str]:
        """What has not arrived yet, in words; views named in `stopped` are not asked."""
        try:
            before = self.heads()
            result = [f"{s.name}: view {p.view.name} at {p.current().position} of {before[s.name]}" for s in self.services.values()
                      for p in s.projections if p.current().position < before[s.name] and p.view.name not in stopped]
            result += [f"{s.name}: {p.view.name} has things to do" for s in self.services.values() for p in s.processes
                       if p.tables.query(f"SELECT 1 FROM {p.view.table(p.current().number)('')} WHERE done = 0 LIMIT 1")]
            for source in self.services.values():
                own = source.log.own_head()
                for other in source.others:
                    held = self.services[other].log.received_head(source.name)
                    if not held or held.version != own:
                        result.append(f"{other}: holds {held.version if held else 0} of {source.name}'s {own}")
            return result or ([] if self.heads() == before else ["something was still written"])
        except Exception as e:
            return [repr(e)]

    def everything_arrived(self, seconds: float = PATIENCE_S, stopped: Sequence[str] = ()) -> float:
        """Seconds until every event had reached every service, view and process."""
        began = time.monotonic()
        while missing := self.missing(stopped):
            assert time.monotonic() - began < seconds, f"not arrived within {seconds} s: {missing}"
            time.sleep(0.05)
        return time.monotonic() - began

    def nothing_lost_none_twice(self, kept: Sequence[Kept], stopped: Sequence[str] = ()) -> None:
        """Acknowledged commands are in the logs once, received copies are the feeds, views are what the logs say."""
        rows = {name: self.rows(name) for name in SERVICES}
        own = {name: [r for r in rows[name] if not r.stream.startswith(RECEIVED)] for name in SERVICES}
        events = {name: [json.loads(r.state) for r in own[name]] for name in SERVICES}
        _acknowledged_once(own, events, kept)
        for name in SERVICES:
            _one_line_of_versions(own[name])
            for source in self.services[name].others:
                copy = [r for r in rows[name] if r.stream == RECEIVED + source]
                _copy_is_the_feed(name, source, events[source], own[source], copy)
            for p in self.services[name].projections:
                if p.view.name not in stopped:
                    _view_is_a_fresh_fold(self.services[name], p)
        _naive_recount(self.services["reporting"], rows["reporting"], events["membership"], stopped)
        _followed_up_once(self.config, events["membership"], events["training"])


def _acknowledged_once(own: Mapping[str, Sequence[Recorded]], events: Mapping[str, Sequence[dict[str, Any]]], kept: Sequence[Kept]) -> None:
    at = {name: {r.position: (r, e) for r, e in zip(own[name], events[name], strict=True)} for name in SERVICES}
    made: dict[str, Counter[tuple[str, str]]] = {}
    for name in SERVICES:
        ids = Counter(e["id"] for e in events[name])
        assert not [i for i, n in ids.items() if n > 1], f"an event stands twice in {name}"
        made[name] = Counter((e["command"]["client"], e["command"]["key"]) for e in events[name] if "command" in e)
    for k in kept:
        for line in k.answer["events"]:
            assert int(line["position"]) in at[k.service], f"{k.service} lost {line} of {k.key}"
            row, event = at[k.service][int(line["position"])]
            assert (event["id"], row.name, row.stream, row.version) == (line["id"], line["name"], line["stream"], line["version"]), k
        assert made[k.service][k.client, k.key] == len(k.answer["events"]), f"{k.key}: {k.answer} and {made[k.service][k.client, k.key]} events"


def _one_line_of_versions(own: Sequence[Recorded]) -> None:
    versions: Counter[str] = Counter()
    for row in own:
        versions[row.stream] += 1
        assert row.version == versions[row.stream], f"{row.stream} jumps to {row.version}"


def _copy_is_the_feed(name: str, source: str, events: Sequence[dict[str, Any]], feed: Sequence[Recorded], copy: Sequence[Recorded]) -> None:
    assert len(feed) == len(copy), f"{name} holds {len(copy)} of {source}'s {len(feed)} events"
    theirs = ours = sha256(source.encode() + events[0]["id"].encode()).digest()
    for sent, got in zip(feed, copy, strict=True):
        theirs = sha256(theirs + sent.position.to_bytes(8, "big") + sent.state).digest()
        ours = sha256(ours + got.version.to_bytes(8, "big") + got.state).digest()
        assert theirs == ours and sent.name == got.name, f"{name}'s copy of {source} differs at {sent.position}"


def _content(p: Projection) -> dict[str, list[Any]]:
    """The rows of a view's current run; what a process has done or put off by now is not part of its fold."""
    columns = "id, kind, target, body, cause" if "done INTEGER" in p.view.tables.get("", "") else "*"
    return {suffix: sorted(map(tuple, p.tables.query(f"SELECT {columns} FROM {p.view.table(p.current().number)(suffix)}"))) for suffix in p.view.tables}


def _view_is_a_fresh_fold(service: Service, live: Projection) -> None:
    """Folds the whole log again, elsewhere and in other pages."""
    folder = Path(tempfile.mkdtemp(prefix="sanu-fresh-"))
    config = Config(var=folder)
    tables.migrate(config, service.name)
    scratch = tables.open_tables(config, service.name)
    try:
        page = random.choice((7, 100, 1000)) if service.log.head() < 2000 else 1000
        decisions = [json.loads(r.state)["data"] for r in service.log.load(f"view/{live.view.name}/{live.view.version}")]
        fresh = Projection(service.log, scratch, type(live.view)(), page, lambda: {(d["stream"], d["version"]) for d in decisions})
        fresh.prepare()
        while fresh.step():
            pass
        assert _content(live) == _content(fresh), f"{service.name}: {live.view.name} is not what its log says"
    finally:
        scratch.close()
        shutil.rmtree(folder)


def _naive_recount(reporting: Service, rows: Sequence[Recorded], membership: Sequence[dict[str, Any]], stopped: Sequence[str]) -> None:
    """Reads the JSON of the log with no line of the views' code."""
    def table(view: str, columns: str) -> list[Any]:
        p = reporting.view(view)
        return [tuple(r) for r in reporting.tables.query(f"SELECT {columns} FROM {p.view.table(p.current().number)('')}")]

    decisions = [json.loads(r.state)["data"] for r in rows if r.name == "reporting.ViewEventSkipped"]
    at = {(r.stream, r.version): json.loads(r.state)["id"] for r in rows}
    left_out = {at[d["stream"], d["version"]] for d in decisions}
    facts = [e for e in membership if e["id"] not in left_out]
    counts: Counter[tuple[str, str, str]] = Counter()
    changes = 0
    for e in facts:
        for change in e["data"].get("counts", ()) if e["stream"] != POISONED else ():
            counts[change.get("district", ""), change["level"], change["from"]] += change["delta"]
            changes += 1
    standing = {}
    for e in facts:
        if e["name"].startswith("membership.Count"):
            said = e["data"].get("new", e["data"]) if not e["name"].endswith("Withdrawn") else {}
            standing[e["data"]["declaration"]] = said.get("count")
    if "district_counts" not in stopped:
        assert Counter({(d, lv, day): n for d, lv, day, n in table("district_counts", "district, level, day, delta")}) == counts
    if "presence" not in stopped:
        assert len(table("presence", "event")) == changes
    declared = {d: n for d, n, retracted in table("declarations", "declaration, count, retracted_at") if not retracted}
    assert declared == {d: n for d, n in standing.items() if n is not None}
    assert {d for (d,) in table("districts", "district")} == {e["data"]["district"] for e in membership if e["name"] == "membership.DistrictRegistered"}
    assert sorted(table("event_index", "id, position")) == sorted((json.loads(r.state)["id"], r.position) for r in rows)


def _followed_up_once(config: Config, membership: Sequence[dict[str, Any]], training: Sequence[dict[str, Any]]) -> None:
    """Each base society makes one need and each need one delivered notice, however often somebody died in between."""
    founded = {e["data"]["organisation"] for e in membership if e["name"] == "membership.OrganisationFounded" and e["data"]["level"] == "base"}
    needs = [e for e in training if e["name"] == "training.NeedRecorded"]
    assert Counter(e["data"]["organisation"] for e in needs) == Counter(founded)
    delivered = Counter(e["stream"] for e in training if e["name"] == "training.SendingDelivered")
    assert len(delivered) == len(needs) and set(delivered.values()) <= {1}, [s for s, n in delivered.items() if n > 1]
    files = {p.name for p in (config.var / "outbox" / "training-office").glob("*")}
    assert files == {f"{stream.removeprefix('sending/')}.json" for stream in delivered}


# ---- what runs


class Running:
    """An installation at work; `direct` reaches its servers past the lines that a test may cut."""

    config: Config
    direct: Config
    kept: list[Kept]

    def load(self, clients: int = 3, pause_s: float = 0.01) -> Load:
        return Load(self.config, self.kept, clients, pause_s)

    def client(self, subject: str = "report-loader", role: str = "loader") -> Client:
        return Client(self.config, subject, role)

    def ready(self) -> bool:
        try:
            return all(ask(self.config, name, f"/{name}/health/ready")[0] == 200 for name in SERVICES)
        except (OSError, http.client.HTTPException):
            return False

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


__all__ = ["DISTRICTS", "HOT", "SERVICES", "Books", "Kept", "Load", "OnServers", "OneProcess", "Refused", "Running", "SanuError", "ask", "commands",
           "report", "token", "until"]
