"""The operator's commands of ./sanu; what each does stands in a file of its own."""
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from shared import config as configuration
from shared.config import Config

Var = Annotated[Path, typer.Option("--var", metavar="DIR", envvar="SANU_VAR", help="Where logs, tables and keys are kept.")]
Database = Annotated[str, typer.Option("--database", metavar="URI", envvar="SANU_DATABASE", help="postgresql://…, in place of SQLite under --var.")]
Broker = Annotated[str, typer.Option("--broker", metavar="URI", envvar="SANU_BROKER", help="amqp://user:password@host:port/vhost")]
Port = Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535, envvar="SANU_PORT",
                                   help="Where the services answer; on servers the first of four.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout and nothing else.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is recorded.")]
Service = Annotated[str, typer.Argument(help="membership, training, gold_trade or reporting.")]
Number = Annotated[int, typer.Argument(help="Its number in the list.")]
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The copy's folder.")]


def configured(var: Path, database: str = "", broker: str = "", port: int = 0) -> Config:
    config = replace(configuration.from_environment(), var=var, database=database)
    return replace(config, broker=broker or config.broker, port=port or config.port)


letters = typer.Typer(no_args_is_help=True, help="What inboxes refused, and what somebody decides about it.")
keys = typer.Typer(no_args_is_help=True, help="The signing keys of the services and of the installation.")


def status(var: Var = Path("var"), database: Database = "", port: Port = 0, as_json: AsJson = False) -> None:
    """Where everything stands, running or not; exit 1 when something asks for attention."""
    from .status import status as run
    raise typer.Exit(run(configured(var, database, port=port), as_json))


def doctor(var: Var = Path("var"), database: Database = "", broker: Broker = "", port: Port = 0, as_json: AsJson = False) -> None:
    """Check machine, configuration, files, servers and versions; each ✗ comes with the mend; exit 1 if there is one."""
    from .doctor import doctor as run
    raise typer.Exit(run(lambda: configured(var, database, broker, port), as_json))


def backup(folder: Folder, var: Var = Path("var"), database: Database = "", as_json: AsJson = False) -> None:
    """Copy everything that cannot be rebuilt into an empty folder, while the installation runs."""
    from .backup import backup as run
    run(configured(var, database), folder, as_json)


def restore(folder: Folder, service: Annotated[str, typer.Option("--service", help="Only this one.")] = "",
            accept_loss: Annotated[bool, typer.Option("--accept-loss", help="Go on without peers that cannot be asked: starts a new epoch.")] = False,
            reason: Reason = "", var: Var = Path("var"), database: Database = "", port: Port = 0, as_json: AsJson = False) -> None:
    """Put copied logs in their places, with the installation stopped; the start takes back what peers hold beyond."""
    from .restore import restore as run
    raise typer.Exit(run(configured(var, database, port=port), folder, service, accept_loss, reason, as_json))


def export(service: Service, after: Annotated[int, typer.Option("--after", metavar="N", help="Only events behind this position.")] = 0,
           var: Var = Path("var"), database: Database = "") -> None:
    """Write a service's events to stdout, one CloudEvent a line; deploy/check_export.py recomputes their chain."""
    from .export import export as run
    typer.echo(f"{run(configured(var, database), service, after)} events", err=True)


@letters.command("list")
def letters_list(service: Annotated[str, typer.Argument(help="Of one service only.")] = "",
                 everything: Annotated[bool, typer.Option("--all", help="Those decided about, too.")] = False,
                 var: Var = Path("var"), database: Database = "", as_json: AsJson = False) -> None:
    """Those that nobody has decided about."""
    from .dead_letters import listed
    listed(configured(var, database), service, everything, as_json)


@letters.command("show")
def letters_show(service: Service, number: Number, var: Var = Path("var"), database: Database = "", as_json: AsJson = False) -> None:
    """One in full: who is named as sender, why it was refused, its headers and its bytes."""
    from .dead_letters import shown
    shown(configured(var, database), service, number, as_json)


@letters.command("retry")
def letters_retry(service: Service, number: Number, var: Var = Path("var"), database: Database = "", port: Port = 0) -> None:
    """Verify one again and hand it to the inbox."""
    from .dead_letters import retried
    retried(configured(var, database, port=port), service, number)


@letters.command("discard")
def letters_discard(service: Service, number: Number, reason: Reason = "", var: Var = Path("var"), database: Database = "") -> None:
    """Leave one out for good, by a recorded decision."""
    from .dead_letters import discarded
    discarded(configured(var, database), service, number, reason)


@keys.command("rotate")
def keys_rotate(owner: Annotated[str, typer.Argument(help="A service, or 'installation'.")], var: Var = Path("var")) -> None:
    """Make a new signing key; the old one stays good until `keys retire`. Start the service again to use it."""
    from .keys import rotate
    typer.echo(f"{rotate(configured(var), owner)} signs after the next start of {owner}")


@keys.command("retire")
def keys_retire(owner: Annotated[str, typer.Argument(help="A service, or 'installation'.")], var: Var = Path("var")) -> None:
    """Refuse the older keys of an owner from now on."""
    from .keys import retire
    typer.echo(f"{retire(configured(var), owner)} older key(s) of {owner} refused from now on")


def embedded(var: Path, port: int, metrics_port: int) -> None:
    """All services in this process, which becomes the host; never returns."""
    config = configured(var, port=port)
    config = replace(config, metrics_port=metrics_port or config.metrics_port)
    os.environ.update(config.environment() | {"SANU_BROKER": "memory://", "SANU_DATABASE": ""})
    os.execv(sys.executable, [sys.executable, "-P", "-m", "installation.host", "embedded"])  # noqa: S606 - ourselves


def add(app: typer.Typer) -> None:
    commands: tuple[Callable[..., None], ...] = (status, doctor, backup, restore, export)
    for command in commands:
        app.command()(command)
    from installation.importing.cli import importing  # which takes the options above
    from installation.simulation.cli import simulate
    app.command()(simulate)
    app.add_typer(importing, name="import")
    app.add_typer(letters, name="dead-letters")
    app.add_typer(keys, name="keys")
