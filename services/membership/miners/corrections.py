"""A fact about a miner was wrong, or did not happen: an event says so, with the old and the new values."""
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.membership import events
from services.membership import standing as organisations
from shared import dates
from shared.application import Histories, New
from shared.errors import BadRequest, Conflict

from . import commands as c
from . import days
from .facts import CORRECTABLE, SEALED, Fact, is_minor
from .miner import Miner, must_not_be_forgotten, told


def correct(histories: Histories, state: Miner, command: c.CorrectFact, today: str) -> list[New]:
    """What is sealed is still in clear here: the application seals it. Raises NotFound, BadRequest, Conflict."""
    fact = state.fact(command.event)
    allowed = CORRECTABLE.get(fact.name, ())
    if beyond := next((k for k in command.new if k not in allowed), ""):
        raise BadRequest(f"{fact.name} names no {beyond}", field=beyond, rule=", ".join(allowed) or "only its date")
    if any(k in command.new for k in SEALED.get(fact.name, ())):
        must_not_be_forgotten(state)
    if "organisation" in command.new:
        organisations.known(histories, command.new["organisation"])
    new = _new(fact, command)
    wrong = fact.corrected(new, "")
    if command.new_occurred_on is not None:
        days.must_not_be_far(wrong.counts_from, today, days.HAPPENED, "new_occurred_on")
    days.must_be_near(new, today)
    if wrong.data.get("valid_from", "") > wrong.data.get("valid_until", "9999"):
        raise BadRequest("valid_until lies before valid_from", field="valid_until")
    if replace(wrong, sealed_in=fact.sealed_in) == fact:
        return []
    after = replace(state, facts=tuple(wrong if f == fact else f for f in state.facts))
    must_not_be_a_childs(after, new, today)
    return [told(state, after, events.MINER_FACT_CORRECTED, {"corrects": fact.event, "fact": fact.name, "old": fact.said(), "new": new,
                                                             "source": command.source})]


def _new(fact: Fact, command: c.CorrectFact) -> dict[str, Any]:
    new = dict(command.new)
    if command.new_occurred_on is not None:
        new |= {"occurred_on": command.new_occurred_on, "counts_from": dates.counts_from(command.new_occurred_on)}
    if fact.name == events.WITHDRAWAL_NOTICED and {"received_on", "effective_on"} & set(new):
        if stated := new.get("effective_on") or fact.data.get("stated_on") or _stated(fact):
            new["stated_on"] = stated
        new["effective_on"] = days.effective(new.get("received_on", fact.data["received_on"]), stated)
        new["refund_due_by"] = days.refund_due_by(new["effective_on"])
    return new


def _stated(notice: Fact) -> str:
    """Of an older event, which does not hold what the notice itself said: that it said a day is known where it took effect after its receipt."""
    return str(notice.data["effective_on"]) if notice.data["effective_on"] > notice.data["received_on"] else ""


def must_not_be_a_childs(state: Miner, new: Mapping[str, Any], today: str) -> None:
    """Principle 7: never a child's identity. One that was born earlier than it was thought can be told anew. Raises BadRequest, Conflict."""
    if new.get("birth_year", 0) > int(today[:4]):
        raise BadRequest("nobody is born after this year", field="birth_year")
    if (named := next((k for k in SEALED[events.MINER_REGISTERED] if k in new), "")) and is_minor(state.facts, today):
        raise Conflict("a child's identity is not kept", field=named, rule="correct the birth year first, if it is wrong")


def withdraw(state: Miner, command: c.WithdrawFact) -> list[New]:
    fact = state.fact(command.event)
    if fact.name == events.MINER_REGISTERED:
        raise Conflict("a registration is corrected, merged or forgotten, not withdrawn", field="event")
    after = replace(state, facts=tuple(f for f in state.facts if f != fact))
    return [told(state, after, events.MINER_FACT_WITHDRAWN, {"withdraws": fact.event, "fact": fact.name, "old": fact.said(), "source": command.source})]
