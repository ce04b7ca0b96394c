"""The parameters of the standard's simple event query."""
from collections.abc import Callable, Mapping
from typing import Any

from shared.errors import BadRequest
from shared.parameters import moment
from shared.route import Param, whole

MOST = 100
TYPES = ("ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent")


def _list(text: str, name: str) -> list[str]:
    """Values with a bar between them, as the standard's REST binding has it."""
    found = [part.strip() for part in text.split("|") if part.strip()]
    if not found or len(found) > 50:
        raise BadRequest(f"{name} holds one to fifty values", field=name, rule="values with | between them")
    return found


def _param(name: str, fr: str, en: str, read: Callable[[str, str], Any] = _list, example: Any = None, schema: Mapping[str, Any] | None = None) -> Param:
    return Param(name=name, fr=fr, en=en, read=read, default=None, example=example, schema=schema or {"type": "string"})


TIME = {"type": "string", "format": "date-time"}
PARAMS = (
    _param("eventType", "Types d'événement", "Event types", example="ObjectEvent"),
    _param("GE_eventTime", "Survenus à partir de", "Happened at or after", moment, schema=TIME, example="2024-11-01T00:00:00Z"),
    _param("LT_eventTime", "Survenus avant", "Happened before", moment, schema=TIME),
    _param("GE_recordTime", "Enregistrés à partir de", "Recorded at or after", moment, schema=TIME),
    _param("LT_recordTime", "Enregistrés avant", "Recorded before", moment, schema=TIME),
    _param("EQ_action", "Actions", "Actions", example="ADD"),
    _param("EQ_bizStep", "Étapes", "Business steps", example="commissioning"),
    _param("EQ_disposition", "Dispositions", "Dispositions", example="active"),
    _param("EQ_eventID", "Identifiants d'événement", "Event ids"),
    _param("MATCH_anyEPC", "Lots, barres ou colis, comme URI", "Lots, bars or parcels, as URIs"),
    _param("MATCH_anyEPCClass", "Lots, comme URI", "Lots, as URIs", example="urn:x-sanu:lot:recu-exemple-1"),
    Param(name="perPage", fr="Événements par page", en="Events to a page", read=whole(1, MOST), default=30,
          schema={"type": "integer", "minimum": 1, "maximum": MOST}),
    Param(name="nextPageToken", fr="Jeton de la page suivante, tiré de l'en-tête Link", en="The next page's token, from the Link header",
          read=whole(0, 10**18 - 1),
          default=0, schema={"type": "string", "pattern": "^[0-9]{1,18}$"}),
)
