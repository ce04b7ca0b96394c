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
from shared.errors import SanuError

app = typer.Typer(add_completion=False, no_args_is_help=False, pretty_exceptions_enable=False, rich_markup_mode="rich",
                  help="Sanu: the books of a confederation of gold miners' cooperatives, as logs of events.")

Var = Annotated[Path, typer.Option("--var", metavar="DIR", help="Where logs, tables and keys are kept.")]
Port = Annotated[int, typer.Option("--port", metavar="N", help="Port to serve on, loopback only.")]
Database = Annotated[str, typer.Option("--database", metavar="URI", help="postgresql://… ; without it: SQLite under --var.")]


@app.callback(invoke_without_command=True)
def first(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo("Sanu. Try this first:\n\n    ./sanu demo      the five-year report goes in as events, the district table comes out\n"
                   "    ./sanu test      every test, on real RabbitMQ and PostgreSQL too\n    ./sanu --help    everything else")


@app.command()
def demo(var: Var = Path("var"), port: Port = 8000,
         once: Annotated[bool, typer.Option("--once", help="End after printing; exit 0 only if the figures are the report's.")] = False,
         as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout and nothing else.")] = False) -> None:
    """Load the report's facts, show the district table, keep serving."""
    import logging

    from .demo import run
    logging.basicConfig(level="ERROR", format="%(levelname)s %(name)s %(message)s")
    config = replace(configuration.from_environment(), var=var, port=port, database="", broker="memory://")
    raise typer.Exit(run(config, once, as_json))


def main() -> int:
    try:
        app()
    except SanuError as e:
        typer.echo(f"sanu: {e.detail or e}", err=True)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
