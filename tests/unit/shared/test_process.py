"""What a process writes is done once, by one id, in whatever order the events came and however often the process is rebuilt."""
import itertools
import threading
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from shared import event, process
from shared.errors import Conflict, StorageFull, Unavailable, Unprocessable
from shared.process import Done, Later, Process, Todo
from shared.projection import Projection
from shared.rebuild import rebuild
from shared.recorder import Recorded
from tests.peers import Peer


class Reminders(Process):
    """Opened → a command at once and a reminder on a day; closed → no reminder."""

    name = "reminders"
    names = frozenset({"alpha.Opened", "alpha.Closed"})

    def act(self, row: Recorded) -> Iterable[Todo | Done]:
        e = event.decode(row.state)
        if row.name == "alpha.Opened":
            yield Todo(self.step_id(e.data["case"], "greet"), "command", "greet", {"case": e.data["case"]}, e.id)
            yield Todo(self.step_id(e.data["case"], "remind"), "sending", "office", {"case": e.data["case"]}, e.id, e.data.get("due", "2025-02-01"))
        else:
            yield Done(self.step_id(e.data["case"], "remind"))


@pytest.fixture
def reminders(alpha: Peer) -> Iterator[Projection]:
    projection = Projection(alpha.log, alpha.tables, Reminders())
    projection.prepare()
    yield projection


def follow(projection: Projection) -> None:
    while projection.step():
        pass


def left(projection: Projection) -> list[tuple[Any, ...]]:
    table = projection.view.table(projection.current().number)("")
    return projection.tables.query(f"SELECT target, done, why FROM {table} ORDER BY target, id")


def perform(projection: Projection, now: str = "2025-03-01") -> list[Todo]:
    did: list[Todo] = []
    process.perform(projection, did.append, now)
    return did


def test_an_event_makes_what_must_follow(alpha: Peer, reminders: Projection) -> None:
    alpha.writer.appends("case/1", "alpha.Opened", case="1")
    follow(reminders)
    cause = event.decode(alpha.log.load("case/1")[0].state).id
    greet, remind = sorted(perform(reminders), key=lambda t: t.target)
    assert (greet.kind, greet.target, greet.body, greet.cause, greet.due_at) == ("command", "greet", {"case": "1"}, cause, "")
    assert (remind.kind, remind.target, remind.body, remind.cause, remind.due_at) == ("sending", "office", {"case": "1"}, cause, "2025-02-01")


def test_what_is_done_is_not_done_again(alpha: Peer, reminders: Projection) -> None:
    alpha.writer.appends("case/1", "alpha.Opened", case="1")
    follow(reminders)
    assert len(perform(reminders)) == 2
    assert perform(reminders) == []


def test_a_deadline_waits_for_its_day(alpha: Peer, reminders: Projection) -> None:
    alpha.writer.appends("case/1", "alpha.Opened", case="1", due="2025-02-01")
    follow(reminders)
    assert [t.target for t in perform(reminders, now="2025-01-31T23:59:59.999Z")] == ["greet"]
    assert [t.target for t in perform(reminders, now="2025-02-01T00:00:00.000Z")] == ["office"]


def test_a_retry_has_the_same_id(alpha: Peer, reminders: Projection) -> None:
    alpha.writer.appends("case/1", "alpha.Opened", case="1")
    follow(reminders)
    tried: list[str] = []

    def fails(todo: Todo) -> None:
        tried.append(todo.id)
        raise Unavailable("not now")

    for _ in range(3):
        with pytest.raises(Unavailable):
            process.perform(reminders, fails, "2025-01-02")
    assert len(tried) == 3 and len(set(tried)) == 1
    assert [t.id for t in perform(reminders, "2025-01-02")] == tried[:1]


@pytest.mark.parametrize("fault", [Unavailable("not now"), StorageFull("no space")])
def test_a_passing_fault_leaves_it_to_do(alpha: Peer, reminders: Projection, fault: Exception) -> None:
    alpha.writer.appends("case/1", "alpha.Opened", case="1")
    follow(reminders)

    def fails(todo: Todo) -> None:
        raise fault

    with pytest.raises(type(fault)):
        process.perform(reminders, fails, "2025-01-02")
    assert left(reminders) == [("greet", 0, ""), ("office", 0, "")]


