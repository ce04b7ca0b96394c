"""Who trades, carries or refines gold, and under which licence until when."""
from collections.abc import Sequence

from shared.application import Histories, New
from shared.errors import BadRequest, Conflict, NotFound
from shared.event import Event

from . import events
from .commands import RecordLicence, RegisterActor

KINDS = ("collector", "collection_centre", "comptoir", "transporter", "refinery")      # décrets 96-214, 02-536: actor types
Command = RegisterActor | RecordLicence


def stream(actor: str) -> str:
    return f"actor/{actor}"


def streams(command: Command) -> list[str]:
    return [stream(command.actor)]


def decide(histories: Histories, command: Command) -> list[New]:
    """Raises Conflict for an actor that is registered already, NotFound for one that is not, BadRequest for a licence that ends before it begins."""
    key = stream(command.actor)
    if isinstance(command, RecordLicence):
        if not histories[key]:
            raise NotFound(f"no actor '{command.actor}'", field="actor", rule="register-actor first")
        if command.valid_from and command.valid_until and command.valid_from > command.valid_until:
            raise BadRequest("the licence ends before it begins", field="valid_until")
        fields = ("actor", "licence", "kind", "issuer", "valid_from", "valid_until", "source")
        return [New(key, events.LICENCE_RECORDED, {k: getattr(command, k) for k in fields})]
    if histories[key]:
        raise Conflict(f"actor '{command.actor}' is registered already", field="actor")
    return [New(key, events.ACTOR_REGISTERED, {"actor": command.actor, "kind": command.kind, "name": command.name,
                                               "agreement": command.agreement, "source": command.source})]


def licensed(history: Sequence[Event], day: str) -> bool:
    """Whether some licence of the actor holds on `day`; one without an end lasts."""
    return any(e.data.get("valid_from", "") <= day <= e.data.get("valid_until", "9999") for e in history if e.name == events.LICENCE_RECORDED)
