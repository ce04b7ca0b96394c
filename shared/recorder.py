"""eventsourcing's two recorders, with the key row of a command in the same transaction as its events.

The only file that knows the recorders' insides. Both give the same small set of methods:
insert_events, insert_at, select, of, existing, max_notification_id, migrate; and how to say which events are our own, and where they stand.
"""
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import psycopg
from eventsourcing.persistence import OperationalError, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

from .config import Config


class Recorded(NamedTuple):
    """A row of the log: `state` is the event's stored bytes, `position` its place in this log."""

    position: int
    stream: str
    version: int
    name: str
    state: bytes


class CommandRow(NamedTuple):
    """What a repeated request finds: its first event's place and how many events it made."""

    client: str
    key: str
    digest: str
    stream: str
    version: int
    events: int


OWNER = "sanu_log_owner"
SEALING = "sanu_sealing"               # may use the key store
LOCK_TIMEOUT_S = 3
NOT_RECEIVED = "substr(originator_id, 1, 9) <> 'received/'"      # no comparison by the database's collation
COLUMNS = "originator_id, originator_version, topic, state"
GROWN = "ON CONFLICT (client, key) DO UPDATE SET events = excluded.events"       # a command whose first events came back before its last
COMMAND = "client TEXT, key TEXT, digest TEXT, stream TEXT, version BIGINT, events INTEGER, PRIMARY KEY (client, key)"


class SqliteRecorder(SQLiteApplicationRecorder):
    position = own_position = "rowid"
    own = f"({NOT_RECEIVED}) = 1"

    def __init__(self, config: Config, service: str):
        super().__init__(SQLiteDatastore(str(config.folder(service) / "log.db"), lock_timeout=LOCK_TIMEOUT_S, originator_id_type="text"))
        self.table = self.events_table_name

    def migrate(self) -> None:
        self.create_table_statements += [
            f"CREATE TABLE IF NOT EXISTS command ({COMMAND}) WITHOUT ROWID",
            f"CREATE INDEX IF NOT EXISTS ours ON {self.table} (({NOT_RECEIVED}))",           # and by rowid, as every index is
            *(f"CREATE TRIGGER IF NOT EXISTS never_{verb.lower()} BEFORE {verb} ON {self.table} "
              "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END" for verb in ("UPDATE", "DELETE")),
        ]
        self.create_table()

    def _insert_events(self, c: Any, stored_events: Sequence[StoredEvent], commands: Sequence[CommandRow] = (), **_: Any) -> Sequence[int] | None:
        positions = super()._insert_events(c, stored_events)
        if commands:
            c.executemany("INSERT INTO command VALUES (?, ?, ?, ?, ?, ?)", commands)
        return positions

    def insert_at(self, rows: Sequence[Recorded], commands: Sequence[CommandRow]) -> None:
        """A restored log takes its own events back at their old positions."""
        with self.datastore.transaction(commit=True) as c:
            c.executemany(f"INSERT INTO {self.table} (rowid, {COLUMNS}) VALUES (?, ?, ?, ?, ?)", rows)
            c.executemany(f"INSERT INTO command VALUES (?, ?, ?, ?, ?, ?) {GROWN}", commands)

    @contextmanager
    def _rows(self, sql: str, params: Sequence[Any]) -> Iterator[Any]:
        with self.datastore.get_connection(commit=False) as connection:
            cursor = connection._sqlite_conn.cursor()      # sqlite3.Row costs three times a tuple
            cursor.row_factory = None
            try:
                yield cursor.execute(sql.replace("%s", "?"), params)
            except sqlite3.OperationalError as e:
                raise OperationalError(str(e)) from e

    def select(self, sql: str, params: Sequence[Any]) -> list[Any]:
        with self._rows(sql, params) as rows:
            return rows.fetchall()  # type: ignore[no-any-return]

    def of(self, streams: Sequence[str]) -> list[Any]:
        marks = ", ".join("?" * len(streams))
        return self.select(f"SELECT rowid, {COLUMNS} FROM {self.table} WHERE originator_id IN ({marks}) ORDER BY originator_id, originator_version", streams)

    def existing(self, keys: Sequence[tuple[str, int]]) -> dict[tuple[str, int], tuple[int, bytes]]:
        found = {}
        for stream, version in keys:
            for position, state in self.select(
                    f"SELECT rowid, state FROM {self.table} WHERE originator_id = ? AND originator_version = ?", (stream, version)):
                found[stream, version] = (position, state)
        return found


