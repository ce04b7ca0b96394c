"""All services in one process: SQLite under `var/`, broker in memory, one port."""
from types import TracebackType
from typing import Any

from nameko.runners import ServiceRunner

from shared import event, gauges, restore
from shared import service as services
from shared.config import SERVICES, Config
from shared.edge import api
from shared.service import Service

from . import worker
from .catalogue import beside, edge, once, open_service
from .edge import start_runner, stop_at_signal
from .owner import own
from .plainly import listening_on

SOON_S = 10.0


class Embedded:
    def __init__(self, config: Config) -> None:
        self.config = config
        self.services: dict[str, Service] = {}
        self._stopped = False
        self._runner: ServiceRunner | None = None

    def __enter__(self) -> "Embedded":
        self._lock = own(self.config)
        services.migrate(self.config)
        for name in SERVICES:
            self.services[name] = open_service(self.config, name)
            api.serve(self.services[name])
        for name, opened in self.services.items():
            restore.guard(opened, restore.ask_in_process(self.services, name), mend=True)
        classes: list[type] = [*(cls for name in SERVICES for cls in (edge(name).Api, edge(name).Inbox, *beside(name))), *once()]
        with listening_on(self.config.metrics_host, self.config.metrics_port):
            gauges.publish(self.config, list(self.services.values()), self.config.metrics_port, whole=True)
        self._runner = start_runner(self.config, self.config.port, classes)
        self._threads = [t for opened in self.services.values() for t in worker.start(opened, lambda: self._stopped)]
        return self

    def wait(self) -> None:
        stop_at_signal(self._runner)
        if self._runner:
            self._runner.wait()

    def idle(self) -> bool:
        """Whether every event has reached every service, every view and process has done its part, and nothing came meanwhile.

        What a process has put off for a moment is still to do; its deadlines are not.
        """
        soon = event.later(event.now(), SOON_S)
        heads = {name: service.log.head() for name, service in self.services.items()}
        for name, service in self.services.items():
            head = heads[name]
            if any(p.current().position < head for p in service.projections):
                return False
            if any(p.tables.query(f"SELECT 1 FROM {p.view.table(p.current().number)('')} WHERE done = 0 AND due_at <= ? LIMIT 1", (soon,))
                   for p in service.processes):
                return False
        return (all(self._told(source, other) for source in self.services.values() for other in source.others)
                and heads == {name: service.log.head() for name, service in self.services.items()})

    def _told(self, source: Service, other: str) -> bool:
        held = self.services[other].log.received_head(source.name)
        return bool(held and held.version == source.log.own_head())

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> Any:
        self._stopped = True
        for service in self.services.values():
            service.log.appended.set()
        if self._runner:
            self._runner.stop()
        for service in self.services.values():
            service.close()
        self._lock.close()
