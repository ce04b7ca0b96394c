"""psycopg under eventlet on a real PostgreSQL: a query that waits lets other green threads go on, and a dead backend is noticed.

Each test runs one function of this file in a process of its own, which alone is patched: `test_green_postgres.py FUNCTION URI`.
"""
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TICK_S = 0.01


def told(what: Callable[[str], dict[str, Any]], uri: str) -> dict[str, Any]:
    """What `what` returned in a patched process."""
    child = subprocess.run([sys.executable, "-W", "ignore", "-m", "tests.integration.test_green_postgres", what.__name__, uri],
                           cwd=ROOT, capture_output=True, text=True, timeout=20)
    assert child.returncode == 0, child.stderr
    assert "Traceback" not in child.stderr, child.stderr
    return json.loads(child.stdout)


def query(uri: str) -> dict[str, Any]:
    import eventlet
    import psycopg

    ticks = 0

    def tick() -> None:
        nonlocal ticks
        while True:
            eventlet.sleep(TICK_S)
            ticks += 1

    with psycopg.connect(uri) as connection:
        eventlet.spawn(tick)
        connection.execute("SELECT pg_sleep(0.5)")
        during = ticks
        large = connection.execute("SELECT repeat('x', 20000000)").fetchone()
        connection.execute("CREATE TABLE big (t text)")
        connection.execute("INSERT INTO big VALUES (%s)", ["y" * 20_000_000])        # more than a socket takes at once
        sent = connection.execute("SELECT length(t) FROM big").fetchone()
    return {"ticks": during, "received": len(large[0]) if large else 0, "sent": sent[0] if sent else 0}


def query_without_green_wait(uri: str) -> dict[str, Any]:
    return query(uri)


def pool(uri: str) -> dict[str, Any]:
    import eventlet
    from psycopg_pool import ConnectionPool, PoolTimeout

    backends = set()

    def work(_: int) -> None:
        with connections.connection() as connection:
            backends.add(connection.info.backend_pid)
            connection.execute("SELECT pg_sleep(0.2)")

    def refused() -> bool:
        try:
            with connections.connection(timeout=0.05):
                return False
        except PoolTimeout:
            return True

    with ConnectionPool(uri, min_size=4, max_size=4, open=False) as connections:
        connections.wait(5)
        begun = time.monotonic()
        threads = [eventlet.spawn(work, n) for n in range(8)]
        eventlet.sleep(0.05)
        was_refused = refused()
        for thread in threads:
            thread.wait()
        return {"seconds": time.monotonic() - begun, "backends": len(backends), "refused": was_refused}


def killed(uri: str) -> dict[str, Any]:
    import eventlet
    import psycopg
    from psycopg_pool import ConnectionPool

    def kill(pid: int) -> None:
        with psycopg.connect(uri) as other:
            other.execute("SELECT pg_terminate_backend(%s, 2000)", [pid])

    def fails(connection: Any, sql: str) -> bool:
        try:
            connection.execute(sql)
            return False
        except psycopg.OperationalError:
            return bool(connection.closed)

    with ConnectionPool(uri, min_size=1, max_size=1, open=False, check=ConnectionPool.check_connection) as connections:
        with connections.connection() as connection:
            begun = time.monotonic()
            eventlet.spawn_after(0.1, kill, connection.info.backend_pid)
            at_work = fails(connection, "SELECT pg_sleep(10)")
            seconds = time.monotonic() - begun
        with connections.connection() as connection:
            kill(connection.info.backend_pid)
            at_rest = fails(connection, "SELECT 1")
        with connections.connection() as connection:
            pid = connection.info.backend_pid
        kill(pid)                      # while it lies in the pool
        with connections.connection() as connection:
            after = connection.execute("SELECT 7").fetchone()
    return {"at_work": at_work, "seconds": seconds, "at_rest": at_rest, "after": after}


def test_others_go_on_while_a_query_waits(database: str) -> None:
    seen = told(query, database)
    assert seen["ticks"] > 20
    assert seen["received"] == seen["sent"] == 20_000_000


def test_without_the_green_wait_a_query_stops_all(database: str) -> None:
    assert told(query_without_green_wait, database)["ticks"] < 5


def test_a_pool_serves_more_than_it_has_and_refuses_in_time(database: str) -> None:
    seen = told(pool, database)
    assert 0.4 <= seen["seconds"] < 2
    assert seen["backends"] == 4 and seen["refused"]


def test_a_killed_backend_is_noticed_at_once_and_replaced(database: str) -> None:
    seen = told(killed, database)
    assert seen["at_work"] and seen["seconds"] < 3
    assert seen["at_rest"] and seen["after"] == [7]


if __name__ == "__main__":
    from eventlet import monkey_patch
    monkey_patch()
    from shared.edge import green
    if sys.argv[1] != query_without_green_wait.__name__:
        green.install()
    print(json.dumps(globals()[sys.argv[1]](sys.argv[2])))
