"""A miner as the facts say after all corrections, under a pseudonym; and the event that a new fact makes."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from services.membership import events
from shared import dates
from shared.application import Histories, New
from shared.errors import Conflict, NotFound
from shared.event import Event

from . import standing
from .facts import MEMBERSHIP, Fact, Spans, as_fact, changes, is_member, person, spans


@dataclass(frozen=True, kw_only=True)
class Miner:
    """One nobody registered has no facts."""

    id: str
    facts: tuple[Fact, ...] = ()
    into: str = ""
    """Whose duplicate it was."""
    merged_from: str = ""
    forgotten: bool = False

    @cached_property
    def spans(self) -> Spans:
        return {} if self.into else spans(self.facts)

    @cached_property
    def standing(self) -> list[dict[str, Any]]:
        return standing.timeline(self.facts, self.spans, self.merged_from)

    @property
    def organisations(self) -> set[str]:
        """Those it is a member of at the end of the known timeline; if none, those it was."""
        return {o for o, lasting in self.spans.items() if any(not end for _, end in lasting)} or set(self.spans)

    def fact(self, event: str) -> Fact:
        for fact in self.facts:
            if fact.event == event:
                return fact
        raise NotFound(f"miner '{self.id}' has no event {event}", field="event")

    def latest(self, name: str, organisation: str) -> Fact | None:
        """The fact of this name about a membership that counts last."""
        found = sorted((f for f in self.facts if f.name == name and f.data["organisation"] == organisation), key=lambda f: f.day)
        return found[-1] if found else None

    def with_(self, *facts: Fact) -> "Miner":
        return replace(self, facts=(*self.facts, *facts))


def stream(miner: str) -> str:
    return f"miner/{miner}"


def identity_stream(miner: str) -> str:
    """Who asked for the person's identity, and whether it was forgotten."""
    return f"identity/{miner}"


def evolve(id_: str, history: Sequence[Event], identity: Sequence[Event] = ()) -> Miner:
    facts: list[Fact] = []
    into = merged_from = ""
    for e in history:
        match e.name:
            case events.MINER_FACT_CORRECTED:
                facts = [f.corrected(e.data["new"], e.id) if f.event == e.data["corrects"] else f for f in facts]
            case events.MINER_FACT_WITHDRAWN:
                facts = [f for f in facts if f.event != e.data["withdraws"]]
            case events.MINER_MERGED:
                into, merged_from = e.data["into"], as_fact(e).counts_from
            case events.DUPLICATE_TAKEN:
                pass                       # its facts follow, as facts of this miner
            case _:
                facts.append(as_fact(e))
    return Miner(id=id_, facts=tuple(facts), into=into, merged_from=merged_from, forgotten=any(e.name == events.PERSON_FORGOTTEN for e in identity))


def of(histories: Histories, id_: str) -> Miner:
    return evolve(id_, histories.get(stream(id_), ()), histories.get(identity_stream(id_), ()))


def known(histories: Histories, id_: str, field: str = "miner") -> Miner:
    """Raises NotFound for one that nobody registered, and Conflict for a duplicate, naming the one it was merged into."""
    miner = of(histories, id_)
    if not miner.facts:
        raise NotFound(f"no miner '{id_}'", field=field, rule="register-miner first")
    if miner.into:
        raise Conflict(f"'{id_}' was a duplicate of '{miner.into}'", field=field, rule=f"say it of '{miner.into}'")
    return miner


def must_not_be_forgotten(miner: Miner) -> None:
    """Nothing more is told of who somebody was that asked to be forgotten."""
    if miner.forgotten:
        raise Conflict("the person was forgotten", field="miner", rule="a forgotten key is never made again")


def new_fact(name: str, data: Mapping[str, Any], occurred_on: str, today: str) -> Fact:
    """One that is about to be told; an undated one says itself from when it counts: its recording may be a second and a midnight later."""
    if occurred_on:
        return Fact(event="", name=name, occurred_on=occurred_on, counts_from=dates.counts_from(occurred_on), data=data, sealed_in={})
    return Fact(event="", name=name, occurred_on="", counts_from=today, data={**data, "counts_from": today}, sealed_in={})


def told(before: Miner, after: Miner, name: str, data: Mapping[str, Any], occurred_on: str = "", standing_too: bool = True) -> New:
    """The event that leads from one to the other; it carries what that changes in members and in standing."""
    members = changes(before.spans, person(before.facts), after.spans, person(after.facts))
    changed = {"members": members} if members or name in (*MEMBERSHIP, events.MINER_FACT_CORRECTED, events.MINER_FACT_WITHDRAWN, events.MINER_MERGED) else {}
    steps = {"standing": after.standing} if standing_too and after.standing != before.standing else {}
    return New(stream(after.id), name, {"miner": after.id, **data, **changed, **steps}, occurred_on=occurred_on)


def must_be_member(miner: Miner, organisation: str, day: str) -> None:
    if not is_member(miner.spans, organisation, day):
        raise Conflict(f"not a member of '{organisation}' on {day}", field="organisation", rule="admit-miner first, dated as it was")
