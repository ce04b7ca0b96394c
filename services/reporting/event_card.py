"""One event as an auditor wants it: who, when, where, why, and its place in a chain that anyone can recompute."""
import json
from collections.abc import Collection
from typing import Any

from shared import dates, event
from shared.errors import NotFound
from shared.feed import Chain
from shared.projection import source_of
from shared.service import Service

from . import personal
from .projections import event_index


def read(service: Service, id_: str, scopes: Collection[str]) -> dict[str, Any]:
    """Raises NotFound for an id no event has, that the index has not reached, or that `scopes` do not show."""
    with service.view("event_index").reading() as (tx, table, _):
        position = event_index.position(tx, table, id_)
    row = service.log.at(position) if position else None
    data = personal.shown(json.loads(row.state)["data"], scopes) if row else None
    if row is None or data is None:
        raise NotFound(f"no event {id_}", field="id")
    e = event.decode(row.state)
    source, at = source_of(row, service.name)
    digest = Chain(service.log, service.tables, source).digest_at(at)
    when = {"occurred_on": e.occurred_on or None, "precision": dates.parse(e.occurred_on).precision if e.occurred_on else "unknown",
            "recorded_at": e.recorded_at}
    return {
        "id": e.id, "name": e.name, "who": {"subject": e.actor.subject, "role": e.actor.role}, "when": when,
        "where": {k: v for k, v in (("place", e.place), ("device", e.device)) if v},
        "why": {k: v for k, v in (("reason", e.reason), ("source", e.data.get("source")), ("causation", e.causation)) if v},
        "correlation": e.correlation, "stream": e.stream, "version": e.version,
        "feed": {"service": source, "position": str(at), "digest": digest.hex()}, "position": str(row.position),
        "data": data}
