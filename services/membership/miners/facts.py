"""From the dated facts of one miner to the spans of each membership, and to what an event changes in them."""
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.membership import events
from shared import dates
from shared.event import Event

ENDS = (events.WITHDRAWAL_NOTICED, events.MEMBERSHIP_ENDED)
MEMBERSHIP = (events.MINER_ADMITTED, *ENDS)
# What a correction may change beside the date, by the fact it corrects. The sealed ones carry no old value: it stays sealed in the event they correct.
SEALED = {events.MINER_REGISTERED: ("name", "phone", "photo"), events.MINER_CARD_RECORDED: ("number",)}
CORRECTABLE: dict[str, tuple[str, ...]] = {
    events.MINER_REGISTERED: ("sex", "birth_year", "village", "site", *SEALED[events.MINER_REGISTERED]),
    events.MINER_CARD_RECORDED: ("valid_from", "valid_until", *SEALED[events.MINER_CARD_RECORDED]),
    events.MINER_ADMITTED: ("organisation",), events.MEMBERSHIP_ENDED: ("organisation",),
    events.WITHDRAWAL_NOTICED: ("organisation", "received_on", "stated_on", "effective_on", "refund_due_by")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One event of the miner as it stands after corrections; `counts_from` is a day (ISO)."""

    event: str
    name: str
    occurred_on: str
    counts_from: str
    data: Mapping[str, Any]
    sealed_in: Mapping[str, str]
    """Of a sealed field that was corrected: the event whose seal it is under now."""

    def corrected(self, new: Mapping[str, Any], by: str) -> "Fact":
        changed = {k: new[k] for k in CORRECTABLE.get(self.name, ()) if k in new}
        seals = {k: by for k in SEALED.get(self.name, ()) if k in new}
        return replace(self, data={**self.data, **changed}, occurred_on=new.get("occurred_on", self.occurred_on),
                       counts_from=new.get("counts_from", self.counts_from), sealed_in={**self.sealed_in, **seals})

    def said(self) -> dict[str, Any]:
        """What a correction or withdrawal keeps of it as the old values."""
        open_ = [k for k in CORRECTABLE.get(self.name, ()) if k not in SEALED.get(self.name, ())]
        return {"occurred_on": self.occurred_on or None, "counts_from": self.counts_from, **{k: self.data.get(k) for k in open_}}

    @property
    def day(self) -> str:
        """From when it changes a membership."""
        return str(self.data["effective_on"]) if self.name == events.WITHDRAWAL_NOTICED else self.counts_from


def as_fact(e: Event) -> Fact:
    """An undated fact counts from the day it was recorded: nobody can have known it to be older."""
    return Fact(event=e.id, name=e.name, occurred_on=e.occurred_on, data=e.data, sealed_in={},
                counts_from=dates.counted(e.occurred_on, e.data.get("counts_from", e.recorded_at[:10])))


Spans = dict[str, list[tuple[str, str]]]           # organisation -> from a day to the day it ended, '' while it lasts


def spans(facts: Sequence[Fact]) -> Spans:
    """Memberships in time: an end without a beginning, and a second beginning, add nothing; nor does any from the day of a death."""
    return _until(min((f.day for f in facts if f.data.get("everywhere")), default=""), _spans(facts))


def _until(died: str, of: Spans) -> Spans:
    if not died:
        return of
    lived = {organisation: [(start, min(end or died, died)) for start, end in lasting if start < died] for organisation, lasting in of.items()}
    return {organisation: lasting for organisation, lasting in lived.items() if lasting}


def _spans(facts: Iterable[Fact]) -> Spans:
    result: Spans = {}
    since: dict[str, str] = {}
    for fact in sorted((f for f in facts if f.name in MEMBERSHIP), key=lambda f: (f.day, f.name in ENDS)):
        organisation = fact.data["organisation"]
        if fact.name == events.MINER_ADMITTED:
            since.setdefault(organisation, fact.day)
        elif organisation in since:
            result.setdefault(organisation, []).append((since.pop(organisation), fact.day))
    for organisation, day in since.items():
        result.setdefault(organisation, []).append((day, ""))
    return result


def is_member(of: Spans, organisation: str, day: str) -> bool:
    return any(start <= day and (not end or day < end) for start, end in of.get(organisation, ()))


Person = tuple[str, int]                           # sex and birth year; '' and 0 where nobody said


def changes(before: Spans, was: Person, after: Spans, is_: Person) -> list[dict[str, Any]]:
    """What an event changes in the members of organisations, so that no view has to look back; [] if nothing."""
    difference = _contributions(after, is_)
    difference.subtract(_contributions(before, was))
    return [{"organisation": organisation, "kind": "miner", "from": day, "delta": delta, "sex": sex or None, "birth_year": year or None}
            for (organisation, day, sex, year), delta in sorted(difference.items()) if delta]


def _contributions(of: Spans, person: Person) -> Counter[tuple[str, str, str, int]]:
    result: Counter[tuple[str, str, str, int]] = Counter()
    for organisation, lasting in of.items():
        for start, end in lasting:
            result[organisation, start, *person] += 1
            if end:
                result[organisation, end, *person] -= 1
    return result


OF_AGE = 18                        # in the year in which it is reached; as the figures about members count (principle 7: never a child's identity)


def minor_until(birth_year: int | None) -> str:
    """The first day on which somebody is no child any more; '' where nobody said when they were born."""
    return f"{birth_year + OF_AGE}-01-01" if birth_year else ""


def is_minor(facts: Sequence[Fact], day: str) -> bool:
    return day < minor_until(person(facts)[1])


def person(facts: Sequence[Fact]) -> Person:
    registered = facts[0].data if facts else {}
    return registered.get("sex", ""), registered.get("birth_year", 0)
