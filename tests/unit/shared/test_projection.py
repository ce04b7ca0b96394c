"""A view is a fold of the log: live, caught up or rebuilt, it holds what a recount of the log gives."""
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from shared.errors import SanuError, Unavailable
from shared.projection import Lost, Projection, reading
from shared.rebuild import rebuild
from shared.recorder import Recorded
from shared.tables import Transaction
from tests.peers import Feeds, Peer
from tests.unit.shared.folding import Everything, Totals, recount, rows, to_the_end, view_of

# the loop

@pytest.mark.parametrize("page", [1, 2, 5, 100])
def test_pages_of_any_size_give_the_recount(told: Peer, page: int) -> None:
    view = view_of(told, page=page)
    to_the_end(view)
    assert rows(view) == recount(told)
    assert view.current().position == told.log.head()


def test_an_event_the_view_does_not_name_is_passed_over(told: Peer) -> None:
    view = view_of(told)
    told.writer.appends("other/1", "alpha.Unknown", amount=-1)
    to_the_end(view)
    assert rows(view) == recount(told)
    assert view.current().position == told.log.head()


def test_a_view_goes_on_where_it_was(told: Peer) -> None:
    to_the_end(view_of(told))
    told.says(1, who="a", amount=1000)
    again = view_of(told)
    to_the_end(again)
    assert rows(again) == recount(told)


def test_a_view_that_is_not_prepared_is_not_there_yet(told: Peer) -> None:
    with pytest.raises(Unavailable):
        Projection(told.log, told.tables, Totals()).current()


def test_several_views_are_read_at_one_moment(told: Peer) -> None:
    totals, everything = view_of(told), view_of(told, Everything(), page=3)
    to_the_end(totals)
    everything.step()
    with reading([totals, everything]) as seen:
        counted = seen.tx.execute(f"SELECT count(*) FROM {seen.tables['everything']('')}").fetchone()[0]
        held = dict(seen.tx.execute(f"SELECT * FROM {seen.tables['totals']('')}").fetchall())
    assert (held, seen.runs["totals"].position) == (recount(told), told.log.head())
    assert counted == seen.runs["everything"].position == 3


def test_views_of_which_one_is_not_prepared_are_not_there_yet(told: Peer) -> None:
    with pytest.raises(Unavailable, match="everything"), reading([view_of(told), Projection(told.log, told.tables, Everything())]):
        pass


