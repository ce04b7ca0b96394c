"""A partner: who else is a party to agreements, under one slug."""
from services.membership import events
from shared.application import Histories, New
from shared.errors import Conflict

from .commands import RegisterPartner


def stream(partner: str) -> str:
    return f"partner/{partner}"


def streams(command: RegisterPartner) -> list[str]:
    return [stream(command.partner)]


def decide(histories: Histories, command: RegisterPartner) -> list[New]:
    key = stream(command.partner)
    if histories[key]:
        raise Conflict(f"partner '{command.partner}' is registered already", field="partner")
    return [New(key, events.PARTNER_REGISTERED, {"partner": command.partner, "name": command.name, "kind": command.kind,
                                                 "aliases": list(command.aliases) or None, "source": command.source})]
