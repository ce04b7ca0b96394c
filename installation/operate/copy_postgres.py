"""Copies of logs on PostgreSQL by COPY in one snapshot, and one put back in a fresh schema in the place of the old."""
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from shared import tables
from shared.config import Config
from shared.key_database import PostgresRun
from shared.key_store import KeyStore
from shared.log import Log
from shared.recorder import COLUMNS, create_roles

from . import copied_keys, manifest
from .copied_keys import Personal

BLOCK = 1 << 16
LOG = f"notification_id, {COLUMNS}"
KEPT = ("command", "refused", "settled")       # beside the log; everything else can be rebuilt
PERSONAL = ("subject_key", "lookup", "secret")
Connection = psycopg.Connection[Any]


@contextmanager
def one_moment(config: Config) -> Iterator[Connection]:
    """Every service's log as of the same moment, while they all go on."""
    with psycopg.connect(config.database) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield connection


def save(connection: Connection, name: str, folder: Path) -> dict[str, Any]:
    folder.mkdir(mode=0o700)
    _out(connection, f"(SELECT {LOG} FROM {name}.{name}_log ORDER BY notification_id)", folder / "log.copy")
    for table in KEPT:
        _out(connection, f"{name}.{table}", folder / f"{table}.copy")
    return manifest.heads(name, rows(connection, name))


def save_personal_keys(connection: Connection, folder: Path) -> None:
    for table in PERSONAL:
        _out(connection, f"sealing.{table}", folder / f"{table}.copy")


def rows(connection: Connection, name: str) -> Iterator[tuple[int, str, bytes]]:
    with connection.cursor("chain", binary=True) as cursor:
        cursor.itersize = 5000
        yield from cursor.execute(f"SELECT notification_id, originator_id, state FROM {name}.{name}_log ORDER BY notification_id")


def put_back(config: Config, name: str, folder: Path, said: dict[str, Any], stamp: str) -> str:
    """The old schema keeps its content under another name, which is returned; '' when there was none.

    Raises HistoryRewritten, with the old schema in its place again, when the copy is not what the manifest says.
    """
    aside = f"{name}_before_{stamp}"
    with psycopg.connect(config.database, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (name,)).fetchone()
        if known:
            connection.execute(f"ALTER SCHEMA {name} RENAME TO {aside}")
        try:
            _fill(config, connection, name, folder, said)
        except BaseException:
            connection.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")
            if known:
                connection.execute(f"ALTER SCHEMA {aside} RENAME TO {name}")
            raise
    return aside if known else ""


def _fill(config: Config, connection: Connection, name: str, folder: Path, said: dict[str, Any]) -> None:
    create_roles(config, name)
    log = Log(config, name)
    log.recorder.migrate()
    log.recorder.datastore.close()
    tables.migrate(config, name)
    with connection.transaction():
        _in(connection, f"{name}.{name}_log ({LOG})", folder / "log.copy")
        for table in KEPT:
            _in(connection, f"{name}.{table}", folder / f"{table}.copy")
        connection.execute("SELECT setval(pg_get_serial_sequence(%s, 'notification_id'), %s)", (f"{name}.{name}_log", int(said["head"])))
        connection.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), (SELECT coalesce(max(id), 0) + 1 FROM " + name + ".refused), false)",
                           (f"{name}.refused",))
        manifest.compare(name, said, manifest.heads(name, rows(connection, name)))


def put_personal_keys_back(config: Config, folder: Path) -> Personal | None:
    """None where the copy has no store (any more)."""
    if not (folder / f"{PERSONAL[0]}.copy").exists():
        return None
    KeyStore(config).migrate()
    with psycopg.connect(config.database) as connection:
        connection.execute("CREATE SCHEMA copied")                 # no temporary tables: a login with few rights may not make any
        for table in PERSONAL:
            connection.execute(f"CREATE TABLE copied.{table} (LIKE sealing.{table})")
            _in(connection, f"copied.{table}", folder / f"{table}.copy")
        personal = copied_keys.put_personal_keys_back(PostgresRun(connection))
        connection.execute("DROP SCHEMA copied CASCADE")           # before the commit: nobody else has seen it
        return personal


def still_at_work(config: Config, names: Sequence[str]) -> list[str]:
    """Services whose worker holds its place."""
    with psycopg.connect(config.database, autocommit=True) as connection:
        return [name for name in names if connection.execute(
            "SELECT NOT pg_try_advisory_lock(hashtext(%s))", (f"sanu.worker.{name}",)).fetchone() == (True,)]


def _out(connection: Connection, what: str, file: Path) -> None:
    with file.open("xb") as out, connection.cursor().copy(f"COPY {what} TO STDOUT") as copy:
        file.chmod(0o600)
        for block in copy:
            out.write(block)


def _in(connection: Connection, what: str, file: Path) -> None:
    with file.open("rb") as source, connection.cursor().copy(f"COPY {what} FROM STDIN") as copy:
        while block := source.read(BLOCK):
            copy.write(block)
