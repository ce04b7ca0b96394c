"""A fact of an organisation was wrong, or never was: the event that says so carries what stood, and what changes in the figures."""
from collections.abc import Sequence
from typing import Any

from shared import dates
from shared.application import Histories, New
from shared.errors import BadRequest, Conflict

from . import commands as c
from . import events, place, presence, register_number
from .presence import Fact
from .standing import Organisation, stream
from .validity import must_not_come_before

# Which facts say what of that which a correction may change beside the date.
NAMED_BY = {"district": (events.ORGANISATION_FOUNDED, events.ORGANISATION_MOVED), "number": (events.ORGANISATION_REGISTERED,),
            "name": (events.ORGANISATION_FOUNDED, events.ORGANISATION_RENAMED), "form": (events.ORGANISATION_FOUNDED,),
            "acronym": (events.ORGANISATION_FOUNDED,)}
BEGINNINGS = {events.ORGANISATION_DISSOLVED: events.ORGANISATION_FOUNDED, events.ORGANISATION_DETACHED: events.ORGANISATION_AFFILIATED}


def correct(state: Organisation, command: c.CorrectFact, histories: Histories) -> list[New]:
    """Nothing if it says what stands. Raises NotFound, BadRequest, and Conflict for a number that is another's."""
    fact = state.fact(command.event)
    new: dict[str, Any] = {field: said for field in NAMED_BY if (said := getattr(command, field)) is not None}
    for field in new:
        if fact.name not in NAMED_BY[field]:
            raise BadRequest(f"{fact.name} names no {field}", field=field)
    numbers: list[New] = []
    if command.new_occurred_on is not None:
        new |= {"occurred_on": command.new_occurred_on, "counts_from": dates.counts_from(command.new_occurred_on)}
    if command.district is not None:
        new["district"] = place.found("district", command.district, histories, "district")
    if command.number is not None:
        new["normalised"] = register_number.normalise(command.number)
        numbers = register_number.exchange(histories, fact.data["normalised"], command.number, state.id)
    after = tuple(f.corrected(new) if f == fact else f for f in state.facts)
    if after == state.facts:
        return []
    if command.new_occurred_on is not None and fact.name in {*BEGINNINGS, *BEGINNINGS.values()}:
        _must_be_in_order(after)
    return [_told(events.FACT_CORRECTED, state, command, {"corrects": fact.event, "fact": fact.name, "old": fact.said(), "new": new}, after), *numbers]


def withdraw(state: Organisation, command: c.WithdrawFact, histories: Histories) -> list[New]:
    """Raises NotFound, and Conflict for the founding: what hangs on it lies in other streams and in other services."""
    fact = state.fact(command.event)
    if fact.name == events.ORGANISATION_FOUNDED:
        raise Conflict("a founding is corrected or the organisation dissolved, not withdrawn", field="event",
                       rule="dissolved on the day from which it counts it never counted; a duplicate is merged")
    rest = tuple(f for f in state.facts if f != fact)
    numbers = register_number.release(histories, fact.data["normalised"], state.id) if fact.name == events.ORGANISATION_REGISTERED else []
    return [_told(events.FACT_WITHDRAWN, state, command, {"withdraws": fact.event, "fact": fact.name, "old": fact.said()}, rest), *numbers]


def _must_be_in_order(facts: Sequence[Fact]) -> None:
    """Raises Conflict where an end lies before the first beginning of its kind."""
    for end in facts:
        began = [f for f in facts if f.name == BEGINNINGS.get(end.name) and f.data.get("parent") == end.data.get("parent")]
        for first in sorted(began, key=lambda f: f.counts_from)[:1]:
            must_not_come_before(end.counts_from, first.occurred_on, "new_occurred_on")


def _told(name: str, state: Organisation, command: c.OnOrganisation, data: dict[str, Any], after: tuple[Fact, ...]) -> New:
    return New(stream(state.id), name, {
        "organisation": state.id, "source": command.source, **data, **presence.changes(state.facts, after, state.level)})
