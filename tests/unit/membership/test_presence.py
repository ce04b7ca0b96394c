"""The sum of what the events say about counts is what a recount of the facts gives, for every day and any order of telling."""
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.membership import commands as c
from services.membership import events, organisation
from services.membership.standing import evolve
from shared.errors import SanuError
from shared.event import Event
from shared.testing import happened
from tests.unit.membership.facts import called

DISTRICTS = ("kenieba", "kangaba", "bamako")
START = dt.date(2020, 1, 1)
ORGANISATIONS = ("dabia", "niena")
days = st.integers(0, 6)
recorded = st.integers(0, 8)


def day(n: int) -> str:
    return (START + dt.timedelta(n)).isoformat()


steps = st.one_of(
    st.tuples(st.just("found"), st.sampled_from(ORGANISATIONS), st.sampled_from((*DISTRICTS, "")), days | st.none()),
    st.tuples(st.just("move"), st.sampled_from(ORGANISATIONS), st.sampled_from(DISTRICTS), days | st.none()),
    st.tuples(st.just("dissolve"), st.sampled_from(ORGANISATIONS), st.none(), days | st.none()),
    st.tuples(st.just("suspend"), st.sampled_from(ORGANISATIONS), st.none(), days),
    st.tuples(st.just("redate"), st.sampled_from(ORGANISATIONS), st.integers(0, 9), days),
    st.tuples(st.just("replace"), st.sampled_from(ORGANISATIONS), st.integers(0, 9), st.sampled_from(DISTRICTS)),
    st.tuples(st.just("withdraw"), st.sampled_from(ORGANISATIONS), st.integers(0, 9), st.none()))


@dataclass
class Story:
    """Events of one life after another, told at any day; `facts` is the test's own account of them, kept apart from the code's."""

    told: dict[str, list[Event]] = field(default_factory=lambda: {o: [] for o in ORGANISATIONS})
    facts: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {o: [] for o in ORGANISATIONS})

    def tell(self, step: Sequence[Any], today: int) -> None:
        what, who, which, when = step
        facts = self.facts[who]
        target = facts[which % len(facts)] if what in ("redate", "replace", "withdraw") and facts else None
        on = day(when) if isinstance(when, int) else ""
        make: dict[str, Any] = {
            "found": lambda: c.FoundOrganisation(organisation=who, level="base", name=who, district=which or None, occurred_on=on),
            "move": lambda: c.MoveOrganisation(organisation=who, district=which, occurred_on=on),
            "dissolve": lambda: c.DissolveOrganisation(organisation=who, occurred_on=on),
            "suspend": lambda: c.SuspendOrganisation(organisation=who, occurred_on=on),
            "redate": lambda: c.CorrectFact(organisation=who, event=target["id"] if target else "none", new_occurred_on=on),
            "replace": lambda: c.CorrectFact(organisation=who, event=target["id"] if target else "none", district=when),
            "withdraw": lambda: c.WithdrawFact(organisation=who, event=target["id"] if target else "none")}
        command = make[what]()
        key = organisation.stream(who)
        histories = {key: self.told[who], **{f"district-name/{d}": [called(d, d)] for d in DISTRICTS}}
        try:
            decided = organisation.decide(histories, command, today=day(today))
        except SanuError:
            return
        for new in decided:
            e = happened(new.stream, new.name, new.data, occurred_on=on if what in ("found", "move", "dissolve", "suspend") else "",
                         recorded_at=day(today) + "T12:00:00.000Z")
            self.told[who].append(msgspec.structs.replace(e, version=len(self.told[who]) + 1))
            if what in ("found", "move", "dissolve"):
                facts.append({"id": e.id, "what": what, "day": on or day(today), "district": which or ""})
            elif what == "redate" and target:
                target["day"] = on
            elif what == "replace" and target:
                target["district"] = when
            elif what == "withdraw" and target:
                facts.remove(target)

    def summed(self, until: str) -> dict[str, int]:
        result: dict[str, int] = {}
        for told in self.told.values():
            for e in told:
                for change in e.data.get("counts", []):
                    if change["from"] <= until:
                        result[change.get("district", "")] = result.get(change.get("district", ""), 0) + change["delta"]
        return {d: n for d, n in result.items() if n}

    def recounted(self, until: str) -> dict[str, int]:
        """Where each organisation is on a day: walk its life day by day and look."""
        result: dict[str, int] = {}
        for facts in self.facts.values():
            where = self._where(facts, until)
            if where is not None:
                result[where] = result.get(where, 0) + 1
        return result

    @staticmethod
    def _where(facts: Sequence[dict[str, Any]], until: str) -> str | None:
        beginning = next((f for f in facts if f["what"] == "found"), None)
        if beginning is None or beginning["day"] > until:
            return None
        later = [f for f in facts if f["what"] != "found" and beginning["day"] <= f["day"] <= until]
        where = beginning["district"]
        for fact in sorted(later, key=lambda f: f["day"]):
            if fact["what"] == "dissolve":
                return None
            where = fact["district"]
        return where


@given(st.lists(st.tuples(steps, recorded), max_size=14))
@settings(max_examples=250, deadline=None)
@example([(("found", "dabia", "kenieba", 0), 8), (("dissolve", "dabia", None, 3), 8), (("move", "dabia", "kangaba", 1), 8),
          (("withdraw", "dabia", 1, None), 8)])
@example([(("found", "dabia", "kenieba", None), 4), (("redate", "dabia", 0, 1), 8), (("replace", "dabia", 0, "bamako"), 8)])
def test_the_sum_of_counts_equals_a_recount_on_every_day(story: list[tuple[Any, int]]) -> None:
    told = Story()
    for step, today in story:
        told.tell(step, today)
    for n in range(-1, 10):
        assert told.summed(day(n)) == told.recounted(day(n)), day(n)


@given(st.permutations([("move", "kangaba", 2), ("move", "bamako", 4), ("dissolve", None, 5), ("suspend", None, 3)]))
@settings(max_examples=24, deadline=None)
def test_dated_facts_give_the_same_counts_in_any_order_of_telling(order: list[Any]) -> None:
    told = Story()
    told.tell(("found", "dabia", "kenieba", 1), 8)
    for what, where, when in order:
        told.tell((what, "dabia", where, when), 8)
    assert [told.summed(day(n)) for n in range(7)] == [
        {}, {"kenieba": 1}, {"kangaba": 1}, {"kangaba": 1}, {"bamako": 1}, {}, {}]


def test_a_story_that_is_only_told_counts_nothing_before_its_beginning() -> None:
    told = Story()
    told.tell(("found", "dabia", "kenieba", 3), 8)
    assert told.summed(day(2)) == {}
    assert told.summed(day(3)) == {"kenieba": 1}


def test_what_stands_after_a_correction_is_what_the_next_event_starts_from() -> None:
    told = Story()
    for step in (("found", "dabia", "kenieba", 1), ("redate", "dabia", 0, 4), ("dissolve", "dabia", None, 6)):
        told.tell(step, 8)
    state = evolve(told.told["dabia"])
    assert state and [f.counts_from for f in state.facts if f.name == events.ORGANISATION_FOUNDED] == [day(4)]
    assert told.told["dabia"][-1].data["counts"] == [{"level": "base", "from": day(6), "delta": -1, "district": "kenieba"}]
