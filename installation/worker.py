"""What works behind a service: relay, views and the clocks of processes, in loops beside each other."""
import logging
import signal
import threading
import time
from collections.abc import Callable

import psycopg

from shared import following, gauges, process, restore
from shared.config import Config
from shared.service import Service

from .catalogue import open_service
from .plainly import listening_on

logger = logging.getLogger(__name__)
Stopping = Callable[[], bool]
STOP_S = 4.0                           # for all loops together: one may be waiting for a database that is away


def loops(service: Service, stopping: Stopping) -> list[Callable[[], None]]:
    """Relay, one loop for all folds, and one per process: its clock."""
    config = service.config

    def acting(projection: object) -> Callable[[], None]:
        return lambda: process.run(projection, service.do, stopping, config.poll_s)  # type: ignore[arg-type]

    return [lambda: service.relay().run(stopping), lambda: restore.watch(service, True, stopping),
            lambda: following.follow(service.projections, stopping, config.poll_s, config.linger_s), *(acting(p) for p in service.processes)]


def start(service: Service, stopping: Stopping) -> list[threading.Thread]:
    service.prepare()
    threads = [threading.Thread(target=loop, daemon=True) for loop in loops(service, stopping)]
    for thread in threads:
        thread.start()
    return threads


def work(config: Config, name: str) -> None:
    """The worker process of one service on PostgreSQL; only one works at a time, others wait for its place."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    service = open_service(config, name)
    with listening_on(config.metrics_host, port := config.metrics_port_of(name, "worker")):
        gauges.publish(config, [service], port, whole=True)
    with _only_one(config, name, stopped):
        if stopped.is_set():
            return
        threading.Thread(target=_listen, args=(config, service, stopped), daemon=True).start()
        restore.begin(service, mend=True)
        threads = start(service, stopped.is_set)
        print(f"{name} worker ready", flush=True)
        stopped.wait()
        service.log.appended.set()
        give_up = time.monotonic() + STOP_S
        for thread in threads:
            thread.join(max(0.0, give_up - time.monotonic()))
    service.close()


class _only_one:
    def __init__(self, config: Config, name: str, stopped: threading.Event) -> None:
        self.key, self.stopped = f"sanu.worker.{name}", stopped
        self.connection = psycopg.connect(config.database, autocommit=True)

    def __enter__(self) -> None:
        while not self.stopped.is_set():
            if self.connection.execute("SELECT pg_try_advisory_lock(hashtext(%s))", (self.key,)).fetchone() == (True,):
                return
            self.stopped.wait(1)

    def __exit__(self, *_: object) -> None:
        self.connection.close()


def _listen(config: Config, service: Service, stopped: threading.Event) -> None:
    """Turns NOTIFY into the log's signal; losing it only costs the poll interval."""
    while not stopped.is_set():
        try:
            with psycopg.connect(config.database, autocommit=True) as connection:
                connection.execute(f"LISTEN {service.log.recorder.channel_name}")  # type: ignore[union-attr,arg-type]
                service.log.appended.set()
                for _ in connection.notifies():
                    service.log.appended.set()
        except psycopg.Error as e:
            logger.warning("no wake-ups for %s: %s", service.name, e)
            time.sleep(0.5)
