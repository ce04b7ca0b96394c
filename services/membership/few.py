"""Numbers of people as those see them who may not see people: in steps of five, and not by sex, so that nobody is pointed at (principle 7)."""
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from services.membership import events
from services.membership.findings import rules
from shared.small_cells import masked

PEOPLE = "people:read"
FEW = 5
PERSON = "miner"
OWED = "refund-overdue"                    # a check of shares to be repaid to who left


def seen(it: Mapping[str, Any], scopes: Collection[str]) -> dict[str, Any]:
    """An organisation, with those below it, what is found and what is told of it, as a caller with `scopes` may see it."""
    if PEOPLE in scopes:
        return dict(it)
    of: dict[str, Callable[[Any], Any]] = {"children": lambda below: seen(below, scopes), "findings": _finding, "timeline": _line}
    return {k: _members(v) if k == "members" else [of[k](one) for one in v] if k in of else v for k, v in it.items()}


def findings(rows: Sequence[Mapping[str, Any]], scopes: Collection[str]) -> list[dict[str, Any]]:
    return [dict(row) if PEOPLE in scopes else _finding(row) for row in rows]


def _members(counts: Mapping[str, int]) -> dict[str, int]:
    """Rounded down; for what is exact beside a sum says what the sum hides."""
    coarse = {kind: n - n % FEW if kind == PERSON else n for kind, n in counts.items() if not kind.startswith(f"{PERSON}/")}
    return {kind: n for kind, n in coarse.items() if n}


def _finding(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "facts": _facts(row["rule"], row["facts"])}


def _line(told: Mapping[str, Any]) -> dict[str, Any]:
    data = told["data"]
    if told["name"] != events.FINDING_RECORDED:
        return dict(told)
    breaches = [{**b, "facts": _facts(data["rule"], b["facts"])} if "facts" in b else b for b in data["breaches"]]
    return {**told, "data": {**data, "breaches": breaches}}


def _facts(rule: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    known = rules.table().get(rule)
    of_people = known is None or known.check == OWED or PERSON in known.parameters.get("kinds", ())
    return masked(facts, FEW) if of_people else dict(facts)
