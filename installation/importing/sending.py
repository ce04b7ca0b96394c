"""Batches of rows → `register-miners`, several at a time; what the server finds wrong leaves a batch, the rest is sent again."""
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from installation.client import Client, Refused
from shared.errors import Unavailable

from .faults import Fault, of_server
from .people import Names, Person, Row

MOST_ROWS, MOST_BYTES = 500, 800_000       # of one command: the server takes a MiB
IN_FLIGHT, WAITING = 4, 4
PATIENCE_S = 60.0
REGISTERED = "registered already"          # said of a pseudonym that this row made earlier
PASSING = (429, 503)


@dataclass(slots=True)
class Batch:
    """Rows that follow each other in the file, and what became of them."""

    people: list[Person] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    rows: int = 0
    size: int = 0
    new: int = 0
    known: int = 0

    @property
    def full(self) -> bool:
        return len(self.people) >= MOST_ROWS or self.size >= MOST_BYTES or len(self.faults) >= 10 * MOST_ROWS

    def add(self, row: Row) -> None:
        self.rows += 1
        self.faults += row.faults
        if row.person:
            self.people.append(row.person)
            self.size += row.person.size


def batches(rows: Iterable[Row]) -> Iterator[Batch]:
    batch = Batch()
    for row in rows:
        batch.add(row)
        if batch.full:
            yield batch
            batch = Batch()
    if batch.rows:
        yield batch


def checked(all_: Iterable[Batch]) -> Iterator[Batch]:
    """As if a server had nothing to say."""
    for batch in all_:
        batch.new = len(batch.people)
        yield batch


class Sender:
    """`more`: what every command says beside its rows. `give_up_s`: how long a server may be silent."""

    def __init__(self, client: Callable[[], Client], names: Names, more: Callable[[Person, Person], dict[str, Any]], give_up_s: float = PATIENCE_S) -> None:
        self._client, self._names, self._more, self._give_up_s = client, names, more, give_up_s
        self._own = threading.local()
        self._ended = threading.Event()

    def send(self, all_: Iterable[Batch]) -> Iterator[Batch]:
        """The batches with what became of them, in their order. Raises Refused and Unavailable; what was answered by then stays done."""
        waiting: deque[tuple[Batch, Future[None]]] = deque()
        with ThreadPoolExecutor(IN_FLIGHT) as pool:
            try:
                for batch in all_:
                    waiting.append((batch, pool.submit(self._settle, batch)))
                    while waiting and (len(waiting) >= IN_FLIGHT + WAITING or waiting[0][1].done()):
                        yield _settled(*waiting.popleft())
                while waiting:
                    yield _settled(*waiting.popleft())
            finally:
                self._ended.set()
                for _, future in waiting:
                    future.cancel()

    def _settle(self, batch: Batch) -> None:
        """Each round takes out what the server names, so it ends."""
        people = batch.people
        while people:
            try:
                batch_was_there = self._sent(people)
            except Refused as e:
                wrong = _by_row(e.problem, len(people))
                if not wrong:
                    raise
                for n, errors in wrong.items():
                    if any(name == "miner" and rule == REGISTERED for name, rule, _ in errors):
                        batch.known += 1
                    else:
                        batch.faults += (of_server(people[n].row, *error) for error in errors)
                people = [person for n, person in enumerate(people) if n not in wrong]
            else:
                batch.known, batch.new = (batch.known + len(people), batch.new) if batch_was_there else (batch.known, batch.new + len(people))
                break
        batch.faults.sort(key=lambda f: f.row)

    def _sent(self, people: list[Person]) -> bool:
        """Whether an earlier run had sent the same. Passing faults are waited out."""
        body = {"rows": [person.body for person in people], **self._more(people[0], people[-1])}
        key = self._names.key(json.dumps(body, sort_keys=True).encode())
        began, wait, tries = time.monotonic(), 0.1, 0
        while True:
            tries += 1
            try:
                repeated: bool = self._connection().command("membership", "register-miners", body, key)["repeated"]
                return repeated and tries == 1
            except (Unavailable, Refused) as e:
                passing = isinstance(e, Unavailable) or e.status in PASSING or str(e.problem.get("type", "")).endswith("#contended")
                if not passing or time.monotonic() - began > self._give_up_s or self._ended.wait(wait):
                    if isinstance(e, Unavailable):
                        raise Unavailable(f"{e.detail}; what was registered before stays: run it again to go on") from e
                    raise
                wait = min(2 * wait, 2.0)

    def _connection(self) -> Client:
        if not hasattr(self._own, "client"):
            self._own.client = self._client()
        return self._own.client  # type: ignore[no-any-return]


def _settled(batch: Batch, future: Future[None]) -> Batch:
    future.result()
    return batch


def _by_row(problem: dict[str, Any], number: int) -> dict[int, list[tuple[str, str, str]]]:
    """Field, rule and French rule of every error by its place in the command; nothing if an error is about anything else."""
    found: dict[int, list[tuple[str, str, str]]] = {}
    for error in problem.get("errors", ()):
        rows, _, rest = str(error["field"]).partition(".")
        place, _, name = rest.partition(".")
        if rows != "rows" or not place.isdigit() or int(place) >= number:
            return {}
        found.setdefault(int(place), []).append((name.rpartition(".")[2], str(error["rule"]), str(error.get("regle", ""))))
    return found
