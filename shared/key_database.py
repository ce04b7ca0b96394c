"""One transaction on the tables of the key store, the same SQL for SQLite and PostgreSQL."""
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from .errors import Unavailable

WAIT_S = 3

class Run:
    """`run(sql, *values)` gives the rows of one statement of a transaction; %s stands for a value in both databases."""

    row_lock = ""                                                            # the transaction has the whole file

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __call__(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        cursor = self._connection.execute(sql.replace("%s", "?"), values)
        return list(cursor.fetchall()) if cursor.description else []

    def among(self, sql: str, texts: Sequence[str]) -> list[tuple[Any, ...]]:
        """The same, where `{among}` stands for being one of `texts`."""
        return self(sql.format(among=f"IN ({', '.join(['%s'] * len(texts))})"), *texts)

    def insert(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Many rows at once; one whose key is there changes nothing."""
        if rows:
            self._connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))}) ON CONFLICT DO NOTHING", rows)


class PostgresRun(Run):
    """One round trip for many values: a statement each costs ten times as much."""

    row_lock = " FOR SHARE"

    def __call__(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        cursor = self._connection.execute(sql, values or None)
        return list(cursor.fetchall()) if cursor.description else []

    def among(self, sql: str, texts: Sequence[str]) -> list[tuple[Any, ...]]:
        return self(sql.format(among="= ANY(%s)"), list(texts))

    def insert(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        if rows:
            arrays = ", ".join(f"%s::{'bytea' if isinstance(value, bytes) else 'text'}[]" for value in rows[0])
            self(f"INSERT INTO {table} SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING", *(list(column) for column in zip(*rows, strict=True)))


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
                yield Run(connection)
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
                yield PostgresRun(connection)
        except (psycopg.OperationalError, psycopg.errors.UndefinedTable, PoolTimeout) as e:
            raise Unavailable("the key store does not answer") from e

    def close(self) -> None:
        self._pool.close()
