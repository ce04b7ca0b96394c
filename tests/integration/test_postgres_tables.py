"""The tables on PostgreSQL: what is read in a snapshot is of one moment, and the first few of many rows are found without the rest."""
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from shared import log
from shared.config import Config
from shared.tables import PostgresTables

SERVICE = "membership"


@pytest.fixture
def tables(database: str, tmp_path: Path) -> Iterator[PostgresTables]:
    config = Config(var=tmp_path, database=database)
    log.migrate(config, SERVICE)
    opened = PostgresTables(config, SERVICE)
    with opened.transaction() as tx:
        tx.execute("CREATE TABLE thing (kind TEXT, colour TEXT, position BIGINT, day TEXT)")
        tx.execute("CREATE INDEX thing_0 ON thing (kind, colour, position)")
    yield opened
    opened.close()


def test_a_snapshot_does_not_see_what_is_written_meanwhile_and_writes_nothing(tables: PostgresTables) -> None:
    with tables.snapshot() as seen:
        before = seen.execute("SELECT count(*) FROM thing").fetchone()
        with tables.transaction() as tx:
            tx.execute("INSERT INTO thing VALUES ('a', 'b', 1, '')")
        assert seen.execute("SELECT count(*) FROM thing").fetchone() == before == (0,)
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), tables.snapshot() as seen:
        seen.execute("INSERT INTO thing VALUES ('a', 'b', 2, '')")
    assert tables.query("SELECT position FROM thing") == [(1,)]


def test_after_a_statement_that_failed_in_a_snapshot_the_next_one_works(tables: PostgresTables) -> None:
    for _ in range(3):
        with pytest.raises(psycopg.errors.UndefinedTable), tables.snapshot() as seen:
            seen.execute("SELECT * FROM nothing")
        with tables.snapshot() as seen:
            assert seen.execute("SELECT count(*) FROM thing").fetchone() == (0,)


def test_the_first_rows_of_a_table_just_filled_are_read_in_order_not_sorted(tables: PostgresTables) -> None:
    with tables.transaction() as tx:
        tx.execute("ALTER TABLE thing SET (autovacuum_enabled = off)")         # nobody counts its rows for the planner
        tx.load("thing", ("kind", "colour", "position", "day"), (("abcdefghi"[n % 9], "jk"[n % 2], n, "2024-11-30" * 10) for n in range(80_000)))
    plan = "\n".join(line for (line,) in tables.query(
        "EXPLAIN SELECT position FROM thing WHERE kind = 'a' AND colour = 'j' AND day <= '2025' ORDER BY position LIMIT 20"))
    assert "thing_0" in plan and "Sort" not in plan
