"""`./sanu doctor`: each line ✓ or ✗ with the mend."""
from collections.abc import Callable, Iterator

import typer
from environs import EnvError

from shared.config import Config

from . import checks_broker, checks_data, checks_machine
from .check import Check, bad, good
from .show import document


def doctor(configured: Callable[[], Config], as_json: bool) -> int:
    """0 if every line is ✓."""
    found = []
    for check in _checks(configured):
        found.append(check)
        if not as_json:
            typer.echo(f"{'✓' if check.good else '✗'} {check.what}: {check.says}")
            if not check.good:
                typer.echo(f"    mend: {check.mend}")
    if as_json:
        document([check._asdict() for check in found])
    return int(not all(check.good for check in found))


def _checks(configured: Callable[[], Config]) -> Iterator[Check]:
    yield from checks_machine.versions()
    try:
        config = configured()
    except EnvError as e:                          # environs names every faulty variable at once
        yield bad("configuration", str(e), "correct or unset these variables; README.md and --help name what each takes")
        return
    yield good("configuration", f"{'one process, SQLite under ' + str(config.var) if config.embedded else 'RabbitMQ and PostgreSQL'}")
    for look in (checks_machine.files, checks_machine.disk, checks_machine.ports, checks_machine.green_wait, checks_data.checks, checks_broker.checks):
        try:
            yield from look(config)
        except Exception as e:                     # one look that fails must not hide the others
            yield bad(look.__name__.replace("_", " "), f"could not be looked at: {e!r}", "see the message; ./sanu status may say more")
