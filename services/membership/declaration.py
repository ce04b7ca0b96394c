"""A count that a cited source declares, as of a date: kept beside what is derived, never mixed with it (principle 9)."""
from collections.abc import Sequence
from typing import Any

from shared import dates
from shared.application import Histories, New
from shared.errors import Conflict, NotFound
from shared.event import Event

from . import events, place
from .commands import CorrectDeclaration, DeclareCount, WithdrawDeclaration

MEASURES = ("base", "union", "federation", "mining_district")
Command = DeclareCount | CorrectDeclaration | WithdrawDeclaration


def stream(declaration: str) -> str:
    return f"declaration/{declaration}"


def streams(command: Command) -> list[str]:
    district = getattr(command, "district", None)
    return [stream(command.declaration), *([place.name_stream("district", district)] if district else [])]


def evolve(history: Sequence[Event]) -> dict[str, Any] | None:
    """What the declaration says now; None when nobody declared it, or it was withdrawn."""
    state: dict[str, Any] | None = None
    for e in history:
        match e.name:
            case events.COUNT_DECLARED:
                state = dict(e.data)
            case events.COUNT_CORRECTED:
                state = {**(state or {}), **e.data["new"]}
            case events.COUNT_WITHDRAWN:
                state = None
    return state


def decide(histories: Histories, command: Command) -> list[New]:
    key = stream(command.declaration)
    history = histories[key]
    state = evolve(history)
    if isinstance(command, DeclareCount):
        if history:
            raise Conflict(f"declaration '{command.declaration}' stands already", field="declaration", rule="correct-declaration changes it")
        data = {"declaration": command.declaration, "measure": command.measure, "count": command.count, "as_of": command.as_of,
                "counts_from": dates.counts_from(command.as_of), "source": command.source}
        if command.district:
            data |= {"district": place.found("district", command.district, histories, "district"), "district_as_written": command.district}
        return [New(key, events.COUNT_DECLARED, data)]
    if state is None:
        raise NotFound(f"no declaration '{command.declaration}'", field="declaration")
    if isinstance(command, WithdrawDeclaration):
        return [New(key, events.COUNT_WITHDRAWN, {"declaration": command.declaration, "old": _said(state), "source": command.source})]
    new = dict(_said(state))
    if command.count is not None:
        new["count"] = command.count
    if command.as_of is not None:
        new |= {"as_of": command.as_of, "counts_from": dates.counts_from(command.as_of)}
    if new == _said(state):
        return []
    return [New(key, events.COUNT_CORRECTED, {"declaration": command.declaration, "old": _said(state), "new": new, "source": command.source})]


def _said(state: dict[str, Any]) -> dict[str, Any]:
    return {k: state[k] for k in ("measure", "count", "as_of", "counts_from", "district") if k in state}
