"""A wake-up inside a process that no waiter can miss."""
import threading


class Signal:
    """A wake-up inside the process. Whoever waits says which count it saw last, so no wake-up is missed."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.count = 0

    def set(self) -> None:
        with self._changed:
            self.count += 1
            self._changed.notify_all()

    def wait(self, seen: int, timeout: float) -> None:
        with self._changed:
            if self.count == seen:
                self._changed.wait(timeout)
