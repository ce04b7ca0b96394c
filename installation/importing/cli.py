"""./sanu import …: lists of people put on the books, and lists to try that with."""
from pathlib import Path
from typing import Annotated

import typer

from installation.operate.cli import AsJson, Database, Port, Var, configured

importing = typer.Typer(no_args_is_help=True, help="Lists that societies keep, in CSV or XLSX.")
File = Annotated[Path, typer.Argument(metavar="FILE", help="CSV (UTF-8 or Windows-1252, any usual separator) or XLSX, the headings in the first row.")]


@importing.command("miners")
def miners(file: File, dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, write nothing to the books.")] = False,
           mapping: Annotated[Path | None, typer.Option("--mapping", metavar="FILE", help="TOML: what headings and words mean.")] = None,
           errors: Annotated[Path | None, typer.Option("--errors", metavar="FILE", help="Where faulty rows are listed; else FILE.errors.csv.")] = None,
           only: Annotated[Path | None, typer.Option("--only", metavar="FILE.errors.csv", help="Only the rows that this list says were not imported.")] = None,
           occurred_on: Annotated[str, typer.Option("--occurred-on", metavar="DATE", help="Since when a row without a date of its own holds.")] = "",
           var: Var = Path("var"), database: Database = "", port: Port = 0, as_json: AsJson = False) -> None:
    """Register the people of a list; exit 1 if a row was not imported. May be interrupted: run again, it goes on where it was."""
    from installation.client import Refused

    from .run import Wanted, reason, run
    wanted = Wanted(file=file, dry_run=dry_run, mapping=mapping, errors=errors, only=only, occurred_on=occurred_on, as_json=as_json)
    try:
        raise typer.Exit(run(configured(var, database, port=port), wanted))
    except Refused as e:
        raise reason(e) from e
    except OSError as e:
        raise typer.BadParameter(f"{e.filename or file}: {e.strerror or e}") from e


@importing.command("sample")
def sample(file: Annotated[Path, typer.Argument(metavar="FILE", help="Its ending says what: .csv or .xlsx.")],
           rows: Annotated[int, typer.Option("--rows", metavar="N", min=1, max=1_000_000)] = 1000,
           organisation: Annotated[list[str] | None, typer.Option("--organisation", metavar="SLUG", help="Whose members they are; repeat it for more.")] = None,
           ) -> None:
    """Write a list of people who do not exist, and look it."""
    from .sample import write
    write(file, rows, organisation or [])
