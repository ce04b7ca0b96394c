"""A number in a register is one organisation's (AUSCOOP 69-77): a reservation, taken and released, read by its last event."""
import re
import unicodedata

from shared.application import Histories, New
from shared.errors import BadRequest, Conflict

from . import events


def normalise(number: str) -> str:
    """What two spellings have in common: 'N2024 D1/11/2' is n2024d1-11-2. Between two figures a separator stays: D1/1/12 is another number."""
    bare = unicodedata.normalize("NFKD", number).encode("ascii", "ignore").decode().lower()
    result = re.sub(r"[^a-z0-9]+", "-", bare).strip("-")
    if not result:
        raise BadRequest(f"'{number}' holds no letter", field="number")
    return re.sub(r"(?<![0-9])-|-(?![0-9])", "", result)


def forms(number: str) -> tuple[str, ...]:
    """How a number may be on record: with the separators, and as older logs and who writes none have it."""
    said = normalise(number)
    return tuple(dict.fromkeys((said, said.replace("-", ""))))


def streams(number: str) -> list[str]:
    return [f"register-number/{form}" for form in forms(number)]


def _holders(histories: Histories, number: str) -> dict[str, str]:
    """By the form on record; none for a number that nobody has, or no longer."""
    found = {form: histories[stream] for form, stream in zip(forms(number), streams(number), strict=True)}
    return {form: str(history[-1].data["organisation"]) for form, history in found.items() if history and history[-1].name == events.REGISTER_NUMBER_TAKEN}


def take(histories: Histories, number: str, organisation: str) -> list[New]:
    """Nothing for who has it already. Raises Conflict for a number that is another's."""
    has = _holders(histories, number).values()
    if others := [other for other in has if other != organisation]:
        raise Conflict(f"number {number} is {others[0]}'s", field="number", rule="AUSCOOP 69-77: one registration, one number")
    return [] if has else [_told(events.REGISTER_NUMBER_TAKEN, normalise(number), organisation)]


def release(histories: Histories, number: str, organisation: str) -> list[New]:
    return [_told(events.REGISTER_NUMBER_RELEASED, form, organisation) for form, of in _holders(histories, number).items() if of == organisation]


def exchange(histories: Histories, old: str, new: str, organisation: str) -> list[New]:
    """A corrected number for a wrong one; what both are on record as stays taken. Raises Conflict for a number that is another's."""
    kept = forms(new)
    return [*take(histories, new, organisation), *(n for n in release(histories, old, organisation) if n.data["normalised"] not in kept)]


def pass_on(histories: Histories, number: str, organisation: str, to: str) -> list[New]:
    return [_told(events.REGISTER_NUMBER_TAKEN, form, to) for form, of in _holders(histories, number).items() if of == organisation]


def _told(name: str, form: str, organisation: str) -> New:
    return New(f"register-number/{form}", name, {"normalised": form, "organisation": organisation})
