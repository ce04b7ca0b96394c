"""A corridor for artisanal mining: granted, extended, closed, and assigned to organisations while it holds (Loi 2023-040; ML-02, ML-04)."""
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from services.membership import events, place, standing
from services.membership.standing import known
from services.membership.validity import day_before, day_of, earliest, must_not_come_before, must_not_end_before
from shared import dates
from shared.application import Histories, New
from shared.errors import BadRequest, Conflict, NotFound
from shared.event import Event

from . import commands as c
from . import site


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """To an organisation from a day on, until the last day that was said, if one was."""

    event: str = ""
    organisation: str
    begins: str
    valid_until: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Corridor:
    valid_from: str | None
    valid_until: str | None
    granted_on: str = ""
    """As precisely as it was said."""
    closed_on: str = ""
    assignments: tuple[Assignment, ...] = ()

    @property
    def assigned(self) -> list[str]:
        """Whose assignment nobody ended; one that ran out by its own date is there too, for what is recorded late."""
        return sorted({a.organisation for a in self.assignments})

    def until(self, valid_until: str | None) -> str | None:
        """The last day on which the corridor and an assignment that says `valid_until` both hold."""
        return earliest((self.valid_until, valid_until, day_before(self.closed_on) if self.closed_on else None))

    def begins(self, day: str) -> str:
        """The first day of an assignment made on `day`: none begins before the corridor does."""
        return max(day, self.valid_from or "")

    def covers(self, a: Assignment, day: str) -> bool:
        last = self.until(a.valid_until)
        return a.begins <= day and (last is None or day <= last)

    def in_force(self, organisation: str, day: str) -> Assignment | None:
        """The assignment to an organisation that holds on that day; there is one at most."""
        return next((a for a in self.assignments if a.organisation == organisation and self.covers(a, day)), None)

    def ended(self, e: Event) -> Assignment | None:
        """The one that the event ends. Old events do not name it: the one in force, else the one that began last."""
        of = [a for a in self.assignments if a.organisation == e.data["organisation"]]
        if named := e.data.get("assignment"):
            return next((a for a in of if a.event == named), None)
        return self.in_force(e.data["organisation"], day_of(e)) or max(of, key=lambda a: a.begins, default=None)

    def overlaps(self, new: Assignment) -> bool:
        """Whether it is assigned to the same organisation on a day of the new assignment."""
        return any(self.covers(a, new.begins) or self.covers(new, a.begins) for a in self.assignments if a.organisation == new.organisation)


def stream(corridor: str) -> str:
    return f"corridor/{corridor}"


def streams(command: c.OnCorridor) -> list[str]:
    return list(dict.fromkeys(_streams(command)))


def _streams(command: c.OnCorridor) -> Iterator[str]:
    yield stream(command.corridor)
    match command:
        case c.GrantCorridor():
            yield place.name_stream("district", command.district)
            yield from map(site.stream, command.sites)
        case c.AssignCorridor() | c.EndCorridorAssignment():
            yield standing.stream(command.organisation)


def evolve(history: Sequence[Event]) -> Corridor | None:
    """None if nobody granted it."""
    if not history:
        return None
    granted = history[0].data
    state = Corridor(valid_from=granted.get("valid_from"), valid_until=granted.get("valid_until"), granted_on=history[0].occurred_on)
    for e in history[1:]:
        match e.name:
            case events.CORRIDOR_EXTENDED:
                state = replace(state, valid_until=e.data["new"].get("valid_until"))
            case events.CORRIDOR_CLOSED:
                state = replace(state, closed_on=day_of(e))
            case events.CORRIDOR_ASSIGNED:
                new = Assignment(event=e.id, organisation=e.data["organisation"], begins=state.begins(e.data.get("begins", day_of(e))),
                                 valid_until=e.data.get("valid_until"))
                state = replace(state, assignments=(*state.assignments, new))
            case events.CORRIDOR_ASSIGNMENT_ENDED:
                ended = state.ended(e)
                state = replace(state, assignments=tuple(a for a in state.assignments if a is not ended))
    return state


