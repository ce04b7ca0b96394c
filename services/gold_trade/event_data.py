"""What the events of gold_trade say: the shape of each one's data."""
from typing import Literal, NotRequired, TypedDict

from shared import told
from shared.told import Cited, Slug

from . import events


class Agreement(TypedDict):
    title: str
    purpose: NotRequired[list[str]]
    state: NotRequired[str]


class ActorRegistered(Cited):
    """Who trades, carries or refines gold."""

    actor: Slug
    kind: Literal["collector", "collection_centre", "comptoir", "transporter", "refinery"]
    name: str
    agreement: NotRequired[Agreement]


BY_NAME: dict[str, type] = {events.ACTOR_REGISTERED: ActorRegistered, **told.by_name("gold_trade", told.LOG)}
