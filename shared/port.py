"""A port sends to the outside; every attempt and every result is an event, so nothing is sent again after a rebuild."""
import datetime as dt
import json
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from . import event, metrics
from .application import Answer, Histories, New
from .event import Event
from .faults import fault
from .process import Later, Todo

logger = logging.getLogger(__name__)
MOST_ATTEMPTS = 10                 # after 2, 4, 8 … 512 seconds: about a quarter of an hour
Append = Callable[[str, str, Callable[[Histories], list[New]]], Answer]      # (stream, key, decide)


class Port:
    """The way to one place outside; subclasses say how to send, and may say how patient they are."""

    def send(self, id: str, body: Mapping[str, Any]) -> str:
        """A receipt. The same id may come twice: the other side, or the port, must take it once. Raises OSError for a passing fault."""
        raise NotImplementedError

    def wait(self, failures: int, seconds: float) -> float | None:
        """Seconds until the next attempt after so many failures, the first of them `seconds` ago; None: it was the last."""
        return 2.0 ** failures if failures < MOST_ATTEMPTS else None

    def give_up(self, body: Mapping[str, Any], why: str) -> None:
        """What follows from the last failure; may be called twice."""


class FilePort(Port):
    """Lays one file per sending into a folder that somebody else empties."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, id: str, body: Mapping[str, Any]) -> str:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{id}.json"
        temporary = path.with_suffix(".part")
        with open(temporary, "w", encoding="utf-8") as f:
            json.dump(body, f, ensure_ascii=False, indent=1, sort_keys=True)
            f.flush()
            os.fsync(f.fileno())
        temporary.rename(path)
        return path.name


def deliver(service: str, append: Append, port: Port, todo: Todo) -> None:
    """Sends `todo` unless the log says that it arrived or was given up. Raises Later to be called again."""
    stream = f"sending/{todo.id}"
    attempted, delivered, failed = (f"{service}.Sending{what}" for what in ("Attempted", "Delivered", "Failed"))
    history: list[Event] = []

    def count(result: str) -> None:
        metrics.of(metrics.SENDINGS, service, todo.target, result).inc()

    def attempt(histories: Histories) -> list[New]:
        history[:] = histories[stream]
        names = [e.name for e in history]
        if delivered in names or _given_up(history):
            return []
        return [New(stream, attempted, {"port": todo.target, "cause": todo.cause, "attempt": names.count(attempted) + 1})]

    started = append(stream, "", attempt)
    if not started.events:
        if _given_up(history):
            port.give_up(todo.body, history[-1].data["why"])
        return
    number = started.events[0]["version"]
    try:
        fault("port.before-send")
        receipt = port.send(todo.id, todo.body)
        fault("port.after-send")
    except OSError as e:
        why = str(e)[:300]
        failures = [old.recorded_at for old in history if old.name == failed]
        wait = port.wait(len(failures) + 1, _seconds_since(failures[0]) if failures else 0.0)
        append(stream, f"{number}:failed", lambda h: [New(stream, failed, {"port": todo.target, "why": why, **({"last": True} if wait is None else {})})])
        count("failed" if wait is not None else "given_up")
        if wait is not None:
            raise Later(f"{todo.target} does not take it now", wait) from e
        logger.error("%s: given up after %d failures, the last: %s", todo.target, len(failures) + 1, why)
        port.give_up(todo.body, why)
        return
    count("delivered")
    append(stream, f"{number}:delivered", lambda histories: [] if any(e.name == delivered for e in histories[stream])   # another worker was quicker
           else [New(stream, delivered, {"port": todo.target, "receipt": receipt})])


def _given_up(history: Sequence[Event]) -> bool:
    return bool(history and history[-1].data.get("last"))


def _seconds_since(recorded_at: str) -> float:
    return (dt.datetime.fromisoformat(event.now()) - dt.datetime.fromisoformat(recorded_at)).total_seconds()
