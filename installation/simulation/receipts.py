"""The receipts of a month: who brought how much to whom, as signed records of the buyers' devices."""
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from installation.season import societies
from installation.season.land import SITES
from installation.season.places import Fact
from services.gold_trade import season
from shared import event

from .houses import Device, House, b64
from .plan import Plan

BATCH = 500                             # records of one request
METHODS = ("xrf", "density", "touchstone")


@dataclass(frozen=True, slots=True)
class Seller:
    """A society, since when it is there, and its members with the day of their admission."""

    id: str
    since: str
    site: str
    members: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    device: Device
    sequence: int
    day: str
    society: str
    site: str
    gross_mg: int
    fineness: int
    method: str
    miners: tuple[tuple[str, int], ...]
    extracted_on: str = ""

    @property
    def lot(self) -> str:
        return f"sim-{self.device.actor.removeprefix('sim-')}-{self.sequence}"

    @property
    def fine_mg(self) -> int:
        return self.gross_mg * self.fineness // 100_000

    def record(self, began: str) -> dict[str, Any]:
        body = {"lot": self.lot, "collector": self.device.actor, "society": self.society, "gross_mg": self.gross_mg, "fineness_per_100k": self.fineness,
                "method": self.method, "miners": [{"miner": m, "parts": parts} for m, parts in self.miners], "occurred_on": self.day,
                **({"site": self.site} if self.site else {}), **({"extracted_on": self.extracted_on} if self.extracted_on else {})}
        said = {"sequence": self.sequence, "recorded_there": began, "command": "record-collection", "body": body}
        return {**said, "signature": b64(self.device.key.sign(event.canonical({"device": self.device.id, **said})))}


def sellers(seed: int, facts: Sequence[Fact]) -> list[Seller]:
    """The societies of a season's facts, which `seed` made, in the order of their districts."""
    members: dict[str, list[tuple[str, str]]] = {}
    for fact in facts:
        for row in fact["body"].get("rows", ()):
            members.setdefault(row["organisation"], []).append((row["miner"], row["admitted_on"]))
    found = sorted(societies.planned(Random(seed)), key=lambda s: (s.district, s.number))         # noqa: S311 - invented, and the same every time
    return [Seller(s.id, s.day.isoformat(), f"syn-site-{s.district}-{1 + s.number % 2}" if s.district in SITES else "", tuple(members.get(s.id, ())))
            for s in found]


class Book:
    """Numbers the receipts of every device, month after month."""

    def __init__(self, plan: Plan, houses: Sequence[House], all_: Sequence[Seller]) -> None:
        self.plan, self.houses = plan, houses
        size = -(-len(all_) // len(houses))
        self.sellers = {h.number: all_[n * size:(n + 1) * size] or all_ for n, h in enumerate(houses)}        # each buys in its own part of the country
        self.everybody = all_
        self.last: dict[str, int] = {}

    def month(self, month: str) -> dict[int, list[Receipt]]:
        """By house; the months are to be asked for in their order."""
        found: dict[int, list[Receipt]] = {h.number: [] for h in self.houses}
        for day, number in self.plan.of_month(month).items():
            choose = Random(f"{self.plan.seed}:{day}")                # noqa: S311
            stop = season.covering(day)
            for _ in range(number):
                house = choose.choice(self.houses)
                found[house.number].append(self._receipt(choose, house, day, stop))
        return found

    def _receipt(self, choose: Random, house: House, day: str, stop: season.Stop | None) -> Receipt:
        there = [s for s in self.sellers[house.number] if s.since <= day] or [s for s in self.everybody if s.since <= day]
        seller = choose.choice(there)
        members = [m for m, admitted in seller.members if admitted <= day]
        shares = tuple((m, choose.randint(1, 4)) for m in choose.sample(members, min(len(members), choose.choice((1, 1, 1, 2, 3)))))
        device = choose.choice(house.devices)
        sequence = self.last[device.id] = self.last.get(device.id, 0) + 1
        gross = min(60_000, 400 + int(choose.expovariate(1 / 7000)))
        before = f"{stop.first[:4]}-05" if stop and choose.random() < 0.5 else ""           # from before the stop, or out of it
        return Receipt(device, sequence, day, seller.id, seller.site, gross, choose.randint(84_000, 96_000), choose.choice(METHODS), shares, before)


def batches(receipts: Sequence[Receipt]) -> Iterator[tuple[Device, list[Receipt]]]:
    """Of one device each, in the order of its numbers."""
    by_device: dict[Device, list[Receipt]] = {}
    for receipt in receipts:
        by_device.setdefault(receipt.device, []).append(receipt)
    for device, some in by_device.items():
        for n in range(0, len(some), BATCH):
            yield device, some[n:n + BATCH]
