"""How a miner stands, day by day: a member somewhere, with a card that is valid (good); else to check, and why."""
from collections.abc import Iterator, Sequence
from typing import Any

from services.membership import events

from .days import day_after
from .facts import Fact, Spans

NO_CARD, EXPIRED, NO_MEMBERSHIP, DECEASED, MERGED = "no-card", "card-expired", "no-membership", "deceased", "merged"
SUSPENDED = (DECEASED, MERGED)


def timeline(facts: Sequence[Fact], of: Spans, merged_from: str = "") -> list[dict[str, Any]]:
    """The steps from the first day that anything is known of; [] for nobody."""
    cards = [f for f in facts if f.name == events.MINER_CARD_RECORDED]
    deaths = [f.counts_from for f in facts if f.name == events.MEMBERSHIP_ENDED and f.data["cause"] == "death"]
    died = min(deaths, default="")
    steps: list[dict[str, Any]] = []
    for day in sorted({*_days(facts, cards, of), *deaths, *([merged_from] if merged_from else [])}):
        why = [code for code, since in ((MERGED, merged_from), (DECEASED, died)) if since and since <= day][:1] or _open(cards, of, day)
        value = "suspended" if why and why[0] in SUSPENDED else "to check" if why else "good"
        if not steps or (steps[-1]["value"], steps[-1]["why"]) != (value, why):
            steps.append({"from": day, "value": value, "why": why})
    return steps


def _days(facts: Sequence[Fact], cards: Sequence[Fact], of: Spans) -> Iterator[str]:
    """Those on which something may change."""
    yield from (f.counts_from for f in facts if f.name == events.MINER_REGISTERED)
    for card in cards:
        yield _begins(card)
        if "valid_until" in card.data:
            yield day_after(card.data["valid_until"])
    for lasting in of.values():
        for start, end in lasting:
            yield start
            if end:
                yield end


def _open(cards: Sequence[Fact], of: Spans, day: str) -> list[str]:
    known = [card for card in cards if _begins(card) <= day]
    valid = any(day <= card.data.get("valid_until", "9999") for card in known)
    member = any(start <= day and (not end or day < end) for lasting in of.values() for start, end in lasting)
    return [*([] if valid else [EXPIRED if known else NO_CARD]), *([] if member else [NO_MEMBERSHIP])]


def _begins(card: Fact) -> str:
    """A card counts from its first day; one without from the day it was noted for."""
    return str(card.data.get("valid_from", card.counts_from))


def on(steps: Sequence[dict[str, Any]], day: str) -> dict[str, Any] | None:
    """The step that holds on `day`; None before the first."""
    return next((step for step in reversed(steps) if step["from"] <= day), None)
