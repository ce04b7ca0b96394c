"""Views that follow together hold what each alone would, and only the one that cannot go on stops."""
from collections.abc import Sequence
from typing import Any

import pytest

from shared.errors import Unavailable
from shared.following import step
from shared.projection import Lost, Projection, View
from shared.recorder import Recorded
from tests.peers import Peer
from tests.unit.shared.folding import Everything, Totals, recount, rows, to_the_end, view_of


class Sums(Totals):
    name = "sums"


def positions(*views: Projection) -> set[int]:
    return {view.current().position for view in views}


def together(peer: Peer, *views: View, page: int = 100) -> list[Projection]:
    return [view_of(peer, view, page) for view in views]


@pytest.mark.parametrize("page", [1, 2, 5, 100])
def test_they_hold_the_recount(told: Peer, page: int) -> None:
    views = together(told, Totals(), Everything(), Sums(), page=page)
    while step(views):
        pass
    assert rows(views[0]) == rows(views[2]) == recount(told)
    assert len(rows(views[1])) == told.log.count()
    assert positions(*views) == {told.log.head()}


def test_a_page_is_read_once(told: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    views, read, asked = together(told, Totals(), Everything(), Sums()), told.log.after, []

    def after(position: int, limit: int) -> list[Recorded]:
        asked.append(position)
        return read(position, limit)

    monkeypatch.setattr(told.log, "after", after)
    assert step(views) == told.log.count()
    assert asked == [0]


def test_one_that_stands_a_little_behind_meets_the_others(told: Peer) -> None:
    ahead, behind = together(told, Totals(), Sums())
    to_the_end(ahead)
    told.says(3, who="a", amount=7)
    while step([ahead, behind]):
        pass
    assert rows(ahead) == rows(behind) == recount(told)


def test_one_that_stands_far_behind_keeps_nobody_waiting(told: Peer) -> None:
    ahead, behind = together(told, Totals(), Sums(), page=5)
    to_the_end(ahead)
    told.says(1, who="a", amount=7)
    step([ahead, behind])
    assert ahead.current().position == told.log.head()
    assert behind.current().position == 5


def test_only_the_one_that_cannot_apply_an_event_stops(told: Peer) -> None:
    totals, everything = together(told, Totals(), Everything())
    told.says(1, who="a", amount=-1)
    poison = told.log.head()
    told.says(1, who="a", amount=1)
    while step([totals, everything]):
        pass
    assert (totals.current().position, totals.current().stopped_at) == (poison - 1, poison)
    assert everything.current().position == told.log.head()
    assert len(rows(everything)) == told.log.count()


def test_a_write_that_fails_leaves_all_where_they_were(told: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    views = together(told, Totals(), Everything())

    def fails(*_: Any) -> None:
        raise Unavailable("the connection was lost")

    with monkeypatch.context() as broken:
        broken.setattr(views[1].view, "write", fails)
        with pytest.raises(Unavailable):
            step(views)
    assert (positions(*views), rows(views[0])) == ({0}, {})
    step(views)
    assert rows(views[0]) == recount(told)


def test_who_was_overtaken_writes_nothing(told: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    views, other = together(told, Totals(), Everything()), view_of(told)
    fold = views[0].view.fold

    def slow(page: Sequence[Recorded]) -> Any:
        other.step()
        return fold(page)

    monkeypatch.setattr(views[0].view, "fold", slow)
    with pytest.raises(Lost):
        step(views)
    assert rows(views[0]) == recount(told)
    assert rows(views[1]) == {}
