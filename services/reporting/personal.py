"""What of an event only those are shown who may see people: whole records of a person, and pseudonyms elsewhere (principle 7)."""
from collections.abc import Collection, Mapping
from typing import Any

PEOPLE = "people:read"
PERSON, PERSONS = "miner", "miners"


def shown(data: Mapping[str, Any], scopes: Collection[str]) -> dict[str, Any] | None:
    """The event's data as a caller with `scopes` may see it; None for what is all about a person, or about two that may be one."""
    if PEOPLE in scopes:
        return dict(data)
    if PERSON in data or any(isinstance(one, str) for one in data.get(PERSONS, ())):
        return None
    return {k: {inner: w for inner, w in v.items() if inner != PERSONS} if isinstance(v, Mapping) else v       # a correction's old and new
            for k, v in data.items() if k != PERSONS}
