"""The parameters of the standard's simple event query that are taken here; the service's README says which are not."""
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from shared.errors import BadRequest
from shared.parameters import choice, moment
from shared.route import Param, whole

MOST = 100
TYPES = ("ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent")
PAPERS = ("inv", "desadv", "testres")
OWNERS = ("possessing_party", "owning_party")
# Where in an event each of these looks. A bar or a lot is found by either of its names, for few partners know which of the two it was told by.
MATCHES = {"MATCH_anyEPC": ("", "in", "out", "parent"), "MATCH_parentID": ("parent",), "MATCH_outputEPC": ("out",), "MATCH_anyEPCClass": ("", "in", "out"),
           "MATCH_epcClass": ("",), "MATCH_inputEPCClass": ("in",), "MATCH_outputEPCClass": ("out",)}


class After(NamedTuple):
    """The last event of the page before: its place, and behind a ~ the time that the pages are ordered by."""

    place: int
    time: str = ""

    def __str__(self) -> str:
        return f"{self.place}~{self.time}" if self.time else str(self.place)


def _list(text: str, name: str) -> list[str]:
    """Values with a bar between them, as the standard's REST binding has it."""
    found = [part.strip() for part in text.split("|") if part.strip()]
    if not found or len(found) > 50 or "\0" in text:
        raise BadRequest(f"{name} holds one to fifty values", field=name, rule="values with | between them")
    return found


def _flag(text: str, name: str) -> bool:
    """A parameter without a value."""
    if text not in ("", "true"):
        raise BadRequest(f"{name} has no value", field=name, rule="given or not")
    return True


def _after(text: str, name: str) -> After:
    place, _, time = text.partition("~")
    return After(whole(0, 10**18 - 1)(place, name), moment(time, name) if time else "")


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
    _param("EQ_bizStep", "Étapes, en mots ou comme URI", "Business steps, as words or URIs", example="commissioning"),
    _param("EQ_disposition", "Dispositions, en mots ou comme URI", "Dispositions, as words or URIs", example="active"),
    _param("EQ_eventID", "Identifiants d'événement", "Event ids"),
    _param("EQ_transformationID", "Transformations, comme URI", "Transformations, as URIs"),
    *(_param(name, "Lots, barres ou colis, comme URI", "Lots, bars or parcels, as URIs",
             example="urn:x-sanu:lot:recu-exemple-1" if name == "MATCH_anyEPCClass" else None) for name in MATCHES),
    *(_param(f"EQ_{end}_{owner}", "De qui ou à qui, comme URI", "From whom or to whom, as URIs") for end in ("source", "destination") for owner in OWNERS),
    *(_param(f"EQ_bizTransaction_{paper}", "Papiers, comme URI", "Business transactions, as URIs") for paper in PAPERS),
    _param("EXISTS_errorDeclaration", "Ceux qui sont déclarés faux", "Those declared an error", _flag, schema={"enum": ["", "true"]}),
    _param("GE_errorDeclarationTime", "Déclarés faux à partir de", "Declared an error at or after", moment, schema=TIME),
    _param("LT_errorDeclarationTime", "Déclarés faux avant", "Declared an error before", moment, schema=TIME),
    _param("EQ_errorReason", "Raisons d'une déclaration d'erreur", "Reasons of an error declaration", example="incorrect_data"),
    _param("EQ_correctiveEventID", "Déclarés faux par ceux-ci", "Declared an error with these in their place"),
    choice("orderBy", "Selon quel moment ; sans lui, dans l'ordre du journal", "By which time; without it, in the order of the log",
           ("eventTime", "recordTime")),
    choice("orderDirection", "Sens, avec orderBy ; DESC sans indication", "Direction, with orderBy; DESC if not given", ("ASC", "DESC")),
    Param(name="perPage", fr="Événements par page", en="Events to a page", read=whole(1, MOST), default=30,
          schema={"type": "integer", "minimum": 1, "maximum": MOST}),
    Param(name="nextPageToken", fr="Jeton de la page suivante, tiré de l'en-tête Link", en="The next page's token, from the Link header", read=_after,
          default=After(0), schema={"type": "string", "pattern": "^[0-9]{1,18}(~[0-9TZ:.-]{24})?$"}),
)
