"""The servers the other tests stand on: they work, break and come back."""
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest
from kombu import Connection

from tests.proxy import Proxy
from tests.servers import Postgres, Rabbit, ServerError


def publish(uri: str, body: bytes, queue: str = "q") -> None:
    with Connection(uri, transport_options={"confirm_publish": True}) as connection, connection.channel() as channel:
        connection.SimpleQueue(queue, channel=channel).put(body)


def get(uri: str, queue: str = "q") -> bytes:
    with Connection(uri) as connection:
        message = connection.SimpleQueue(queue).get(timeout=5)
        message.ack()
        return bytes(message.body)


def test_a_database_answers(database: str) -> None:
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT 1, current_setting('fsync')").fetchone() == (1, "on")


def test_each_test_has_a_database_of_its_own(postgres: Postgres, database: str) -> None:
    with psycopg.connect(database) as one, psycopg.connect(postgres.new_database()) as other:
        one.execute("CREATE TABLE t ()")
        one.commit()
        assert other.execute("SELECT to_regclass('t')").fetchone() == (None,)


def test_a_killed_postgres_keeps_what_was_committed(postgres: Postgres, database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE t AS SELECT 7 AS n")
    postgres.kill()
    assert not postgres.alive()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(database, connect_timeout=2)
    postgres.start()
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT n FROM t").fetchone() == (7,)


def test_a_confirmed_message_is_got(broker: str) -> None:
    publish(broker, b"gold")
    assert get(broker) == b"gold"


def test_each_test_has_a_virtual_host_of_its_own(rabbit: Rabbit, broker: str) -> None:
    publish(broker, b"gold")
    with Connection(rabbit.new_vhost()) as connection, pytest.raises(connection.channel_errors):
        connection.default_channel.queue_declare("q", passive=True)


def test_a_stopped_broker_keeps_its_durable_queues(rabbit: Rabbit, broker: str) -> None:
    with Connection(broker) as connection:
        connection.default_channel.queue_declare("kept", durable=True, auto_delete=False)
    rabbit.stop()
    rabbit.start()
    with Connection(broker) as connection:
        connection.default_channel.queue_declare("kept", passive=True)


def test_a_broker_that_lost_its_data_starts_empty_at_the_same_address(rabbit: Rabbit, broker: str) -> None:
    with pytest.raises(ServerError, match="running"):
        rabbit.delete_data()
    rabbit.kill()
    rabbit.delete_data()
    rabbit.start()
    assert rabbit.ctl("list_vhosts", "name", "--no-table-headers").split() == ["/"]
    again = rabbit.new_vhost(broker.rpartition("/")[2])
    assert again == broker
    publish(again, b"gold")
    assert get(again) == b"gold"


def test_a_cut_line_breaks_the_connection_and_the_next_one_works(postgres: Postgres, database: str) -> None:
    proxy = Proxy(postgres.port)
    through = database.replace(f":{postgres.port}/", f":{proxy.port}/")
    with psycopg.connect(through) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        proxy.cut()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    with psycopg.connect(through) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    proxy.stop()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(through, connect_timeout=2)


def test_a_hole_holds_what_is_sent_until_the_line_opens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as target:
        proxy = Proxy(target.getsockname()[1])
        with socket.create_connection(("127.0.0.1", proxy.port), timeout=0.3) as client:
            server, _ = target.accept()
            server.settimeout(0.3)
            proxy.hole()
            client.sendall(b"held")
            with pytest.raises(TimeoutError):
                server.recv(4)
            proxy.open()
            assert server.recv(4) == b"held"
            server.close()
        proxy.stop()


def test_a_server_ends_with_a_killed_test_process() -> None:
    starter = ("import os, pathlib, sys; from tests.servers import Postgres; server = Postgres(pathlib.Path(sys.argv[1]))\n"
               "server.start(); print(server.port, flush=True); os.kill(os.getpid(), 9)")
    with tempfile.TemporaryDirectory(prefix="sanu-test-") as base:
        Path(base).chmod(0o755)
        project = Path(__file__).parents[2]
        ran = subprocess.run([sys.executable, "-c", starter, base], capture_output=True, text=True, cwd=project,
                             env={**os.environ, "PYTHONPATH": str(project)})
        port = int(ran.stdout)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and _listens(port):
            time.sleep(0.05)
        assert not _listens(port)


def test_what_is_missing_is_named_with_the_line_to_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tests.servers.RABBIT_BIN", tmp_path)
    with pytest.raises(ServerError, match="rabbitmq-server is missing: apt-get install -y rabbitmq-server"):
        Rabbit(tmp_path)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
