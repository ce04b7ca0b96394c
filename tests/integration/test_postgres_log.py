"""The log on PostgreSQL: append-only for everybody, positions in commit order, and an answer that gets lost is found again."""
import multiprocessing
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from socket import socket
from typing import Any

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent

from shared import event, log, service
from shared.config import Config
from shared.errors import Conflict, Unavailable
from shared.event import Actor, Event
from shared.log import Log, stored
from shared.recorder import OWNER, CommandRow
from tests.clients import until
from tests.proxy import Proxy
from tests.servers import Postgres

SERVICE, TABLE = "membership", "membership.membership_log"
LOCK = f"SELECT pg_advisory_xact_lock(hashtext('{TABLE}'))"


@pytest.fixture
def config(database: str, tmp_path: Path) -> Config:
    result = Config(var=tmp_path, database=database)
    log.migrate(result, SERVICE)
    return result


@contextmanager
def opened(config: Config) -> Iterator[Log]:
    """A log as one process has it, with connections of its own."""
    own = Log(config, SERVICE)
    try:
        yield own
    finally:
        own.recorder.datastore.close()


def fact(stream: str, version: int = 1, text: str = "") -> StoredEvent:
    return stored(Event(id=event.new_id(), name="membership.Tested", stream=stream, version=version, recorded_at=event.now(),
                        actor=Actor("test", "test"), correlation="test", data={"text": text}))


def command(key: str, of: StoredEvent, events: int = 1) -> CommandRow:
    return CommandRow("tester", key, "digest", str(of.originator_id), of.originator_version, events)


# ---- append-only


@pytest.mark.parametrize("statement", [f"UPDATE {TABLE} SET topic = 'x'", f"DELETE FROM {TABLE}", f"TRUNCATE {TABLE}",
                                       f"UPDATE {TABLE} SET topic = 'x' WHERE false", f"DROP TABLE {TABLE}",
                                       f"ALTER TABLE {TABLE} DISABLE TRIGGER never_change"])
def test_the_services_role_may_not_change_its_log(statement: str, config: Config) -> None:
    with psycopg.connect(config.database) as connection:
        connection.execute(f"SET ROLE sanu_{SERVICE}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


@pytest.mark.parametrize("verb", [f"UPDATE {TABLE} SET topic = 'x'", f"DELETE FROM {TABLE}", f"TRUNCATE {TABLE}"])
@pytest.mark.parametrize("role", [OWNER, "postgres"])
def test_not_even_the_owner_or_the_superuser_changes_a_row_by_mistake(role: str, verb: str, config: Config) -> None:
    with psycopg.connect(config.database) as connection:
        connection.execute(f"SET ROLE {role}")
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            connection.execute(verb)


def test_a_services_role_sees_nothing_of_another_service(config: Config) -> None:
    log.migrate(config, "training")
    with psycopg.connect(config.database) as connection:
        connection.execute("SET ROLE sanu_training")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"SELECT * FROM {TABLE}")


def test_stored_bytes_come_back_to_the_letter(config: Config) -> None:
    with opened(config) as own:
        new = fact("a", text="Djinètoumanina \\u0000 ✓")
        position, = own.append([new])
        row = own.at(position)
        assert row and row.state == new.state


# ---- order


def write(config: Config, number: int, commits: int) -> None:
    """One writer process: appends of its own and on streams all share, lost races, and transactions that are rolled back."""
    choose = random.Random(number)
    with opened(config) as own, psycopg.connect(config.database) as raw:
        for n in range(commits):
            shared = f"shared/{choose.randrange(3)}"
            events = [fact(f"own/{number}/{n}"), fact(shared, len(own.load(shared)) + 1)]
            try:
                own.append(events, command(f"{number}-{n}", events[0], 2))
            except Conflict:
                pass
            if n % 5 == 0:
                raw.execute("SET ROLE sanu_membership")
                raw.execute(LOCK)
                raw.execute(f"INSERT INTO {TABLE} (originator_id, originator_version, topic, state) VALUES (%s, 1, 'x', 'x')", (f"undone/{number}/{n}",))
                raw.rollback()


