"""A number in a register is one organisation's (AUSCOOP 69-77): a reservation, taken and released, read by its last event."""
from shared.application import Histories, New
from shared.errors import Conflict

from . import events, place


def stream(number: str) -> str:
    return f"register-number/{place.normalise(number)}"


def holder(histories: Histories, number: str) -> str:
    """'' for a number that nobody has, or no longer."""
    history = histories[stream(number)]
    return str(history[-1].data["organisation"]) if history and history[-1].name == events.REGISTER_NUMBER_TAKEN else ""


def take(histories: Histories, number: str, organisation: str) -> list[New]:
    """Nothing for who has it already. Raises Conflict for a number that is another's."""
    has = holder(histories, number)
    if has == organisation:
        return []
    if has:
        raise Conflict(f"number {number} is {has}'s", field="number", rule="AUSCOOP 69-77: one registration, one number")
    return [_told(events.REGISTER_NUMBER_TAKEN, number, organisation)]


def release(histories: Histories, number: str, organisation: str) -> list[New]:
    return [_told(events.REGISTER_NUMBER_RELEASED, number, organisation)] if holder(histories, number) == organisation else []


def pass_on(histories: Histories, number: str, organisation: str, to: str) -> list[New]:
    return [_told(events.REGISTER_NUMBER_TAKEN, number, to)] if holder(histories, number) == organisation else []


def _told(name: str, number: str, organisation: str) -> New:
    return New(stream(number), name, {"normalised": place.normalise(number), "organisation": organisation})
