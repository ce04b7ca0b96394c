"""relay: from the log to the broker's confirm."""
import time

import psycopg
from kombu import Connection, Queue
from nameko.amqp.publish import Publisher
from nameko.standalone.events import get_event_exchange

from services.membership.application import open_service
from shared.broker import queue
from shared.config import Config
from shared.relay import Relay

from . import stock
from .measure import Figure, in_turns
from .place import Place

ENVELOPE = 100


def relay(place: Place) -> Figure:
    number, few = (20_000, 2_000) if place.quick else (100_000, 10_000)
    config = place.streams(place.organisations)
    service = open_service(config)
    theirs = Stock(config, few)

    def ours() -> float:
        with psycopg.connect(config.database) as connection:
            connection.execute("UPDATE membership.relay SET position = 0")
        one = Relay(config, service.log, service.tables, service.signer, most=ENVELOPE)
        one.publish([], 0)                     # connects
        began, sent = time.perf_counter(), 0
        while sent < number:
            sent += one.step()
        seconds = time.perf_counter() - began
        one.drop()
        if (waiting := empty(config, queue("reporting", "membership"))) * ENVELOPE < sent:
            raise AssertionError(f"{waiting} envelopes for {sent} events")
        return sent / seconds

    try:
        empty(config, queue("reporting", "membership"))
        return in_turns(place, ours, theirs.run, unit="events/s", floor=60, note=(
            f"{number:,} events in envelopes of {ENVELOPE} into a quorum queue, digests, signature and position saved; "
            f"stock: the first {few:,}, one message each into a classic durable queue, no position saved"))
    finally:
        service.close()


def empty(config: Config, kept: Queue) -> int:
    """Declares the queue and its exchange and empties it; how many messages it held."""
    with Connection(config.broker) as connection:
        bound = kept(connection.default_channel)
        bound.declare()
        held: int = bound.queue_declare(passive=True).message_count
        bound.purge()
        return held


class Stock:
    """nameko's Publisher, as its EventDispatcher uses it, confirming each event read from a stock log."""

    def __init__(self, config: Config, number: int) -> None:
        self.config, self.number = config, number
        self.exchange = get_event_exchange("stock", {})
        self.queue = Queue("evt-stock-recorded--reporting.handle", self.exchange, routing_key="recorded", durable=True)
        self.publisher = Publisher(config.broker, serializer="json", exchange=self.exchange)
        self.application = stock.Organisations(env=stock.environment(config.database))
        empty(config, self.queue)

    def run(self) -> float:
        self.publisher.publish({}, routing_key="recorded")             # connects
        began, sent = time.perf_counter(), 0
        while sent < self.number:
            for n in self.application.recorder.select_notifications(sent + 1, min(500, self.number - sent)):
                self.publisher.publish({"name": n.topic, "stream": str(n.originator_id), "version": n.originator_version, "event": n.state.decode()},
                                       routing_key="recorded")
                sent += 1
        seconds = time.perf_counter() - began
        if empty(self.config, self.queue) < sent:
            raise AssertionError("the stock queue lacks events")
        return sent / seconds
