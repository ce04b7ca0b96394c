"""Up to 200 organisations founded, joined, parted, moved, ended, corrected and merged at random: every figure is what a recount of the log gives."""
import datetime as dt
import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from services.membership import organisation
from services.membership.application import open_service as membership
from services.membership.projections import organisation_members
from services.reporting.application import open_service as reporting
from services.reporting.projections import district_counts, presence
from shared.errors import BadRequest, Conflict, NotFound
from shared.rebuild import rebuild
from shared.testing import Clock
from tests.peers import Together

MOST = 200
LEVELS = ("base", "union", "federation", "confederation")
DISTRICTS = ("kenieba", "kangaba", "bamako")
# A date as it may be told, and the last day it can mean.
DATES = {"2019": "2019-12-31", "2020-05": "2020-05-31", "2020-05-31": "2020-05-31", "2021-03-10/2021-03-15": "2021-03-15", "2021-03-12": "2021-03-12",
         "2022": "2022-12-31", "2023-02": "2023-02-28", "2024-11-17": "2024-11-17"}
START = "2024-01-01T08:00:00.000Z"
DAYS = sorted({*DATES.values(), "2019-12-30", "2024-01-01", "2024-02-03", "2024-06-01", "2025-03-01", "2099-01-01"})
Figures = Mapping[tuple[str, str], int]

ids = st.integers(0, 10**6)
dates = st.sampled_from(["", *DATES])
many = st.integers(0, 2**32)


@dataclass
class Life:
    """What the log says of one organisation, read without any of the code that decides: facts in the order of telling."""

    level: str = ""
    facts: dict[str, dict[str, str]] = field(default_factory=dict)

    def until(self, day: str, *whats: str) -> list[dict[str, str]]:
        return sorted((f for f in self.facts.values() if f["what"] in whats and f["day"] <= day), key=lambda f: f["day"])

    def in_being(self, day: str) -> bool:
        founded = self.until(day, "OrganisationFounded")
        return bool(founded) and not any(f["day"] >= founded[0]["day"] for f in self.until(day, "OrganisationDissolved"))

    def district(self, day: str) -> str:
        founded = self.until(day, "OrganisationFounded")[0]
        return [founded, *(f for f in self.until(day, "OrganisationMoved") if f["day"] >= founded["day"])][-1]["district"]

    def parents(self, day: str) -> list[str]:
        last = {f["parent"]: f["what"] for f in self.until(day, "OrganisationAffiliated", "OrganisationDetached")}
        return [parent for parent, what in last.items() if what == "OrganisationAffiliated"]


def lives(told: Sequence[dict[str, Any]], known_at: str) -> dict[str, Life]:
    """Each organisation as far as it was recorded by then; a duplicate never was one."""
    result: dict[str, Life] = {}
    for e in told:
        data, what = e["data"], e["name"].removeprefix("membership.")
        if e["recorded_at"] > known_at or "organisation" not in data:
            continue
        life = result.setdefault(data["organisation"], Life())
        match what:
            case "OrganisationFactCorrected":
                new = data["new"]
                fact = life.facts[data["corrects"]]
                fact |= {"day": DATES[new["occurred_on"]]} if "occurred_on" in new else {}
                fact |= {"district": new["district"]} if "district" in new else {}
            case "OrganisationFactWithdrawn":
                del life.facts[data["withdraws"]]
            case "OrganisationMerged":
                life.facts.clear()
            case _:
                life.level = data.get("level", life.level)
                life.facts[e["id"]] = {"what": what, "day": DATES[e["occurred_on"]] if e.get("occurred_on") else e["recorded_at"][:10],
                                       "district": data.get("district", ""), "parent": data.get("parent", "")}
    return result


def counted(known: Mapping[str, Life], day: str) -> Figures:
    return Counter((life.district(day), life.level) for life in known.values() if life.in_being(day))


def belonging(known: Mapping[str, Life], day: str) -> Figures:
    return Counter((parent, life.level) for life in known.values() if life.in_being(day) for parent in life.parents(day))


def has_cycle(known: Mapping[str, Life], day: str) -> bool:
    """Takes away who has no parent left until nobody has none."""
    above = {who: set(life.parents(day)) for who, life in known.items()}
    while top := {who for who, parents in above.items() if not parents & above.keys()}:
        above = {who: parents for who, parents in above.items() if who not in top}
    return bool(above)


def summed(told: Sequence[dict[str, Any]], of: str, key: tuple[str, str], day: str, known_at: str) -> Figures:
    """What the events themselves say they change."""
    result: Counter[tuple[str, str]] = Counter()
    for e in told:
        for change in e["data"].get(of, ()) if e["recorded_at"] <= known_at else ():
            if change["from"] <= day:
                result[change.get(key[0], ""), change[key[1]]] += change["delta"]
    return real(result)


