"""./sanu simulate: options and their defaults."""
import warnings
from pathlib import Path
from typing import Annotated

import typer

from installation.operate.cli import AsJson, Broker, Database, Port, configured

MOST_RECEIPTS, ON_SERVERS, EMBEDDED = 5_000_000, 1_000_000, 2_000
MINERS_ON_SERVERS, MINERS_EMBEDDED = 15_000, 1_500


def simulate(seed: Annotated[int, typer.Option("--seed", metavar="N", help="The same seed, the same life.")] = 1,
             years: Annotated[int, typer.Option("--years", metavar="N", min=1, max=7, help="Up to the end of 2025.")] = 5,
             receipts: Annotated[int, typer.Option("--receipts", metavar="N", min=0, max=MOST_RECEIPTS,
                                                   help=f"0: {ON_SERVERS:,} on servers, {EMBEDDED:,} in one process.")] = 0,
             miners: Annotated[int, typer.Option("--miners", metavar="N", min=0, max=100_000,
                                                 help=f"0: {MINERS_ON_SERVERS:,} on servers, {MINERS_EMBEDDED:,} in one process.")] = 0,
             workers: Annotated[list[str] | None, typer.Option("--workers", metavar="SERVICE=N",
                                                               help="API processes, if it starts them; gold_trade=2 unless told.")] = None,
             broker: Broker = "", database: Database = "", var: Annotated[Path, typer.Option("--var", metavar="DIR", help="Keys and what is kept.")]
             = Path("var/simulation"), port: Port = 8000, as_json: AsJson = False) -> None:
    """Live an invented life of metal through the API, in a synthetic log of its own, and hold its books against each other; run it again to go on."""
    from installation.client import Refused
    from installation.up import workers_of
    from shared import event
    from shared.errors import SanuError

    from .plan import Plan
    with warnings.catch_warnings():            # eventlet announces its retirement at every import
        warnings.simplefilter("ignore")
        from .run import run
    if bool(broker) != bool(database):
        raise typer.BadParameter("give both --broker and --database, or neither for one process on SQLite")
    processes = workers_of(workers if workers is not None else ["gold_trade=2"])
    plan = Plan.of_years(seed, years, receipts or (ON_SERVERS if database else EMBEDDED), miners or (MINERS_ON_SERVERS if database else MINERS_EMBEDDED),
                         event.now())
    try:
        raise typer.Exit(run(configured(var, database, broker or "memory://", port), plan, processes, as_json))
    except Refused as e:
        raise SanuError(f"refused: {e}") from e
