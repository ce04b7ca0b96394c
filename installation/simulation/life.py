"""The life itself: people, houses, then month by month receipts and what becomes of them."""
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from installation import demo, season
from installation.client import Client

from . import houses, journey, receipts
from .journey import Step
from .kept import Kept
from .plan import Plan
from .sending import Sender, patiently
from .watch import Watch

SETTLE_S = 600.0                        # for what came before the receipts, and after them
CATCH_UP_S = 60.0                       # for all views, after the last receipt


@dataclass(slots=True)
class Told:
    """What a run did, beside what stands in the books."""

    accepted: int = 0
    known: int = 0                      # records an earlier run had sent
    seconds: float = 0.0                # of sending records
    caught_up_s: float | None = None
    settled: bool = False
    trouble: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float | None:
        return self.accepted / self.seconds if self.accepted and self.seconds else None


class Life:
    def __init__(self, plan: Plan, sender: Sender, sellers: list[receipts.Seller], kept: Kept | None = None) -> None:
        self.plan, self.sender, self.kept, self.told = plan, sender, kept, Told()
        self.houses = houses.planned(plan)
        self.book = receipts.Book(plan, self.houses, sellers)

    def begin(self) -> None:
        """Everybody is registered, and contracts are signed by both sides."""
        facts = list(houses.facts(self.plan, self.houses))
        self.sender.commands(Step(f["command"], f["body"], f["id"]) for f in facts)
        self.sender.commands(Step(f["command"], f["body"], f"{f['id']}.signed", True) for f in facts if f["command"] == "agree-contract")

    def live(self, advance: Callable[[int], None], after_receipts: Callable[[], None] = lambda: None) -> None:
        """All months; `after_receipts` is called when the last record is answered. A month that an earlier run finished is not sent again."""
        before: list[receipts.Receipt] = []
        for month in self.plan.months:
            found = self.book.month(month)
            all_ = [r for some in found.values() for r in some]
            last = month == self.plan.months[-1]
            if self.kept and self.kept.done(month):
                self.told.known += len(all_)
                advance(len(all_))
            else:
                self._send(all_, advance)
                if last:
                    after_receipts()
                self._move(month, found, before)
                if self.kept:
                    self.kept.finish(month)
            before = all_

    def _send(self, all_: list[receipts.Receipt], advance: Callable[[int], None]) -> None:
        began = time.monotonic()
        for new, known in self.sender.sync(receipts.batches(all_), self.plan.began):
            self.told.accepted += new
            self.told.known += known
            advance(new + known)
        self.told.seconds += time.monotonic() - began

    def _move(self, month: str, found: dict[int, list[receipts.Receipt]], before: list[receipts.Receipt]) -> None:
        moved = [journey.of_house(self.plan, house, month, found[house.number]) for house in self.houses]
        self.sender.side_by_side(steps for steps, _ in moved)
        if melts := [melt for _, melt in moved if melt]:
            self.sender.commands(journey.refined(month, melts))
        self.sender.commands(journey.corrections(self.plan, before, journey.last_day(month)))


def people(client: Client, facts: list[dict[str, Any]], advance: Callable[[int], None]) -> None:
    """A season's facts, in their order."""
    for _ in demo.given(facts, lambda fact, body: patiently(lambda: client.command(fact["service"], fact["command"], body, key=fact["id"]))):
        advance(1)


def whole(plan: Plan, sender: Sender, kept: Kept, watch: Watch, stages: Callable[[str, int], Callable[[int], None]]) -> Told:
    """Everything, with `stages` told what is done how often."""
    facts = season.facts(plan.seed, plan.miners)
    life = Life(plan, sender, receipts.sellers(plan.seed, facts), kept)
    if not kept.done("people"):
        people(Client(sender.config, "season-loader", "loader"), facts, stages("Societies and miners", len(facts)))
        life.begin()
        if watch.settle(SETTLE_S) is None:
            life.told.trouble.append(f"what comes before the receipts was not in all views after {SETTLE_S:.0f} s")
        kept.finish("people")

    def after_receipts() -> None:
        life.told.caught_up_s = watch.settle(CATCH_UP_S)
        if life.told.caught_up_s is None:
            life.told.trouble.append(f"{watch.behind()} rows behind {CATCH_UP_S:.0f} s after the last receipt")

    life.live(stages("Receipts", plan.receipts), after_receipts)
    if watch.settle(SETTLE_S) is None:
        life.told.trouble.append(f"{watch.behind()} rows behind at the end")
    return life.told
