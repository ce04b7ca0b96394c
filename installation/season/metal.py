"""A short life of metal for the season: three months of receipts, melted, assayed, refined and cast, and some of it lost."""
from collections.abc import Callable
from datetime import date
from typing import Any

from installation.catalogue import open_service
from installation.simulation import receipts, show
from installation.simulation.kept import Kept
from installation.simulation.life import Life
from installation.simulation.plan import Plan
from installation.simulation.sending import Sender
from services.gold_trade import season_table
from shared import event
from shared.config import Config

from . import SEED, facts, people
from .places import NOW

FIRST, RECEIPTS = date(2024, 9, 1), 300


def live(config: Config, bar: Callable[[str, int], Callable[[int], None]]) -> None:
    """Once; a second start finds it done."""
    plan = Plan(seed=SEED, receipts=RECEIPTS, miners=people.MINERS, first=FIRST, last=NOW, began=event.now())
    kept = Kept.open(config.var, plan)
    life = Life(kept.plan, Sender(config, SEED, in_flight=2), receipts.sellers(SEED, facts()), kept)
    if not kept.done("people"):
        life.begin()
        kept.finish("people")
    life.live(bar("Metal of a synthetic season", RECEIPTS))


def read(config: Config) -> dict[str, Any]:
    """The season's table, one bar with whom it came of, and by how much the books are off."""
    gold = open_service(config, "gold_trade")
    try:
        bar = season_table.some_bar(gold)
        origin = Sender(config, SEED).client().get("gold_trade", f"/gold/v1/lots/{bar}/origin") if bar else None
        return {"season": season_table.told(season_table.lines(gold)), "bar": show.traced(origin), "off": season_table.off(gold)}
    finally:
        gold.close()
