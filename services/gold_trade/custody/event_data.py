"""What the events about custody say."""
from typing import Literal, NotRequired, TypedDict

from services.gold_trade import events
from services.gold_trade.metal.event_data import Delta, Entry, Finding, Mg
from shared.told import Cited, Count, Moment, Slug


class TagsIssued(TypedDict):
    """Seals `<prefix><first>` to `<prefix><last>` are in the actor's stock."""

    actor: Slug
    prefix: Slug
    first: Count
    last: Count


class TagUsed(TypedDict):
    """A tag seals once: stream tag/<tag>."""

    tag: Slug
    parcel: Slug


class ParcelSealed(TypedDict):
    parcel: Slug
    tag: Slug
    custodian: Slug
    lots: list[Slug]
    gross_mg: Mg


class LotSealed(TypedDict):
    lot: Slug
    parcel: Slug


class LotUnsealed(LotSealed):
    matches: bool


class ParcelOpened(TypedDict):
    """`tag_found` differs from the tag it was sealed with: a mismatch, which holds its lots. `custodian`: who held them as it was opened."""

    parcel: Slug
    custodian: NotRequired[Slug]
    tag_found: Slug
    matches: bool
    lots: list[Slug]


class HandoverOffered(TypedDict):
    """Custody, not ownership: the first of two signatures. `lots` as they stand in a sealed parcel, under its `tag`, or loose."""

    handover: Slug
    giver: Slug
    taker: Slug
    parcel: NotRequired[Slug]
    tag: NotRequired[Slug]
    lots: list[Slug]
    gross_mg: Mg
    due_by: NotRequired[Moment]


class HandoverAccepted(TypedDict):
    """The second signature, under the `lots` that came; `missing` were offered too. `weighed_mg` is the taker's own weight of what came."""

    handover: Slug
    giver: Slug
    taker: Slug
    lots: list[Slug]
    missing: NotRequired[list[Slug]]
    weighed_mg: NotRequired[Mg]
    findings: list[Finding]
    entries: list[Entry]


class HandoverRefused(TypedDict):
    """Both sides and the lots, as they were offered: who reads it need not know the offer."""

    handover: Slug
    giver: NotRequired[Slug]
    taker: NotRequired[Slug]
    lots: NotRequired[list[Slug]]
    why: str


class HandoverSilent(TypedDict):
    """Nobody signed by the time the offer named: the alarm of silence (G18)."""

    handover: Slug
    giver: Slug
    taker: Slug
    lots: list[Slug]


class LotTaken(TypedDict):
    """A lot changed hands: stream lot/<lot>."""

    lot: Slug
    handover: Slug
    custodian: Slug


class OwnershipTransferred(Cited):
    """Apart from custody."""

    lot: Slug
    owner: Slug
    old_owner: NotRequired[Slug]


class LotLost(Cited):
    lot: Slug
    incident: Literal["lost", "stolen"]
    custodian: Slug
    entries: list[Entry]


class LotRecovered(Cited):
    lot: Slug
    custodian: Slug
    entries: list[Entry]


class StockDrawn(TypedDict):
    """A receipt during the stop, of what was extracted before it; less than nothing where it was corrected, and some goes back."""

    actor: Slug
    season: str
    lot: Slug
    gross_mg: Delta


class StockDeclared(Cited):
    """Stock held before a seasonal stop (G14). One that was declared in it has a finding, and frees nothing."""

    actor: Slug
    season: str
    gross_mg: Mg
    findings: NotRequired[list[Finding]]


BY_NAME: dict[str, type] = {
    events.TAGS_ISSUED: TagsIssued, events.TAG_USED: TagUsed, events.PARCEL_SEALED: ParcelSealed, events.LOT_SEALED: LotSealed,
    events.LOT_UNSEALED: LotUnsealed, events.PARCEL_OPENED: ParcelOpened, events.HANDOVER_OFFERED: HandoverOffered,
    events.HANDOVER_ACCEPTED: HandoverAccepted, events.HANDOVER_REFUSED: HandoverRefused, events.HANDOVER_SILENT: HandoverSilent,
    events.LOT_TAKEN: LotTaken,
    events.OWNERSHIP_TRANSFERRED: OwnershipTransferred, events.LOT_LOST: LotLost, events.LOT_RECOVERED: LotRecovered,
    events.STOCK_DECLARED: StockDeclared, events.STOCK_DRAWN: StockDrawn}