def test_rows_and_position_fall_back_together(told: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    view = view_of(told)

    def fails(tx: Transaction, table: Callable[[str], str], change: Any) -> None:
        Totals.write(view.view, tx, table, change)  # type: ignore[arg-type]
        raise Unavailable("the connection was lost")

    with monkeypatch.context() as broken:
        broken.setattr(view.view, "write", fails)
        with pytest.raises(Unavailable):
            view.step()
    assert (view.current().position, rows(view)) == (0, {})
    to_the_end(view)
    assert rows(view) == recount(told)


def test_a_runner_that_was_overtaken_writes_nothing(told: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    view, other = view_of(told), view_of(told)
    fold = view.view.fold

    def slow(page: Sequence[Recorded]) -> Any:
        other.step()
        return fold(page)

    monkeypatch.setattr(view.view, "fold", slow)
    with pytest.raises(Lost):
        view.step()
    assert rows(view) == recount(told)


def test_two_runners_of_one_view_count_every_event_once(told: Peer) -> None:
    runners = [view_of(told, page=1), view_of(told, page=1)]

    def run(projection: Projection) -> None:
        while projection.current().position < told.log.head():
            try:
                projection.step()
            except Lost:
                pass

    threads = [threading.Thread(target=run, args=(r,)) for r in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert rows(runners[0]) == recount(told)


def test_a_new_definition_fills_tables_of_its_own_beside_the_old(told: Peer) -> None:
    class Doubled(Totals):
        version = 2

        def fold(self, page: Sequence[Recorded]) -> Counter[str]:
            return super().fold(page) + super().fold(page)

    old, new = view_of(told), view_of(told, Doubled())
    to_the_end(old, new)
    assert rows(old) == recount(told)
    assert rows(new) == {who: 2 * total for who, total in recount(told).items()}


# an event that cannot be applied

def test_an_event_that_cannot_be_applied_stops_its_view_there_and_says_why(told: Peer) -> None:
    view, other = view_of(told), view_of(told, Everything())
    before = recount(told)
    poison = told.log.head() + 1
    told.says(1, who="a", amount=-1)
    told.says(1, who="a", amount=1)
    to_the_end(view, other)
    assert (view.current().position, view.current().stopped_at, view.current().why) == (poison - 1, poison, "ValueError: no amount")
    assert rows(view) == before
    assert other.current().position == told.log.head()


def test_a_stopped_view_waits_for_a_decision_even_if_it_could_go_on(told: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    view = view_of(told)
    told.says(1, who="a", amount=-1)
    to_the_end(view)
    stood = view.current()
    told.says(1, who="a", amount=1)
    monkeypatch.setattr(Totals, "fold", lambda self, page: Counter())
    assert view.step() == 0
    assert view.current() == stood


def test_a_view_that_can_apply_it_now_goes_on_after_retry(told: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    view = view_of(told)
    told.says(1, who="a", amount=-1)
    to_the_end(view)
    monkeypatch.setattr(Totals, "fold", lambda self, page: Counter({str(r.position): 1 for r in page}))
    view.retry()
    to_the_end(view)
    assert view.current().stopped_at == 0
    assert rows(view)[str(told.log.head())] == 1


def test_a_view_that_still_cannot_stops_again_after_retry(told: Peer) -> None:
    view = view_of(told)
    told.says(1, who="a", amount=-1)
    to_the_end(view)
    stood = view.current()
    view.retry()
    to_the_end(view)
    assert view.current() == stood


def test_a_passing_fault_stops_no_view(told: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    view = view_of(told)
    with monkeypatch.context() as broken:
        broken.setattr(told.log, "after", lambda *a: (_ for _ in ()).throw(Unavailable("the database did not answer")))
        with pytest.raises(Unavailable):
            view.step()
    assert view.current().stopped_at == 0


def test_a_full_disk_stops_no_view_and_leaves_it_whole(told: Peer) -> None:
    view = view_of(told, Everything(), page=50)
    view.view.wide = 100  # type: ignore[attr-defined]

    def pages(most: int) -> None:
        told.tables._connection.execute(f"PRAGMA max_page_count = {most}")  # type: ignore[union-attr]

    ((used,),) = told.tables.query("PRAGMA page_count")
    told.says(200, who="a", amount=1)
    pages(used + 20)
    with pytest.raises(SanuError) as full:
        to_the_end(view)
    assert full.value.status in (503, 507)
    assert view.current().stopped_at == 0
    assert len(rows(view)) == view.current().position
    pages(100_000)
    to_the_end(view)
    assert len(rows(view)) == told.log.head()


# rebuilding

def test_a_rebuilt_view_is_the_live_one(told: Peer) -> None:
    views = [view_of(told), view_of(told, Everything())]
    to_the_end(*views)
    live, run = [rows(v) for v in views], views[0].current().number
    rebuild(views, page=7)
    assert [rows(v) for v in views] == live
    assert views[0].current().number == run + 1
    assert views[0].current().position == told.log.head()


def test_a_rebuild_mends_what_was_spoilt_in_the_tables(told: Peer) -> None:
    view = view_of(told)
    to_the_end(view)
    with told.tables.transaction() as tx:
        tx.execute(f"UPDATE {view.view.table(view.current().number)('')} SET total = 0")
    rebuild([view])
    assert rows(view) == recount(told)


def test_a_view_is_readable_and_unchanged_while_it_is_rebuilt(told: Peer) -> None:
    view = view_of(told)
    to_the_end(view)
    live, seen = rows(view), []
    rebuild([view], page=3, progress=lambda n: seen.append(rows(view)))
    assert seen and all(r == live for r in seen)


def test_the_live_view_goes_on_during_a_rebuild_and_nothing_is_missed(told: Peer) -> None:
    view, live = view_of(told), view_of(told)
    to_the_end(view)
    done = threading.Event()

    def write() -> None:
        for n in range(60):
            told.says(1, who="abc"[n % 3], amount=n)

    def follow() -> None:
        while not done.is_set():
            try:
                live.step()
            except Lost:
                pass

    writer, follower = threading.Thread(target=write), threading.Thread(target=follow)
    writer.start()
    follower.start()
    for _ in range(3):
        rebuild([view], page=4)
    writer.join(30)
    done.set()
    follower.join(30)
    to_the_end(live)
    assert rows(view) == recount(told)
    assert view.current().position == told.log.head()


def test_what_is_written_during_a_rebuild_is_in_it_when_it_answers(told: Peer) -> None:
    view = view_of(told)
    to_the_end(view)
    rebuild([view], page=10, progress=lambda n: told.says(1, who="a", amount=1000))
    assert rows(view) == recount(told)
    assert view.current().position == told.log.head()


def test_an_abandoned_rebuild_leaves_the_view_as_it_was_and_the_next_one_clean(told: Peer) -> None:
    view = view_of(told)
    to_the_end(view)

    def stop(n: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild([view], page=3, progress=stop)
    assert rows(view) == recount(told)
    rebuild([view])
    assert rows(view) == recount(told)
    tables = told.tables.query("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'totals%'")
    assert len(tables) == 2


def test_a_rebuild_meets_the_event_that_stops_the_view_and_changes_nothing(told: Peer) -> None:
    view = view_of(told)
    told.says(1, who="a", amount=-1)
    to_the_end(view)
    stood = view.current()
    with pytest.raises(ValueError, match="no amount"):
        rebuild([view])
    assert view.current() == stood


# reading what one wrote

def test_a_view_has_reached_what_it_folded_of_its_own_feed(told: Peer) -> None:
    view = view_of(told, page=5)
    view.step()
    assert [view.reached("alpha", n) for n in (1, 5, 6)] == [True, True, False]


def test_a_view_has_reached_a_received_event_once_it_folded_the_row_that_holds_it(told: Peer, beta: Peer) -> None:
    with Feeds(told.chain).patched():
        beta.says(2)
        beta.inbox.take("alpha", [])
    view = view_of(beta, Everything(), page=5)
    head = told.log.own_head()
    assert not view.reached("alpha", 1)
    view.step()
    assert [view.reached("alpha", n) for n in (1, 2, 3, head)] == [True, True, False, False]
    to_the_end(view)
    assert [view.reached("alpha", n) for n in (head, head + 1)] == [True, False]
