"""The doctor's look at where logs and tables are kept: SQLite files, or PostgreSQL and its settings; and at the clock."""
import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg

from installation.catalogue import open_service
from installation.upkeep import must_exist
from shared import event
from shared.config import SERVICES, Config
from shared.errors import SanuError
from shared.service import Service

from .check import Check, bad, good, judged

LEAST_SQLITE, LEAST_POSTGRESQL = (3, 37), 150000
CLOCK_S = 2.0                          # two clocks apart; tokens have a leeway of 10 s
KEPT = ("checkpoint", "relay", "refused", "settled", "heard", "verified", "restored", "projection")
SET = {"fsync": "ON", "full_page_writes": "ON", "synchronous_commit": "ON"}


def checks(config: Config) -> Iterator[Check]:
    yield from _sqlite(config) if config.embedded else _postgresql(config)
    try:
        must_exist(config)
    except SanuError as e:
        yield bad("logs", e.detail, "start the installation once, or restore a copy")
        return
    yield from _services(config)


def _sqlite(config: Config) -> Iterator[Check]:
    least = ".".join(map(str, LEAST_SQLITE))
    yield judged("SQLite", sqlite3.sqlite_version_info >= LEAST_SQLITE, sqlite3.sqlite_version, f"Python with SQLite {least} or newer")
    for name in SERVICES:
        file = config.var / name / "log.db"
        if file.exists():
            with closing(sqlite3.connect(file.absolute().as_uri() + "?mode=ro", uri=True, timeout=5)) as connection:
                said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if said != "ok":
                yield bad("SQLite", f"{file}: {said}", f"./sanu restore DIR --service {name}; the others hold what its copy lacks")


def _postgresql(config: Config) -> Iterator[Check]:
    try:
        connection = psycopg.connect(config.of(SERVICES[0]).database, connect_timeout=5, autocommit=True)
    except (psycopg.Error, OSError) as e:
        yield bad("PostgreSQL", str(e).strip().splitlines()[0], "start it, or correct --database (SANU_DATABASE)")
        return
    with connection:
        version = connection.info.server_version
        yield judged("PostgreSQL", version >= LEAST_POSTGRESQL, f"{version // 10000}.{version % 10000}", "PostgreSQL 15 or newer")
        for name, wanted in SET.items():
            said = _one(connection, "SELECT current_setting(%s)", name)
            yield judged("PostgreSQL", said == wanted.lower(), f"{name} is {said}",
                         f"ALTER SYSTEM SET {name} = on; SELECT pg_reload_conf(); until then an acknowledged command may be lost")
        theirs = _one(connection, "SELECT clock_timestamp()")
        apart = abs((dt.datetime.now(dt.UTC) - theirs).total_seconds())
        yield judged("clock", apart < CLOCK_S, f"{apart:.2f} s from PostgreSQL's", "set the clocks of both machines by NTP (timedatectl set-ntp true)")


def _one(connection: psycopg.Connection[Any], sql: str, *values: object) -> Any:
    row = connection.execute(sql, values).fetchone()
    return row[0] if row else None


def _services(config: Config) -> Iterator[Check]:
    for name in SERVICES:
        service = open_service(config, name)
        try:
            missing = [table for table in KEPT if not _has(service, table)]
            yield judged("migrated", not missing, f"{name} has its log and tables" if not missing else f"{name} lacks {', '.join(missing)}",
                         "start the installation again with this version: it adds what is missing")
            head = service.log.own_head()
            row = service.log.at(head) if head else None
            if row and (ahead := _ahead(event.decode(row.state).recorded_at)) > CLOCK_S:
                yield bad("clock", f"the newest event of {name} was recorded {ahead:.0f} s from now", "set the clock by NTP before anything is recorded")
        finally:
            service.close()
    yield good("clock", f"now {event.now()}: compare with a watch")


def _has(service: Service, table: str) -> bool:
    try:
        service.tables.query(f"SELECT 1 FROM {table} LIMIT 1")
    except (sqlite3.Error, psycopg.Error):
        return False
    return True


def _ahead(recorded_at: str) -> float:
    return (dt.datetime.fromisoformat(recorded_at) - dt.datetime.now(dt.UTC)).total_seconds()
