"""What has to be measured in a process of its own: python -m installation.bench.child WHAT, with SANU_… set."""
import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

STOCK_SOURCE, EVENT_TYPE, STARTED, HANDLED = "stock", "recorded", "started", "handled"
WORKERS = 64


def memory() -> None:
    """Peak resident size of a rebuild of all of reporting's views."""
    from services.reporting.application import open_service
    from shared import config as configuration
    from shared.rebuild import rebuild
    service = open_service(configuration.from_environment())
    service.prepare()
    before = _peak()
    rebuild(service.views)
    service.close()
    print(json.dumps({"mib": _peak(), "before": before}))


def _peak() -> float:
    """MiB. Not getrusage's ru_maxrss, which a child starts with its parent's."""
    status = Path("/proc/self/status").read_text()
    return round(int(status.partition("VmHWM:")[2].split()[0]) / 1024, 1)


def inbox() -> None:
    """The inbox role of reporting, with one source."""
    from installation.edge import start_runner
    from services.reporting.application import open_service
    from shared import config as configuration
    from shared.edge import api
    config = configuration.from_environment()
    service = open_service(config)
    service.log.opened                         # noqa: B018 - connects
    api.serve(service)
    _wait_for_go()
    start_runner(config, config.port, [api.service_inbox("reporting", ["membership"])]).wait()


def handler(number: str) -> None:
    """nameko's event_handler; each event is copied and counted in a transaction of its own."""
    import msgspec
    import psycopg_pool
    from eventlet.patcher import is_monkey_patched
    from nameko.events import event_handler
    from nameko.runners import ServiceRunner

    from shared import config as configuration
    if not is_monkey_patched("socket"):
        raise RuntimeError("the stock side needs its green wait too")
    config = configuration.from_environment()
    pool = psycopg_pool.ConnectionPool(config.database, min_size=16, max_size=16, kwargs={"autocommit": True})
    pool.wait()
    done = 0
    until = int(number)

    class Handler:
        name = "handler"

        @event_handler(STOCK_SOURCE, EVENT_TYPE)
        def handle(self, payload: dict[str, Any]) -> None:
            nonlocal done
            event = msgspec.json.decode(payload["event"])
            with pool.connection() as connection, connection.transaction():
                connection.execute("INSERT INTO stock.copy VALUES (%s, %s) ON CONFLICT DO NOTHING", (payload["position"], payload["event"]))
                for c in event["content"]["data"].get("counts", ()):
                    connection.execute("INSERT INTO stock.seen AS t VALUES (%s, %s, %s, %s) ON CONFLICT (district, level, day) "
                                       "DO UPDATE SET delta = t.delta + excluded.delta", (c.get("district", ""), c["level"], c["from"], c["delta"]))
            done += 1
            if done == 1:
                print(STARTED, flush=True)
            if done == until:
                print(HANDLED, flush=True)

    runner = ServiceRunner({"AMQP_URI": config.broker, "max_workers": WORKERS})
    runner.add_service(Handler)
    _wait_for_go()
    runner.start()
    runner.wait()


def stock_queue() -> Any:
    """The queue that nameko makes for Handler.handle."""
    from kombu import Queue
    from nameko.standalone.events import get_event_exchange
    return Queue(f"evt-{STOCK_SOURCE}-{EVENT_TYPE}--handler.handle", get_event_exchange(STOCK_SOURCE, {}), routing_key=EVENT_TYPE, durable=True)


def _wait_for_go() -> None:
    print("ready", flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    if sys.argv[1] != "memory":
        from installation.host import patch
        patch()
    logging.disable(logging.WARNING)           # the inbox looks for a source that is not there
    roles: dict[str, Callable[..., None]] = {"memory": memory, "inbox": inbox, "handler": handler}
    roles[sys.argv[1]](*sys.argv[2:])