def real(figures: Figures) -> Figures:
    return {key: n for key, n in figures.items() if n}


class Organisations(RuleBasedStateMachine):
    """Membership and reporting in one process; time, hearing and reading go on only when a rule says so."""

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        var = self.open.enter_context(tempfile.TemporaryDirectory())
        self.clock = self.open.enter_context(Clock(START).patched())
        self.world = self.open.enter_context(Together(Path(var), membership, reporting))
        for district in DISTRICTS:
            self.world.command("membership", "register-district", district=district, name=district.title())
        self.founded: list[str] = []
        self.events: list[tuple[str, str]] = []                 # organisation, event

    def tell(self, command: str, organisation: str, on: str = "", **body: Any) -> None:
        """What is refused changes nothing; the rest of the story goes on."""
        try:
            answer = self.world.command("membership", command, organisation=organisation, **({"occurred_on": on} if on else {}), **body)
        except (NotFound, Conflict, BadRequest):
            return
        if command == "found-organisation":
            self.founded.append(organisation)
        self.events += [(of, e["id"]) for e in answer.events for kind, _, of in [str(e["stream"]).partition("/")] if kind == "organisation"]

    def who(self, n: int) -> str:
        return self.founded[n % len(self.founded)]

    @rule(level=st.sampled_from(LEVELS), district=st.sampled_from(("", *DISTRICTS)), on=dates)
    def found(self, level: str, district: str, on: str) -> None:
        if len(self.founded) < MOST:
            self.tell("found-organisation", f"o{len(self.founded)}", on, level=level, name="Dabia", **({"district": district} if district else {}))

    @precondition(lambda self: self.founded)
    @rule(child=ids, parent=ids, on=dates)
    def affiliate(self, child: int, parent: int, on: str) -> None:
        self.tell("affiliate-organisation", self.who(child), on, parent=self.who(parent))

    @precondition(lambda self: self.founded)
    @rule(child=ids, parent=ids, on=dates)
    def detach(self, child: int, parent: int, on: str) -> None:
        self.tell("detach-organisation", self.who(child), on, parent=self.who(parent))

    @precondition(lambda self: self.founded)
    @rule(who=ids, district=st.sampled_from(DISTRICTS), on=dates)
    def move(self, who: int, district: str, on: str) -> None:
        self.tell("move-organisation", self.who(who), on, district=district)

    @precondition(lambda self: self.founded)
    @rule(who=ids, on=dates)
    def dissolve(self, who: int, on: str) -> None:
        self.tell("dissolve-organisation", self.who(who), on)

    @precondition(lambda self: self.events)
    @rule(n=ids, on=st.sampled_from(sorted(DATES)), district=st.sampled_from(("", *DISTRICTS)))
    def correct(self, n: int, on: str, district: str) -> None:
        organisation, event = self.events[n % len(self.events)]
        self.tell("correct-organisation-fact", organisation, event=event, **({"district": district} if district else {"new_occurred_on": on}))

    @precondition(lambda self: self.events)
    @rule(n=ids)
    def withdraw(self, n: int) -> None:
        organisation, event = self.events[n % len(self.events)]
        self.tell("withdraw-organisation-fact", organisation, event=event)

    @precondition(lambda self: self.founded)
    @rule(who=ids, into=ids)
    def merge(self, who: int, into: int) -> None:
        self.tell("merge-organisations", self.who(who), into=self.who(into), decision="minutes")

    @rule(seed=many, steps=st.integers(20, 120))
    def much_happens(self, seed: int, steps: int) -> None:
        """So that graphs become large: as the single rules, drawn by a seed."""
        draw = Random(seed)
        for _ in range(steps):
            n, m, on = draw.randrange(10**6), draw.randrange(10**6), draw.choice(["", *DATES])
            what = draw.choices(("found", "affiliate", "detach", "move", "dissolve", "correct", "withdraw", "merge", "hear"), (40, 30, 8, 5, 3, 5, 3, 1, 1))[0]
            match what:
                case "found":
                    self.found(draw.choices(LEVELS, (12, 5, 2, 1))[0], draw.choice(("", *DISTRICTS)), on)
                case "hear":
                    self.hear(n, m % 50 + 1)
                case "correct" if self.events:
                    self.correct(n, draw.choice(sorted(DATES)), draw.choice(("", "", *DISTRICTS)))
                case "withdraw" if self.events:
                    self.withdraw(n)
                case "affiliate" | "detach" | "merge" if self.founded:
                    getattr(self, what)(n, m, *([on] if what != "merge" else []))
                case "move" if self.founded:
                    self.move(n, draw.choice(DISTRICTS), on)
                case "dissolve" if self.founded:
                    self.dissolve(n, on)

    @rule(days=st.integers(1, 60))
    def time_passes(self, days: int) -> None:
        self.clock.at += dt.timedelta(days)

    @rule(n=ids, page=st.integers(1, 50))
    def hear(self, n: int, page: int) -> None:
        """Reporting is told all there is, and one view of anybody reads a page of it."""
        self.world.carry()
        views = [p for s in self.world.services.values() for p in s.projections]
        view = views[n % len(views)]
        view.page = page
        view.step()

    @rule(n=ids)
    def rebuild_one(self, n: int) -> None:
        views = self.world["reporting"].views
        rebuild([views[n % len(views)]], page=7)

    def told(self) -> list[dict[str, Any]]:
        return [json.loads(item.state) for item in self.world["membership"].chain.read(0, 10**6)]

    def every_figure_is_a_recount(self) -> None:
        told = self.told()
        moments = sorted({e["recorded_at"] for e in told})
        now = moments[-1]
        for known_at in (moments[len(moments) // 3], moments[2 * len(moments) // 3], now):
            known = lives(told, known_at)
            for day in DAYS:
                assert not has_cycle(known, day)
                counts, members = counted(known, day), belonging(known, day)
                assert summed(told, "counts", ("district", "level"), day, known_at) == counts
                assert summed(told, "members", ("organisation", "kind"), day, known_at) == members
                for shown in self.shown_counts(day, known_at, known_at == now):
                    assert shown == counts
                assert self.shown_members(day, known_at) == members
                if known_at == now:
                    assert self.shown_by_membership(day) == members

    def shown_counts(self, day: str, known_at: str, now: bool) -> Iterator[Figures]:
        service = self.world["reporting"]
        with service.view("presence").reading() as (tx, table, _):
            yield real(presence.counts(tx, table, day, known_at))
        if now:
            with service.view("district_counts").reading() as (tx, table, _):
                yield real(district_counts.counts(tx, table, day))

    def shown_members(self, day: str, known_at: str) -> Figures:
        with self.world["reporting"].view("members").reading() as (tx, table, _):
            rows = tx.execute(f"SELECT organisation, kind, sum(delta) FROM {table('')} WHERE day <= ? AND recorded_at <= ? GROUP BY organisation, kind",
                              (day, known_at)).fetchall()
        return real({(organisation, kind): int(n) for organisation, kind, n in rows})

    def shown_by_membership(self, day: str) -> Figures:
        with self.world["membership"].view("organisation_members").reading() as (tx, table, _):
            found = organisation_members.counts(tx, table, self.founded, day)
        return {(organisation, kind): n for organisation, kinds in found.items() for kind, n in kinds.items()}

    def teardown(self) -> None:
        with self.open:
            self.world.carry()
            self.world.fold()
            self.every_figure_is_a_recount()
            for service in self.world.services.values():
                rebuild(service.views, page=50)
            self.every_figure_is_a_recount()


TestOrganisations = Organisations.TestCase
TestOrganisations.settings = settings(max_examples=30, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("seed", (1, 2, 3))
def test_two_hundred_organisations_at_once(seed: int) -> None:
    """The largest graph."""
    machine = Organisations()
    for part in range(6):
        machine.much_happens(1000 * seed + part, 120)
        machine.time_passes(20)
    assert len(machine.founded) == MOST
    machine.teardown()


def test_the_recount_sees_a_figure_that_is_wrong() -> None:
    machine = Organisations()
    machine.found("base", "kangaba", "2019")
    machine.found("union", "kangaba", "2019")
    machine.affiliate(0, 1, "2020-05")
    told = machine.told()
    known = lives(told, "9999")
    assert counted(known, "2020-05-31") == {("kangaba", "base"): 1, ("kangaba", "union"): 1}
    assert belonging(known, "2020-05-31") == {("o1", "base"): 1} and belonging(known, "2020-05-30") == {}
    told[-1]["data"]["members"] = []
    assert summed(told, "members", ("organisation", "kind"), "2099", "9999") != belonging(known, "2099")
    machine.teardown()


def test_of_two_that_are_merged_into_each_other_at_once_one_stays(tmp_path: Path) -> None:
    with Together(tmp_path, membership) as world:
        for one in ("a", "b"):
            world.command("membership", "found-organisation", organisation=one, level="base", name=one, occurred_on="2019")
        decide = organisation.merge

        def somebody_is_quicker(*of: Any) -> Any:
            with patch.object(organisation, "merge", decide):
                if not others:
                    others.append(world.command("membership", "merge-organisations", organisation="b", into="a", decision="minutes 8"))
            return decide(*of)

        others: list[Any] = []
        with patch.object(organisation, "merge", somebody_is_quicker), pytest.raises(Conflict) as refused:
            world.command("membership", "merge-organisations", organisation="a", into="b", decision="minutes 7")
        assert others and refused.value.field == "into"
        told = [json.loads(item.state) for item in world["membership"].chain.read(0, 100)]
        assert counted(lives(told, "9999"), "2021-01-01") == {("", "base"): 1}
