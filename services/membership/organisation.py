"""An organisation of any level: founded, registered, affiliated, named, moved, suspended, dissolved – each fact dated."""
from typing import Any

from shared import dates
from shared.application import Histories, New
from shared.errors import BadRequest, Conflict, NotFound

from . import commands as c
from . import events, place
from .presence import Fact, changes
from .standing import Organisation, evolve

LEVELS = {"base": 0, "union": 1, "federation": 2, "confederation": 3}
FORMS = ("SCOOPS", "COOP-CA")                      # AUSCOOP art. 1 and 3
COUNTED = (events.ORGANISATION_FOUNDED, events.ORGANISATION_MOVED, events.ORGANISATION_DISSOLVED)


def stream(organisation: str) -> str:
    return f"organisation/{organisation}"


def number_stream(number: str) -> str:
    return f"register-number/{place.normalise(number)}"


def streams(command: c.OnOrganisation) -> list[str]:
    result = [stream(command.organisation)]
    match command:
        case c.FoundOrganisation(district=str(district)) | c.MoveOrganisation(district=district) | c.CorrectFact(district=str(district)):
            result.append(place.name_stream("district", district))
        case c.AffiliateOrganisation(parent=parent) | c.DetachOrganisation(parent=parent):
            result.append(stream(parent))
        case c.RegisterOrganisation(number=number):
            result.append(number_stream(number))
    return result


def touches(histories: Histories, command: c.OnOrganisation) -> set[str]:
    """The organisation and the district it is in; a founding touches the district it names.

    Nothing for what does not exist: to a caller with a territory that is the same as somebody else's.
    """
    state = evolve(histories[stream(command.organisation)])
    if state is None:
        named = histories[place.name_stream("district", command.district)] if isinstance(command, c.FoundOrganisation) and command.district else ()
        return {f"district:{named[0].data['place']}"} if named else set()
    return {f"organisation:{command.organisation}", *({f"district:{state.district}"} if state.district else set())}


def decide(histories: Histories, command: c.OnOrganisation, today: str) -> list[New]:
    """Refuses only what is malformed, a duplicate or impossible; everything else is a fact from outside and is recorded.

    `today` is the day from which an undated fact counts. Raises Conflict, NotFound, BadRequest.
    """
    key = stream(command.organisation)
    state = evolve(histories[key])
    if isinstance(command, c.FoundOrganisation):
        if state:
            raise Conflict(f"organisation '{command.organisation}' is founded already", field="organisation")
        return [New(key, *_founding(command, histories, today))]
    if state is None:
        raise NotFound(f"no organisation '{command.organisation}'", field="organisation", rule="found-organisation first")
    of = {"organisation": command.organisation, "source": command.source}

    def counting(name: str, data: dict[str, Any]) -> New:
        data = data | undated(command, today)
        fact = Fact(event="", name=name, occurred_on=command.occurred_on, counts_from=_from(command, today), data=data)
        return New(key, name, {**of, **data, "counts": changes(state.facts, (*state.facts, fact), state.level)})

    match command:
        case c.RegisterOrganisation():
            number = place.normalise(command.number)
            if histories[number_stream(command.number)]:
                holder = histories[number_stream(command.number)][0].data["organisation"]
                raise Conflict(f"number {command.number} is {holder}'s", field="number", rule="AUSCOOP 69-77: one registration, one number")
            return [New(key, events.ORGANISATION_REGISTERED, {**of, "number": command.number, "normalised": number,
                                                              "register": command.register, "journal": command.journal}),
                    New(number_stream(command.number), events.REGISTER_NUMBER_TAKEN, {"normalised": number, "organisation": command.organisation})]
        case c.AffiliateOrganisation():
            parent = _parent(state, evolve(histories[stream(command.parent)]), command.parent)
            if command.parent in state.parents:
                raise Conflict(f"affiliated to '{command.parent}' already", field="parent")
            return [New(key, events.ORGANISATION_AFFILIATED, {**of, "level": state.level, "parent": parent.id, "parent_level": parent.level})]
        case c.DetachOrganisation():
            if command.parent not in state.parents:
                raise Conflict(f"not affiliated to '{command.parent}'", field="parent")
            parent = _parent(state, evolve(histories[stream(command.parent)]), command.parent)
            return [New(key, events.ORGANISATION_DETACHED, {**of, "level": state.level, "parent": parent.id, "parent_level": parent.level})]
        case c.RenameOrganisation():
            named = state.latest(events.ORGANISATION_FOUNDED, events.ORGANISATION_RENAMED)
            return [New(key, events.ORGANISATION_RENAMED, {**of, "name": command.name, "old_name": named.data["name"] if named else None})]
        case c.RecordOrganisationAlias():
            return [New(key, events.ORGANISATION_ALIAS_RECORDED, {**of, "alias": command.alias, "evidence": command.evidence})]
        case c.MoveOrganisation():
            slug = place.found("district", command.district, histories, "district")
            return [counting(events.ORGANISATION_MOVED, {"district": slug, "commune": command.commune})]
        case c.SuspendOrganisation():
            return [New(key, events.ORGANISATION_SUSPENDED, of)]
        case c.ReinstateOrganisation():
            return [New(key, events.ORGANISATION_REINSTATED, of)]
        case c.DissolveOrganisation():
            if state.latest(events.ORGANISATION_DISSOLVED):
                raise Conflict(f"organisation '{command.organisation}' is dissolved already", field="organisation")
            return [counting(events.ORGANISATION_DISSOLVED, {})]
        case c.CorrectFact():
            return _correct(state, command, histories, key, of)
        case c.WithdrawFact():
            fact = state.fact(command.event)
            if fact.name == events.ORGANISATION_FOUNDED:
                raise Conflict("a founding is corrected or the organisation dissolved, not withdrawn", field="event")
            rest = tuple(f for f in state.facts if f != fact)
            return [New(key, events.FACT_WITHDRAWN, {**of, "withdraws": fact.event, "fact": fact.name, "old": fact.said(),
                                                     "counts": changes(state.facts, rest, state.level)})]
    raise BadRequest(f"no decision for {type(command).__name__}")


