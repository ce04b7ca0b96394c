"""Many receipts and many levels of blending, told to the log in bulk: the same deciders, without a command for each."""
import random
from collections import defaultdict
from typing import Any

from services.gold_trade.metal import collection, transformation
from services.gold_trade.metal.commands import RecordCollection, TransformLots
from services.gold_trade.metal.rules import Known
from shared import event
from shared.event import Event
from shared.log import stored
from shared.service import Service
from shared.testing import OFFICER

BAR = "barre"


class Bulk:
    """Decides upon what it said itself."""

    def __init__(self) -> None:
        self.histories: dict[str, list[Event]] = defaultdict(list)
        self.said: list[Event] = []

    def tell(self, decider: Any, command: Any, *known: Any) -> None:
        for new in decider.decide(self.histories, command, *known):
            e = Event(id=event.new_id(), name=new.name, stream=new.stream, version=len(self.histories[new.stream]) + 1, recorded_at=event.now(),
                      actor=OFFICER.actor, correlation="test", occurred_on=command.occurred_on,
                      data=event.plain({k: v for k, v in new.data.items() if v is not None}))
            self.histories[new.stream].append(e)
            self.said.append(e)


def blended(receipts: int, groups: tuple[int, ...], seed: int = 1) -> Bulk:
    """One bar, after as many levels as there are `groups`; each says how many lots of the level below go into one."""
    bulk, choose = Bulk(), random.Random(seed)
    level = [f"r{n:05}" for n in range(receipts)]
    mass = {}
    for lot in level:
        mass[lot] = choose.randint(100, 50_000)
        bulk.tell(collection, RecordCollection(
            lot=lot, collector="comptoir", society=f"society-{choose.randint(1, 200)}", gross_mg=mass[lot], method="xrf", occurred_on="2024-11-02",
            fineness_per_100k=choose.randint(80_000, 98_000),
            miners=[{"miner": f"m-{choose.randint(1, 3000):06}", "parts": 1}, {"miner": f"m-{choose.randint(3001, 6000):06}", "parts": choose.randint(1, 5)}]),
            Known(society="good"), event.now())
    for depth, size in enumerate(groups):
        choose.shuffle(level)
        formed = []
        for n in range(0, len(level), size):
            inputs, lot = level[n:n + size], f"l{depth}-{n}" if depth < len(groups) - 1 else BAR
            mass[lot] = sum(mass[i] for i in inputs) * choose.randint(98_000, 100_000) // 100_000
            bulk.tell(transformation, TransformLots(transformation=f"t{depth}-{n}", step="melt", custodian="comptoir", inputs=inputs, occurred_on="2024-11-03",
                                                    outputs=[_output(lot, mass[lot], choose)], tolerance_per_100k=3000))
            formed.append(lot)
        level = formed
    assert level == [BAR]
    return bulk


def _output(lot: str, gross_mg: int, choose: random.Random) -> dict[str, Any]:
    """Every other one was assayed: what goes into the next level is not what came out of the receipts."""
    return {"lot": lot, "gross_mg": gross_mg, **({"fineness_per_100k": choose.randint(88_000, 90_000)} if choose.random() < .5 else {})}


def append(service: Service, bulk: Bulk) -> int:
    """All of it; the last position."""
    last = 0
    for n in range(0, len(bulk.said), 2000):
        last = service.log.append([stored(e) for e in bulk.said[n:n + 2000]])[-1]
    return last