def decide(histories: Histories, command: c.OnCorridor, today: str) -> list[New]:
    """Refuses what is malformed, a duplicate or impossible. `today` is the day from which an undated fact counts."""
    key = stream(command.corridor)
    state = evolve(histories[key])
    of = {"corridor": command.corridor, "source": command.source}
    if isinstance(command, c.GrantCorridor):
        if state:
            raise Conflict(f"corridor '{command.corridor}' is granted already", field="corridor", rule="extend-corridor or close-corridor changes it")
        return [_granted(key, command, histories)]
    if state is None:
        raise NotFound(f"no corridor '{command.corridor}'", field="corridor", rule="grant-corridor first")
    match command:
        case c.ExtendCorridor():
            _must_be_open(state, command, today)
            must_not_end_before(state.valid_from, command.valid_until)
            if command.valid_until == state.valid_until:
                return []
            return [New(key, events.CORRIDOR_EXTENDED, {**of, "old": {"valid_until": state.valid_until}, "new": {"valid_until": command.valid_until},
                                                        "assigned": state.assigned})]
        case c.CloseCorridor():
            if state.closed_on:
                raise Conflict(f"corridor '{command.corridor}' is closed already", field="corridor")
            must_not_come_before(dates.counted(command.occurred_on, today), state.granted_on)
            return [New(key, events.CORRIDOR_CLOSED, {**of, "assigned": state.assigned})]
        case c.AssignCorridor():
            known(histories, command.organisation)
            _must_be_open(state, command, today)
            must_not_end_before(dates.parse(command.occurred_on).first.isoformat() if command.occurred_on else None, command.valid_until)
            must_not_end_before(state.valid_from, command.valid_until)
            day = dates.counted(command.occurred_on, today)
            new = Assignment(organisation=command.organisation, begins=state.begins(day), valid_until=command.valid_until)
            if state.overlaps(new):
                raise Conflict(f"corridor '{command.corridor}' is assigned to '{command.organisation}' already", field="organisation")
            return [New(key, events.CORRIDOR_ASSIGNED, {**of, "organisation": command.organisation, "valid_until": command.valid_until,
                                                        "until": state.until(command.valid_until),
                                                        "begins": new.begins if new.begins > day else None})]
        case c.EndCorridorAssignment():
            day = dates.counted(command.occurred_on, today)
            ends = state.in_force(command.organisation, day)
            if not ends:
                raise Conflict(f"corridor '{command.corridor}' is not assigned to '{command.organisation}' on {day}", field="organisation")
            return [New(key, events.CORRIDOR_ASSIGNMENT_ENDED, {**of, "organisation": command.organisation, "assignment": ends.event})]
    raise BadRequest(f"no decision for {type(command).__name__}")


def _granted(key: str, command: c.GrantCorridor, histories: Histories) -> New:
    must_not_end_before(command.valid_from, command.valid_until)
    for name in command.sites:
        if not histories[site.stream(name)]:
            raise NotFound(f"no site '{name}'", field="sites", rule="register-site first")
    return New(key, events.CORRIDOR_GRANTED, {
        "corridor": command.corridor, "name": command.name, "district": place.found("district", command.district, histories, "district"),
        "order": command.order, "collectivity": command.collectivity, "valid_from": command.valid_from, "valid_until": command.valid_until,
        "sites": list(dict.fromkeys(command.sites)) or None, "source": command.source})


def _must_be_open(state: Corridor, command: c.OnCorridor, today: str) -> None:
    """What happened before the closing may be recorded after it."""
    if state.closed_on and dates.counted(command.occurred_on, today) >= state.closed_on:
        raise Conflict(f"corridor '{command.corridor}' is closed since {state.closed_on}", field="corridor", rule="its date must lie before the closing")
