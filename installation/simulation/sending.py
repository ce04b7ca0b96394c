"""Sends a life: batches of signed records through /sync, several at a time, and the commands of two people."""
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from installation.client import Client, Refused
from shared.config import Config
from shared.errors import Unavailable

from .houses import Device
from .journey import Step
from .receipts import Receipt

IN_FLIGHT = 4
PATIENCE_S = 60.0
PASSING = (429, 503)
T = TypeVar("T")


class NotTaken(Exception):
    """A record of ours was refused, which is a mistake of the simulation or of the service."""


class Sender:
    """Every thread has connections of its own; those for batches end with each, so that the next may meet another process of the service."""

    def __init__(self, config: Config, seed: int, in_flight: int = IN_FLIGHT) -> None:
        self.config, self.seed, self.in_flight = config, seed, in_flight
        self._own = threading.local()

    def client(self, second: bool = False, role: str = "secretariat") -> Client:
        name = "second" if second else "first"
        if not hasattr(self._own, name):
            setattr(self._own, name, Client(self.config, f"simulation-{self.seed}-{name}", role))
        found: Client = getattr(self._own, name)
        return found

    def commands(self, steps: Iterable[Step]) -> list[dict[str, Any]]:
        """In their order. Raises Refused, Unavailable."""
        return [patiently(lambda s=step: self.client(s.second).command("gold_trade", s.command, s.body, s.key)) for step in steps]  # type: ignore[misc]

    def side_by_side(self, some: Iterable[Iterable[Step]]) -> None:
        """Each in its order, several at a time."""
        with ThreadPoolExecutor(self.in_flight) as pool:
            for _ in pool.map(self.commands, some):
                pass

    def sync(self, batches: Iterable[tuple[Device, list[Receipt]]], began: str) -> Iterator[tuple[int, int]]:
        """Of each batch how many records are new, and how many were there before. Raises NotTaken."""
        waiting: deque[Future[tuple[int, int]]] = deque()
        with ThreadPoolExecutor(self.in_flight) as pool:
            for device, receipts in batches:
                waiting.append(pool.submit(self._batch, device, [r.record(began) for r in receipts]))
                while waiting and (len(waiting) > 2 * self.in_flight or waiting[0].done()):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def _batch(self, device: Device, records: list[dict[str, Any]]) -> tuple[int, int]:
        new = known = 0
        give_up = time.monotonic() + PATIENCE_S
        while records:
            client = self.client()
            answer = patiently(lambda: client.request("POST", "gold_trade", "/gold/v1/sync", {"device": device.id, "records": records}))  # noqa: B023
            client.hang_up()
            of = {status: [r for r in answer["results"] if r["status"] == status] for status in ("recorded", "repeated", "refused", "waiting")}
            if of["refused"] or (of["waiting"] and time.monotonic() > give_up):
                raise NotTaken(f"{device.id}: {(of['refused'] or of['waiting'])[0]}")
            new, known = new + len(of["recorded"]), known + len(of["repeated"])
            again = {r["sequence"] for r in of["waiting"]}
            records = [r for r in records if r["sequence"] in again]
        return new, known


def patiently(do: Callable[[], T]) -> T:
    """Waits out passing faults; the key makes a repeat harmless."""
    give_up, wait = time.monotonic() + PATIENCE_S, 0.1
    while True:
        try:
            return do()
        except (Unavailable, Refused) as e:
            passing = isinstance(e, Unavailable) or e.status in PASSING or str(e.problem.get("type", "")).endswith("#contended")
            if not passing or time.monotonic() > give_up:
                raise
            time.sleep(wait)
            wait = min(2 * wait, 2.0)
