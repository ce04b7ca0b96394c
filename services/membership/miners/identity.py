"""Who asks for a person's identity is on record, and so is that a person was forgotten."""
from collections.abc import Sequence

from services.membership import events
from shared.application import Histories, New
from shared.errors import Conflict

from . import commands as c
from .facts import is_minor
from .miner import identity_stream, known, stream


def streams(command: c.ForgetPerson) -> list[str]:
    return [stream(command.miner), identity_stream(command.miner)]


def forget(histories: Histories, command: c.ForgetPerson) -> list[New]:
    """The event comes first; the key follows from it, whatever happens in between (`ForgettingProcess`)."""
    if known(histories, command.miner).forgotten:
        return []
    return [New(identity_stream(command.miner), events.PERSON_FORGOTTEN, {"miner": command.miner})]


def read(histories: Histories, miner: str, fields: Sequence[str], purpose: str, today: str) -> list[New]:
    """Raises NotFound for one that nobody registered, Conflict for a child; of a forgotten person nothing is read."""
    state = known(histories, miner)
    if state.forgotten:
        return []
    if is_minor(state.facts, today):
        raise Conflict("a child's identity is not shown", field="miner", rule="principle 7")
    return [New(identity_stream(miner), events.IDENTITY_READ, {"miner": miner, "fields": list(fields), "purpose": purpose})]
