"""Who trades, carries or refines gold."""
from shared.application import Histories, New
from shared.errors import Conflict

from . import events
from .commands import RegisterActor

KINDS = ("collector", "collection_centre", "comptoir", "transporter", "refinery")      # décrets 96-214, 02-536: actor types


def stream(actor: str) -> str:
    return f"actor/{actor}"


def streams(command: RegisterActor) -> list[str]:
    return [stream(command.actor)]


def decide(histories: Histories, command: RegisterActor) -> list[New]:
    if histories[stream(command.actor)]:
        raise Conflict(f"actor '{command.actor}' is registered already", field="actor")
    return [New(stream(command.actor), events.ACTOR_REGISTERED, {"actor": command.actor, "kind": command.kind, "name": command.name,
                                                                 "agreement": command.agreement, "source": command.source})]
