"""What of an event only those are shown who may see people: records of a person, pseudonyms, where they work, numbers of a few (principle 7)."""
import tomllib
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from shared.small_cells import masked

PEOPLE = "people:read"
PERSON, PERSONS = "miner", "miners"
WHERE = frozenset({"latitude_e6", "longitude_e6"})         # of a site
FEW = 5                                                    # fewer than these in one organisation point at people
OWED = "refund-overdue"                                    # a check of shares to be repaid to who left
RULES = Path(__file__).parents[2] / "data" / "rules.toml"


def shown(data: Mapping[str, Any], scopes: Collection[str]) -> dict[str, Any] | None:
    """The event's data as a caller with `scopes` may see it; None for what is all about a person, or about two that may be one."""
    if PEOPLE in scopes:
        return dict(data)
    if PERSON in data or any(isinstance(one, str) for one in data.get(PERSONS, ())):
        return None
    seen: dict[str, Any] = {k: _without(v) if isinstance(v, Mapping) else v for k, v in _without(data).items()}              # a correction's old and new
    if "breaches" in seen:
        seen["breaches"] = [{**b, "facts": facts(data["rule"], b["facts"])} if "facts" in b else b for b in seen["breaches"]]
    return seen


def facts(rule: str, compared: Mapping[str, Any]) -> dict[str, Any]:
    """What a finding says was compared, as those see it who may not see people; how many organisations belong to one is no secret."""
    return masked(compared, FEW) if _of_people(rule) else dict(compared)


def _without(said: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in said.items() if k != PERSONS and k not in WHERE}


@cache
def _rules() -> Mapping[str, Any]:
    found: Mapping[str, Any] = tomllib.loads(RULES.read_text("utf-8"))["rules"]
    return found


def _of_people(rule: str) -> bool:
    """Whether a rule counts people, or what is owed to them; of one that is not known any more nobody can say."""
    known = _rules().get(rule)
    return known is None or known["check"] == OWED or PERSON in known.get("parameters", {}).get("kinds", ())
