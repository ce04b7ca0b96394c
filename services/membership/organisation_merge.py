"""Two records turn out to be one society, by decision: the duplicate never was a second one, so all that it added is taken back."""
from collections.abc import Iterator

from shared.application import Histories, New
from shared.errors import BadRequest

from . import commands as c
from . import events, presence, register_number
from .standing import Organisation, known, stream


def merge(state: Organisation, command: c.MergeOrganisations, histories: Histories) -> list[New]:
    """Its number goes to the survivor, or is free again if that one has its own; its name is one more of the survivor's.

    What others said of their belonging to the duplicate stays theirs to correct. Raises NotFound, BadRequest, Conflict.
    """
    if command.into == state.id:
        raise BadRequest("an organisation is no duplicate of itself", field="into")
    survivor = known(histories, command.into, "into")
    if survivor.level != state.level:
        raise BadRequest(f"a {state.level} is no duplicate of a {survivor.level}", field="into", rule="both of one level")
    registered = state.latest(events.ORGANISATION_REGISTERED)
    return [New(stream(state.id), events.ORGANISATION_MERGED, {
                "organisation": state.id, "into": survivor.id, "decision": command.decision, "source": command.source,
                "number": registered.data["number"] if registered and not survivor.number else None, **presence.changes(state.facts, (), state.level)}),
            # Not only for who looks for the name: without an event of the survivor's, two that are merged into each other at once would both be gone.
            New(stream(survivor.id), events.ORGANISATION_ALIAS_RECORDED, {
                "organisation": survivor.id, "alias": state.name, "evidence": command.decision, "source": command.source}),
            *_numbers(state, survivor, histories)]


def _numbers(state: Organisation, survivor: Organisation, histories: Histories) -> Iterator[New]:
    for number in dict.fromkeys(f.data["normalised"] for f in state.facts if f.name == events.ORGANISATION_REGISTERED):
        yield from register_number.release(histories, number, state.id) if survivor.number else \
            register_number.pass_on(histories, number, state.id, survivor.id)
