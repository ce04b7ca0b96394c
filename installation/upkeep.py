"""What an operator does to logs and views from the command line."""
import getpass
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from shared import rebuild as rebuilding
from shared import state
from shared.config import SERVICES, Config
from shared.errors import BadRequest, NotFound, Unavailable
from shared.service import Service

from .catalogue import open_service
from .operate import show
from .owner import own
from .verify import verify as compare


def must_exist(config: Config) -> None:
    """Looking must not create. Raises NotFound, and Unavailable for a database that does not answer."""
    if config.embedded:
        if not all((config.var / name / "log.db").exists() for name in SERVICES):
            raise NotFound(f"there are no logs under {config.var}/: ./sanu demo makes them, --var or --database says where others are")
        return
    try:
        logs = []
        for name in SERVICES:
            with psycopg.connect(config.of(name).database, connect_timeout=5) as connection:
                logs.append(connection.execute("SELECT to_regclass(%s)", (f"{name}.{name}_log",)).fetchone())
    except psycopg.Error as e:
        raise Unavailable(f"the database does not answer: {str(e).splitlines()[0]}") from e
    if (None,) in logs:
        raise NotFound("there are no logs in this database: ./sanu up makes them")


@contextmanager
def opened(config: Config, name: str, alone: bool = True) -> Iterator[Service]:
    """A service for this command; `alone` where it is changed: embedded, only while nobody else has `var/`."""
    must_exist(config)
    lock = own(config) if config.embedded and alone else None
    service = open_service(config, name)
    try:
        service.log.opened                 # noqa: B018 - says so if nothing was migrated
        yield service
    finally:
        service.close()
        if lock:
            lock.close()


@contextmanager
def _bar(text: str, total: int | None) -> Iterator[Callable[[int], None]]:
    rate = TextColumn("{task.fields[rate]}")
    with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), rate, TimeRemainingColumn(), console=Console(stderr=True)) as progress:
        task = progress.add_task(text, total=total, rate="")

        def advance(n: int) -> None:
            speed = progress.tasks[0].speed
            progress.update(task, advance=n, rate=f"{speed:,.0f}/s" if speed else "")

        yield advance


def rebuild(config: Config, name: str, views: list[str]) -> None:
    with opened(config, name) as service:
        service.prepare()
        chosen = [service.view(view) for view in views] or service.projections
        if not chosen:
            typer.echo(f"{name} has no views")
            return
        with _bar(f"Rebuilding {name}", service.log.count()) as progress:
            runs = rebuilding.rebuild(chosen, progress=progress)
        for view, run in runs.items():
            typer.echo(f"{view}: run {run.number} answers now, read up to {run.position}")


def verify(config: Config, as_json: bool) -> int:
    must_exist(config)
    with _bar("Comparing every copy", None) as progress:
        result = compare(config, progress)
    if as_json:
        typer.echo(json.dumps({"events": result.events, "faults": [f._asdict() for f in result.faults],
                               "heads": {s: {"position": str(p), "digest": d} for s, (p, d) in result.heads.items()}}, indent=1))
    else:
        for service, (position, digest) in result.heads.items():
            typer.echo(f"{service:<12} {position:>9}  {digest}")
        for fault in result.faults:
            typer.echo(f"FAULT  {fault}")
        typer.echo(f"{result.events} events, {len(result.faults)} faults")
    return 1 if result.faults else 0


def views(config: Config, action: str, name: str, view: str, reason: str, as_json: bool = False) -> None:
    if action == "rebuild":
        return rebuild(config, name, [view] if view else [])
    with opened(config, name, alone=action != "list") as service:
        match action:
            case "list":
                said = state.of(service)
                found = {**said["views"], **said["processes"]}
                if as_json:
                    return show.document({"service": name, "head": said["head"], "views": found})
                show.table(["View", "Run", "Read up to", "Of", "State"],
                           [[view, v["run"], v["position"], said["head"], f"stopped at {v['stopped_at']}: {v['why']}" if v["stopped_at"] else "follows"]
                            for view, v in found.items()])
            case "retry":
                service.view(view).retry()
                typer.echo(f"{view} tries again")
            case "skip":
                position = service.skip(view, reason, getpass.getuser())
                typer.echo(f"{view} leaves out the event at {position}; the decision is recorded")
            case _:
                raise BadRequest("views list, rebuild, retry or skip", field="action")
