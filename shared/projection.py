"""A view: a fold of the log into tables, rows and position in one transaction. Live, catch-up and rebuild are one loop."""
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, NamedTuple

from .errors import SanuError, Unavailable
from .faults import fault
from .log import RECEIVED, Log
from .recorder import Recorded
from .tables import Tables, Transaction

logger = logging.getLogger(__name__)
PAGE = 5000
Skips = set[tuple[str, int]]             # (stream, version): a position may change when a log is restored


class Run(NamedTuple):
    """One filling of a view's tables."""

    number: int
    position: int
    stopped_at: int
    why: str


class Lost(Exception):
    """Another runner moved the position: fold again from where it is now."""


class View:
    """Subclasses say which events they read, which tables they fill, and how.

    `tables` maps a suffix to its columns, `indexes` a suffix to column lists; `fold` is pure and works on a page at once.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    names: ClassVar[frozenset[str]] = frozenset()        # empty: every event
    tables: ClassVar[dict[str, str]] = {}
    indexes: ClassVar[dict[str, Sequence[str]]] = {}
    joins: ClassVar[bool] = False                        # a change stays small however many events it holds: a rebuild writes it once

    def fold(self, page: Sequence[Recorded]) -> Any:
        raise NotImplementedError

    def write(self, tx: Transaction, table: Callable[[str], str], change: Any) -> None:
        raise NotImplementedError

    def join(self, change: Any, more: Any) -> Any:
        """Two changes as one, if `joins`."""
        raise NotImplementedError

    def table(self, run: int) -> Callable[[str], str]:
        """From a suffix to the table of this run: <view>_<version>_<run>[_<suffix>]."""
        base = f"{self.name}_{self.version}_{run}"

        def name(suffix: str) -> str:
            return f"{base}_{suffix}" if suffix else base

        return name

    def create(self, tx: Transaction, run: int) -> None:
        for suffix, columns in self.tables.items():
            tx.execute(f"CREATE TABLE IF NOT EXISTS {self.table(run)(suffix)} ({columns})")

    def create_indexes(self, tx: Transaction, run: int) -> None:
        for suffix, indexes in self.indexes.items():
            table = self.table(run)(suffix)
            for n, columns in enumerate(indexes):
                tx.execute(f"CREATE INDEX IF NOT EXISTS {table}_{n} ON {table} ({columns})")

    def drop(self, tx: Transaction, run: int) -> None:
        for suffix in self.tables:
            tx.execute(f"DROP TABLE IF EXISTS {self.table(run)(suffix)}")


class Projection:
    """Runs one view of one service."""

    def __init__(self, log: Log, tables: Tables, view: View, page: int = PAGE,
                 skips: Callable[[], Skips] = set) -> None:
        self.log, self.tables, self.view, self.page = log, tables, view, page
        self._key = (view.name, view.version)
        self._read_skips, self._skipped, self._stopped = skips, Skips(), True

    def prepare(self) -> None:
        """Makes the first run of this definition where there is none, or none that this log can have filled."""
        rows = self.tables.query("SELECT position FROM projection WHERE view = ? AND version = ? AND current = 1", self._key)
        if not rows or rows[0][0] > self.log.head():
            self.restart()

    def restart(self) -> None:
        """An empty run takes the current one's place at once; for a new definition, or a log that was restored."""
        with self.tables.transaction() as tx:
            run = self.next_run(tx)
            self.view.create_indexes(tx, run)
            self.switch(tx, run)

    def next_run(self, tx: Transaction) -> int:
        """Makes the tables of the next run and drops all but the current one's."""
        runs = [(number, current) for number, current in
                tx.execute("SELECT run, current FROM projection WHERE view = ? AND version = ?", self._key).fetchall()]
        for number, current in runs:
            if not current:                        # unfinished, or replaced by the current one
                self.view.drop(tx, number)
                tx.execute("DELETE FROM projection WHERE view = ? AND version = ? AND run = ?", (*self._key, number))
        run = max((number for number, _ in runs), default=0) + 1
        self.view.create(tx, run)
        tx.execute("INSERT INTO projection VALUES (?, ?, ?, 0, 0, 0, '')", (*self._key, run))
        return run

    def switch(self, tx: Transaction, run: int) -> None:
        tx.execute("UPDATE projection SET current = 0 WHERE view = ? AND version = ? AND current = 1", self._key)
        tx.execute("UPDATE projection SET current = 1 WHERE view = ? AND version = ? AND run = ?", (*self._key, run))

    def current(self, tx: Any = None) -> Run:
        """The run that answers queries. Raises Unavailable before the worker has prepared it."""
        sql = "SELECT run, position, stopped_at, why FROM projection WHERE view = ? AND version = ? AND current = 1"
        rows = tx.execute(sql, self._key).fetchall() if tx else self.tables.query(sql, self._key)
        if not rows:
            raise Unavailable(f"the view {self.view.name} is being prepared")
        return Run(*rows[0])

    @contextmanager
    def reading(self) -> Iterator[tuple[Transaction, Callable[[str], str], Run]]:
        """A snapshot in which the current run and its rows belong together."""
        with self.tables.snapshot() as tx:
            run = self.current(tx)
            yield tx, self.view.table(run.number), run

    def step(self) -> int:
        """Folds one page into the current run; how many rows of the log it took."""
        run = self.current()
        if run.stopped_at:
            self._stopped = True
            return 0
        if self._stopped:                          # a decision, perhaps of another process, let it go on
            self._skipped, self._stopped = self._read_skips(), False
        page = self.log.after(run.position, self.page)
        if page:
            try:
                change = self._fold(page)
                with self.tables.transaction() as tx:
                    self._advance(tx, run, page[-1].position)
                    self.view.write(tx, self.view.table(run.number), change)
                    fault("view.before-commit")
                fault("view.after-commit")
            except (Lost, Unavailable):
                raise
            except Exception as e:
                self._stop(run, page, e)
                return 0
        return len(page)

    def _fold(self, page: Sequence[Recorded]) -> Any:
        names, skipped = self.view.names, self._skipped      # recorded decisions to leave an event out
        return self.view.fold([r for r in page if (not names or r.name in names) and not (skipped and (r.stream, r.version) in skipped)])

    def _advance(self, tx: Transaction, run: Run, to: int) -> None:
        moved = tx.execute("UPDATE projection SET position = ? WHERE view = ? AND version = ? AND run = ? AND position = ?",
                           (to, *self._key, run.number, run.position))
        if moved.rowcount != 1:
            raise Lost(self.view.name)

    def _stop(self, run: Run, page: Sequence[Recorded], error: Exception) -> None:
        """Folds the page again one by one, up to the event that cannot be applied; the view stops there, visibly."""
        for row in page:
            try:
                change = self._fold([row])
                with self.tables.transaction() as tx:
                    self._advance(tx, run, row.position)
                    self.view.write(tx, self.view.table(run.number), change)
                run = run._replace(position=row.position)
            except (Lost, Unavailable):
                raise
            except Exception as e:
                why = f"{type(e).__name__}: {e}"[:500]
                logger.error("view %s stops at %d (%s): %s", self.view.name, row.position, row.name, why)
                with self.tables.transaction() as tx:
                    tx.execute("UPDATE projection SET stopped_at = ?, why = ? WHERE view = ? AND version = ? AND run = ?",
                               (row.position, why, *self._key, run.number))
                self._stopped = True
                return
        logger.warning("view %s: %r did not come again", self.view.name, error)

    def retry(self) -> None:
        with self.tables.transaction() as tx:
            tx.execute("UPDATE projection SET stopped_at = 0, why = '' WHERE view = ? AND version = ? AND current = 1", self._key)

    def run(self, stopping: Callable[[], bool], poll_s: float = 0.5, linger_s: float = 0.01) -> None:
        while not stopping():
            seen = self.log.appended.count
            try:
                took = self.step()
            except Lost:
                continue
            except SanuError as e:
                logger.warning("view %s waits: %s", self.view.name, e)
                took = 0
            except Exception:
                logger.exception("view %s waits", self.view.name)
                took = 0
            if took < self.page:
                self.log.appended.wait(seen, poll_s)
                time.sleep(linger_s)
            else:
                time.sleep(0)                    # catching up in one process with others: let them in

    def reached(self, source: str, version: int) -> bool:
        """Whether the current run has folded the event at `version` of `source`'s feed."""
        if source == self.log.service:
            return self.current().position >= version
        rows = self.log.received_after(source, version - 1, 1)
        return bool(rows) and self.current().position >= rows[0].position


def source_of(row: Recorded, service: str) -> tuple[str, int]:
    """Whose event a row is, and its position in that feed."""
    return (row.stream[len(RECEIVED):], row.version) if row.stream.startswith(RECEIVED) else (service, row.position)
