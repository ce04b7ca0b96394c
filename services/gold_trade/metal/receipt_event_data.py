"""What the events about receipts say."""
from typing import Annotated, NotRequired, TypedDict

from msgspec import Meta

from services.gold_trade import events
from shared.told import Cited, Count, Edtf, EventId, Moment, Sha256, Slug

from .event_data import Entry, Finding, Fineness, Method, Mg


class Share(TypedDict):
    """Agreed at the counter: `parts` of the sum of all parts."""

    miner: Slug
    parts: Annotated[int, Meta(ge=1, le=100_000)]


class CollectionRecorded(Cited):
    """A receipt: metal comes into the books. `recorded_there` is the device's own clock."""

    lot: Slug
    collector: Slug
    society: Slug
    site: NotRequired[Slug]
    miners: list[Share]
    gross_mg: Mg
    fineness_per_100k: Fineness
    method: Method
    fine_mg: Mg
    photo: NotRequired[Sha256]
    advance_xof: NotRequired[Count]
    extracted_on: NotRequired[Edtf]
    sequence: NotRequired[int]
    recorded_there: NotRequired[Moment]
    findings: list[Finding]
    relied_on: NotRequired[dict[str, str]]
    entries: list[Entry]


class Receipt(TypedDict):
    """What a receipt said, as far as it changes. `fineness_per_100k` is the receipt's own, `fine_mg` what counts as fine in the lot: by its
    assay where it has one."""

    gross_mg: NotRequired[Mg]
    fineness_per_100k: NotRequired[Fineness]
    fine_mg: NotRequired[Mg]
    society: NotRequired[Slug]
    miners: NotRequired[list[Share]]
    site: NotRequired[Slug]
    method: NotRequired[Method]
    advance_xof: NotRequired[Count]
    occurred_on: NotRequired[Edtf]


class CollectionCorrected(Cited):
    """Also of a lot that was spent long ago: what it changes shows as loss, or assay difference, of the step that took it.

    `findings` are what rules have against the receipt as it is now, by what was known (`relied_on`) of its day.
    """

    lot: Slug
    corrects: EventId
    collector: NotRequired[Slug]
    old: Receipt
    new: Receipt
    findings: NotRequired[list[Finding]]
    relied_on: NotRequired[dict[str, str]]
    entries: list[Entry]


class CollectionWithdrawn(Cited):
    """A receipt that never was (`corrects`): its lot holds nothing and is none. The event's own `reason` says why."""

    lot: Slug
    corrects: EventId
    collector: Slug
    old: Receipt
    entries: list[Entry]


BY_NAME: dict[str, type] = {
    events.COLLECTION_RECORDED: CollectionRecorded, events.COLLECTION_CORRECTED: CollectionCorrected, events.COLLECTION_WITHDRAWN: CollectionWithdrawn}
