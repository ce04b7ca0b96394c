"""What was heard of societies, miners, corridors and sites, kept in memory for as long as membership tells nothing new."""
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import TypeVar
from weakref import WeakKeyDictionary

from services.gold_trade.projections import corridors, sites, standings
from shared import projection
from shared.service import Service
from shared.tables import Transaction

SOURCE = "membership"
Answer = TypeVar("Answer")
MOST = 200_000                          # subjects kept; then it begins anew


class Heard:
    """`key` is which rows of which runs the kept answers are of; `position` how far they had been read."""

    def __init__(self) -> None:
        self.key: tuple[int, ...] = ()
        self.position, self.batches = 0, 0
        self.steps: dict[str, standings.Steps] = {}
        self.spans: dict[str, list[corridors.Span]] = {}
        self.sites: dict[str, bool] = {}

    def clear(self) -> None:
        self.steps.clear()
        self.spans.clear()
        self.sites.clear()


_kept: WeakKeyDictionary[Service, Heard] = WeakKeyDictionary()


def of(service: Service) -> Heard:
    """As the views stand now, or as they stood when the last batch that is being taken began."""
    heard = _kept.setdefault(service, Heard())
    return heard if heard.batches and heard.key else _looked_at(service, heard)


def _looked_at(service: Service, heard: Heard) -> Heard:
    views = [service.view(name) for name in ("standings", "corridors", "sites")]
    runs = projection.current(views)
    head = service.log.received_head(SOURCE)
    at = head.position if head else 0
    # What is kept is right as long as nothing came from membership that the views have yet to read.
    key = (*(run.number for run in runs.values()), at) if all(run.position >= at for run in runs.values()) else ()
    if not key or key != heard.key or len(heard.steps) > MOST:
        heard.clear()
    heard.key, heard.position = key, runs["standings"].position
    return heard


@contextmanager
def batch(service: Service) -> Iterator[None]:
    """Many receipts are looked at by what was heard when the first of them was; every batch looks again, however many are under way."""
    heard = _looked_at(service, _kept.setdefault(service, Heard()))
    heard.batches += 1
    try:
        yield
    finally:
        heard.batches -= 1


def standing(service: Service, heard: Heard, subjects: Collection[str], day: str) -> dict[str, str]:
    """Subject to how it stands on `day`."""
    known, key = {s: heard.steps[s] for s in subjects if s in heard.steps}, heard.key
    if missing := [s for s in subjects if s not in known]:
        with service.view("standings").reading() as (tx, table, _):
            found = standings.steps(tx, table, missing)
        known |= found
        if heard.key == key:                # while we read, another may have heard news: then this is not kept
            heard.steps |= found
    return {s: standings.at(known[s], day) for s in subjects}


def corridor(service: Service, heard: Heard, organisation: str, day: str) -> bool:
    """Whether it may work in some corridor on `day`."""
    spans = _once(service, heard, "corridors", corridors.spans, heard.spans, organisation)
    return any(since <= day <= until for since, until in spans)


def site(service: Service, heard: Heard, slug: str) -> bool:
    """Whether somebody registered it."""
    return _once(service, heard, "sites", sites.registered, heard.sites, slug)


def _once(service: Service, heard: Heard, view: str, read: Callable[[Transaction, Callable[[str], str], str], Answer], kept: dict[str, Answer],
          of: str) -> Answer:
    if of in kept:
        return kept[of]
    key = heard.key
    with service.view(view).reading() as (tx, table, _):
        found = read(tx, table, of)
    if heard.key == key:                    # as in `standing`
        kept[of] = found
    return found
