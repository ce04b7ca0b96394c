"""A random life of metal told through gold_trade's commands, and the naive recount of its figures from the bytes of the log."""
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

from services.gold_trade.application import open_service as gold_trade
from services.membership.application import open_service as membership
from services.reporting.application import open_service as reporting
from shared import auth, dates, event
from shared.errors import SanuError
from shared.testing import AllScopes
from tests.peers import Together
from tests.unit.reporting.raw_events import Raw

Log = list[dict[str, Any]]
Key = Callable[[dict[str, Any], dict[str, Any]], Any]
Masses = tuple[int, int, int]               # number, gross mg, fine mg
SAID = ("society", "collector", "gross_mg", "fineness_per_100k", "fine_mg")


class RawMetal(Raw):
    """Gold_trade decides; membership is told whatever a test wants."""

    def __init__(self, var: Path) -> None:
        Together.__init__(self, var, membership, gold_trade, reporting)

    def trades(self, command: str, by: str = "officer-1", **body: Any) -> bool:
        caller = auth.Caller(subject=by, role="secretariat", scopes=AllScopes())
        try:
            self["gold_trade"].handle(command, body, caller, event.new_id(), "test")
        except SanuError:
            return False
        return True

    def receives(self, lot: str, **more: Any) -> bool:
        return self.trades("record-collection", lot=lot, **{"collector": "c0", "society": "s0", "gross_mg": 10_000, "fineness_per_100k": 90_000,
                                                            "method": "xrf", "miners": [], "occurred_on": "2024-11-20", **more})

    def affiliates(self, organisation: str, parent: str, day: str, delta: int = 1) -> None:
        self.tells("OrganisationAffiliated" if delta > 0 else "OrganisationDetached", f"organisation/{organisation}", day, organisation=organisation,
                   parent=parent, members=[{"organisation": parent, "kind": "base", "from": day, "delta": delta}])

    def told(self) -> Log:
        """What gold_trade told, in order."""
        return [json.loads(row[0]) for row in self["gold_trade"].log.recorder.select("SELECT state FROM stored_events", ())]


def day(e: dict[str, Any]) -> str:
    return dates.counts_from(e["occurred_on"]) if e.get("occurred_on") else e["recorded_at"][:10]


def place_on(log: Log, society: str, on: str, known_at: str) -> str:
    """The district of a society on a day."""
    sums: Counter[str] = Counter()
    for e in log:
        for c in e["data"].get("counts", ()):
            if e["data"]["organisation"] == society and c["from"] <= on and e["recorded_at"] <= known_at:
                sums[c.get("district", "")] += c["delta"]
    return max((district for district, n in sums.items() if n > 0), default="")


def parent_on(log: Log, society: str, on: str, known_at: str) -> str:
    sums: Counter[str] = Counter()
    for e in log:
        for c in e["data"].get("members", ()):
            if e["data"].get("organisation") == society and c["from"] <= on and e["recorded_at"] <= known_at:
                sums[c["organisation"]] += c["delta"]
    return max((parent for parent, n in sums.items() if n > 0), default="")


