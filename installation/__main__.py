"""The command line: ./sanu COMMAND."""
import sys

if sys.argv[1:2] == ["demo"]:              # serves in this process: before anything else imports sockets or threads
    from .host import patch
    patch()

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from shared import config as configuration

from . import plainly
from .operate import cli as operate
from .operate.cli import Broker, Database, Var

LONGEST_H = 24 * 366

app = typer.Typer(add_completion=False, no_args_is_help=False, pretty_exceptions_enable=False, rich_markup_mode="rich",
                  help="Sanu: the books of a confederation of gold miners' cooperatives, as logs of events.")

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout and nothing else.")]
Port = Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535, envvar="SANU_PORT", help="Port to serve on, loopback only.")]


@app.callback(invoke_without_command=True)
def first(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo("Sanu. Try this first:\n\n    ./sanu demo      the five-year report goes in as events, the district table comes out\n"
                   "    ./sanu test      every test, on real RabbitMQ and PostgreSQL too\n    ./sanu --help    everything else")


@app.command()
def demo(var: Var = Path("var"), port: Port = 8000,
         once: Annotated[bool, typer.Option("--once", help="End after printing; exit 0 only if the figures are the report's.")] = False,
         season: Annotated[bool, typer.Option("--season", help="Invented societies and miners instead, in a synthetic log of its own: var/season.")] = False,
         as_json: AsJson = False) -> None:
    """Load the report's facts, show the district table, keep serving."""
    import logging

    from .demo import REPORT, run
    logging.basicConfig(level="ERROR", format="%(levelname)s %(name)s %(message)s")
    config, what = replace(_config(var, ""), port=port, broker="memory://"), REPORT
    if season:
        from .season.demo import SEASON
        config, what = replace(config, kind="synthetic", var=var / "season" if var == Path("var") else var), SEASON
    raise typer.Exit(run(config, what, once, as_json))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(context: typer.Context, fast: Annotated[bool, typer.Option("--fast", help="Only what needs no server; under a minute.")] = False) -> None:
    """Every test: lint, types, architecture, unit, contracts, and the flow and its faults on real RabbitMQ and PostgreSQL."""
    from .test import main as run
    raise typer.Exit(run(fast, context.args))


@app.command()
def bench(keys: Annotated[list[str] | None, typer.Argument(help="Which figures; all without.")] = None,
          quick: Annotated[bool, typer.Option("--quick", help="Ten times fewer events.")] = False, as_json: AsJson = False) -> None:
    """Our speed against the stock way, both in one run on servers of its own."""
    from .bench import main as run
    raise typer.Exit(run(quick, as_json, keys or []))


@app.command()
def up(broker: Broker = "", database: Database = "", var: Var = Path("var"), port: Port = 8000,
       metrics_port: Annotated[int, typer.Option("--metrics-port", metavar="N", min=0, max=65535,
                                                help="First of twelve ports with metrics, one a process; 0: none.")] = 0,
       workers: Annotated[list[str] | None, typer.Option("--workers", metavar="SERVICE=N", help="API processes of a service, on one port.")] = None,
       ) -> None:
    """Run every service on RabbitMQ and PostgreSQL, a process per role, started again when it dies; without them, all in one."""
    from .up import Installation, workers_of
    processes = workers_of(workers or [])
    if not broker and not database:
        if processes:
            raise typer.BadParameter("one process on SQLite has no --workers: give --broker and --database")
        operate.embedded(var, port, metrics_port)
    if not broker or not database:
        raise typer.BadParameter("give both --broker and --database, or neither for one process on SQLite")
    from .owner import own
    config = _config(var, database)
    config = replace(config, broker=broker, port=port, metrics_port=metrics_port or config.metrics_port)
    with own(config), Installation(config, say=lambda text: typer.echo(text, err=True), workers=processes) as running:
        for service in configuration.SERVICES:
            typer.echo(f"{service}: {config.url(service)}", err=True)
        running.wait()


@app.command()
def rebuild(service: Annotated[str, typer.Argument(help="Whose views.")] = "reporting",
            views: Annotated[list[str] | None, typer.Argument(help="Which; all without.")] = None,
            var: Var = Path("var"), database: Database = "") -> None:
    """Fill views anew from the log, beside the ones that answer meanwhile, and switch."""
    from .upkeep import rebuild as run
    run(_config(var, database), service, views or [])


@app.command()
def verify(var: Var = Path("var"), database: Database = "", as_json: AsJson = False) -> None:
    """Recompute every chain and compare all copies; exit 1 with service, position and copy of each fault."""
    from .upkeep import verify as run
    raise typer.Exit(run(_config(var, database), as_json))


@app.command()
def views(action: Annotated[str, typer.Argument(help="list | rebuild | retry | skip")] = "list",
          service: Annotated[str, typer.Argument()] = "reporting", view: Annotated[str, typer.Argument()] = "",
          reason: Annotated[str, typer.Option("--reason", help="Why an event is left out (skip).")] = "",
          var: Var = Path("var"), database: Database = "", as_json: AsJson = False) -> None:
    """Show views; fill one anew; let a stopped one try again, or leave out the event it stopped at, by a recorded decision."""
    from .upkeep import views as run
    run(_config(var, database), action, service, view, reason, as_json)


Territory = Annotated[list[str] | None, typer.Option("--territory", metavar="KIND:ID", help="What it is bound to: district:kangaba, organisation:niena, "
                                                      "actor:comptoir-exemple; may be repeated.")]


@app.command()
def token(role: Annotated[str, typer.Option("--role", help="secretariat, district-officer, auditor, operator …: see data/access.toml")],
          territory: Territory = None,
          subject: Annotated[str, typer.Option("--subject", help="Who it is for.")] = "",
          hours: Annotated[float, typer.Option("--hours", help="How long it is good for.")] = 8.0, var: Var = Path("var")) -> None:
    """Print a token signed by the installation's own key."""
    from .clients import token as make
    if not 1 / 3600 <= hours <= LONGEST_H:                 # which not-a-number is not
        raise typer.BadParameter(f"a token is good for a second at least, and {LONGEST_H} hours at most", param_hint="--hours")
    typer.echo(make(_config(var, ""), subject or f"{role}-by-hand", role, territory or [], int(hours * 3600)))


clients = typer.Typer(no_args_is_help=True, help="Partner programs: the refinery, the Chamber of Mines … each with a key of its own.")
app.add_typer(clients, name="clients")
Key = Annotated[str, typer.Option("--key", metavar="FILE", help="Ed25519 public key: a PEM file, or 32 bytes in base64url.")]
Name = Annotated[str, typer.Argument(help="The client's name: also the subject of its tokens.")]


@clients.command("register")
def clients_register(name: Name, role: Annotated[str, typer.Option("--role")], key: Key,
                     territory: Territory = None, var: Var = Path("var")) -> None:
    """Let a program call with tokens it signs itself."""
    from .clients import register
    typer.echo(register(_config(var, ""), name, role, territory or [], key))


@clients.command("rotate")
def clients_rotate(name: Name, key: Key, var: Var = Path("var")) -> None:
    """Replace a client's key."""
    from .clients import rotate
    kid, removed = rotate(_config(var, ""), name, key)
    typer.echo(f"{kid} is good, {removed} older refused from now on")


@clients.command("revoke")
def clients_revoke(name: Name, var: Var = Path("var")) -> None:
    """Refuse a client from now on."""
    from .clients import revoke
    typer.echo(f"{revoke(_config(var, ''), name)} key(s) of {name} refused from now on")


@clients.command("list")
def clients_list(var: Var = Path("var")) -> None:
    """Every key that may sign, with its owner and role."""
    from .clients import registered
    for key in registered(_config(var, "")):
        typer.echo(f"{key['kid']:<40} {key.get('role', '(installation)'):<18} {' '.join(key.get('territory', []))}")


operate.add(app)


webhook = typer.Typer(no_args_is_help=True, help="The receiving end of a webhook, to try one out.")
app.add_typer(webhook, name="webhook")


@webhook.callback()
def _webhook() -> None:
    """Keeps `listen` a command of its own while it is the only one."""


@webhook.command("listen")
def webhook_listen(secret: Annotated[str, typer.Option("--secret", metavar="whsec_…", envvar="SANU_WEBHOOK_SECRET", help="What checks the signatures.")],
                   port: Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535, help="On loopback.")] = 8099) -> None:
    """Check and print what a webhook sends, one JSON line per event; answer the challenge. Loopback needs SANU_WEBHOOK_PRIVATE=1 on the sending side."""
    from .webhook import listen
    listen(port, secret)


def _config(var: Path, database: str) -> configuration.Config:
    return replace(configuration.from_environment(), var=var, database=database)


def main() -> int:
    return plainly.run(lambda: app(prog_name="./sanu"), lambda text: typer.echo(f"sanu: {text}", err=True))


if __name__ == "__main__":
    sys.exit(main())
