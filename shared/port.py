"""A port sends to the outside; every attempt and every result is an event, so nothing is sent again after a rebuild."""
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from .application import Answer, Histories, New
from .faults import fault
from .process import Later, Todo

MOST_ATTEMPTS = 10                 # after 2, 4, 8 … 512 seconds: about a quarter of an hour
Append = Callable[[str, str, Callable[[Histories], list[New]]], Answer]      # (stream, key, decide)


class Port(Protocol):
    def send(self, id: str, body: Mapping[str, Any]) -> str:
        """A receipt. The same id may come twice: the other side, or the port, must take it once. Raises OSError for a passing fault."""


class FilePort:
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
    """Sends `todo` unless the log says that it arrived. Raises Later to be called again."""
    stream = f"sending/{todo.id}"
    attempted, delivered, failed = (f"{service}.Sending{what}" for what in ("Attempted", "Delivered", "Failed"))

    def attempt(histories: Histories) -> list[New]:
        names = [e.name for e in histories[stream]]
        if delivered in names or names.count(attempted) >= MOST_ATTEMPTS:
            return []
        return [New(stream, attempted, {"port": todo.target, "cause": todo.cause, "attempt": names.count(attempted) + 1})]

    started = append(stream, "", attempt)
    if not started.events:
        return
    number = started.events[0]["version"]
    try:
        fault("port.before-send")
        receipt = port.send(todo.id, todo.body)
        fault("port.after-send")
    except OSError as e:
        why = str(e)[:300]
        append(stream, f"{number}:failed", lambda h: [New(stream, failed, {"port": todo.target, "why": why})])
        raise Later(f"{todo.target} does not take it now", 2.0 ** ((number + 1) // 2)) from e      # two events an attempt
    append(stream, f"{number}:delivered", lambda histories: [] if any(e.name == delivered for e in histories[stream])   # another worker was quicker
           else [New(stream, delivered, {"port": todo.target, "receipt": receipt})])
