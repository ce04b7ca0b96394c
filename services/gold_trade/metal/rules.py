"""What rules have against a receipt, by what was known of its day: some of it holds the lot, none of it refuses (G1, ML-02, ML-08, ML-10)."""
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.gold_trade import season

from .receipt import CLOCK, Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What gold_trade has heard that bears on a receipt; `relied_on` is how far it has heard it. Values are those of the receipt's day."""

    society: str = "unknown"                # good | to check | suspended | unknown
    miners: Mapping[str, str] = field(default_factory=dict)
    corridor: bool = True
    site: bool = True                       # the receipt's is registered, or it names none
    stop: season.Stop | None = None         # the seasonal stop that covers the day (ML-10)
    relied_on: Mapping[str, str] = field(default_factory=dict)


def findings(receipt: Receipt, known: Known, out_of_season: str, licensed: bool) -> list[dict[str, Any]]:
    """`out_of_season` is what the stock declared before a stop says of it, or nothing."""
    found: list[tuple[str, bool]] = []
    if known.society != "good":
        found.append((f"society-{known.society.replace(' ', '-')}", known.society in ("suspended", "unknown")))
    for standing in sorted({known.miners.get(miner, "unknown") for miner, _ in receipt.miners} - {"good"}):
        found.append((f"miner-{standing.replace(' ', '-')}", standing == "suspended"))
    if not licensed:
        found.append(("ML-08", False))
    if not known.corridor:
        found.append(("ML-02", False))
    if not known.site:
        found.append(("site-unknown", False))
    if out_of_season:
        found.append((out_of_season, True))
    if receipt.clock_off:
        found.append((CLOCK, False))
    if not receipt.miners:
        found.append(("no-miner-named", False))
    return [{"rule": rule, "hold": hold} for rule, hold in found]


def holding(found: Collection[Mapping[str, Any]], changed: Collection[str]) -> list[str]:
    """The rules that hold a receipt for what was changed of it: what two people decided of the rest stays decided."""
    return [f["rule"] for f in found if f["hold"] and {"occurred_on", _looks_at(f["rule"])} & set(changed)]


def _looks_at(rule: str) -> str:
    return "society" if rule.startswith("society-") else "miners" if rule.startswith("miner-") else "gross_mg"