class PostgresRecorder(PostgresApplicationRecorder):
    position = "notification_id"
    own_position = "(notification_id + 0)"     # which only the index of our own events has
    own = NOT_RECEIVED

    def __init__(self, config: Config, service: str, pool: int = 8):
        self.config, self.service = config, service
        super().__init__(_Datastore(config, service, pool), events_table_name=f"{service}_log")
        self.table = f"{service}.{self.events_table_name}"
        # Not the stock EXCLUSIVE table lock: it needs UPDATE rights and waits for VACUUM and ANALYZE. The wake-up goes along.
        self.lock_table_statements = [f"SELECT pg_advisory_xact_lock(hashtext('{self.table}')), pg_notify('{self.channel_name}', '')"]
        self.insert_sql = (f"INSERT INTO {self.table} ({COLUMNS}) SELECT a, b, c, d FROM "
                           "unnest(%b::text[], %b::bigint[], %b::text[], %b::bytea[]) WITH ORDINALITY AS e(a, b, c, d, n) "
                           "ORDER BY n RETURNING notification_id")
        self.command_sql = (f"INSERT INTO {service}.command SELECT * FROM "
                            "unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::bigint[], %b::int[])")
        if self.datastore.enable_db_functions:
            raise RuntimeError("POSTGRES_ENABLE_DB_FUNCTIONS drops the lock that keeps positions in commit order")

    def migrate(self) -> None:
        """Creates log, triggers and command table, each under the role that shall own it."""
        role = f"sanu_{self.service}"
        with psycopg.connect(self.config.database, autocommit=True) as c, c.transaction():
            c.execute(f"SET LOCAL ROLE {OWNER}")
            for statement in self.sql_create_statements:
                if "CREATE TABLE" in statement.as_string(c) or "INDEX" in statement.as_string(c):
                    c.execute(statement)
            # The relay asks for own events at every wake-up; a log that mostly received would be walked each time. The planner does not
            # know how few they are and takes the key's index where it can.
            c.execute(f"CREATE INDEX IF NOT EXISTS {self.events_table_name}_ours ON {self.table} ({self.own_position}) WHERE {NOT_RECEIVED}")
            c.execute(f"""
                CREATE OR REPLACE FUNCTION {self.service}.append_only() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN RAISE EXCEPTION 'the log is append-only'; END $$;
                CREATE OR REPLACE TRIGGER never_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {self.table}
                    FOR EACH STATEMENT EXECUTE FUNCTION {self.service}.append_only();
                GRANT SELECT, INSERT ON {self.table} TO {role};
                GRANT USAGE, SELECT, UPDATE ON SEQUENCE {self.table}_notification_id_seq TO {role}""")
            c.execute(f"SET LOCAL ROLE {role}")
            c.execute(f"CREATE TABLE IF NOT EXISTS {self.service}.command ({COMMAND})")

    def insert_events(self, stored_events: Sequence[StoredEvent], commands: Sequence[CommandRow] = (), **_: Any) -> Sequence[int] | None:
        """One round trip. Without the stock @retry, which can meet its own events after a lost answer."""
        columns = [[s.originator_id for s in stored_events], [s.originator_version for s in stored_events],
                   [s.topic for s in stored_events], [s.state for s in stored_events]]
        with self.datastore.get_connection() as c:
            cursor = c.cursor(row_factory=tuple_row)
            try:
                with c.pipeline():
                    c.execute("BEGIN")
                    for statement in self.lock_table_statements:
                        c.execute(statement, prepare=True)
                    if commands:
                        c.execute(self.command_sql, [list(column) for column in zip(*commands, strict=True)], prepare=True)
                    cursor.execute(self.insert_sql, columns, prepare=True)
                    c.execute("COMMIT")
            except psycopg.Error:
                c.rollback()
                raise
            return [row[0] for row in cursor.fetchall()]

    def insert_at(self, rows: Sequence[Recorded], commands: Sequence[CommandRow]) -> None:
        with self.datastore.get_connection() as c, c.transaction():
            for statement in self.lock_table_statements:
                c.execute(statement)
            c.cursor().executemany(f"INSERT INTO {self.table} (notification_id, {COLUMNS}) VALUES (%s, %s, %s, %s, %s)", rows)
            c.cursor().executemany(f"INSERT INTO {self.service}.command VALUES (%s, %s, %s, %s, %s, %s) {GROWN}", commands)
            c.execute("SELECT setval(pg_get_serial_sequence(%s, 'notification_id'), %s)", (self.table, rows[-1].position))

    def select(self, sql: str, params: Sequence[Any]) -> list[Any]:
        with self.datastore.get_connection() as c, c.cursor(binary=True, row_factory=tuple_row) as cursor:
            return cursor.execute(sql, params, prepare=True).fetchall()

    def of(self, streams: Sequence[str]) -> list[Any]:
        return self.select(f"SELECT notification_id, {COLUMNS} FROM {self.table} WHERE originator_id = ANY(%s) "
                           "ORDER BY originator_id, originator_version", (streams,))

    def existing(self, keys: Sequence[tuple[str, int]]) -> dict[tuple[str, int], tuple[int, bytes]]:
        rows = self.select(
            f"SELECT t.originator_id, t.originator_version, t.notification_id, t.state FROM {self.table} t "
            "JOIN unnest(%s::text[], %s::bigint[]) k(s, v) ON t.originator_id = k.s AND t.originator_version = k.v",
            ([k[0] for k in keys], [k[1] for k in keys]))
        return {(r[0], r[1]): (r[2], r[3]) for r in rows}


