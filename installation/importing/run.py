"""`./sanu import miners`: a list is read, checked and sent, row by row; what became of it is told at the end."""
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

from installation.client import Client, Refused
from installation.operate.show import document, table
from shared import sealing
from shared.config import Config
from shared.errors import SanuError, Unauthenticated

from . import server
from .columns import Mapped, mapping
from .faults import FaultFile, rows_of
from .people import List, Person, open_list
from .sending import Batch, Sender, batches, checked
from .source import open_source

SUBJECT, ROLE = "miners-import", "loader"
VIEWS_S = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the command line says."""

    file: Path
    dry_run: bool = False
    mapping: Path | None = None
    errors: Path | None = None
    only: Path | None = None
    occurred_on: str = ""
    as_json: bool = False

    @property
    def error_file(self) -> Path:
        """A trial has a list of its own: it does not shorten that of the rows that are still to be imported."""
        return self.errors or self.file.with_name(f"{self.file.name}.{'dry-run' if self.dry_run else 'errors'}.csv")


@dataclass(slots=True)
class Tally:
    rows: int = 0
    new: int = 0
    known: int = 0
    faulty: int = 0
    remarks: int = 0
    seconds: float = 0.0

    def add(self, batch: Batch) -> None:
        self.rows += batch.rows
        self.new += batch.new
        self.known += batch.known
        self.faulty += len({f.row for f in batch.faults if not f.imported})
        self.remarks += sum(f.imported for f in batch.faults)

    @property
    def a_second(self) -> float:
        return self.rows / self.seconds if self.seconds else 0.0


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.finished_speed or task.speed or 0:,.0f}/s")


def run(config: Config, wanted: Wanted) -> int:
    """1 if a row was not imported. Raises SanuError and Refused; what was answered by then stays done."""
    console = Console(stderr=True, quiet=wanted.as_json, highlight=False)
    list_ = _opened(config, wanted)
    if list_.layout.left_out:
        console.print(f"columns left out, their headings mean nothing here: {', '.join(list_.layout.left_out)}")
    tally, mark = Tally(), "" if wanted.dry_run else list_.source.sha256[:16]
    with FaultFile(wanted.error_file, mark) as faults:
        if wanted.dry_run and config.embedded and not (config.var / "membership").exists():
            console.print(f"{config.var}/ holds no installation: what the books say of societies and cards is not checked")
            _take(checked(batches(list_.rows())), list_, tally, faults, console)
        else:
            with server.running(config, console.print) as ours:
                _take(_sender(config, wanted, list_).send(batches(list_.rows())), list_, tally, faults, console)
                if ours and tally.new and not wanted.dry_run:
                    _let_views_follow(config, console)
        lines = faults.lines
    _tell(wanted, tally, lines)
    return 1 if tally.faulty else 0


def _opened(config: Config, wanted: Wanted) -> List:
    mapped = mapping(wanted.mapping) if wanted.mapping else Mapped()
    only = rows_of(wanted.only) if wanted.only else None
    source = open_source(wanted.file, lambda heading: bool(mapped.column(heading)))
    # A dry run writes nothing, not even a secret where there is no installation yet: what it makes with another is thrown away.
    known = (config.var / "keys").exists() or not wanted.dry_run
    return open_list(source, mapped, sealing.secret(config, "import") if known else bytes(32), only)


def _sender(config: Config, wanted: Wanted, list_: List) -> Sender:
    section = f"sha256 {list_.source.sha256[:16]}"

    def more(first: Person, last: Person) -> dict[str, Any]:
        """Where each row stands, for who has the file; its name may be somebody's and is not told."""
        source = {"document": "liste", "section": section, "row": f"{first.row}-{last.row}"}
        return {"source": source, **({"occurred_on": wanted.occurred_on} if wanted.occurred_on else {}), **({"dry_run": True} if wanted.dry_run else {})}

    return Sender(lambda: Client(config, SUBJECT, ROLE), list_.names, more)


def _take(all_: Iterator[Batch], list_: List, tally: Tally, faults: FaultFile, console: Console) -> None:
    began = time.monotonic()
    total = (max(list_.source.lines - 1, 0) if list_.only is None else len(list_.only)) or None
    with _bar(console, "Rows", total) as done:
        for batch in all_:
            tally.add(batch)
            for found in batch.faults:
                faults.write(found)
            done(batch.rows)
            tally.seconds = time.monotonic() - began


@contextmanager
def _bar(console: Console, what: str, total: int | None) -> Iterator[Callable[..., None]]:
    """Says how many more are done, and how many are left where that was not known."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=console.quiet) as progress:
        task: TaskID = progress.add_task(what, total=total)

        def done(more: int, left: int | None = None) -> None:
            progress.update(task, advance=more, total=total if left is None else progress.tasks[task].completed + more + left)

        yield done


def _let_views_follow(config: Config, console: Console) -> None:
    """Everything is on the books; the installation that was started for it shows it as well before it ends."""
    give_up = time.monotonic() + VIEWS_S
    before = server.behind(config)
    with _bar(console, "Views", before) as done:
        while before and time.monotonic() < give_up:
            time.sleep(1)
            now = server.behind(config)                # what inboxes have still to take is more once views have to
            done(max(0, before - now), now)
            before = now


def _tell(wanted: Wanted, tally: Tally, lines: int) -> None:
    if wanted.as_json:
        document({"file": wanted.file.name, "dry_run": wanted.dry_run, "rows": tally.rows, "new": tally.new, "there_already": tally.known,
                  "faulty": tally.faulty, "remarks": tally.remarks, "seconds": round(tally.seconds, 2), "errors": str(wanted.error_file) if lines else None})
        return
    new = "would be registered" if wanted.dry_run else "registered now"
    counts = [f"{n:,}" for n in (tally.rows, tally.new, tally.known, tally.faulty, tally.remarks)]
    table(["Rows", new, "there already", "faulty", "remarks", "seconds", "rows/s"], [[*counts, f"{tally.seconds:.1f}", f"{tally.a_second:,.0f}"]])
    for line in _sentences(wanted, tally, lines):
        print(line)


def _sentences(wanted: Wanted, tally: Tally, lines: int) -> Iterator[str]:
    if wanted.dry_run:
        yield "A dry run: nothing was written to the books."
    elif not tally.new:
        yield "Nothing changed: every good row was on the books already." if tally.known else "Nothing changed: no row was good."
    if lines:
        yield f"Row, column and rule of each fault and remark: {wanted.error_file}"
    if tally.faulty and not wanted.dry_run:
        yield f"Mend these rows in the file and import it again; or them alone, where no row has moved: --only {wanted.error_file.name}"


def reason(problem: Refused) -> SanuError:
    """What a refusal of the whole import means to who reads it."""
    if problem.status == 401:
        return Unauthenticated("the installation that answers has other keys than this one: name its directory with --var, or its --port")
    said = problem.problem
    return SanuError(f"{said.get('detail') or said.get('title')} ({problem.status}); what was registered before stays; run it again to go on")