def tail(own: Log, done: Callable[[], bool]) -> list[tuple[int, str, int]]:
    seen: list[tuple[int, str, int]] = []
    while True:
        last = done()
        page = own.after(seen[-1][0] if seen else 0, random.choice((1, 3, 50)))
        seen += [(r.position, r.stream, r.version) for r in page]
        if last and not page:
            return seen


def test_no_reader_misses_an_event_of_four_writers_with_conflicts_and_rollbacks(config: Config) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write, args=(config, number, 150)) for number in range(4)]
    for writer in writers:
        writer.start()
    seen: list[list[tuple[int, str, int]]] = []

    def read() -> None:
        with opened(config) as own:
            seen.append(tail(own, lambda: not any(w.is_alive() for w in writers)))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for part in (*writers, *readers):
        part.join(60)
    assert [w.exitcode for w in writers] == [0] * 4
    with opened(config) as own:
        everything = [(r.position, r.stream, r.version) for r in own.after(0, 10_000)]
    assert len(everything) > 600 and everything[-1][0] > len(everything), "rollbacks left no holes: nothing was tested"
    assert seen == [everything] * 3
    assert not [stream for _, stream, _ in everything if stream.startswith("undone/")]
    versions: dict[str, int] = {}
    for _, stream, version in everything:
        assert version == versions.get(stream, 0) + 1
        versions[stream] = version
    mine = {stream for _, stream, _ in everything if stream.startswith("own/")}
    shared = [stream for _, stream, _ in everything if stream.startswith("shared/")]
    assert len(mine) == len(shared), "an event of a refused command was written"


def test_a_writer_paused_before_its_commit_holds_up_positions_not_readers(config: Config) -> None:
    """It has its position already; whoever came after it must not become visible first."""
    with opened(config) as own, psycopg.connect(config.database) as paused:
        head = own.head()
        paused.execute(f"SET ROLE sanu_{SERVICE}")
        paused.execute(LOCK)
        row = fact("paused")
        position = paused.execute(
            f"INSERT INTO {TABLE} (originator_id, originator_version, topic, state) VALUES (%s, %s, %s, %s) RETURNING notification_id",
            (row.originator_id, row.originator_version, row.topic, row.state)).fetchone()
        began = time.monotonic()
        with pytest.raises(Unavailable):
            own.append([fact("later")])
        assert 2.5 < time.monotonic() - began < 4.5
        assert own.after(head, 10) == [] and own.head() == head
        answers: list[Any] = []
        waiting = threading.Thread(target=lambda: answers.append(own.append([fact("waited")])))
        waiting.start()
        time.sleep(0.5)
        assert own.after(head, 10) == []                   # a reader never passes the one who is paused
        paused.commit()
        waiting.join(5)
        assert position and [r.position for r in own.after(head, 10)] == [position[0], answers[0][0]]
        assert position[0] < answers[0][0]


def test_maintenance_holds_up_nobody(config: Config) -> None:
    """The stock table lock would wait for it: SHARE UPDATE EXCLUSIVE is what VACUUM and ANALYZE take."""
    with opened(config) as own, psycopg.connect(config.database) as vacuum:
        vacuum.execute(f"LOCK TABLE {TABLE} IN SHARE UPDATE EXCLUSIVE MODE")
        began = time.monotonic()
        own.append([fact("meanwhile")])
        assert time.monotonic() - began < 1