def test_what_is_put_off_waits_its_time_and_the_others_need_not_wait_for_it(alpha: Peer, reminders: Projection) -> None:
    alpha.writer.appends("case/1", "alpha.Opened", case="1")
    follow(reminders)
    did: list[str] = []

    def busy(todo: Todo) -> None:
        if todo.target == "greet":
            raise Later("not now", 60)
        did.append(todo.target)

    assert process.perform(reminders, busy, "2025-03-01T00:00:00.000Z") == 1
    assert did == ["office"]
    assert perform(reminders, "2025-03-01T00:00:59.999Z") == []
    assert [t.target for t in perform(reminders, "2025-03-01T00:01:00.000Z")] == ["greet"]


@pytest.mark.parametrize("refusal", [Conflict("stands already"), Unprocessable("breaks a rule")])
def test_a_refusal_is_kept_beside_the_row_and_the_next_goes_on(alpha: Peer, reminders: Projection, refusal: Exception) -> None:
    alpha.writer.appends("case/1", "alpha.Opened", case="1")
    follow(reminders)

    def refuses(todo: Todo) -> None:
        if todo.target == "greet":
            raise refusal

    assert process.perform(reminders, refuses, "2025-03-01") == 2
    assert left(reminders) == [("greet", 1, str(refusal)), ("office", 1, "")]


def test_a_rebuilt_process_has_the_same_ids(alpha: Peer, reminders: Projection) -> None:
    for n in range(5):
        alpha.writer.appends(f"case/{n}", "alpha.Opened", case=str(n))
    follow(reminders)
    before = perform(reminders)
    rebuild([reminders])
    assert perform(reminders) == before


@pytest.mark.parametrize("order", list(itertools.permutations(["open 1", "close 1", "open 2"])), ids=" ".join)
def test_what_is_no_longer_needed_is_not_done_in_any_order_of_arrival(alpha: Peer, reminders: Projection, order: tuple[str, ...]) -> None:
    for word, case in (step.split() for step in order):
        alpha.writer.appends(f"{word}/{case}", "alpha.Opened" if word == "open" else "alpha.Closed", case=case)
        follow(reminders)
    done = [(t.target, t.body["case"]) for t in perform(reminders)]
    assert sorted(done) == [("greet", "1"), ("greet", "2"), ("office", "2")]


def test_what_was_done_before_it_was_called_off_stays_done(alpha: Peer, reminders: Projection) -> None:
    alpha.writer.appends("open/1", "alpha.Opened", case="1")
    follow(reminders)
    perform(reminders)
    alpha.writer.appends("close/1", "alpha.Closed", case="1")
    follow(reminders)
    assert left(reminders) == [("greet", 1, ""), ("office", 1, "")]


def test_two_workers_of_one_process_do_each_thing_under_one_id(alpha: Peer, reminders: Projection) -> None:
    alpha.writer.appends("case/1", "alpha.Opened", case="1")
    follow(reminders)
    did: list[str] = []

    def while_another_works(todo: Todo) -> None:
        if len(did) < 2:
            did.extend(t.id for t in perform(reminders))
        did.append(todo.id)

    process.perform(reminders, while_another_works, "2025-03-01")
    assert len(set(did)) == 2


def test_a_process_with_several_hands_does_several_things_at_a_time(alpha: Peer) -> None:
    class Handy(Reminders):
        hands = 2

    projection = Projection(alpha.log, alpha.tables, Handy())
    projection.prepare()
    alpha.writer.appends("case/1", "alpha.Opened", case="1")
    follow(projection)
    together = threading.Barrier(2, timeout=5)
    assert process.perform(projection, lambda todo: together.wait() and None, "2025-03-01") == 2
    assert [done for _, done, _ in left(projection)] == [1, 1]