def receipts(told: Log, membership_log: Log, as_of: str, known_at: str, by: Iterable[str]) -> tuple[dict[Any, Masses], dict[Any, list[str]]]:
    """By the values of the dimensions: how many receipts and mg, and the events that say so; from what was told before and after a correction."""
    now: dict[str, dict[str, Any]] = {}
    sums: dict[Any, Masses] = defaultdict(lambda: (0, 0, 0))
    events: dict[Any, list[str]] = defaultdict(list)

    def add(e: dict[str, Any], lot: dict[str, Any], sign: int) -> None:
        if lot["day"] > as_of or e["recorded_at"] > known_at:
            return
        value = {"day": lot["day"], "month": lot["day"][:7], "year": lot["day"][:4], "society": lot["society"], "site": lot["site"],
                 "collector": lot["collector"]}
        where = {"district": place_on, "union": parent_on}
        key = tuple(where[d](membership_log, lot["society"], lot["day"], known_at) if d in where else value[d] for d in by)
        n, gross, fine = sums[key]
        sums[key] = n + sign, gross + sign * lot["gross_mg"], fine + sign * lot["fine_mg"]
        if e["id"] not in events[key]:
            events[key].append(e["id"])

    for e in told:
        d = e["data"]
        if e["name"].endswith("CollectionRecorded"):
            now[d["lot"]] = {**{k: d[k] for k in SAID}, "site": d.get("site", ""), "day": day(e)}
            add(e, now[d["lot"]], 1)
        elif e["name"].endswith("CollectionCorrected"):                              # an assay difference is no receipt's
            before, new = now[d["lot"]], d["new"]
            after = {**before, **{k: v for k, v in new.items() if k in ("society", "gross_mg", "fineness_per_100k", "site")}}
            after |= {"fine_mg": after["gross_mg"] * after["fineness_per_100k"] // 100_000}
            after |= {"day": dates.counts_from(new["occurred_on"])} if "occurred_on" in new else {}
            now[d["lot"]] = after
            if any(after[k] != before[k] for k in after if k != "fineness_per_100k"):
                add(e, before, -1)
                add(e, after, 1)
        elif e["name"].endswith("CollectionWithdrawn"):
            add(e, now.pop(d["lot"]), -1)
    return sums, events


def booked(told: Log, accounts: Iterable[str], as_of: str, known_at: str, key_of: Key) -> dict[Any, tuple[int, int]]:
    """What the ledgers have on some accounts, by a key made of the event and the entry."""
    sums: dict[Any, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for e in told:
        for line in e["data"].get("entries", ()):
            if line["account"] in accounts and day(e) <= as_of and e["recorded_at"] <= known_at:
                gross, fine = sums[key_of(e, line)]
                sums[key_of(e, line)] = gross + line["gross_mg"], fine + line["fine_mg"]
    return dict(sums)


def held(told: Log) -> Counter[str]:
    """Which rule holds how many lots at the end, by what gold_trade's own lots say."""
    holds: dict[str, set[str]] = defaultdict(set)
    for e in told:
        d = e["data"]
        match e["name"].partition(".")[2]:
            case "CollectionRecorded":
                holds[d["lot"]] = {f["rule"] for f in d["findings"] if f["hold"]}
            case "LotFormed":
                holds[d["lot"]] = set(d["holds"])
            case "LotHeld":
                holds[d["lot"]].add(d["rule"])
            case "HoldLifted":
                holds[d["lot"]].discard(d["rule"])
            case "HoldCured":
                holds[d["lot"]].discard(d["rule"])
            case "LotSpent" | "CollectionWithdrawn":
                holds[d["lot"]] = set()
    return Counter(rule for rules in holds.values() for rule in rules)


def ages(told: Log) -> dict[str, Fraction]:
    """Bar → its day less the fine-weighted mean day of its receipts, by exact fractions; each of the day it was known to be of as it was spent."""
    received: dict[str, int] = {}
    formed: dict[str, tuple[str, int, str]] = {}
    spent: list[tuple[str, str, int, int]] = []
    for e in told:
        d, name = e["data"], e["name"].partition(".")[2]
        number = dates.parse(day(e)).last.toordinal()
        if name == "CollectionRecorded":
            received[d["lot"]] = number
        elif name == "CollectionCorrected" and "occurred_on" in d["new"]:
            received[d["lot"]] = dates.parse(d["new"]["occurred_on"]).last.toordinal()
        elif name == "LotFormed":
            formed[d["lot"]] = d["transformation"], number, d.get("serial", "")
        elif name == "LotSpent":
            spent.append((d["lot"], d["transformation"], d["fine_mg"], received.get(d["lot"], 0)))

    def mean(lot: str) -> Fraction:
        taken = [(Fraction(at) if of in received else mean(of), fine) for of, into, fine, at in spent if into == formed[lot][0]]
        weights = [fine for _, fine in taken] if any(fine for _, fine in taken) else [1] * len(taken)
        return sum((of * weight for (of, _), weight in zip(taken, weights, strict=True)), start=Fraction(0)) / sum(weights)

    return {lot: number - mean(lot) for lot, (_, number, serial) in formed.items() if serial}
