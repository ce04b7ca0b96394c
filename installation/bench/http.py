"""http, query and catchup: what a client of the HTTP interface waits."""
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from statistics import median
from typing import Any

import psycopg

from installation import demo
from installation.client import Client
from installation.up import Child, Installation
from services.membership.application import open_service as open_membership
from services.reporting.application import open_service as open_reporting
from shared import auth, event
from shared.config import Config
from shared.signing import Signer
from tests.servers import free_port

from . import material
from .load import NUMBER, Plan, request
from .measure import Figure, rounded
from .place import Place
from .visible import ports, until

CLIENTS, READERS = 64, 16
PATIENCE_S = 60
DAY = "2024-11-30"
TABLES = tuple(f"/reporting/v1/tables/districts?as_of={DAY}&basis={basis}" for basis in ("declared", "derived"))
A_SECOND = 50                          # commands, and as many queries, while reporting catches up
LONGEST_S = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed(Figure):
    """Holds if nobody waited too long, either."""

    p99: float
    most_ms: float

    @property
    def holds(self) -> bool:
        return self.ratio is not None and self.ratio >= self.floor and self.p99 <= self.most_ms


class Load:
    """`load.py` at work in a process of its own."""

    def __init__(self, place: Place, config: Config, plan: Plan) -> None:
        self.process = subprocess.Popen([sys.executable, "-P", "-m", "installation.bench.load"], env=place.environment(config), text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._write(json.dumps(plan))
        self._read()                   # its connections are there

    def _write(self, line: str) -> None:
        assert self.process.stdin  # noqa: S101 - it was asked for
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def _read(self) -> str:
        assert self.process.stdout  # noqa: S101
        if not (line := self.process.stdout.readline()):
            raise RuntimeError("the load has died")
        return line

    def end(self) -> dict[str, Any]:
        self._write("")
        return self.wait()

    def wait(self) -> dict[str, Any]:
        """Raises AssertionError if a request was not answered well."""
        seen: dict[str, Any] = json.loads(self._read())
        self.process.wait()
        if bad := {status: n for status, n in seen.pop("statuses").items() if status not in ("200", "201")}:
            raise AssertionError(f"answers: {bad}")
        return seen


def http(place: Place) -> Figure:
    seconds = 4 if place.quick else 10
    config = place.config(broker=place.rabbit.new_vhost(), port=ports(), rate_per_s=0)
    runs = []
    with stock_process(place) as theirs, api_process(config):
        Client(config, "bench", "loader").command("membership", "register-district", {"district": "kangaba", "name": "Kangaba", "rank": 1}, key="kangaba")

        def take(ours: bool, seconds: float) -> dict[str, Any]:
            found = founding(config) if ours else request("POST", "/societies", "", body(event.new_id()[-12:]))
            return Load(place, config, plan(config.port_of("membership") if ours else theirs, CLIENTS, seconds, [found])).wait()

        for side in (True, False):
            take(side, 2)              # connects, and lets PostgreSQL prepare
        for number in range(place.runs):
            ours, stock = take(True, seconds), take(False, seconds)
            runs.append({"ours": ours, "stock": stock, "ratio": ours["rate"] / stock["rate"]})
            place.say(f"  run {number + 1} of {place.runs}: ours {told(ours)}; stock {told(stock)}; ratio {runs[-1]['ratio']:.2f}")
    p50, p99, stock_p99 = (median(r[side][key] for r in runs) for side, key in (("ours", "p50"), ("ours", "p99"), ("stock", "p99")))
    return Timed(ours=median(r["ours"]["rate"] for r in runs), stock=median(r["stock"]["rate"] for r in runs), ratio=median(r["ratio"] for r in runs),
                 unit="commands/s", floor=2.5, p99=p99, most_ms=250, runs=tidy(runs), note=(
        f"p50 {p50:.0f} ms, p99 {p99:.0f} ms, at most 250 (stock: p99 {stock_p99:.0f} ms); found-organisation over HTTP, {CLIENTS} kept connections in a "
        "process of their own, one API process on each side; stock: nameko's @http, psycopg waiting green, one load and one Application.save, "
        "without token, schema and Idempotency-Key, which ours has"))


def catchup(place: Place) -> Figure:
    """membership has a long past; reporting's inbox starts under load and takes all of it from the feed."""
    number = 100_000 if place.quick else 1_000_000
    config = place.config(broker=place.rabbit.new_vhost(), port=ports(), rate_per_s=0)
    place.say(f"  making {number:,} events ...")
    material.copy(config.database, "membership.membership_log", material.rows(material.events(number)))
    membership, reporting = open_membership(config), open_reporting(config)
    head = membership.log.own_head()
    with psycopg.connect(config.database) as connection:
        connection.execute("UPDATE membership.relay SET position = %s", (head,))       # else the broker would bring it, too
    installation = Installation(config, ("membership", "reporting"), say=place.say)
    inbox = installation.child("reporting", "inbox")
    installation.children.remove(inbox)
    try:
        with installation:
            for name in ("membership", "reporting"):
                until(lambda name=name: serves(config, name), name)             # type: ignore[misc]
            until(lambda: position(reporting) > 0, "the views")
            reader = token(config, "auditor")
            loads = {"commands": Load(place, config, plan(config.port_of("membership"), 8, LONGEST_S, [founding(config)], A_SECOND)),
                     "queries": Load(place, config, plan(config.port_of("reporting"), 8, LONGEST_S, [request("GET", p, reader) for p in TABLES], A_SECOND))}
            began = time.monotonic()
            inbox.start()
            installation.children.append(inbox)
            pulled = caught_up(reporting, head, began)
            folded = time.monotonic() - began
            run = {name: load.end() for name, load in loads.items()}
    finally:
        membership.close()
        reporting.close()
    place.say(f"  {number:,} events pulled in {pulled:.0f} s, folded in {folded:.0f} s; " + "; ".join(f"{name} {told(r)}" for name, r in run.items()))
    return Figure(ours=max(r["p99"] for r in run.values()), stock=None, ratio=None, unit="ms (p99)", floor=250, at_most=True,
                  runs=[{**tidy([run])[0], "pulled_s": round(pulled, 1), "folded_s": round(folded, 1)}], note=(
        f"p50 and p99 of commands {run['commands']['p50']:.0f} and {run['commands']['p99']:.0f} ms, of queries {run['queries']['p50']:.0f} and "
        f"{run['queries']['p99']:.0f} ms; {A_SECOND} commands/s to membership and {A_SECOND} queries/s of the district table, both open loop, from the "
        f"start of reporting's inbox until it had pulled {number:,} events ({pulled:.0f} s) from membership's feed and all views had folded them "
        f"({folded:.0f} s); six processes"))


def caught_up(reporting: Any, head: int, began: float) -> float:
    """Waits until reporting's views have folded `head` of membership; after how many seconds its log had it."""
    pulled = 0.0
    while True:
        held = reporting.log.received_head("membership")
        if held and held.version >= head:
            pulled = pulled or time.monotonic() - began
            if position(reporting) >= reporting.log.received_after("membership", head - 1, 1)[0].position:
                return pulled
        if time.monotonic() - began > LONGEST_S - 10:
            raise TimeoutError("reporting does not catch up")
        time.sleep(0.1)


def position(reporting: Any) -> int:
    """Of the slowest view; 0 before all are there."""
    rows = reporting.tables.query("SELECT count(*), min(position) FROM projection WHERE current = 1")
    return int(rows[0][1]) if rows[0][0] >= len(reporting.views) else 0


def fill(config: Config) -> None:
    """The report's facts and 2,000 organisations, seen by all views."""
    client = Client(config, "report-loader", "loader")
    for fact in demo.records():
        client.command(fact["service"], fact["command"], fact["body"], key=fact["id"])

    def some(first: int) -> None:
        sender = Client(config, "report-loader", "loader")
        for n in range(first, 2000, 8):
            sent.append(sender.command("membership", "found-organisation", {
                **body("requete"), "organisation": f"requete-{n}", "district": material.SLUGS[n % 5]}, key=f"requete-{n}")["position"])

    sent: list[str] = []
    senders = [threading.Thread(target=some, args=(n,)) for n in range(8)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    if len(sent) < 2000:
        raise AssertionError(f"{len(sent)} of 2000 organisations")
    last = max(map(int, sent))
    until(lambda: bool(client.get("reporting", f"{TABLES[0]}&min_position=membership:{last}")), "the views")
    seen: dict[str, str] = {}
    while seen != (seen := client.get("reporting", TABLES[0])["feeds"]):       # training has something to say on each new organisation
        time.sleep(2)


def plan(port: int, clients: int, seconds: float, requests: list[str], a_second: float = 0) -> Plan:
    return {"port": port, "clients": clients, "seconds": seconds, "a_second": a_second, "requests": requests}


def body(run: str) -> dict[str, Any]:
    number = NUMBER.decode()
    return {"organisation": f"societe-{run}-{number}", "level": "base", "form": "SCOOPS", "district": "Kangaba", "commune": "Djinètoumanina",
            "name": f"Société coopérative des orpailleurs de Djinètoumanina n° {number}", "occurred_on": "2024-03-07",
            "reason": "visite de terrain de l'antenne", "device": "tablette-antenne-07", "place": "Siège de l'union", "source": material.SOURCE}


def founding(config: Config) -> str:
    """A command that is another one each time."""
    run = event.new_id()[-12:]
    return request("POST", "/membership/v1/commands/found-organisation", token(config, "loader"), body(run), key=f"{run}-{NUMBER.decode()}")


def token(config: Config, role: str) -> str:
    return auth.issue(Signer.open(config, auth.INSTALLATION), subject="bench", role=role, seconds=24 * 3600)


def told(run: dict[str, Any]) -> str:
    return f"{run['rate']:,.0f}/s, p50 {run['p50']:.0f} ms, p99 {run['p99']:.0f} ms"


def tidy(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: {k: rounded(v) for k, v in value.items()} if isinstance(value, dict) else rounded(value) for name, value in run.items()} for run in runs]


def serves(config: Config, name: str) -> bool:
    try:
        connection = HTTPConnection(config.host, config.port_of(name), timeout=2)
        connection.request("GET", f"/{name}/health/ready")
        return connection.getresponse().status == 200
    except OSError:
        return False


@contextmanager
def api_process(config: Config) -> Iterator[None]:
    """membership's, alone: its views are made, and nobody fills them."""
    service = open_membership(config)
    service.prepare()
    service.close()
    child = Child(config, "api", "membership")
    child.start()
    assert child.process  # noqa: S101 - it was started
    try:
        until(lambda: serves(config, "membership"), "the API")
        yield
    finally:
        child.process.terminate()
        child.process.wait(15)


@contextmanager
def stock_process(place: Place) -> Iterator[int]:
    """Its port."""
    config = replace(place.config(), port=free_port())
    with psycopg.connect(config.database, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA stock")
    process = subprocess.Popen([sys.executable, "-P", "-m", "installation.bench.http_child", str(config.port)], env=place.environment(config),
                               stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout  # noqa: S101 - it was asked for
        if process.stdout.readline() != "ready\n":
            raise RuntimeError("the stock service did not start")
        yield config.port
    finally:
        process.kill()
        process.wait()
