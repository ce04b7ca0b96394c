"""An agreement: planned or signed between parties, amended, ended, and what was delivered under it."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from services.membership import events, standing
from services.membership.validity import day_of, must_not_come_before, must_not_end_before
from shared import dates
from shared.application import Histories, New
from shared.errors import BadRequest, Conflict, NotFound
from shared.event import Event

from . import commands as c
from . import partner

STATES = ("planned", "signed")
TERMS = ("title", "valid_until", "state")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    terms: Mapping[str, Any]
    valid_from: str | None
    signed_on: str = ""
    """As precisely as it was said."""
    ended_on: str = ""
    delivered: frozenset[str] = field(default_factory=frozenset)


def stream(agreement: str) -> str:
    return f"agreement/{agreement}"


def _party_stream(party: Mapping[str, str]) -> str:
    return partner.stream(party["partner"]) if "partner" in party else standing.stream(party["organisation"])


def streams(command: c.OnAgreement) -> list[str]:
    parties = command.parties if isinstance(command, c.SignAgreement) else ()
    return list(dict.fromkeys((stream(command.agreement), *map(_party_stream, parties))))


def standing_events(history: Sequence[Event]) -> list[Event]:
    """What is said of it and was not withdrawn, from the signing on; [] if nobody signed or planned it."""
    withdrawn = {e.data["withdraws"] for e in history if e.name == events.AGREEMENT_FACT_WITHDRAWN}
    told = [e for e in history if e.id not in withdrawn and e.name != events.AGREEMENT_FACT_WITHDRAWN]
    signed = next((n for n, e in enumerate(told) if e.name == events.AGREEMENT_SIGNED), len(told))
    return told[signed:]


def evolve(history: Sequence[Event]) -> Agreement | None:
    """None if nobody signed or planned it."""
    told = standing_events(history)
    if not told:
        return None
    signed = told[0].data
    state = Agreement(terms={k: signed[k] for k in TERMS if k in signed}, valid_from=signed.get("valid_from"), signed_on=told[0].occurred_on)
    for e in told[1:]:
        match e.name:
            case events.AGREEMENT_AMENDED:
                state = replace(state, terms={**state.terms, **e.data["new"]})
            case events.AGREEMENT_ENDED:
                state = replace(state, ended_on=day_of(e))
            case events.DELIVERABLE_RECORDED:
                state = replace(state, delivered=state.delivered | {e.data["deliverable"]})
    return state


def decide(histories: Histories, command: c.OnAgreement, today: str) -> list[New]:
    """Refuses what is malformed, a duplicate or impossible. `today` is the day from which an undated fact counts."""
    key = stream(command.agreement)
    state = evolve(histories[key])
    of = {"agreement": command.agreement, "source": command.source}
    if isinstance(command, c.SignAgreement):
        if state:
            raise Conflict(f"agreement '{command.agreement}' is recorded already", field="agreement", rule="amend-agreement changes it")
        return [_signed(key, command, histories)]
    if state is None:
        raise NotFound(f"no agreement '{command.agreement}'", field="agreement", rule="sign-agreement first")
    match command:
        case c.AmendAgreement():
            return [New(key, events.AGREEMENT_AMENDED, {**of, "amendment": command.amendment, **_amended(state, command, today)})]
        case c.EndAgreement():
            if state.ended_on:
                raise Conflict(f"agreement '{command.agreement}' has ended already", field="agreement")
            must_not_come_before(dates.counted(command.occurred_on, today), state.signed_on)
            return [New(key, events.AGREEMENT_ENDED, of)]
        case c.RecordDeliverable():
            if command.deliverable in state.delivered:
                raise Conflict("this deliverable is recorded already", field="deliverable")
            return [New(key, events.DELIVERABLE_RECORDED, {**of, "deliverable": command.deliverable})]
        case c.WithdrawAgreementFact():
            return [New(key, events.AGREEMENT_FACT_WITHDRAWN, {**of, **_withdrawn(histories[key], command)})]
    raise BadRequest(f"no decision for {type(command).__name__}")


def _withdrawn(history: Sequence[Event], command: c.WithdrawAgreementFact) -> dict[str, Any]:
    """Without its signing nothing of an agreement stands, and it may be signed anew as it was. Raises NotFound."""
    for e in standing_events(history):
        if e.id == command.event:
            return {"withdraws": e.id, "fact": e.name, "parties": e.data.get("parties")}
    raise NotFound(f"agreement '{command.agreement}' has no event {command.event}", field="event")


def _signed(key: str, command: c.SignAgreement, histories: Histories) -> New:
    must_not_end_before(command.valid_from, command.valid_until)
    for number, party in enumerate(command.parties):
        if "organisation" in party:
            standing.known(histories, party["organisation"], f"parties.{number}.organisation")
        elif not histories[_party_stream(party)]:
            raise NotFound(f"no partner '{party['partner']}'", field=f"parties.{number}.partner", rule="register-partner first")
    return New(key, events.AGREEMENT_SIGNED, {
        "agreement": command.agreement, "title": command.title, "parties": [dict(p) for p in command.parties], "state": command.state,
        "purpose": command.purpose, "valid_from": command.valid_from, "valid_until": command.valid_until,
        "deliverables": list(command.deliverables) or None, "source": command.source})


def _amended(state: Agreement, command: c.AmendAgreement, today: str) -> dict[str, Any]:
    """Old and new terms; none for an amendment of what is not kept here. One of before the end may be recorded after it."""
    if state.ended_on and dates.counted(command.occurred_on, today) >= state.ended_on:
        raise Conflict(f"agreement '{command.agreement}' has ended on {state.ended_on}", field="agreement", rule="its date must lie before the end")
    must_not_come_before(dates.counted(command.occurred_on, today), state.signed_on)
    must_not_end_before(state.valid_from, command.valid_until)
    new = {k: v for k in TERMS if (v := getattr(command, k)) is not None and v != state.terms.get(k)}
    return {"old": {k: state.terms[k] for k in new if k in state.terms}, "new": new}