class _Datastore(PostgresDatastore):
    """Connections that act with the service's own rights, whoever logs in."""

    def __init__(self, config: Config, service: str, pool: int):
        self.role = f"sanu_{service}"
        uri = conninfo_to_dict(config.database)
        super().__init__(
            str(uri.get("dbname", "")), str(uri.get("host", "")), str(uri.get("port", 5432)), str(uri.get("user", "")), str(uri.get("password", "")),
            schema=service, originator_id_type="text", lock_timeout=LOCK_TIMEOUT_S, pool_size=1, max_overflow=pool - 1, connect_timeout=5)

    def after_connect_func(self) -> Any:
        settings = f"SET ROLE {self.role}; SET lock_timeout = '{LOCK_TIMEOUT_S}s'"

        def after_connect(connection: psycopg.Connection[Any]) -> None:
            connection.autocommit = True
            connection.execute(settings)

        return after_connect


Recorder = SqliteRecorder | PostgresRecorder


def create_roles(config: Config, service: str) -> None:
    """The service's role, the owner of logs, and the schema; the log's connections act with these rights (PostgreSQL only).

    Who has made the roles beforehand (deploy/postgres/roles.sql) may migrate with a login that cannot make any.
    """
    role = f"sanu_{service}"
    with psycopg.connect(config.database, autocommit=True) as c:
        for name in (role, OWNER, SEALING):
            if not c.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone():
                c.execute(SQL("DO $$ BEGIN CREATE ROLE {} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$").format(Identifier(name)))
            if not c.execute("SELECT 1 FROM pg_roles WHERE rolname = %s AND pg_has_role(oid, 'MEMBER')", (name,)).fetchone():
                c.execute(SQL("GRANT {} TO CURRENT_USER").format(Identifier(name)))
        c.execute(f"CREATE SCHEMA IF NOT EXISTS {service}")
        c.execute(f"GRANT USAGE, CREATE ON SCHEMA {service} TO {role}, {OWNER}")


def open_recorder(config: Config, service: str) -> Recorder:
    return SqliteRecorder(config, service) if config.embedded else PostgresRecorder(config, service)
