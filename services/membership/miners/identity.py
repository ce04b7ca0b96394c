"""Who asks for a person's identity is on record, and so is that a person was forgotten."""
from collections.abc import Sequence

from services.membership import events
from shared.application import Histories, New

from . import commands as c
from .miner import identity_stream, known, stream


def streams(command: c.ForgetPerson) -> list[str]:
    return [stream(command.miner), identity_stream(command.miner)]


def forget(histories: Histories, command: c.ForgetPerson) -> list[New]:
    """The event comes first; the key follows from it, whatever happens in between (`ForgettingProcess`)."""
    if known(histories, command.miner).forgotten:
        return []
    return [New(identity_stream(command.miner), events.PERSON_FORGOTTEN, {"miner": command.miner})]


def read(histories: Histories, miner: str, fields: Sequence[str], purpose: str) -> list[New]:
    """Raises NotFound for one that nobody registered; of a forgotten person nothing is read."""
    if known(histories, miner).forgotten:
        return []
    return [New(identity_stream(miner), events.IDENTITY_READ, {"miner": miner, "fields": list(fields), "purpose": purpose})]
