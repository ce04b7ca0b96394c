"""What a process counts for Prometheus while it works; no label holds an id, so their number does not grow with the business."""
from collections.abc import Callable, Sequence
from functools import cache
from time import monotonic
from typing import Any, Protocol, TypeVar

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

from .errors import SanuError

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series beside each, which nobody asks
QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

COMMANDS = Counter("sanu_commands_total", "Commands by what became of them: accepted, unchanged, repeated or refused with a status",
                   ["service", "command", "outcome", "status"])
APPEND = Histogram("sanu_append_seconds", "From a command's last decision to its events on disk", ["service"], buckets=QUICK)
CONFLICTS = Counter("sanu_append_conflicts_total", "Appends that met a stream changed meanwhile; most are decided again", ["service"])
GROUP = Histogram("sanu_append_group_commands", "Commands that shared one commit", ["service"], buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 500))

PUBLISHED = Counter("sanu_relay_published_events_total", "Events confirmed by the broker", ["service"])
CONFIRM = Histogram("sanu_relay_confirm_seconds", "From the first envelope of a page to the broker's last confirm", ["service"], buckets=QUICK)
CONNECTED = Gauge("sanu_broker_connected", "1 while a link to the broker is up", ["service", "link"])
BLOCKED = Gauge("sanu_broker_blocked", "1 while the broker takes nothing, for want of memory or disk", ["service"])

RECEIVED = Counter("sanu_inbox_events_total", "Events by what became of them: appended from an envelope, pulled from the feed, "
                   "duplicate, or dropped because a pull had brought them", ["service", "source", "outcome"])
GAPS = Counter("sanu_inbox_gaps_total", "Envelopes that did not follow from what is held", ["service", "source"])
PULLS = Counter("sanu_inbox_pulls_total", "Pages asked from the source's feed", ["service", "source"])
REFUSED = Counter("sanu_inbox_refused_total", "Envelopes unsigned or unreadable", ["service", "source"])

SENDINGS = Counter("sanu_port_sendings_total", "Sendings to the outside by result: delivered, failed (to be tried again) or given_up",
                   ["service", "port", "result"])
HTTP = Histogram("sanu_http_seconds", "From a whole request to its whole answer", ["service", "method", "route", "status"], buckets=QUICK)


@cache
def of(metric: Any, *labels: str) -> Any:
    """The child of a metric, looked up once: what stands on a hot path pays a dictionary."""
    return metric.labels(*labels)



class _Answer(Protocol):
    @property
    def events(self) -> Sequence[Any]: ...
    @property
    def repeated(self) -> bool: ...


A = TypeVar("A", bound=_Answer)


def command(service: str, name: str, handle: Callable[[], A]) -> A:
    """Counts what becomes of one command; `name` is one that the service has."""
    try:
        answer = handle()
    except SanuError as e:
        of(COMMANDS, service, name, "refused", str(e.status)).inc()
        raise
    except Exception:
        of(COMMANDS, service, name, "refused", "500").inc()
        raise
    outcome = "repeated" if answer.repeated else "accepted" if answer.events else "unchanged"
    of(COMMANDS, service, name, outcome, "201" if outcome == "accepted" else "200").inc()
    return answer


def http(service: str, method: str, route: str, status: int, began: float) -> None:
    """`route` is the address with its parameters' names, never what a client sent."""
    of(HTTP, service, method, route, str(status)).observe(monotonic() - began)

