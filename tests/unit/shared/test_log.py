"""The log takes events once, in order, all of a command or none, and never changes what it took."""
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest
from eventsourcing.persistence import OperationalError, StoredEvent

from shared import event
from shared.config import Config
from shared.errors import Conflict, HistoryRewritten, StorageFull, Unavailable
from shared.log import Log, migrate, stored
from shared.recorder import CommandRow
from shared.testing import happened
from tests.peers import Peer


def note(stream: str, version: int = 1, **data: Any) -> StoredEvent:
    return stored(msgspec.structs.replace(happened(stream, "alpha.Noted", data), version=version))


def states(log: Log) -> list[bytes]:
    return [r.state for r in log.after(1, 100_000)]


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Results or errors of acts done by as many threads, all let go at the same moment."""
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(n: int) -> None:
        barrier.wait()
        try:
            results[n] = acts[n]()
        except Exception as e:
            results[n] = e  # type: ignore[call-overload]

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


# one after another

def test_a_new_log_holds_its_opening_and_nothing_else(alpha: Peer) -> None:
    (row,) = alpha.log.after(0, 10)
    assert (row.position, row.stream, row.version, row.name) == (1, "log", 1, "alpha.LogOpened")
    assert event.decode(row.state).id == alpha.log.opened.log_id
    assert alpha.log.opened.kind == "real"


def test_migrating_again_changes_nothing(alpha: Peer, config: Config) -> None:
    log_id = alpha.log.opened.log_id
    migrate(config, "alpha")
    assert [r.name for r in alpha.log.after(0, 10)] == ["alpha.LogOpened"]
    assert Log(config, "alpha").opened.log_id == log_id


def test_a_real_log_does_not_become_synthetic(alpha: Peer, config: Config) -> None:
    with pytest.raises(HistoryRewritten):
        migrate(Config(var=config.var, kind="synthetic"), "alpha")


def test_appended_events_stand_in_their_streams_and_in_log_order(alpha: Peer) -> None:
    assert alpha.log.append([note("a"), note("b"), note("a", 2)]) == [2, 3, 4]
    assert [(r.stream, r.version) for r in alpha.log.after(1, 10)] == [("a", 1), ("b", 1), ("a", 2)]
    assert [(r.stream, r.version, r.position) for r in alpha.log.load("b", "a")] == [("a", 1, 2), ("a", 2, 4), ("b", 1, 3)]


def test_a_taken_version_is_a_conflict_and_nothing_of_the_command_is_kept(alpha: Peer) -> None:
    alpha.writer.appends("a")
    before = alpha.log.head()
    with pytest.raises(Conflict):
        alpha.log.append([note("b"), note("a", 1, other="data")])
    assert alpha.log.load("b") == []
    assert alpha.log.head() == before


def test_a_reserved_value_is_taken_once(alpha: Peer) -> None:
    alpha.log.append([note("one"), note("number/7", by="one")])
    with pytest.raises(Conflict):
        alpha.log.append([note("two"), note("number/7", by="two")])
    assert alpha.log.load("two") == []


def test_own_and_received_events_share_one_order_and_are_told_apart(alpha: Peer) -> None:
    alpha.log.append([note("a")])
    alpha.log.append([StoredEvent("received/beta", 7, "beta.Noted", b"{}")])
    alpha.log.append([note("zebra"), note("receivedx")])
    assert [r.stream for r in alpha.log.after(1, 10)] == ["a", "received/beta", "zebra", "receivedx"]
    assert [r.stream for r in alpha.log.own_after(1, 10)] == ["a", "zebra", "receivedx"]
    assert [r.version for r in alpha.log.received_after("beta", 0, 10)] == [7]
    assert alpha.log.received_after("bet", 0, 10) == []
    assert (alpha.log.head(), alpha.log.own_head()) == (5, 5)


def test_pages_follow_each_other_without_gap_or_repeat(alpha: Peer) -> None:
    alpha.says(10)
    found, position = [], 0
    while page := alpha.log.after(position, 3):
        found += page
        position = page[-1].position
    assert found == alpha.log.after(0, 100)


def test_a_read_only_log_takes_nothing(alpha: Peer) -> None:
    alpha.log.read_only = "restoring"
    with pytest.raises(Unavailable, match="restoring"):
        alpha.log.append([note("a")])
    assert alpha.log.load("a") == []


@pytest.mark.parametrize("sql", ["UPDATE stored_events SET state = x'00' WHERE rowid = 1", "DELETE FROM stored_events WHERE rowid = 1"])
def test_the_database_itself_refuses_to_change_the_log(alpha: Peer, config: Config, sql: str) -> None:
    before = alpha.log.after(0, 10)
    with sqlite3.connect(config.var / "alpha" / "log.db") as raw, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw.execute(sql)
    assert alpha.log.after(0, 10) == before


# many at once

def test_many_writers_lose_nothing_and_share_no_position(alpha: Peer) -> None:
    streams = [f"note/{n}" for n in range(24)]

    def write(stream: str) -> list[int]:
        return [alpha.log.append([note(stream, version)])[0] for version in range(1, 16)]

    results = at_once(*(lambda s=s: write(s) for s in streams))
    positions = [p for result in results for p in result]
    assert len(set(positions)) == len(positions) == 24 * 15
    assert {p: (r.stream, r.version) for r in alpha.log.after(1, 1000) for p in [r.position]} == {
        p: (stream, version) for stream, result in zip(streams, results, strict=True) for version, p in enumerate(result, 1)}


def test_of_many_writers_on_one_stream_one_wins_each_version(alpha: Peer) -> None:
    results = at_once(*(lambda n=n: alpha.log.append([note("one", 1, by=n)]) for n in range(16)))
    assert Counter(type(r) for r in results) == {list: 1, Conflict: 15}
    (row,) = alpha.log.load("one")
    assert event.decode(row.state).data["by"] == next(n for n, r in enumerate(results) if isinstance(r, list))


def test_an_innocent_command_in_a_group_with_conflicting_ones_goes_through(alpha: Peer) -> None:
    """The lead is held before its commit until the others have queued, so that they make one group."""
    alpha.log.append([note("taken")])
    group, held, let_go = alpha.log._group, threading.Event(), threading.Event()
    plain = group._commit

    def slow(entries: Any) -> None:
        if not held.is_set():
            held.set()
            let_go.wait(10)
        plain(entries)

    group._commit = slow  # type: ignore[method-assign]
    first = threading.Thread(target=lambda: alpha.log.append([note("first")]))
    first.start()
    held.wait(10)
    results: dict[str, Any] = {}

    def command(name: str, *events: StoredEvent) -> threading.Thread:
        def run() -> None:
            try:
                results[name] = alpha.log.append(events)
            except Exception as e:
                results[name] = e
        thread = threading.Thread(target=run)
        thread.start()
        while len(group._waiting) < len(threads) + 1:
            pass
        return thread

    threads: list[threading.Thread] = []
    for name, events in {"innocent": [note("a"), note("b")], "late": [note("c"), note("taken", 1, mine=1)], "twin": [note("a", 1, mine=2)],
                         "other": [note("d")]}.items():
        threads.append(command(name, *events))
    let_go.set()
    for thread in [first, *threads]:
        thread.join(10)
    assert isinstance(results["late"], Conflict) and isinstance(results["twin"], Conflict)
    assert [len(results[name]) for name in ("innocent", "other")] == [2, 1]
    assert sorted(r.stream for r in alpha.log.after(2, 10)) == ["a", "b", "d", "first"]


def test_positions_of_a_group_are_those_of_each_command(alpha: Peer) -> None:
    def write(n: int) -> Sequence[int]:
        return alpha.log.append([note(f"x/{n}"), note(f"y/{n}"), note(f"z/{n}")])

    results = at_once(*(lambda n=n: write(n) for n in range(12)))
    for n, (x, y, z) in enumerate(results):
        assert [alpha.log.at(p).stream for p in (x, y, z)] == [f"x/{n}", f"y/{n}", f"z/{n}"]  # type: ignore[union-attr]
        assert (y, z) == (x + 1, x + 2)


# when the database fails

def test_a_lost_answer_is_recognised_as_ours(alpha: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    insert, answers = alpha.log.recorder.insert_events, []

    def loses_the_answer(*args: Any, **kwargs: Any) -> Any:
        answers.append(insert(*args, **kwargs))
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(alpha.log.recorder, "insert_events", loses_the_answer)
    assert alpha.log.append([note("a"), note("b")], CommandRow("c", "k", "d", "a", 1, 2)) == [2, 3]
    assert len(answers) == 1
    assert [r.stream for r in alpha.log.after(1, 10)] == ["a", "b"]


def test_a_failure_before_the_commit_is_passing_and_writes_nothing(alpha: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*args: Any, **kwargs: Any) -> Any:
        raise OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as broken:
        broken.setattr(alpha.log.recorder, "insert_events", fails)
        with pytest.raises(Unavailable):
            alpha.log.append([note("a")])
    assert alpha.log.append([note("a")]) == [2]


def test_a_database_that_answers_nothing_at_all_is_a_passing_fault(alpha: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*args: Any, **kwargs: Any) -> Any:
        raise OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as broken:
        for method in ("insert_events", "existing", "select"):
            broken.setattr(alpha.log.recorder, method, fails)
        with pytest.raises(Unavailable):
            alpha.log.append([note("a")])
        with pytest.raises(Unavailable):
            alpha.log.load("a")
        with pytest.raises(Unavailable):
            alpha.log.command("c", "k")
    assert alpha.log.append([note("a")]) == [2]


def test_a_locked_database_is_a_passing_fault(alpha: Peer, config: Config) -> None:
    with alpha.log.recorder.datastore.get_connection(commit=True) as c:
        c._sqlite_conn.execute("PRAGMA busy_timeout = 50")
    with sqlite3.connect(config.var / "alpha" / "log.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable):
            alpha.log.append([note("a")])
        other.execute("ROLLBACK")
    assert alpha.log.append([note("a")]) == [2]


def test_an_error_of_our_own_reaches_the_caller_and_the_next_command_goes_through(alpha: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(alpha.log.recorder, "insert_events", lambda *a, **k: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            alpha.log.append([note("a")])
    assert alpha.log.append([note("a")]) == [2]


def test_a_full_disk_keeps_whole_commands_only_and_works_again_with_space(alpha: Peer) -> None:
    def pages(most: int) -> None:
        with alpha.log.recorder.datastore.get_connection(commit=True) as c:
            c._sqlite_conn.execute(f"PRAGMA max_page_count = {most}")

    pages(20)
    kept = 0
    with pytest.raises(StorageFull):
        for n in range(1000):
            alpha.log.append([note(f"a/{n}", text="x" * 3000), note(f"b/{n}", text="y" * 3000)], CommandRow("c", f"k{n}", "d", f"a/{n}", 1, 2))
            kept += 1
    assert 0 < kept < 20
    assert [r.stream for r in alpha.log.after(1, 1000)] == [f"{s}/{n}" for n in range(kept) for s in "ab"]
    assert alpha.log.command("c", f"k{kept}") is None
    pages(100_000)
    assert len(alpha.log.append([note(f"a/{kept}"), note(f"b/{kept}")])) == 2
