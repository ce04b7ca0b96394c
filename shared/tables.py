"""The tables beside a log, SQLite or PostgreSQL, with the same SQL (qmark style)."""
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import psycopg
import psycopg_pool

from .config import Config
from .errors import StorageFull, Unavailable


class Transaction(Protocol):
    def execute(self, sql: str, params: Sequence[Any] = ()) -> Any: ...
    def load(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Many new rows at once, the fastest way the database has."""

    def merge(self, table: str, rows: Sequence[Sequence[Any]], conflict: str) -> None:
        """Many whole rows in one statement; `conflict` says what becomes of those whose key is there (ON CONFLICT …)."""


class Tables(Protocol):
    def transaction(self) -> Any: ...
    def snapshot(self) -> Any: ...
    def query(self, sql: str, params: Sequence[Any] = ()) -> list[Any]: ...


class _SqliteTransaction:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self.execute = connection.execute
        self._many = connection.executemany

    def load(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        marks = ", ".join("?" * len(columns))
        self._many(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)

    def merge(self, table: str, rows: Sequence[Sequence[Any]], conflict: str) -> None:
        if rows:
            self._many(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))}) {conflict}", rows)


class SqliteTables:
    """One connection; synchronous NORMAL, since rows and position fall back together and are folded again."""

    def __init__(self, config: Config, service: str) -> None:
        self._connection = sqlite3.connect(config.folder(service) / "tables.db", isolation_level=None, check_same_thread=False, timeout=5)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._lock = threading.RLock()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with self._lock, _answering():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield _SqliteTransaction(self._connection)
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:       # a full disk has rolled it back already
                    self._connection.execute("ROLLBACK")
                raise

    snapshot = transaction

    def query(self, sql: str, params: Sequence[Any] = ()) -> list[Any]:
        with self._lock, _answering():
            return self._connection.execute(sql, params).fetchall()

    def close(self) -> None:
        self._connection.close()


FEW = 20                                 # rows
TYPES: dict[type, str] = {str: "text", int: "bigint", bytes: "bytea"}


@contextmanager
def _answering() -> Iterator[None]:
    """Tells passing faults of SQLite from mistakes in our SQL, which it raises as the same class."""
    try:
        yield
    except sqlite3.OperationalError as e:
        match getattr(e, "sqlite_errorcode", 0) & 0xFF:            # the primary result code
            case sqlite3.SQLITE_FULL:
                raise StorageFull("the tables cannot grow; nothing was written") from e
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED | sqlite3.SQLITE_IOERR | sqlite3.SQLITE_CANTOPEN:
                raise Unavailable("the database did not answer") from e
        raise


class _PostgresTransaction:
    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def execute(self, sql: str, params: Sequence[Any] = ()) -> Any:
        return self._connection.execute(sql.replace("?", "%s"), params or None)

    def load(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        rows = list(rows)
        if len(rows) > FEW:
            with self._connection.cursor().copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        elif rows:                         # COPY takes two more round trips
            one = f"({', '.join(['%s'] * len(columns))})"
            self._connection.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([one] * len(rows))}", [v for row in rows for v in row])

    def merge(self, table: str, rows: Sequence[Sequence[Any]], conflict: str) -> None:
        if rows:
            columns = [list(column) for column in zip(*rows, strict=True)]
            arrays = ", ".join(f"%s::{TYPES[type(value)]}[]" for value in rows[0])
            self._connection.execute(f"INSERT INTO {table} SELECT * FROM unnest({arrays}) {conflict}", columns)


class PostgresTables:
    def __init__(self, config: Config, service: str) -> None:
        self._pool = psycopg_pool.ConnectionPool(
            config.database, min_size=1, max_size=8, open=True, timeout=5,
            kwargs={"autocommit": True}, configure=lambda c: _act_as(c, service))

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection[Any]]:
        try:
            with self._pool.connection() as connection:
                yield connection
        except (psycopg.OperationalError, psycopg.InterfaceError, psycopg_pool.PoolTimeout) as e:
            raise Unavailable("the database did not answer") from e

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with self._connection() as c, c.transaction():
            yield _PostgresTransaction(c)

    @contextmanager
    def snapshot(self) -> Iterator[Transaction]:
        """Every query in it sees the same moment."""
        with self._connection() as c:
            c.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            try:
                yield _PostgresTransaction(c)
            finally:
                c.execute("ROLLBACK")          # nothing was written; and it ends a failed transaction, too

    def query(self, sql: str, params: Sequence[Any] = ()) -> list[Any]:
        with self._connection() as c:
            return c.execute(sql.replace("?", "%s"), params or None).fetchall()

    def close(self) -> None:
        self._pool.close()


def _act_as(connection: psycopg.Connection[Any], service: str) -> None:
    connection.execute(f"SET ROLE sanu_{service}")
    connection.execute(f"SET search_path = {service}")
    # Of a table filled a moment ago the planner knows nothing: it would gather and sort all rows where the index has the first few in order.
    connection.execute("SET enable_bitmapscan = off")


def open_tables(config: Config, service: str) -> SqliteTables | PostgresTables:
    return SqliteTables(config, service) if config.embedded else PostgresTables(config, service)


def migrate(config: Config, service: str) -> None:
    """The mechanism's own tables; views make theirs with each run."""
    blob, serial = ("BLOB", "INTEGER PRIMARY KEY") if config.embedded else ("BYTEA", "BIGSERIAL PRIMARY KEY")
    tables = open_tables(config, service)
    with tables.transaction() as tx:
        for definition in (
            f"checkpoint (source TEXT, position BIGINT, digest {blob}, PRIMARY KEY (source, position))",
            "relay (one INTEGER PRIMARY KEY, position BIGINT)",
            f"refused (id {serial}, source TEXT, refused_at TEXT, why TEXT, headers TEXT, body {blob})",
            "settled (refused BIGINT PRIMARY KEY, at TEXT, how TEXT)",
            "heard (source TEXT PRIMARY KEY, at TEXT, head BIGINT, stopped TEXT)",
            "verified (one INTEGER PRIMARY KEY, position BIGINT, digest TEXT, at TEXT)",
            "restored (one INTEGER PRIMARY KEY, at TEXT)",
            "projection (view TEXT, version INTEGER, run INTEGER, position BIGINT, current INTEGER, stopped_at BIGINT, why TEXT, "
            "PRIMARY KEY (view, version, run))",
        ):
            tx.execute(f"CREATE TABLE IF NOT EXISTS {definition}")
        tx.execute("INSERT INTO relay VALUES (1, 0) ON CONFLICT DO NOTHING")
    tables.close()
