"""How a miner stands, day by day: a member somewhere, with a card that is valid (good); else to check, and why."""
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.membership import events

from .cards import begins, ends
from .facts import Fact, Spans, minor_until, person

NO_CARD, EXPIRED, NO_MEMBERSHIP, DECEASED, MERGED, MINOR = "no-card", "card-expired", "no-membership", "deceased", "merged", "minor"
DISSOLVED, UNDATED = "society-dissolved", "card-undated"
SUSPENDED = (DECEASED, MERGED)


def timeline(facts: Sequence[Fact], of: Spans, merged_from: str = "") -> list[dict[str, Any]]:
    """The steps from the first day that anything is known of; [] for nobody."""
    cards = [f for f in facts if f.name == events.MINER_CARD_RECORDED]
    deaths = [f.counts_from for f in facts if f.name == events.MEMBERSHIP_ENDED and f.data["cause"] == "death"]
    died = min(deaths, default="")
    grown = minor_until(person(facts)[1])
    steps: list[dict[str, Any]] = []
    known = sorted({*_days(facts, cards, of), *deaths, *([merged_from] if merged_from else [])})
    for day in sorted({*known, *([grown] if known and known[0] < grown else [])}):
        why = [code for code, since in ((MERGED, merged_from), (DECEASED, died)) if since and since <= day][:1] or [
            *([MINOR] if day < grown else []), *_open(cards, of, day)]
        value = "suspended" if why and why[0] in SUSPENDED else "to check" if why else "good"
        if not steps or (steps[-1]["value"], steps[-1]["why"]) != (value, why):
            steps.append({"from": day, "value": value, "why": why})
    return steps


def _days(facts: Sequence[Fact], cards: Sequence[Fact], of: Spans) -> Iterator[str]:
    """Those on which something may change."""
    yield from (f.counts_from for f in facts if f.name == events.MINER_REGISTERED)
    for card in cards:
        yield begins(card)
        if end := ends(card):
            yield end
    for lasting in of.values():
        for start, end in lasting:
            yield start
            if end:
                yield end


def _open(cards: Sequence[Fact], of: Spans, day: str) -> list[str]:
    known = [card for card in cards if begins(card) <= day]
    valid = any(day < (ends(card) or "9999-99") for card in known)
    stated = any("valid_until" in card.data for card in known)
    member = any(start <= day and (not end or day < end) for lasting in of.values() for start, end in lasting)
    return [*([] if valid else [EXPIRED if stated else UNDATED if known else NO_CARD]), *([] if member else [NO_MEMBERSHIP])]


def among(steps: Sequence[dict[str, Any]], lasting: Sequence[tuple[str, str, str]], ended: Mapping[str, str]) -> list[dict[str, Any]]:
    """The steps with what happened to the societies: to check while each of which one is a member – organisation, since, until – had `ended` by then."""
    result: list[dict[str, Any]] = []
    days = {*ended.values(), *(day for _, *span in lasting for day in span)} if ended else set()
    for day in sorted({*(step["from"] for step in steps), *(day for day in days if on(steps, day))}):
        step = on(steps, day) or {}
        here = [organisation for organisation, since, until in lasting if since <= day < (until or "9999-99")]
        gone = step["value"] != "suspended" and here and all(ended.get(o, "9999-99") <= day for o in here)
        value, why = ("to check", [*step["why"], DISSOLVED]) if gone else (step["value"], step["why"])
        if not result or (result[-1]["value"], result[-1]["why"]) != (value, why):
            result.append({"from": day, "value": value, "why": why})
    return result


def on(steps: Sequence[dict[str, Any]], day: str) -> dict[str, Any] | None:
    """The step that holds on `day`; None before the first."""
    return next((step for step in reversed(steps) if step["from"] <= day), None)
