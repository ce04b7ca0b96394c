"""What stands in logs and tables, as gauges read when Prometheus asks; the same figures as `./sanu status`."""
import logging
import shutil
import threading
from collections.abc import Iterable, Iterator, Sequence
from time import monotonic
from typing import NamedTuple

import psycopg
from prometheus_client import REGISTRY, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from . import event, state
from .config import Config
from .errors import SanuError
from .projection import Projection
from .service import Service

logger = logging.getLogger(__name__)
CACHED_S = 2.0                     # two Prometheus servers, or one and a curious person, cost one reading
OVERDUE_S = 60
Labels = dict[str, str]

NAMES = {
    "sanu_log_read_only": "1 while this process may append nothing",
    "sanu_state_readable": "1 if log and tables could be read for this page",
    "sanu_log_head_position": "Position of the last event in the log, own or received",
    "sanu_log_verified_position": "Up to where every copy was compared without a fault; 0: never",
    "sanu_relay_behind_events": "Own events the broker has not confirmed",
    "sanu_relay_behind_seconds": "Age of the first of them",
    "sanu_inbox_heard_seconds": "Since anything was heard of a source, by envelope or feed",
    "sanu_inbox_stopped": "1 if a source's history contradicts what is held",
    "sanu_dead_letters": "Refused envelopes that nobody has decided about",
    "sanu_view_behind_events": "Events of the log that a view or process has not folded",
    "sanu_view_behind_seconds": "Age of the first of them",
    "sanu_view_stopped": "1 if a view or process met an event that it cannot apply",
    "sanu_process_todo": "Commands and sendings to do: waiting for their time, due, or overdue by more than a minute",
    "sanu_disk_free_bytes": "Free where keys and, embedded, logs and tables are kept",
    "sanu_disk_size_bytes": "Size of that file system",
}


class Value(NamedTuple):
    name: str
    labels: Labels
    value: float


class Gauges(Collector):
    """`whole`: this process tells the state of its services; the others of the same service say only whether they may append."""

    def __init__(self, config: Config, services: Sequence[Service], whole: bool) -> None:
        self.config, self.services, self.whole = config, services, whole
        self._lock, self._until, self._values = threading.Lock(), 0.0, list[Value]()
        self._began = monotonic()

    def describe(self) -> Iterable[Metric]:
        return ()                      # else the registry would read everything once, at the start

    def collect(self) -> Iterator[Metric]:
        with self._lock:
            if monotonic() >= self._until:
                self._values = list(self._read())
                self._until = monotonic() + CACHED_S
            values = self._values
        own = {name: gauge.text for service in self.services for name, gauge in service.definition.gauges.items()}
        for name, text in (NAMES | own).items():
            told = [v for v in values if v.name == name]
            if told:
                family = GaugeMetricFamily(name, text, labels=list(told[0].labels))
                for v in told:
                    family.add_metric(list(v.labels.values()), v.value)
                yield family

    def _read(self) -> Iterator[Value]:
        for service in self.services:
            mine = {"service": service.name}
            yield Value("sanu_log_read_only", mine, bool(service.log.read_only))
            if not self.whole:
                continue
            disk = shutil.disk_usage(self.config.var)
            yield Value("sanu_disk_free_bytes", mine, disk.free)
            yield Value("sanu_disk_size_bytes", mine, disk.total)
            try:
                values = list(self._of(service))
            except (SanuError, psycopg.Error) as e:
                logger.warning("the state of %s cannot be read: %r", service.name, e)
                values = []
            yield Value("sanu_state_readable", mine, bool(values))
            yield from values

    def _of(self, service: Service) -> Iterator[Value]:
        now, mine = state.of(service), {"service": service.name}
        yield Value("sanu_log_head_position", mine, int(now["head"]))
        yield Value("sanu_log_verified_position", mine, int((now["verified"] or {"position": 0})["position"]))
        yield Value("sanu_relay_behind_events", mine, now["relay"]["behind"])
        yield Value("sanu_relay_behind_seconds", mine, now["relay"]["seconds"])
        yield Value("sanu_dead_letters", mine, now["dead_letters"])
        for source, inbox in now["inbox"].items():
            labels = mine | {"source": source}
            silent = monotonic() - self._began if inbox["seconds"] is None else inbox["seconds"]
            yield Value("sanu_inbox_heard_seconds", labels, silent)
            yield Value("sanu_inbox_stopped", labels, bool(inbox["stopped"]))
        for projection in service.projections:
            yield from self._view(projection, mine | {"view": projection.view.name})
        for process in service.processes:
            yield from self._process(process, mine | {"process": process.view.name})
        for name, gauge in service.definition.gauges.items():
            for labels, value in gauge.read(service):
                yield Value(name, mine | labels, value)

    def _view(self, projection: Projection, labels: Labels) -> Iterator[Value]:
        run, log = projection.current(), projection.log
        waiting = log.after(run.position, 1)
        yield Value("sanu_view_behind_events", labels, log.count_after(run.position, state.MOST) if waiting else 0)
        yield Value("sanu_view_behind_seconds", labels, state.since(event.decode(waiting[0].state).recorded_at) if waiting else 0)
        yield Value("sanu_view_stopped", labels, bool(run.stopped_at))

    def _process(self, projection: Projection, labels: Labels) -> Iterator[Value]:
        table = projection.view.table(projection.current().number)("")
        clock = event.now()
        late = event.later(clock, -OVERDUE_S)
        counts = projection.tables.query(
            f"SELECT sum(CASE WHEN due_at > ? THEN 1 ELSE 0 END), sum(CASE WHEN due_at <= ? THEN 1 ELSE 0 END), "
            f"sum(CASE WHEN due_at > '' AND due_at <= ? THEN 1 ELSE 0 END) FROM {table} WHERE done = 0", (clock, clock, late))[0]
        for kind, count in zip(("waiting", "due", "overdue"), counts, strict=True):
            yield Value("sanu_process_todo", labels | {"state": kind}, int(count or 0))


def publish(config: Config, services: Sequence[Service], port: int, whole: bool) -> None:
    """One page at `port` for this process's counts and the state of `services`; no page for 0. Raises OSError when the port is taken."""
    if port:
        REGISTRY.register(Gauges(config, services, whole))
        start_http_server(port, config.metrics_host)
