"""An organisation of any level: founded, registered, affiliated, named, moved, suspended, dissolved – each fact dated."""
from typing import Any

from shared import dates
from shared.application import Histories, New
from shared.errors import BadRequest, Conflict

from . import commands as c
from . import events, place, presence, register_number
from .organisation_correction import correct, withdraw
from .organisation_merge import merge
from .presence import Fact
from .standing import Organisation, evolve, known
from .standing import stream as stream
from .validity import must_not_come_before

LEVELS = {"base": 0, "union": 1, "federation": 2, "confederation": 3}
FORMS = ("SCOOPS", "COOP-CA")                      # AUSCOOP art. 1 and 3


def streams(command: c.OnOrganisation) -> list[str]:
    result = [stream(command.organisation)]
    match command:
        case c.FoundOrganisation(district=str(district)) | c.MoveOrganisation(district=district) | c.CorrectFact(district=str(district)):
            result.append(place.name_stream("district", district))
        case c.AffiliateOrganisation(parent=other) | c.DetachOrganisation(parent=other) | c.MergeOrganisations(into=other):
            result.append(stream(other))
        case c.HoldConstitutiveAssembly(founders=founders):
            result += [stream(founder) for founder in founders]
    match command:
        case c.RegisterOrganisation(number=number) | c.CorrectFact(number=str(number)):
            result += register_number.streams(number)
    return result


def also(histories: Histories, command: c.OnOrganisation) -> list[str]:
    """The numbers that a correction or a merge may release: only the organisation's history names them."""
    if isinstance(command, c.CorrectFact | c.WithdrawFact | c.MergeOrganisations):
        state = evolve(histories[stream(command.organisation)])
        return [s for f in state.facts if f.name == events.ORGANISATION_REGISTERED for s in register_number.streams(f.data["normalised"])] if state else []
    return []


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
    if isinstance(command, c.FoundOrganisation):
        if histories[key]:
            raise Conflict(f"organisation '{command.organisation}' is founded already", field="organisation")
        return [New(key, *_founding(command, histories, today))]
    state = known(histories, command.organisation)
    of = {"organisation": command.organisation, "source": command.source}

    def dated(name: str, data: dict[str, Any]) -> tuple[dict[str, Any], tuple[Fact, ...]]:
        """What the event says, and the organisation's facts with it."""
        data = data | undated(command, today)
        fact = Fact(event="", name=name, occurred_on=command.occurred_on, counts_from=dates.counted(command.occurred_on, today), data=data)
        return {**of, **data}, (*state.facts, fact)

    def counting(name: str, data: dict[str, Any]) -> New:
        said, after = dated(name, data)
        return New(key, name, {**said, **presence.changes(state.facts, after, state.level)})

    def belonging(name: str, parent: Organisation) -> New:
        said, after = dated(name, {"level": state.level, "parent": parent.id, "parent_level": parent.level})
        return New(key, name, {**said, "members": presence.members(state.facts, after, state.level)})

    match command:
        case c.RegisterOrganisation():
            number = register_number.normalise(command.number)
            if any(f.name == events.ORGANISATION_REGISTERED and f.data["normalised"] in register_number.forms(number) for f in state.facts):
                raise Conflict(f"registered under {command.number} already", field="number")
            return [New(key, events.ORGANISATION_REGISTERED, {**of, "number": command.number, "normalised": number,
                                                              "register": command.register, "journal": command.journal}),
                    *register_number.take(histories, command.number, command.organisation)]
        case c.HoldConstitutiveAssembly():
            if state.latest(events.CONSTITUTIVE_ASSEMBLY_HELD):
                raise Conflict("the constitutive assembly is recorded already", field="organisation", rule="an organisation is constituted once")
            return [New(key, events.CONSTITUTIVE_ASSEMBLY_HELD, {
                **of, "venue": command.venue, "founders": _founders(command, histories), "founder_count": command.founder_count,
                "delegates_each": command.delegates_each})]
        case c.RecordStatutes():
            return [New(key, events.STATUTES_RECORDED, {**of, "objects": list(command.objects), "missions": list(command.missions)})]
        case c.RecordSeat():
            return [New(key, events.SEAT_RECORDED, {**of, "seat": command.seat, "commune": command.commune, "site": command.site})]
        case c.AffiliateOrganisation():
            parent = _parent(state, known(histories, command.parent, "parent"))
            if parent.id in state.parents:
                raise Conflict(f"affiliated to '{parent.id}' already", field="parent")
            return [belonging(events.ORGANISATION_AFFILIATED, parent)]
        case c.DetachOrganisation():
            leaves = evolve(histories[stream(command.parent)])
            if leaves is None or leaves.id not in state.parents:
                raise Conflict(f"not affiliated to '{command.parent}'", field="parent")
            must_not_come_before(dates.counted(command.occurred_on, today), state.belongs_since(leaves.id))
            return [belonging(events.ORGANISATION_DETACHED, leaves)]
        case c.RenameOrganisation():
            return [New(key, events.ORGANISATION_RENAMED, {**of, "name": command.name, "old_name": state.name})]
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
            if state.dissolution:
                raise Conflict(f"organisation '{command.organisation}' is dissolved already", field="organisation")
            must_not_come_before(dates.counted(command.occurred_on, today), state.founded_on)
            return [counting(events.ORGANISATION_DISSOLVED, {})]
        case c.CorrectFact():
            return correct(state, command, histories)
        case c.WithdrawFact():
            return withdraw(state, command, histories)
        case c.MergeOrganisations():
            return merge(state, command, histories)
    raise BadRequest(f"no decision for {type(command).__name__}")


def _founding(command: c.FoundOrganisation, histories: Histories, today: str) -> tuple[str, dict[str, Any]]:
    data: dict[str, Any] = {
        "organisation": command.organisation, "level": command.level, "name": command.name, "form": command.form, "acronym": command.acronym,
        "aliases": list(command.aliases) or None, "commune": command.commune, "seat": command.seat, "site": command.site,
        "source": command.source, **undated(command, today)}
    if command.district:
        data["district"] = place.found("district", command.district, histories, "district")
    fact = Fact(event="", name=events.ORGANISATION_FOUNDED, occurred_on=command.occurred_on, counts_from=dates.counted(command.occurred_on, today), data=data)
    return events.ORGANISATION_FOUNDED, {**data, "counts": presence.counts((), (fact,), command.level)}


def undated(command: c.OnOrganisation, today: str) -> dict[str, str]:
    """The event itself says from when an undated fact counts: its recording may be a second and a midnight later."""
    return {} if command.occurred_on else {"counts_from": today}


def _parent(state: Organisation, parent: Organisation) -> Organisation:
    """Any higher level may be a parent (AUSCOOP art. 141); levels only rise, so the graph has no cycle."""
    if LEVELS[parent.level] <= LEVELS[state.level]:
        raise BadRequest(f"a {parent.level} is no parent of a {state.level}", field="parent", rule="base < union < federation < confederation")
    return parent


def _founders(command: c.HoldConstitutiveAssembly, histories: Histories) -> list[str] | None:
    """Organisations that somebody founded before; people are only counted."""
    if command.organisation in command.founders:
        raise BadRequest("an organisation does not found itself", field="founders")
    return [known(histories, founder, "founders").id for founder in dict.fromkeys(command.founders)] or None
