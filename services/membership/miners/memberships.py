"""What happens to a miner who is registered: card, admission, notice and refund, end, move – each fact dated."""
from typing import Any

from services.membership import events
from services.membership import standing as organisations
from shared.application import Histories, New
from shared.errors import BadRequest, Conflict, Unprocessable

from . import commands as c
from . import days, refunds
from .corrections import correct, withdraw
from .facts import Fact, is_member
from .miner import Miner, identity_stream, known, must_be_member, must_not_be_forgotten, new_fact, stream, told

RULE = "AUSCOOP 11"


def streams(command: c.OnMiner) -> list[str]:
    named = getattr(command, "organisation", None) or (command.new.get("organisation") if isinstance(command, c.CorrectFact) else None)
    return [stream(command.miner), identity_stream(command.miner), *([organisations.stream(named)] if named else [])]


def decide(histories: Histories, command: c.OnMiner, today: str) -> list[New]:
    """Refuses only what is malformed, a duplicate or impossible; everything else is a fact from outside and is recorded.

    `today` is the day from which an undated fact counts. Raises Conflict, NotFound, BadRequest, Unprocessable.
    """
    state = known(histories, command.miner)

    def happens(name: str, **data: Any) -> list[New]:
        fact = new_fact(name, {**data, "source": command.source}, command.occurred_on, today)
        return [told(state, state.with_(fact), name, fact.data)]

    days.must_not_be_far(new_fact("", {}, command.occurred_on, today).day, today, days.HAPPENED, "occurred_on")
    match command:
        case c.RecordMinerCard():
            must_not_be_forgotten(state)
            card = {k: v for k in ("card_type", "issuer", "number", "valid_from", "valid_until") if (v := getattr(command, k)) is not None}
            if "valid_from" in card and card.get("valid_until", "9999") < card["valid_from"]:
                raise BadRequest("valid_until lies before valid_from", field="valid_until")
            days.must_be_near(card, today)
            return happens(events.MINER_CARD_RECORDED, **card)
        case c.AdmitMiner():
            organisations.known(histories, command.organisation)
            fact = new_fact(events.MINER_ADMITTED, {}, command.occurred_on, today)
            if is_member(state.spans, command.organisation, fact.day):
                raise Conflict(f"a member of '{command.organisation}' already on {fact.day}", field="organisation")
            return happens(events.MINER_ADMITTED, organisation=command.organisation)
        case c.NoticeWithdrawal():
            days.must_be_near({"received_on": command.received_on, "effective_on": command.effective_on or ""}, today)
            effective = days.effective(command.received_on, command.effective_on)
            must_be_member(state, command.organisation, command.received_on)
            return happens(events.WITHDRAWAL_NOTICED, organisation=command.organisation, received_on=command.received_on, effective_on=effective,
                           refund_due_by=days.refund_due_by(effective), stated_on=command.effective_on)
        case c.ExtendRefund():
            return happens(events.REFUND_EXTENDED, organisation=command.organisation, due_by=_extended(state, command, today), decision=command.decision)
        case c.RecordRefund():
            if state.latest(events.REFUND_RECORDED, command.organisation) and not _left_again(state, command.organisation):
                raise Conflict("the shares are repaid already", field="organisation")
            if not _has_left(state, command.organisation):
                raise Conflict(f"nobody noted that the miner left '{command.organisation}'", field="organisation", rule="notice-withdrawal first")
            return happens(events.REFUND_RECORDED, organisation=command.organisation)
        case c.EndMembership():
            must_be_member(state, command.organisation, new_fact("", {}, command.occurred_on, today).day)
            return happens(events.MEMBERSHIP_ENDED, organisation=command.organisation, cause=command.cause, everywhere=command.cause == "death" or None)
        case c.MoveMiner():
            return happens(events.MINER_MOVED, **{k: v for k in ("site", "village") if (v := getattr(command, k)) is not None})
        case c.CorrectFact():
            return correct(histories, state, command, today)
        case c.WithdrawFact():
            return withdraw(state, command)
    raise BadRequest(f"no decision for {type(command).__name__}")


def _extended(state: Miner, command: c.ExtendRefund, today: str) -> str:
    """Of the departure of the decision's day."""
    clocks = _clocks(state, command.organisation)
    n = refunds.of_day(clocks, new_fact("", {}, command.occurred_on, today).day)
    if n < 0:
        raise Conflict(f"no notice of withdrawal from '{command.organisation}'", field="organisation", rule="notice-withdrawal first")
    latest = days.latest_refund(state.fact(clocks[n].event).data["effective_on"])
    if command.due_by > latest:
        raise Unprocessable(f"at most to {latest}", field="due_by", rule=f"{RULE}: two years after the withdrawal takes effect")
    if command.due_by <= clocks[n].due_by:
        raise BadRequest(f"no extension: due by {clocks[n].due_by} anyway", field="due_by", rule=f"{RULE}: one year after it takes effect")
    return command.due_by


def _clocks(state: Miner, organisation: str) -> list[refunds.Clock]:
    def of(name: str) -> list[Fact]:
        return [f for f in state.facts if f.name == name and f.data["organisation"] == organisation]

    notices = (refunds.Clock(f.data["refund_due_by"], "", f.event, f.data["received_on"]) for f in of(events.WITHDRAWAL_NOTICED))
    return refunds.clocks(notices, ((f.day, f.data["due_by"]) for f in of(events.REFUND_EXTENDED)), (f.day for f in of(events.REFUND_RECORDED)))


def _has_left(state: Miner, organisation: str) -> bool:
    """By a fact that is told of that society, or by a death that was told of another."""
    told_of = any(state.latest(name, organisation) for name in (events.WITHDRAWAL_NOTICED, events.MEMBERSHIP_ENDED))
    return told_of or any(end for _, end in state.spans.get(organisation, ()))


def _left_again(state: Miner, organisation: str) -> bool:
    """Whether more departures than refunds are known."""
    ended = sum(bool(end) for _, end in state.spans.get(organisation, ()))
    refunds = [f for f in state.facts if f.name == events.REFUND_RECORDED and f.data["organisation"] == organisation]
    return ended > len(refunds)