def _founding(command: c.FoundOrganisation, histories: Histories, today: str) -> tuple[str, dict[str, Any]]:
    data: dict[str, Any] = {
        "organisation": command.organisation, "level": command.level, "name": command.name, "form": command.form, "acronym": command.acronym,
        "aliases": list(command.aliases) or None, "commune": command.commune, "source": command.source, **undated(command, today)}
    if command.district:
        data["district"] = place.found("district", command.district, histories, "district")
    fact = Fact(event="", name=events.ORGANISATION_FOUNDED, occurred_on=command.occurred_on, counts_from=_from(command, today), data=data)
    return events.ORGANISATION_FOUNDED, {**data, "counts": changes((), (fact,), command.level)}


def undated(command: c.OnOrganisation, today: str) -> dict[str, str]:
    """The event itself says from when an undated fact counts: its recording may be a second and a midnight later."""
    return {} if command.occurred_on else {"counts_from": today}


def _from(command: c.OnOrganisation, today: str) -> str:
    return dates.counts_from(command.occurred_on) if command.occurred_on else today


def _parent(state: Organisation, parent: Organisation | None, name: str) -> Organisation:
    """Any higher level may be a parent (AUSCOOP art. 141); levels only rise, so the graph has no cycle."""
    if parent is None:
        raise NotFound(f"no organisation '{name}'", field="parent", rule="found-organisation first")
    if LEVELS[parent.level] <= LEVELS[state.level]:
        raise BadRequest(f"a {parent.level} is no parent of a {state.level}", field="parent", rule="base < union < federation < confederation")
    return parent


def _correct(state: Organisation, command: c.CorrectFact, histories: Histories, key: str, of: dict[str, Any]) -> list[New]:
    fact = state.fact(command.event)
    new: dict[str, Any] = {}
    if command.new_occurred_on is not None:
        new |= {"occurred_on": command.new_occurred_on, "counts_from": dates.counts_from(command.new_occurred_on)}
    if command.district is not None:
        if fact.name not in (events.ORGANISATION_FOUNDED, events.ORGANISATION_MOVED):
            raise BadRequest(f"{fact.name} names no district", field="district")
        new["district"] = place.found("district", command.district, histories, "district")
    after = tuple(f.corrected(new) if f == fact else f for f in state.facts)
    if after == state.facts:
        return []
    return [New(key, events.FACT_CORRECTED, {**of, "corrects": fact.event, "fact": fact.name, "old": fact.said(), "new": new,
                                             "counts": changes(state.facts, after, state.level)})]
