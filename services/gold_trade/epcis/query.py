"""The standard's simple event query over what the caller is party to."""
from collections.abc import Mapping
from typing import Any

from services.gold_trade.projections import physical
from shared import event
from shared.auth import Caller
from shared.errors import BadRequest
from shared.service import Service

from . import vocabulary as v
from .parameters import TYPES
from .render import render

COLUMNS = {"EQ_action": "e.action", "EQ_bizStep": "e.step", "EQ_disposition": "e.disposition", "eventType": "e.type"}
BOUNDS = {"GE_eventTime": "e.at >= ?", "LT_eventTime": "e.at < ?", "GE_recordTime": "e.recorded_at >= ?", "LT_recordTime": "e.recorded_at < ?"}


def conditions(asked: Mapping[str, Any], caller: Caller) -> list[tuple[str, list[Any]]]:
    """Of the asked parameters, and of what the caller is party to. Raises BadRequest for a type there is not."""
    where: list[tuple[str, list[Any]]] = []
    if unknown := set(asked["eventType"] or ()) - set(TYPES):
        raise BadRequest(f"there is no event type {sorted(unknown)[0]}", field="eventType", rule=", ".join(TYPES))
    for name, column in COLUMNS.items():
        if asked[name]:
            where.append((f"{column} IN ({_marks(asked[name])})", asked[name]))
    for name, bound in BOUNDS.items():
        if asked[name]:
            where.append((bound, [asked[name]]))
    if asked["EQ_eventID"]:
        ids = [id_.removeprefix("urn:uuid:") for id_ in asked["EQ_eventID"]]
        where.append((f"e.id IN ({_marks(ids)})", ids))
    for name in ("MATCH_anyEPC", "MATCH_anyEPCClass"):
        if asked[name]:
            names = [uri.rpartition(":")[2] for uri in asked[name]]
            where.append(("EXISTS (SELECT 1 FROM {lot} l WHERE l.thing = e.thing AND "
                          f"(l.lot IN ({_marks(names)}) OR l.serial IN ({_marks(names)})))", names * 2))
    if caller.territory:
        actors = [t.partition(":")[2] for t in sorted(caller.territory) if t.startswith("actor:")]
        where.append((f"EXISTS (SELECT 1 FROM {{party}} p WHERE p.position = e.position AND p.actor IN ({_marks(actors)}))" if actors else "1 = 0", actors))
    return where


def _marks(values: Any) -> str:
    return ", ".join("?" * len(values))


def read(service: Service, asked: Mapping[str, Any], caller: Caller) -> tuple[dict[str, Any], str]:
    """The standard's query document, and the token of the page that follows or ''."""
    with service.view("physical").reading() as (tx, table, _):
        found = physical.find(tx, table, conditions(asked, caller), asked["nextPageToken"], asked["perPage"])
        told = [one for row in found for one in render(tx, table, row)]
    document = {"@context": v.CONTEXT, "type": "EPCISQueryDocument", "schemaVersion": "2.0", "creationDate": event.now(),
                "epcisBody": {"queryResults": {"queryName": "SimpleEventQuery", "resultsBody": {"eventList": told}}}}
    return document, str(found[-1].position) if len(found) == asked["perPage"] else ""
