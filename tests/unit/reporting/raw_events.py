"""Events of membership told as they stand, without its deciders, and their naive recount from the bytes of the log."""
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from services.membership.application import open_service as membership
from services.reporting.application import open_service as reporting
from shared.application import New
from shared.service import Service
from shared.testing import Clock
from tests.peers import Together

Members = dict[str, Any]


class Raw(Together):
    """Membership, told whatever a test wants, and reporting, which hears it."""

    clock: Clock

    def __init__(self, var: Path) -> None:
        super().__init__(var, membership, reporting)

    @property
    def reporting(self) -> Service:
        return self["reporting"]

    def tells(self, name: str, stream: str, occurred_on: str = "", /, **data: Any) -> str:
        """The event's id."""
        new = New(stream, f"membership.{name}", data, occurred_on=occurred_on)
        return str(self["membership"]._append(stream, "", lambda histories: [new]).events[0]["id"])

    def founds(self, organisation: str, day: str, district: str = "", level: str = "base", **more: Any) -> str:
        where = {"district": district} if district else {}
        return self.tells("OrganisationFounded", f"organisation/{organisation}", day, organisation=organisation, level=level, name=organisation,
                          **where, **more, counts=[{"level": level, "from": day, "delta": 1, **where}])

    def moves(self, organisation: str, day: str, old: str, new: str) -> str:
        return self.tells("OrganisationMoved", f"organisation/{organisation}", day, organisation=organisation, district=new,
                          counts=[{"level": "base", "from": day, "delta": delta, "district": where} for where, delta in ((old, -1), (new, 1))])

    def admits(self, miner: str, organisation: str, day: str, **person: Any) -> str:
        return self.tells("MinerAdmitted", f"miner/{miner}", day, miner=miner, organisation=organisation, members=[change(organisation, day, 1, **person)])

    def leaves(self, miner: str, organisation: str, day: str, **person: Any) -> str:
        return self.tells("MinerMembershipEnded", f"miner/{miner}", day, miner=miner, organisation=organisation, cause="other",
                          members=[change(organisation, day, -1, **person)])

    def finds(self, organisation: str, rule: str, *breaches: Any, **more: Any) -> str:
        finding = f"{organisation}:{rule}"
        return self.tells("FindingRecorded", f"finding/{finding}", finding=finding, organisation=organisation, rule=rule,
                          **{"article": "AUSCOOP 204", "severity": "B", "tag": "V", "breaches": list(breaches), "events": [], **more})

    def carried(self) -> Service:
        """Reporting, having heard and folded everything; no process acts."""
        self.carry()
        for view in self.reporting.views:
            while view.step():
                pass
        return self.reporting

    def log(self) -> list[dict[str, Any]]:
        return [json.loads(row[0]) for row in self["membership"].log.recorder.select("SELECT state FROM stored_events", ())]


def change(organisation: str, day: str, delta: int, kind: str = "miner", **person: Any) -> Members:
    return {"organisation": organisation, "kind": kind, "from": day, "delta": delta, **person}


def places(log: Iterable[dict[str, Any]], as_of: str, known_at: str) -> dict[str, tuple[str, str]]:
    """Organisation → its district and level where it came to last by a day, as known at a time: its members outlast it."""
    sums: Counter[tuple[str, str, str, str]] = Counter()
    for e in log:
        for c in e["data"].get("counts", ()):
            if c["from"] <= as_of and e["recorded_at"] <= known_at:
                sums[e["data"]["organisation"], c["from"], c.get("district", ""), c["level"]] += c["delta"]
    return {organisation: (district, level) for (organisation, _, district, level), n in sorted(sums.items()) if n > 0}


def age_band(birth_year: int, as_of: str) -> str:
    if not birth_year:
        return "unstated"
    age = int(as_of[:4]) - birth_year
    return next(band for band, least in (("60+", 60), ("45-59", 45), ("35-44", 35), ("25-34", 25), ("18-24", 18), ("0-17", -9999)) if age >= least)


def keyed(log: list[dict[str, Any]], as_of: str, known_at: str, by: Iterable[str]) -> tuple[Counter[tuple[str, ...]], dict[tuple[str, ...], list[str]]]:
    """By the values of the dimensions: how many miners, and the events that say so."""
    where = places(log, as_of, known_at)
    counts: Counter[tuple[str, ...]] = Counter()
    events: dict[tuple[str, ...], list[str]] = {}
    for e in log:
        for c in e["data"].get("members", ()):
            if c["kind"] == "miner" and c["from"] <= as_of and e["recorded_at"] <= known_at:
                district, level = where.get(c["organisation"], ("", ""))
                value = {"district": district, "level": level, "organisation": c["organisation"], "sex": c.get("sex", "unstated"),
                         "age_band": age_band(c.get("birth_year", 0), as_of)}
                key = tuple(value[d] for d in by)
                counts[key] += c["delta"]
                events.setdefault(key, [])
                if e["id"] not in events[key]:
                    events[key].append(e["id"])
    return counts, events
