"""What the events of training say: the shape of each one's data."""
from typing import NotRequired, TypedDict

from shared import told
from shared.told import Cited, Count, Slug

from . import events


class Figure(TypedDict):
    """So many of what: 80 sites."""

    count: Count
    of: str


class ActivityRecorded(Cited):
    activity: str
    title: str
    kind: str
    role: str
    topics: NotRequired[list[str]]
    places: NotRequired[list[str]]
    partners: NotRequired[list[str]]
    figures: NotRequired[list[Figure]]


class NeedRecorded(Cited):
    """One per organisation and topic, however often it is noticed."""

    organisation: Slug
    topic: Slug
    basis: str


BY_NAME: dict[str, type] = {
    events.ACTIVITY_RECORDED: ActivityRecorded, events.NEED_RECORDED: NeedRecorded, **told.by_name("training", told.LOG, told.SENDINGS)}
