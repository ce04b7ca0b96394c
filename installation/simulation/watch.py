"""Whether every event has reached every service and every view, seen from beside."""
import time
from collections.abc import Callable
from types import TracebackType

from installation.catalogue import open_service
from shared.config import SERVICES, Config
from shared.service import Service


class Watch:
    """All services opened for reading; as a context it closes them."""

    def __init__(self, config: Config) -> None:
        self.services: dict[str, Service] = {name: open_service(config, name) for name in SERVICES}

    def __enter__(self) -> "Watch":
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        for service in self.services.values():
            service.close()

    def behind(self) -> int:
        """Rows that views and inboxes have yet to take, all together."""
        rows = 0
        for service in self.services.values():
            head = service.log.head()
            rows += sum(max(0, head - p.current().position) for p in service.projections)
            for source in service.others:
                held = service.log.received_head(source)
                rows += max(0, self.services[source].log.own_head() - (held.version if held else 0))
        return rows

    def settle(self, most_s: float, say: Callable[[int], None] = lambda rows: None) -> float | None:
        """After how many seconds nothing was behind; None if something still is after `most_s`."""
        began = time.monotonic()
        while rows := self.behind():
            say(rows)
            if time.monotonic() - began > most_s:
                return None
            time.sleep(0.1)
        return time.monotonic() - began
