"""What the events about miners say; whatever tells who a person is, is sealed."""
from typing import Literal, NotRequired, TypedDict

from services.membership import events
from services.membership.members import MemberChange, Step
from shared.told import Cited, Day, Edtf, EventId, Sealed, Slug


class OnMiner(Cited):
    """`standing` is there where the event changes it: the steps of the whole timeline, from then on. `counts_from`: an undated fact's day."""

    miner: Slug
    standing: NotRequired[list[Step]]
    counts_from: NotRequired[Day]


class Membership(OnMiner):
    organisation: Slug
    members: list[MemberChange]


class MinerRegistered(OnMiner):
    """Of a child neither name nor phone nor photo is kept (principle 7)."""

    sex: NotRequired[Literal["female", "male"]]
    birth_year: NotRequired[int]
    site: NotRequired[Slug]
    village: NotRequired[str]
    name: NotRequired[Sealed]
    phone: NotRequired[Sealed]
    photo: NotRequired[Sealed]


class MinerCardRecorded(OnMiner):
    card_type: Slug
    issuer: NotRequired[str]
    number: Sealed
    valid_from: NotRequired[Day]
    valid_until: NotRequired[Day]


class MinerWithdrawalNoticed(Membership):
    """AUSCOOP 11: effective at the date in the notice (`stated_on`), or at its receipt if later; shares repaid in the year after."""

    received_on: Day
    effective_on: Day
    refund_due_by: Day
    stated_on: NotRequired[Day]


class ShareRefundExtended(OnMiner):
    """AUSCOOP 11: to two years at most, by reasoned decision."""

    organisation: Slug
    due_by: Day
    decision: str


class ShareRefundRecorded(OnMiner):
    organisation: Slug


class MinerMembershipEnded(Membership):
    """`everywhere`: a death ends every membership, from its day on; without it, in older events, it ended this one only."""

    cause: Literal["death", "exclusion", "other"]
    everywhere: NotRequired[bool]


class MinerMoved(OnMiner):
    site: NotRequired[Slug]
    village: NotRequired[str]


class Said(TypedDict):
    occurred_on: NotRequired[Edtf]
    counts_from: NotRequired[Day]
    organisation: NotRequired[Slug]
    sex: NotRequired[Literal["female", "male"]]
    birth_year: NotRequired[int]
    village: NotRequired[str]
    site: NotRequired[Slug]
    valid_from: NotRequired[Day]
    valid_until: NotRequired[Day]
    received_on: NotRequired[Day]
    stated_on: NotRequired[Day]
    effective_on: NotRequired[Day]
    refund_due_by: NotRequired[Day]


class Corrected(Said):
    """What was sealed is sealed again, in this event; the old text stays sealed in the event that is corrected."""

    name: NotRequired[Sealed]
    phone: NotRequired[Sealed]
    photo: NotRequired[Sealed]
    number: NotRequired[Sealed]


class MinerFactCorrected(OnMiner):
    corrects: EventId
    fact: str
    old: Said
    new: Corrected
    members: list[MemberChange]


class MinerFactWithdrawn(OnMiner):
    withdraws: EventId
    fact: str
    old: Said
    members: list[MemberChange]


class MinerMerged(OnMiner):
    """A duplicate, by decision: what is said of it is said of `into`."""

    into: Slug
    decision: str
    members: list[MemberChange]


class MinerDuplicateTaken(Cited):
    """`miner` and `duplicate` are one person; what was said of the duplicate follows as facts of the miner."""

    miner: Slug
    duplicate: Slug
    decision: str


class DuplicateDismissed(TypedDict):
    """Two records that look alike are two people, by decision."""

    miners: list[Slug]
    decision: str


class IdentityRead(TypedDict):
    miner: Slug
    fields: list[Literal["name", "phone", "photo", "card"]]
    purpose: str


class PersonForgotten(TypedDict):
    miner: Slug


BY_NAME: dict[str, type] = {
    events.MINER_REGISTERED: MinerRegistered, events.MINER_CARD_RECORDED: MinerCardRecorded, events.MINER_ADMITTED: Membership,
    events.WITHDRAWAL_NOTICED: MinerWithdrawalNoticed, events.REFUND_EXTENDED: ShareRefundExtended, events.REFUND_RECORDED: ShareRefundRecorded,
    events.MEMBERSHIP_ENDED: MinerMembershipEnded, events.MINER_MOVED: MinerMoved, events.MINER_FACT_CORRECTED: MinerFactCorrected,
    events.MINER_FACT_WITHDRAWN: MinerFactWithdrawn, events.MINER_MERGED: MinerMerged, events.DUPLICATE_TAKEN: MinerDuplicateTaken,
    events.DUPLICATE_DISMISSED: DuplicateDismissed,
    events.IDENTITY_READ: IdentityRead, events.PERSON_FORGOTTEN: PersonForgotten}
