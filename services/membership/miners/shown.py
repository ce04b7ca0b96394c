"""A miner as queries and pages show one: pseudonym, what is known, memberships and their clocks, cards, standing; the name never."""
from collections.abc import Mapping
from typing import Any

from services.membership import events
from services.membership.projections.miners import State, memberships

from . import refunds, standing
from .facts import minor_until

SEALED = "sealed"
MINOR = standing.MINOR                     # a child's identity is neither kept nor shown
FORGOTTEN = "forgotten"                    # what stands in the place of every text of a person who was forgotten


def line(id_: str, state: State, today: str) -> dict[str, Any]:
    """One line of a list."""
    registered = _registered(state)
    step = standing.on(_standing(state), today)
    places = [f for f in _by_day(state, events.MINER_REGISTERED, events.MINER_MOVED)]
    shown = {"miner": id_, "sex": registered.get("sex"), "birth_year": registered.get("birth_year"), "site": _last(places, "site"),
             "village": _last(places, "village"), "organisations": sorted({o for o, since, until in memberships(state) if since <= today < (until or "9999")}),
             "card_valid_until": max((c.get("valid_until", "") for c in _by_day(state, events.MINER_CARD_RECORDED)), default=""),
             "standing": {"value": step["value"], "why": step["why"], "since": step["from"]} if step else None,
             "identity": identity(state, today), "merged_into": state["into"]}
    return {k: v for k, v in shown.items() if v not in (None, "")}


def identity(state: State, today: str) -> str:
    """What there is to be read of who it is."""
    return FORGOTTEN if state["forgotten"] else MINOR if today < minor_until(_registered(state).get("birth_year")) else SEALED


def _standing(state: State) -> list[dict[str, Any]]:
    return standing.among(state["standing"], list(memberships(state)), state.get("ended", {}))


def whole(id_: str, state: State, today: str) -> dict[str, Any]:
    """All that is known of one."""
    cards = [{"event": f["event"], **{k: f[k] for k in ("card_type", "issuer", "valid_from", "valid_until") if k in f}}
             for f in _by_day(state, events.MINER_CARD_RECORDED)]
    history = [{"event": f["event"], "name": f["name"], "counts_from": f["from"],
                **{k: v for k, v in f.items() if k not in ("event", "name", "from")}} for f in _by_day(state)]
    return {**line(id_, state, today), "cards": cards, "standing_in_time": _standing(state), "withdrawals": _withdrawals(state), "history": history,
            "memberships": [{"organisation": o, "since": since, **({"until": until} if until else {})} for o, since, until in memberships(state)]}


def _withdrawals(state: State) -> list[dict[str, Any]]:
    """Each notice with the day by which the shares must be repaid (AUSCOOP 11), as extended, and the day they were."""
    notices = _by_day(state, events.WITHDRAWAL_NOTICED)
    clocks = {clock.event: clock for organisation in {notice["organisation"] for notice in notices} for clock in _clocks(state, organisation)}
    result = []
    for notice in notices:
        clock = clocks[notice["event"]]
        result.append({"event": notice["event"], "organisation": notice["organisation"], "received_on": notice["received_on"],
                       "effective_on": notice["effective_on"], "refund_due_by": clock.due_by, **({"extended": True} if clock.extended else {}),
                       **({"refunded_on": clock.repaid} if clock.repaid else {})})
    return result


def _clocks(state: State, organisation: str) -> list[refunds.Clock]:
    def of(name: str) -> list[dict[str, Any]]:
        return [f for f in _by_day(state, name) if f["organisation"] == organisation]

    notices = (refunds.Clock(f["refund_due_by"], "", f["event"], f["received_on"]) for f in of(events.WITHDRAWAL_NOTICED))
    return refunds.clocks(notices, ((f["from"], f["due_by"]) for f in of(events.REFUND_EXTENDED)), (f["from"] for f in of(events.REFUND_RECORDED)))


def _registered(state: State) -> Mapping[str, Any]:
    return next((f for f in state["facts"].values() if f["name"] == events.MINER_REGISTERED), {})


def _by_day(state: State, *names: str) -> list[dict[str, Any]]:
    found = [{"event": id_, **f} for id_, f in state["facts"].items() if not names or f["name"] in names]
    return sorted(found, key=lambda f: f["from"])


def _last(facts: list[dict[str, Any]], key: str) -> Any:
    return next((f[key] for f in reversed(facts) if key in f), None)
