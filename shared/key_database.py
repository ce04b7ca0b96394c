"""One transaction on the tables of the key store, the same SQL for SQLite and PostgreSQL."""
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from .errors import Unavailable

WAIT_S = 3
Run = Callable[..., list[tuple[Any, ...]]]       # run(sql, *values) -> rows


class _Connection(Protocol):
    def execute(self, sql: Any, values: Any, /) -> Any: ...


def _run(connection: _Connection, placeholder: str, sql: str, *values: object) -> list[tuple[Any, ...]]:
    cursor = connection.execute(sql.replace("%s", placeholder), values)
    return list(cursor.fetchall()) if cursor.description else []


class SqliteFile:
    """A connection per transaction (0.1 ms): nothing to share between threads, green threads and processes."""

    def __init__(self, path: Path) -> None:
        self._uri = path.absolute().as_uri() + "?mode=rw"        # never makes the file: its mode is decided by migrate

    @contextmanager
    def transaction(self) -> Iterator[Run]:
        """Raises Unavailable when the file is missing, has no tables, or stays locked."""
        try:
            with closing(sqlite3.connect(":memory:", timeout=WAIT_S, isolation_level=None, uri=True)) as connection:
                connection.execute("ATTACH ? AS sealing", (self._uri,))
                connection.execute("PRAGMA sealing.synchronous = FULL")
                connection.execute("PRAGMA sealing.secure_delete = ON")      # a forgotten key is overwritten, not only unlinked
                connection.execute("BEGIN IMMEDIATE")
                yield partial(_run, connection, "?")
                connection.execute("COMMIT")                                 # closing without it rolls back
        except sqlite3.OperationalError as e:
            raise Unavailable("the key store does not answer") from e

    def close(self) -> None:
        """Nothing stays open."""


class PostgresSchema:
    """A small pool, opened at the first transaction."""

    def __init__(self, uri: str) -> None:
        from psycopg_pool import ConnectionPool
        self._pool = ConnectionPool(uri, min_size=0, max_size=4, timeout=WAIT_S, open=False,
                                    check=ConnectionPool.check_connection)

    @contextmanager
    def transaction(self) -> Iterator[Run]:
        """Raises Unavailable when the database is away, has no tables, or keeps a row locked."""
        import psycopg
        from psycopg_pool import PoolTimeout
        try:
            self._pool.open()
            with self._pool.connection() as connection:
                connection.execute(f"SET LOCAL lock_timeout = '{WAIT_S}s'")
                yield partial(_run, connection, "%s")
        except (psycopg.OperationalError, psycopg.errors.UndefinedTable, PoolTimeout) as e:
            raise Unavailable("the key store does not answer") from e

    def close(self) -> None:
        self._pool.close()
