"""From the dated facts of one organisation to what it adds to the counts of districts, day by day."""
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shared import dates
from shared.event import Event

from . import events


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One event of the organisation as it stands after corrections; `counts_from` is a day (ISO)."""

    event: str
    name: str
    counts_from: str
    occurred_on: str
    data: Mapping[str, Any]

    def corrected(self, new: Mapping[str, Any]) -> "Fact":
        data = {**self.data, **({"district": new["district"]} if "district" in new else {})}
        return replace(self, data=data, occurred_on=new.get("occurred_on", self.occurred_on), counts_from=new.get("counts_from", self.counts_from))

    def said(self) -> dict[str, Any]:
        """What a correction or withdrawal keeps of it as the old values."""
        return {"occurred_on": self.occurred_on or None, "counts_from": self.counts_from, "district": self.data.get("district")}


def as_fact(e: Event) -> Fact:
    """An undated fact counts from the day it was recorded: nobody can have known it to be older."""
    return Fact(event=e.id, name=e.name, occurred_on=e.occurred_on, data=e.data,
                counts_from=dates.counts_from(e.occurred_on) if e.occurred_on else e.data.get("counts_from", e.recorded_at[:10]))


Contributions = Counter[tuple[str, str]]           # (district or '', day) -> +1 or -1


def contributions(facts: Iterable[Fact]) -> Contributions:
    """Where the organisation begins, moves and ends to count; facts before its founding or after its end add nothing."""
    result: Contributions = Counter()
    here: str | None = None
    for fact in sorted(facts, key=lambda f: (f.counts_from, f.name != events.ORGANISATION_FOUNDED)):
        match fact.name:
            case events.ORGANISATION_FOUNDED if here is None:
                here = str(fact.data.get("district", ""))
                result[here, fact.counts_from] += 1
            case events.ORGANISATION_MOVED if here is not None:
                result[here, fact.counts_from] -= 1
                here = str(fact.data["district"])
                result[here, fact.counts_from] += 1
            case events.ORGANISATION_DISSOLVED if here is not None:
                result[here, fact.counts_from] -= 1
                break
    return result


def changes(before: Sequence[Fact], after: Sequence[Fact], level: str) -> list[dict[str, Any]]:
    """What an event changes in the counts, so that no view has to look back; [] if nothing."""
    difference = contributions(after)
    difference.subtract(contributions(before))
    return [{"level": level, "from": day, "delta": delta, **({"district": district} if district else {})}
            for (district, day), delta in sorted(difference.items()) if delta]
