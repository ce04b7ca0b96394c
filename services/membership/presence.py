"""From the dated facts of one organisation to what it adds to the counts of districts, day by day."""
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import events


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One event of the organisation as it stands after corrections; `counts_from` is a day (ISO)."""

    event: str
    name: str
    counts_from: str
    occurred_on: str
    data: Mapping[str, Any]


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
