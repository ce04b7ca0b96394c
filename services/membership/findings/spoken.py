"""What was answered and decided about findings, in people's own words: for who oversees or is concerned, not for all who see figures (principle 2)."""
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from services.membership import events

OVERSIGHT = "events:read"
SAID = {events.FINDING_ANSWERED: "answer", events.FINDING_DECIDED: "decision"}


def seen(it: Mapping[str, Any], scopes: Collection[str]) -> dict[str, Any]:
    """An organisation as a caller with `scopes` may see it: that there is an answer or a decision stays told."""
    if OVERSIGHT in scopes:
        return dict(it)
    return {**it, "findings": findings(it["findings"], scopes), "timeline": [_line(line) for line in it["timeline"]]}


def findings(rows: Sequence[Mapping[str, Any]], scopes: Collection[str]) -> list[dict[str, Any]]:
    return [dict(row) if OVERSIGHT in scopes else {**row, "answer": "", "decision": ""} for row in rows]


def _line(told: Mapping[str, Any]) -> dict[str, Any]:
    said = SAID.get(told["name"])
    return {**told, "reason": "", "data": {k: v for k, v in told["data"].items() if k != said}} if said else dict(told)
