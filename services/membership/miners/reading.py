"""A person's identity is opened for who may, in their territory, and only after the reading is on record."""
from collections.abc import Sequence
from typing import Any

from services.membership import events
from shared import application, event
from shared.application import Histories, Meta, New
from shared.auth import Caller
from shared.errors import NotFound
from shared.service import Service

from . import identity, sealed, territory
from .miner import Miner, identity_stream, of, stream
from .shown import FORGOTTEN

FIELDS = ("name", "phone", "photo", "card")


def read(service: Service, caller: Caller, correlation: str, miner: str, fields: Sequence[str], purpose: str) -> dict[str, Any]:
    """Raises NotFound for one that does not exist or lies outside the caller's territory, and whatever keeps the event from being appended."""
    found: list[Miner] = []

    def decide(histories: Histories) -> Sequence[New]:
        state = of(histories, miner)
        if not state.facts or not territory.lies_in(histories, state, caller.territory):
            raise NotFound(f"no miner '{miner}'", field="miner")
        found[:] = [state]
        return identity.read(histories, miner, fields, purpose, event.now()[:10])

    def also(histories: Histories) -> list[str]:
        return territory.streams(histories, sorted(of(histories, miner).organisations)) if caller.territory else []

    meta = Meta(actor=caller.actor, client=caller.client, key=f"identity:{event.new_id()}", digest="", correlation=correlation)
    answer = application.handle(service.log, meta, [identity_stream(miner), stream(miner)], decide, also)
    opened = {field: _opened(service, found[0], field) for field in fields}
    return {"miner": miner, "identity": {k: v for k, v in opened.items() if v}, "position": str(answer.position)}


def _opened(service: Service, miner: Miner, field: str) -> Any:
    if field != "card":
        return _text(service, miner, miner.facts[0], field)
    return [{"event": f.event, "card_type": f.data["card_type"], "number": _text(service, miner, f, "number")}
            for f in miner.facts if f.name == events.MINER_CARD_RECORDED]


def _text(service: Service, miner: Miner, fact: Any, field: str) -> str | None:
    """From the event on that somebody was forgotten, also while the key is still there."""
    if miner.forgotten:
        return FORGOTTEN if field in fact.data else None
    text = sealed.open_field(service.key_store, fact, field)
    return text if text is None or isinstance(text, str) else FORGOTTEN
