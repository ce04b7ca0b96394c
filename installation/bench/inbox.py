"""inbox: from the broker through the own log into a view, in the processes of production."""
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
from nameko.amqp.publish import Publisher
from nameko.standalone.events import get_event_exchange

from services.membership.application import open_service as open_membership
from services.reporting.application import open_service
from shared import service as services
from shared.broker import queue
from shared.config import Config
from shared.relay import Relay

from . import stock
from .child import EVENT_TYPE, HANDLED, STARTED, STOCK_SOURCE, stock_queue
from .measure import Figure, in_turns
from .place import Place
from .relay import ENVELOPE, empty

PATIENCE_S = 300


def inbox(place: Place) -> Figure:
    number, few = (40_000, 2_000) if place.quick else (200_000, 10_000)
    source = place.streams(place.organisations)
    told = stock_events(source, few)
    return in_turns(place, lambda: ours(place, source, number), lambda: theirs(place, source, told), unit="events/s", floor=15, note=(
        f"{number:,} events in envelopes of {ENVELOPE} through the nameko process of an inbox, its log and a worker's view {stock.NARROW}; "
        f"stock: {few:,} events through event_handler, 64 at once, copy and view in one transaction each; both from the first commit to the last"))


def ours(place: Place, source: Config, number: int) -> float:
    """Into an empty installation that shares the source's broker and keys."""
    config = replace(source, database=place.postgres.new_database())
    services.migrate(config, ("reporting",))
    empty(config, queue("reporting", "membership"))
    sent = publish(source, number)
    service = open_service(config)
    service.prepare()
    view = service.view(stock.NARROW)
    try:
        with running(place, config, "inbox") as go:
            go()
            give_up = time.monotonic() + PATIENCE_S
            while (first := service.log.received_head("membership")) is None:
                time.sleep(0.002)
            began = time.perf_counter()        # the containers of both sides are up
            while (held := service.log.received_head("membership")) is None or held.version < sent or view.current().position < held.position:
                if not view.step():
                    time.sleep(0.002)
                if time.monotonic() > give_up:
                    raise TimeoutError("the inbox did not take its events")
            seconds = time.perf_counter() - began
    finally:
        service.close()
    return (sent - first.version) / seconds


def publish(source: Config, number: int) -> int:
    """Puts the first `number` events into the queue; the position of the last."""
    with psycopg.connect(source.database) as connection:
        connection.execute("UPDATE membership.relay SET position = 0")
    service = open_membership(source)
    relay = Relay(source, service.log, service.tables, service.signer, most=ENVELOPE)
    sent = 0
    while sent < number:
        sent += relay.step()
    last = relay.position
    relay.drop()
    service.close()
    return last


def stock_events(source: Config, few: int) -> list[dict[str, object]]:
    """The same events, as the stock application has them."""
    application = stock.Organisations(env=stock.environment(source.database))
    found = application.recorder.select_notifications(1, few)
    application.close()
    return [{"position": n.id, "event": n.state.decode()} for n in found]


def theirs(place: Place, source: Config, told: list[dict[str, object]]) -> float:
    empty(source, stock_queue())
    publisher = Publisher(source.broker, serializer="json", exchange=get_event_exchange(STOCK_SOURCE, {}), use_confirms=False)
    for each in told:
        publisher.publish(each, routing_key=EVENT_TYPE)
    with psycopg.connect(source.database, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS stock.copy, stock.seen")
        connection.execute("CREATE TABLE stock.copy (position BIGINT PRIMARY KEY, event TEXT)")
        connection.execute("CREATE TABLE stock.seen (district TEXT, level TEXT, day TEXT, delta BIGINT, PRIMARY KEY (district, level, day))")
        with running(place, source, "handler", str(len(told))) as go:
            go()
            began = go.wait(STARTED)
            seconds = go.wait(HANDLED) - began
        row = connection.execute("SELECT count(*) FROM stock.copy").fetchone()
        if row != (len(told),):
            raise AssertionError(f"{row} of {len(told)} events are there")
    return len(told) / seconds


class Go:
    """Starts what a child is ready to do, and hears from it."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def __call__(self) -> None:
        assert self.process.stdin  # noqa: S101 - it was asked for
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def wait(self, word: str) -> float:
        assert self.process.stdout  # noqa: S101
        for line in self.process.stdout:
            if line.strip() == word:
                return time.perf_counter()
        raise RuntimeError(f"the child ended before it said {word}")


@contextmanager
def running(place: Place, config: Config, *arguments: str) -> Iterator[Go]:
    """A child that has imported and opened everything, and waits for `go`."""
    process = subprocess.Popen([sys.executable, "-P", "-m", "installation.bench.child", *arguments], env=place.environment(config),
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    go = Go(process)
    try:
        go.wait("ready")
        yield go
    finally:
        process.kill()
        process.wait()
