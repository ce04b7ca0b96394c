"""What the events about sites and corridors say; coordinates are whole millionths of a degree, WGS 84."""
from typing import Annotated, NotRequired, TypedDict

from msgspec import Meta

from services.membership import events
from shared.told import Cited, Day, EventId, Slug

Latitude = Annotated[int, Meta(ge=-90_000_000, le=90_000_000)]
Longitude = Annotated[int, Meta(ge=-180_000_000, le=180_000_000)]


class Place(TypedDict):
    name: NotRequired[str]
    aliases: NotRequired[list[str]]
    district: NotRequired[Slug]
    commune: NotRequired[str]
    village: NotRequired[str]
    latitude_e6: NotRequired[Latitude]
    longitude_e6: NotRequired[Longitude]


class SiteRegistered(Place, Cited):
    site: Slug


class SiteCorrected(Cited):
    site: Slug
    old: Place
    new: Place


class OnCorridor(Cited):
    corridor: Slug


class CorridorGranted(OnCorridor):
    """`order` is the ministerial order's number, `collectivity` whom the corridor was handed to."""

    name: str
    district: Slug
    order: NotRequired[str]
    collectivity: NotRequired[str]
    valid_from: NotRequired[Day]
    valid_until: NotRequired[Day]
    sites: NotRequired[list[Slug]]


class Validity(TypedDict):
    valid_until: NotRequired[Day]


class CorridorExtended(OnCorridor):
    """`assigned` are the organisations it is assigned to, whose standing may change."""

    old: Validity
    new: Validity
    assigned: list[Slug]


class CorridorClosed(OnCorridor):
    assigned: list[Slug]


class CorridorAssigned(OnCorridor):
    """`until` is the last day on which both the corridor and the assignment hold, if one is known; `begins` the corridor's first day, if that comes later."""

    organisation: Slug
    valid_until: NotRequired[Day]
    until: NotRequired[Day]
    begins: NotRequired[Day]


class CorridorAssignmentEnded(OnCorridor):
    """`assignment` is the event that it ends; an older one does not name it."""

    organisation: Slug
    assignment: NotRequired[EventId]


BY_NAME: dict[str, type] = {
    events.SITE_REGISTERED: SiteRegistered, events.SITE_CORRECTED: SiteCorrected, events.CORRIDOR_GRANTED: CorridorGranted,
    events.CORRIDOR_EXTENDED: CorridorExtended, events.CORRIDOR_CLOSED: CorridorClosed, events.CORRIDOR_ASSIGNED: CorridorAssigned,
    events.CORRIDOR_ASSIGNMENT_ENDED: CorridorAssignmentEnded}
