"""A miner as queries and pages show one: pseudonym, what is known, memberships and their clocks, cards, standing; the name never."""
from collections.abc import Mapping
from typing import Any

from services.membership import events
from services.membership.projections.miners import State, memberships

from . import standing

SEALED = "sealed"
FORGOTTEN = "forgotten"                    # what stands in the place of every text of a person who was forgotten


def line(id_: str, state: State, today: str) -> dict[str, Any]:
    """One line of a list."""
    registered = _registered(state)
    step = standing.on(state["standing"], today)
    places = [f for f in _by_day(state, events.MINER_REGISTERED, events.MINER_MOVED)]
    shown = {"miner": id_, "sex": registered.get("sex"), "birth_year": registered.get("birth_year"), "site": _last(places, "site"),
             "village": _last(places, "village"), "organisations": sorted({o for o, since, until in memberships(state) if since <= today < (until or "9999")}),
             "card_valid_until": max((c.get("valid_until", "") for c in _by_day(state, events.MINER_CARD_RECORDED)), default=""),
             "standing": {"value": step["value"], "why": step["why"], "since": step["from"]} if step else None,
             "identity": FORGOTTEN if state["forgotten"] else SEALED, "merged_into": state["into"]}
    return {k: v for k, v in shown.items() if v not in (None, "")}


def whole(id_: str, state: State, today: str) -> dict[str, Any]:
    """All that is known of one."""
    cards = [{"event": f["event"], **{k: f[k] for k in ("card_type", "issuer", "valid_from", "valid_until") if k in f}}
             for f in _by_day(state, events.MINER_CARD_RECORDED)]
    history = [{"event": f["event"], "name": f["name"], "counts_from": f["from"],
                **{k: v for k, v in f.items() if k not in ("event", "name", "from")}} for f in _by_day(state)]
    return {**line(id_, state, today), "cards": cards, "standing_in_time": state["standing"], "withdrawals": _withdrawals(state), "history": history,
            "memberships": [{"organisation": o, "since": since, **({"until": until} if until else {})} for o, since, until in memberships(state)]}


def _withdrawals(state: State) -> list[dict[str, Any]]:
    """Each notice with the day by which the shares must be repaid (AUSCOOP 11), as extended, and the day they were."""
    result = []
    for notice in _by_day(state, events.WITHDRAWAL_NOTICED):
        of = notice["organisation"]
        extensions = [f["due_by"] for f in _by_day(state, events.REFUND_EXTENDED) if f["organisation"] == of and f["due_by"] > notice["refund_due_by"]]
        repaid = [f["from"] for f in _by_day(state, events.REFUND_RECORDED) if f["organisation"] == of and f["from"] >= notice["received_on"]]
        result.append({"event": notice["event"], "organisation": of, "received_on": notice["received_on"], "effective_on": notice["effective_on"],
                       "refund_due_by": max([notice["refund_due_by"], *extensions]), **({"extended": True} if extensions else {}),
                       **({"refunded_on": repaid[0]} if repaid else {})})
    return result


def _registered(state: State) -> Mapping[str, Any]:
    return next((f for f in state["facts"].values() if f["name"] == events.MINER_REGISTERED), {})


def _by_day(state: State, *names: str) -> list[dict[str, Any]]:
    found = [{"event": id_, **f} for id_, f in state["facts"].items() if not names or f["name"] in names]
    return sorted(found, key=lambda f: f["from"])


def _last(facts: list[dict[str, Any]], key: str) -> Any:
    return next((f[key] for f in reversed(facts) if key in f), None)
