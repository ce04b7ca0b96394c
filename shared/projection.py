"""A view: a fold of the log into tables, rows and position in one transaction. Live, catch-up and rebuild are one loop."""
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, NamedTuple

from .errors import Unavailable
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
        self.key = (view.name, view.version)
        self._read_skips, self._skipped, self._stopped = skips, Skips(), True

    def prepare(self) -> None:
        """Makes the first run of this definition where there is none, or none that this log can have filled."""
        rows = self.tables.query("SELECT position FROM projection WHERE view = ? AND version = ? AND current = 1", self.key)
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
                tx.execute("SELECT run, current FROM projection WHERE view = ? AND version = ?", self.key).fetchall()]
        for number, current in runs:
            if not current:                        # unfinished, or replaced by the current one
                self.view.drop(tx, number)
                tx.execute("DELETE FROM projection WHERE view = ? AND version = ? AND run = ?", (*self.key, number))
        run = max((number for number, _ in runs), default=0) + 1
        self.view.create(tx, run)
        tx.execute("INSERT INTO projection VALUES (?, ?, ?, 0, 0, 0, '')", (*self.key, run))
        return run

    def switch(self, tx: Transaction, run: int) -> None:
        tx.execute("UPDATE projection SET current = 0 WHERE view = ? AND version = ? AND current = 1", self.key)
        tx.execute("UPDATE projection SET current = 1 WHERE view = ? AND version = ? AND run = ?", (*self.key, run))

    def current(self) -> Run:
        """The run that answers queries. Raises Unavailable before the worker has prepared it."""
        return current([self])[self.view.name]

    @contextmanager
    def reading(self) -> Iterator[tuple[Transaction, Callable[[str], str], Run]]:
        """A snapshot in which the current run and its rows belong together."""
        with reading([self]) as (tx, tables, runs):
            yield tx, tables[self.view.name], runs[self.view.name]

    def step(self) -> int:
        """Folds one page into the current run; how many rows of the log it took."""
        run = self.current()
        page = self.log.after(run.position, self.page) if self.goes_on(run) else []
        if page:
            try:
                take([(self, run)], page)
            except (Lost, Unavailable):
                raise
            except Exception as e:
                self._stop(run, page, e)
                return 0
        return len(page)

    def goes_on(self, run: Run) -> bool:
        """Whether it has not stopped, or a decision, perhaps of another process, let it go on."""
        if self._stopped and not run.stopped_at:
            self._skipped = self._read_skips()
        self._stopped = bool(run.stopped_at)
        return not self._stopped

    def fold(self, page: Sequence[Recorded]) -> Any:
        names, skipped = self.view.names, self._skipped      # recorded decisions to leave an event out
        return self.view.fold([r for r in page if (not names or r.name in names) and not (skipped and (r.stream, r.version) in skipped)])

    def _stop(self, run: Run, page: Sequence[Recorded], error: Exception) -> None:
        """Folds the page again one by one, up to the event that cannot be applied; the view stops there, visibly."""
        for row in page:
            try:
                take([(self, run)], [row])
                run = run._replace(position=row.position)
            except (Lost, Unavailable):
                raise
            except Exception as e:
                why = f"{type(e).__name__}: {e}".partition("\n")[0][:500]         # a database's further lines quote values
                logger.error("view %s stops at %d (%s): %s", self.view.name, row.position, row.name, why)
                with self.tables.transaction() as tx:
                    tx.execute("UPDATE projection SET stopped_at = ?, why = ? WHERE view = ? AND version = ? AND run = ?",
                               (row.position, why, *self.key, run.number))
                self._stopped = True
                return
        logger.warning("view %s: %r did not come again", self.view.name, error)

    def retry(self) -> None:
        with self.tables.transaction() as tx:
            tx.execute("UPDATE projection SET stopped_at = 0, why = '' WHERE view = ? AND version = ? AND current = 1", self.key)

    def reached(self, source: str, version: int) -> bool:
        """Whether the current run has folded the event at `version` of `source`'s feed."""
        if source == self.log.service:
            return self.current().position >= version
        rows = self.log.received_after(source, version - 1, 1)
        return bool(rows) and self.current().position >= rows[0].position


def take(runs: Sequence[tuple[Projection, Run]], page: Sequence[Recorded]) -> None:
    """Folds of a page what is behind each one's position, and moves all of them to its end in one transaction.

    Raises Lost, Unavailable, and whatever a view raises that cannot apply it; then nothing is written.
    """
    changes = [(p, run, p.fold([r for r in page if r.position > run.position])) for p, run in runs]
    with runs[0][0].tables.transaction() as tx:
        write(tx, changes, page[-1].position)
        fault("view.before-commit")
    fault("view.after-commit")


def write(tx: Transaction, changes: Sequence[tuple[Projection, Run, Any]], to: int) -> None:
    """Rows and positions; the positions by compare-and-set. Raises Lost if one has moved."""
    of_one = "view = ? AND version = ? AND run = ? AND position = ?"
    values = [value for p, run, _ in changes for value in (*p.key, run.number, run.position)]
    moved = tx.execute(f"UPDATE projection SET position = ? WHERE {' OR '.join([of_one] * len(changes))}", (to, *values))
    if moved.rowcount != len(changes):
        raise Lost(", ".join(p.view.name for p, *_ in changes))
    for p, run, change in changes:
        p.view.write(tx, p.view.table(run.number), change)


class Reading(NamedTuple):
    """Some views of one service at one moment; by the name of each, its table (from a suffix) and the run that fills it."""

    tx: Transaction
    tables: Mapping[str, Callable[[str], str]]
    runs: Mapping[str, Run]


def current(projections: Sequence[Projection], tx: Any = None) -> dict[str, Run]:
    """The runs that answer queries, in one statement. Raises Unavailable before the worker has prepared them all."""
    sql = "SELECT view, version, run, position, stopped_at, why FROM projection WHERE current = 1"
    rows = tx.execute(sql).fetchall() if tx else projections[0].tables.query(sql)
    found = {(view, version): Run(*run) for view, version, *run in rows}
    missing = [p.view.name for p in projections if (p.view.name, p.view.version) not in found]
    if missing:
        raise Unavailable(f"the view {missing[0]} is being prepared")
    return {p.view.name: found[p.view.name, p.view.version] for p in projections}


@contextmanager
def reading(projections: Sequence[Projection]) -> Iterator[Reading]:
    """A snapshot in which the current runs and their rows belong together."""
    with projections[0].tables.snapshot() as tx:
        runs = current(projections, tx)
        yield Reading(tx, {p.view.name: p.view.table(runs[p.view.name].number) for p in projections}, runs)


def source_of(row: Recorded, service: str) -> tuple[str, int]:
    """Whose event a row is, and its position in that feed."""
    return (row.stream[len(RECEIVED):], row.version) if row.stream.startswith(RECEIVED) else (service, row.position)
