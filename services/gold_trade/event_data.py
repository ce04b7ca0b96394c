"""What the events of gold_trade say: the shape of each one's data."""
from typing import Literal, NotRequired, TypedDict

from shared import told
from shared.told import Cited, Day, Slug

from . import events
from .assays.event_data import BY_NAME as ASSAYS
from .custody.event_data import BY_NAME as CUSTODY
from .devices.event_data import BY_NAME as DEVICES
from .epcis.event_data import BY_NAME as EPCIS
from .metal.event_data import BY_NAME as METAL
from .metal.receipt_event_data import BY_NAME as RECEIPTS


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


class LicenceRecorded(Cited):
    actor: Slug
    licence: str
    kind: Slug
    issuer: NotRequired[str]
    valid_from: NotRequired[Day]
    valid_until: NotRequired[Day]


BY_NAME: dict[str, type] = {
    events.ACTOR_REGISTERED: ActorRegistered, events.LICENCE_RECORDED: LicenceRecorded, **DEVICES, **RECEIPTS, **METAL, **CUSTODY, **ASSAYS, **EPCIS,
    **told.by_name("gold_trade", told.LOG)}
