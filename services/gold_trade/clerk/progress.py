"""How far a consignment has come, and what its reader may do next."""
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.gold_trade.projections import consignments as c
from shared.auth import Caller

WHOLE = 100_000


@dataclass(slots=True)
class Progress:
    """`commitments` and `revealed` by party; `results` once both are there."""

    weighed_mg: int | None = None
    before_mg: int | None = None
    after_mg: int | None = None
    beyond: set[str] = field(default_factory=set)              # the steps whose weight is beyond the contract's tolerance
    commitments: dict[str, str] = field(default_factory=dict)
    revealed: set[str] = field(default_factory=set)
    results: dict[str, int] = field(default_factory=dict)
    difference_per_100k: int | None = None
    within: bool | None = None
    umpire: str = ""
    loser: str = ""
    why: str = ""


def of(it: Mapping[str, Any]) -> Progress:
    p = Progress()
    for line in it["steps"]:
        told = line["told"]
        if told.get("findings"):
            p.beyond.add(line["step"])
        match line["step"]:
            case c.WEIGHED:
                p.weighed_mg = told["weighed_mg"]
            case c.MELTED:
                p.before_mg, p.after_mg = told["before_mg"], told["after_mg"]
            case c.COMMITTED:
                p.commitments[told["party"]] = told["commitment"]
            case c.REVEALED:
                p.revealed.add(told["party"])
            case c.COMPARED:
                p.results, p.difference_per_100k, p.within = _results(told), told["difference_per_100k"], told["within"]
                p.revealed = set(p.results)
            case c.UMPIRE:
                p.results, p.umpire, p.loser = _results(told), told["umpire"], told.get("loser", "")
            case c.DISPUTED:
                p.why = told["why"]
    return p


def _results(told: Mapping[str, Any]) -> dict[str, int]:
    return {r["party"]: r["fineness_per_100k"] for r in told["results"]}


def open_to(it: Mapping[str, Any], p: Progress, caller: Caller) -> dict[str, list[str]]:
    """The forms that make sense now, each with the parties the caller may speak for in it."""
    if "gold_trade:write" not in caller.scopes:
        return {}
    mine = [party for party in ("seller", "buyer") if not caller.territory or f"actor:{it[party]}" in caller.territory]
    melted = p.after_mg is not None
    offered = {
        "weigh-consignment": ["buyer"] if p.weighed_mg is None and not melted else [], "melt-consignment": [] if melted else ["buyer"],
        "commit-assay": [party for party in ("seller", "buyer") if melted and party not in p.commitments],
        "reveal-assay": [party for party in ("seller", "buyer") if len(p.commitments) == 2 and party not in p.revealed],
        "record-umpire": ["seller", "buyer"] if p.within is False and not p.umpire else [],
        "dispute-consignment": [] if it["disputed"] else ["seller", "buyer"], "settle-dispute": ["seller", "buyer"] if it["disputed"] else []}
    return {name: both for name, parties in offered.items() if (both := [party for party in parties if party in mine])}
