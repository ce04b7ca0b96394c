"""The doctor's look at the broker: there, new enough, and not in alarm."""
from collections.abc import Iterator
from typing import Any

from amqp.exceptions import AccessRefused

from shared import broker
from shared.config import SERVICES, Config

from .check import Check, bad, good, judged

LEAST = (3, 10)
CONFIRM_S = 3.0


def checks(config: Config) -> Iterator[Check]:
    if config.embedded:
        yield good("broker", "in memory: the logs keep, it only carries")
        return
    if config.broker == Config.broker:
        yield bad("broker", "none is named, and PostgreSQL's services share none in memory", "give --broker (SANU_BROKER): amqp://user:password@host:port/vhost")
        return
    blocked: list[bool] = []
    connection = broker.connect(config.of(SERVICES[0]), blocked.append)
    try:
        try:
            connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=broker.CONNECT_S)
        except Exception as e:                     # kombu wraps what the socket, TLS and the login raise
            yield bad("broker", f"not reachable: {e}", "start RabbitMQ, or correct --broker (SANU_BROKER); commands are taken meanwhile")
            return
        said = connection.connection.server_properties.get("version", "0.0")
        version = said.decode() if isinstance(said, bytes) else str(said)
        yield judged("broker", tuple(int(n) for n in version.split(".")[:2]) >= LEAST, f"RabbitMQ {version}", "RabbitMQ 3.10 or newer")
        says = "takes and confirms a message" if _takes(connection) else "does not confirm a message"
        yield judged("broker", says.startswith("takes") and not blocked, "is in alarm: it takes no messages" if blocked else says,
                     "rabbitmq-diagnostics alarms names memory or disk: make room; relays go on by themselves")
    finally:
        broker.drop(connection)


def _takes(connection: Any) -> bool:
    """One message that no queue is bound to, so that it is confirmed and gone."""
    channel = connection.channel()
    confirms = broker.Confirms(channel)
    confirms.expect()
    try:
        connection.Producer(channel, auto_declare=False).publish(b"", exchange="", routing_key="sanu.doctor", serializer=None, content_type="text/plain",
                                                                 content_encoding="binary", timeout=CONFIRM_S)
        confirms.wait(CONFIRM_S)
    except AccessRefused:                          # a login with least rights may not; a broker in alarm would not even say so
        return True
    except (TimeoutError, OSError):
        return False
    return True
