"""visible: from a command's commit in membership to the moment all of reporting's views show it."""
import http.client
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from statistics import median, quantiles
from typing import Any

import psycopg

from installation.client import Client
from installation.up import Installation
from services.membership.application import open_service as open_membership
from services.reporting.application import open_service as open_reporting
from shared import event
from shared.config import SERVICES, Config

from .measure import Figure
from .place import Place

CALLERS = 16
POLL_S = 0.005
PATIENCE_S = 60
FLOOR_MS = 250
POSITION = "SELECT min(position) FROM {}projection WHERE current = 1"


def servers(place: Place) -> Figure:
    config = Config(var=place.base / "visible", broker=place.rabbit.new_vhost(), database=place.postgres.new_database(), port=ports())
    with Installation(config, say=place.say), psycopg.connect(config.database, autocommit=True) as connection:
        def position() -> int:
            return int(connection.execute(POSITION.format("reporting."), prepare=True).fetchone()[0])      # type: ignore[index]

        return figure(place, config, position, 200, "twelve processes on RabbitMQ and PostgreSQL")


def embedded(place: Place) -> Figure:
    config = Config(var=place.base / "embedded", port=ports())
    with one_process(place, config):
        until(lambda: (config.var / "reporting" / "tables.db").exists(), "the tables")
        until(lambda: ready(config), "the services")
        connection = sqlite3.connect(f"file:{config.var}/reporting/tables.db?mode=ro", uri=True, check_same_thread=False)

        def position() -> int:
            return int(connection.execute(POSITION.format("")).fetchone()[0])

        return figure(place, config, position, 100, "one process, SQLite, broker in memory")


def figure(place: Place, config: Config, position: Callable[[], int], a_second: int, where: str) -> Figure:
    until(lambda: ready(config), "the services")
    seconds = 5 if place.quick else 20
    run(config, position, a_second, 3)                     # warm
    runs = []
    for _ in range(place.runs):
        runs.append(run(config, position, a_second, seconds))
        place.say(f"  p50 {runs[-1]['p50']:.0f} ms, p99 {runs[-1]['p99']:.0f} ms, {runs[-1]['commands_per_s']:.0f} commands/s")
    return Figure(ours=median(r["p99"] for r in runs), stock=None, ratio=None, unit="ms (p99)", floor=FLOOR_MS, at_most=True, runs=runs, note=(
        f"p50 {median(r['p50'] for r in runs):.0f} ms; {a_second} commands/s over HTTP, open loop, {CALLERS} connections; {where}; "
        "from recorded_at, which is before the commit, to a poll of the views' positions every 5 ms, which is after it"))


def run(config: Config, position: Callable[[], int], a_second: int, seconds: float) -> dict[str, float]:
    """One paced load and what became visible when."""
    membership, reporting = open_membership(config), open_reporting(config)
    try:
        before = membership.log.own_head()
        seen: list[tuple[float, int]] = []
        stopped = threading.Event()
        watcher = threading.Thread(target=watch, args=(position, seen, stopped))
        watcher.start()
        try:
            took = load(config, a_second, int(a_second * seconds))
            head = membership.log.own_head()
            until(lambda: bool((held := reporting.log.received_head("membership")) and held.version >= head and position() >= held.position), "the views")
            time.sleep(2 * POLL_S)
        finally:
            stopped.set()
            watcher.join()
        waits = sorted(latencies(membership, reporting, before, head, seen))
    finally:
        membership.close()
        reporting.close()
    cuts = quantiles(waits, n=100)
    return {"p50": round(cuts[49], 1), "p99": round(cuts[98], 1), "most": round(waits[-1], 1), "events": len(waits),
            "commands_per_s": round(a_second * seconds / took, 1)}


def watch(position: Callable[[], int], seen: list[tuple[float, int]], stopped: threading.Event) -> None:
    """When the slowest view of reporting was first seen at which position of its log."""
    while not stopped.wait(POLL_S):
        at = position()
        if not seen or at > seen[-1][1]:
            seen.append((time.time(), at))


def load(config: Config, a_second: int, number: int) -> float:
    """Sends at even times, whether or not the answers come; seconds until the last answer."""
    numbers = iter(range(number))
    failures: list[BaseException] = []
    run = event.new_id()[-12:]
    began = time.perf_counter()

    def caller() -> None:
        client = Client(config, "bench", "loader")
        try:
            for n in numbers:
                time.sleep(max(0.0, began + n / a_second - time.perf_counter()))
                body = {"organisation": f"societe-{run}-{n}", "level": "base", "form": "SCOOPS", "commune": "Djinètoumanina",
                        "name": f"Société coopérative des orpailleurs de Djinètoumanina n° {n}", "occurred_on": "2024-03-07",
                        "reason": "visite de terrain de l'antenne", "device": "tablette-antenne-07", "place": "Siège de l'union",
                        "source": {"document": "registre-des-societes-cooperatives", "section": "III, tableau", "row": str(n)}}
                client.command("membership", "found-organisation", body, key=f"{run}-{n}")
        except BaseException as e:
            failures.append(e)

    callers = [threading.Thread(target=caller) for _ in range(CALLERS)]
    for each in callers:
        each.start()
    for each in callers:
        each.join()
    if failures:
        raise failures[0]
    return time.perf_counter() - began


def latencies(membership: Any, reporting: Any, before: int, head: int, seen: list[tuple[float, int]]) -> Iterator[float]:
    """Milliseconds from each event's recorded_at to the first poll that found every view at or behind its copy.

    What follows from the last commands may be recorded behind `head`, when nobody looks any more.
    """
    moments = iter(seen)
    when, reached = next(moments)
    copies = {row.version: row.position for row in everything(lambda at: reporting.log.received_after("membership", at, 5000), before, "version")}
    for row in everything(lambda at: membership.log.own_after(at, 5000), before, "position"):
        if row.position > head:
            return
        while reached < copies[row.position]:
            when, reached = next(moments)
        yield (when - datetime.fromisoformat(event.decode(row.state).recorded_at).timestamp()) * 1000


def everything(page: Callable[[int], list[Any]], after: int, by: str) -> Iterator[Any]:
    while rows := page(after):
        yield from rows
        after = getattr(rows[-1], by)


def ports() -> int:
    """The first of four free ones."""
    from tests.world import four_ports
    return four_ports()


@contextmanager
def one_process(place: Place, config: Config) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-P", "-W", "ignore", "-m", "installation.host", "embedded"], stdin=subprocess.PIPE,
                               env={**place.environment(config), "SANU_ENDS_WITH_STDIN": "1"})
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def ready(config: Config) -> bool:
    try:
        for name in SERVICES:
            connection = http.client.HTTPConnection(config.host, config.port_of(name), timeout=2)
            connection.request("GET", f"/{name}/health/ready")
            answer = connection.getresponse()
            answer.read()
            connection.close()
            if answer.status != 200:
                return False
        return True
    except (OSError, http.client.HTTPException):
        return False


def until(true: Callable[[], bool], what: str) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while not true():
        if time.monotonic() > give_up:
            raise TimeoutError(f"{what} after {PATIENCE_S} s")
        time.sleep(0.05)
