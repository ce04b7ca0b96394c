"""A fact of an organisation was wrong, or never was: the event that says so carries what stood, and what changes in the figures."""
from typing import Any

from shared import dates
from shared.application import Histories, New
from shared.errors import BadRequest, Conflict

from . import commands as c
from . import events, place, presence, register_number
from .standing import Organisation, stream


def correct(state: Organisation, command: c.CorrectFact, histories: Histories) -> list[New]:
    """Nothing if it says what stands. Raises NotFound, BadRequest, and Conflict for a number that is another's."""
    fact = state.fact(command.event)
    new: dict[str, Any] = {}
    numbers: list[New] = []
    if command.new_occurred_on is not None:
        new |= {"occurred_on": command.new_occurred_on, "counts_from": dates.counts_from(command.new_occurred_on)}
    if command.district is not None:
        if fact.name not in (events.ORGANISATION_FOUNDED, events.ORGANISATION_MOVED):
            raise BadRequest(f"{fact.name} names no district", field="district")
        new["district"] = place.found("district", command.district, histories, "district")
    if command.number is not None:
        if fact.name != events.ORGANISATION_REGISTERED:
            raise BadRequest(f"{fact.name} names no number", field="number")
        new |= {"number": command.number, "normalised": place.normalise(command.number)}
        if new["normalised"] != fact.data["normalised"]:
            numbers = [*register_number.take(histories, command.number, state.id), *register_number.release(histories, fact.data["normalised"], state.id)]
    after = tuple(f.corrected(new) if f == fact else f for f in state.facts)
    if after == state.facts:
        return []
    return [_told(events.FACT_CORRECTED, state, command, {"corrects": fact.event, "fact": fact.name, "old": fact.said(), "new": new}, after), *numbers]


def withdraw(state: Organisation, command: c.WithdrawFact, histories: Histories) -> list[New]:
    """Raises NotFound, and Conflict for the founding."""
    fact = state.fact(command.event)
    if fact.name == events.ORGANISATION_FOUNDED:
        raise Conflict("a founding is corrected or the organisation dissolved, not withdrawn", field="event")
    rest = tuple(f for f in state.facts if f != fact)
    numbers = register_number.release(histories, fact.data["normalised"], state.id) if fact.name == events.ORGANISATION_REGISTERED else []
    return [_told(events.FACT_WITHDRAWN, state, command, {"withdraws": fact.event, "fact": fact.name, "old": fact.said()}, rest), *numbers]


def _told(name: str, state: Organisation, command: c.OnOrganisation, data: dict[str, Any], after: tuple[presence.Fact, ...]) -> New:
    return New(stream(state.id), name, {
        "organisation": state.id, "source": command.source, **data, **presence.changes(state.facts, after, state.level)})
