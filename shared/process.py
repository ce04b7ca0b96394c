"""A process: a projection that also writes, in the same transaction, what must follow from an event."""
import json
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar, NamedTuple

from . import event, logs
from .errors import Contended, SanuError, Unavailable
from .faults import fault
from .projection import Projection, View
from .recorder import Recorded
from .tables import Transaction

logger = logging.getLogger(__name__)


class Todo(NamedTuple):
    """A command to give to oneself, or a sending to hand to a port, once `due_at` (UTC) has come."""

    id: str
    kind: str                    # command | sending
    target: str                  # the command's or the port's name
    body: Mapping[str, Any]
    cause: str                   # the event's id
    due_at: str = ""


class Later(Unavailable):
    """Not now: this one again after `seconds`, and the others need not wait for it."""

    def __init__(self, detail: str, seconds: float) -> None:
        super().__init__(detail)
        self.seconds = seconds


class Done(NamedTuple):
    """What was to follow is no longer needed."""

    id: str


class Process(View):
    """Subclasses say what follows from one event; ids come from (process, causing event, step), so a retry is the same."""

    tables: ClassVar[dict[str, str]] = {"": "id TEXT PRIMARY KEY, due_at TEXT, kind TEXT, target TEXT, body TEXT, cause TEXT, done INTEGER, why TEXT"}
    indexes: ClassVar[dict[str, Sequence[str]]] = {"": ["done, due_at"]}
    hands: ClassVar[int] = 1                             # how many things are done at a time

    def act(self, row: Recorded) -> Iterable[Todo | Done]:
        raise NotImplementedError

    def step_id(self, cause: str, step: str) -> str:
        return event.derived_id(self.name, cause, step)

    def fold(self, page: Sequence[Recorded]) -> list[Todo | Done]:
        return [follows for row in page for follows in self.act(row)]

    def write(self, tx: Transaction, table: Callable[[str], str], change: Sequence[Todo | Done]) -> None:
        for follows in change:
            if isinstance(follows, Done):              # perhaps told before what it ends: then the row keeps its place
                tx.execute(f"INSERT INTO {table('')} VALUES (?, '', '', '', '{{}}', '', 1, 'no longer needed') "
                           f"ON CONFLICT (id) DO UPDATE SET done = 1, why = excluded.why WHERE {table('')}.done = 0", (follows.id,))
            else:
                tx.execute(f"INSERT INTO {table('')} VALUES (?, ?, ?, ?, ?, ?, 0, '') ON CONFLICT DO NOTHING",
                           (follows.id, follows.due_at, follows.kind, follows.target, json.dumps(follows.body), follows.cause))


def perform(projection: Projection, do: Callable[[Todo], None], now: str, most: int = 100) -> int:
    """Does what is due, each with its own id, so that doing it again changes nothing; how many were done.

    One by one: a hundred together are done sooner, and what people wait for waits behind them. A rule's refusal is kept beside the row; a passing
    fault leaves the row for the next round, or for the time it names.
    """
    run = projection.current()
    table = projection.view.table(run.number)("")
    due = projection.tables.query(
        f"SELECT id, kind, target, body, cause, due_at FROM {table} WHERE done = 0 AND due_at <= ? ORDER BY due_at, id LIMIT ?", (now, most))
    todos = [Todo(id_, kind, target, json.loads(body), cause, due_at) for id_, kind, target, body, cause, due_at in due]
    hands = min(getattr(projection.view, "hands", 1), len(todos))
    if hands <= 1:
        return sum(_perform_one(projection, table, do, now, todo) for todo in todos)
    with ThreadPoolExecutor(hands) as pool:
        return sum(pool.map(lambda todo: _perform_one(projection, table, do, now, todo), todos))


def _perform_one(projection: Projection, table: str, do: Callable[[Todo], None], now: str, todo: Todo) -> bool:
    """Whether it is done now; a passing fault is raised but for the one that names a time."""
    why = ""
    try:
        with logs.correlation(todo.cause):
            do(todo)
    except Later as e:
        with projection.tables.transaction() as tx:
            tx.execute(f"UPDATE {table} SET due_at = ? WHERE id = ? AND done = 0", (event.later(now, e.seconds), todo.id))
        return False
    except (Unavailable, Contended):
        raise
    except SanuError as e:
        why = str(e)[:500]
        logger.warning("%s: %s %s refused: %s", projection.view.name, todo.kind, todo.target, why)
    fault("process.after-do")
    with projection.tables.transaction() as tx:
        tx.execute(f"UPDATE {table} SET done = 1, why = ? WHERE id = ?", (why, todo.id))
    return True


def run(projection: Projection, do: Callable[[Todo], None], stopping: Callable[[], bool], poll_s: float = 0.5) -> None:
    """The clock of a process: turns due rows into commands and sendings."""
    while not stopping():
        seen = projection.log.appended.count
        try:
            done = perform(projection, do, event.now())
        except Exception as e:
            logger.warning("process %s waits: %r", projection.view.name, e)
            done = 0
        if not done:
            projection.log.appended.wait(seen, poll_s)
            time.sleep(0.02)
