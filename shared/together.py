"""What many ask for at the same moment is done once: the first waiter does it for all who queued meanwhile."""
import threading
from typing import Generic, TypeVar

from .errors import Unavailable


class Asked:
    """One caller's wish; `settled` when it has its answer, or an error of its own."""

    __slots__ = ("done", "error", "wake")

    def __init__(self) -> None:
        self.wake = threading.Event()
        self.error: Exception | None = None
        self.done = False

    @property
    def settled(self) -> bool:
        return self.error is not None


A = TypeVar("A", bound=Asked)


class Together(Generic[A]):
    """Whoever finds nobody at work leads, then hands the lead on: no thread of its own, and a single caller waits for nobody."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._mutex = threading.Lock()
        self._waiting: list[A] = []
        self._busy = False

    def _work(self, group: list[A]) -> None:
        """Settles each of `group`; what it raises becomes the error of the unsettled."""
        raise NotImplementedError

    def _ask(self, asked: A) -> None:
        """Returns when `asked` is settled. Raises its error."""
        with self._mutex:
            self._waiting.append(asked)
            lead, self._busy = not self._busy, True
        if not lead:
            asked.wake.wait()
        if not asked.done:
            self._lead()
        if asked.error:
            raise asked.error

    def _lead(self) -> None:
        with self._mutex:
            group, self._waiting = self._waiting[:self.limit], self._waiting[self.limit:]
        try:
            self._work(group)
        except BaseException as e:
            for asked in group:
                if not asked.settled:
                    asked.error = e if isinstance(e, Exception) else Unavailable("stopping")
        finally:
            for asked in group:
                asked.done = True
            with self._mutex:
                heir = self._waiting[0] if self._waiting else None
                self._busy = heir is not None
            for asked in group:
                asked.wake.set()
            if heir:
                heir.wake.set()