def test_the_lock_that_keeps_the_order_cannot_be_configured_away(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTGRES_ENABLE_DB_FUNCTIONS", "y")
    try:
        with opened(config) as own:
            assert any("pg_advisory_xact_lock" in repr(s) for s in own.recorder.lock_table_statements)  # type: ignore[union-attr]
    except (RuntimeError, AssertionError):
        pass                                               # refusing to start is as good


# ---- group commit


def test_innocent_commands_of_a_group_are_committed_and_the_conflicting_one_is_told(config: Config) -> None:
    with opened(config) as own, opened(config) as other:
        other.append([fact("taken")])
        outcomes: dict[str, object] = {}

        def append(stream: str) -> None:
            try:
                outcomes[stream] = own.append([fact(stream)], command(stream, fact(stream)))
            except Conflict as e:
                outcomes[stream] = e

        with psycopg.connect(config.database) as paused:   # so that all of them meet in one group
            paused.execute(LOCK)
            works = [threading.Thread(target=append, args=(stream,)) for stream in ("a", "b", "taken", "c")]
            for work in works:
                work.start()
            time.sleep(0.5)
        for work in works:
            work.join(10)
        assert isinstance(outcomes.pop("taken"), Conflict)
        assert len(outcomes) == 3 and all(not isinstance(o, Exception) for o in outcomes.values())


class LosesAnswers(Proxy):
    """Once armed: lets the next COMMIT through to the server, keeps the answer, and drops the line."""

    armed = losing = False

    def _pump(self, source: socket, sink: socket) -> None:
        to_server = sink.getpeername()[1] == self._target
        try:
            while data := source.recv(65_536):
                if to_server and self.armed and b"COMMIT" in data:
                    self.armed, self.losing = False, True
                    sink.sendall(data)
                    time.sleep(0.5)                        # it is committed, and the answer is on its way to nobody
                    break
                if to_server or not self.losing:
                    sink.sendall(data)
        except OSError:
            pass
        if to_server:
            self.losing = False
        self._drop(source)
        self._drop(sink)


def test_after_a_lost_answer_the_group_knows_its_own_events(config: Config, postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    line = LosesAnswers(postgres.port)
    with opened(replace(config, database=config.database.replace(str(postgres.port), str(line.port)))) as own, opened(config) as other:
        own.append([fact("before")])
        errors: list[BaseException] = []
        insert = own.recorder.insert_events

        def insert_events(*args: Any, **kw: Any) -> Any:
            try:
                return insert(*args, **kw)
            except Exception as e:
                errors.append(e)
                raise

        monkeypatch.setattr(own.recorder, "insert_events", insert_events)
        line.armed = True
        new = fact("answered")
        positions = own.append([new], command("key", new))
        assert len(errors) == 1 and not isinstance(errors[0], IntegrityError), "no answer was lost"
        row = own.at(positions[0])
        assert row and row.state == new.state and other.command("tester", "key")
        assert len([r for r in other.after(0, 100) if r.stream == "answered"]) == 1
    line.stop()


def test_a_connection_ended_before_the_commit_leaves_nothing_and_the_same_command_may_come_again(config: Config) -> None:
    """The session waits for the lock when its backend is ended: nothing can have been written."""
    with opened(config) as own, psycopg.connect(config.database, autocommit=True) as admin, psycopg.connect(config.database) as paused:
        own.append([fact("before")])
        paused.execute(LOCK)
        new = fact("once")
        outcome: list[object] = []

        def append() -> None:
            try:
                outcome.append(own.append([new], command("key", new)))
            except Unavailable as e:
                outcome.append(e)

        waiting = threading.Thread(target=append)
        waiting.start()
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        until(lambda: admin.execute(ended).fetchall(), 5, "a session waiting for the lock")
        waiting.join(10)
        assert isinstance(outcome[0], Unavailable)
        paused.rollback()
        assert not own.load("once") and not own.command("tester", "key")
        assert len(own.append([new], command("key", new))) == 1


def test_a_database_that_was_restarted_is_used_again_without_a_restart_of_ours(config: Config, postgres: Postgres) -> None:
    with opened(config) as own:
        first, = own.append([fact("a")])
        postgres.kill()
        with pytest.raises(Unavailable):
            own.append([fact("b")])
        postgres.start()

        def appended() -> bool:
            try:
                return bool(own.append([fact("c")]))
            except (Unavailable, Conflict):
                return bool(own.load("c"))

        until(appended, 10, "appended again")
        assert [r.stream for r in own.after(first - 1, 10)] == ["a", "c"]


def test_two_logs_migrated_at_once_are_one(database: str, tmp_path: Path) -> None:
    config = Config(var=tmp_path, database=database)
    failures: list[BaseException] = []

    def migrate() -> None:
        try:
            service.migrate(config, [SERVICE])
        except BaseException as e:
            failures.append(e)

    works = [threading.Thread(target=migrate) for _ in range(4)]
    for work in works:
        work.start()
    for work in works:
        work.join(30)
    assert failures == []
    with opened(config) as own:
        assert [r.name for r in own.after(0, 10)] == ["membership.LogOpened"]
