"""Fills the next run of views beside the current one: the same fold as live, in larger pages."""
import gc
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from .log import Log
from .projection import PAGE, Projection, Run, write
from .recorder import Recorded
from .tables import Transaction


def rebuild(projections: Sequence[Projection], page: int = PAGE, progress: Callable[[int], None] = lambda n: None) -> dict[str, Run]:
    """Fills the next run of every view beside the current one, reading the log once, and switches each in its last page's transaction."""
    log, tables = projections[0].log, projections[0].tables
    runs: dict[str, Run] = {}
    with tables.transaction() as tx:
        for p in projections:
            p._skipped = p._read_skips()
            runs[p.view.name] = Run(p.next_run(tx), 0, 0, "")
    with _uncollected():
        _fill(projections, runs, page, progress)
    for p in projections:
        run = runs[p.view.name]
        with tables.transaction() as tx:
            p.view.create_indexes(tx, run.number)
        with tables.transaction() as tx:
            # The current row's lock keeps the live runner out while the last page and the switch happen.
            tx.execute("UPDATE projection SET position = position WHERE view = ? AND version = ? AND current = 1", p.key)
            while rows := log.after(run.position, page):
                run = _write(p, tx, run, p.fold(rows), rows[-1].position)
            p.switch(tx, run.number)
        runs[p.view.name] = run
    return runs


def _fill(projections: Sequence[Projection], runs: dict[str, Run], page: int, progress: Callable[[int], None]) -> None:
    """Folds the log up to its present head into `runs`."""
    log, tables, end = projections[0].log, projections[0].tables, 0
    held: dict[str, Any] = {}
    for end, rows in _ahead(log, _names(projections), page):
        with tables.transaction() as tx:
            for p in projections:
                name, change = p.view.name, p.fold(rows)
                if p.view.joins:
                    held[name] = p.view.join(held[name], change) if name in held else change
                else:
                    runs[name] = _write(p, tx, runs[name], change, end)
        progress(len(rows))
        time.sleep(0)
    with tables.transaction() as tx:
        for p in projections:
            if p.view.name in held:
                runs[p.view.name] = _write(p, tx, runs[p.view.name], held[p.view.name], end)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Pages are thousands of tuples without a cycle; to look for one among them takes a fifth of a rebuild's time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _ahead(log: Log, names: Collection[str], page: int) -> Iterator[tuple[int, list[Recorded]]]:
    """The log up to its present head, with the position up to which each page goes; the next is read while one is folded."""
    head = log.head()
    starts = range(0, head, page)
    with ThreadPoolExecutor(1) as reader:
        coming = [reader.submit(log.between, start, min(start + page, head), names) for start in starts[:1]]
        for start in starts:
            rows = coming.pop().result()
            end = min(start + page, head)
            if end < head:
                coming.append(reader.submit(log.between, end, min(end + page, head), names))
            yield end, rows


def _names(projections: Sequence[Projection]) -> frozenset[str]:
    """The events that at least one of them reads; empty: every event."""
    if any(not p.view.names for p in projections):
        return frozenset()
    return frozenset().union(*(p.view.names for p in projections))


def _write(p: Projection, tx: Transaction, run: Run, change: Any, end: int) -> Run:
    write(tx, [(p, run, change)], end)
    return run._replace(position=end)
