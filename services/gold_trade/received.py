"""The foreign events gold_trade reads: tolerant shapes with only the fields it uses."""
import msgspec

STANDING_CHANGED = "membership.StandingChanged"
MINER_REGISTERED = "membership.MinerRegistered"
MINER_CARD_RECORDED = "membership.MinerCardRecorded"
MINER_ADMITTED = "membership.MinerAdmitted"
WITHDRAWAL_NOTICED = "membership.MinerWithdrawalNoticed"
MEMBERSHIP_ENDED = "membership.MinerMembershipEnded"
MINER_FACT_CORRECTED = "membership.MinerFactCorrected"
MINER_FACT_WITHDRAWN = "membership.MinerFactWithdrawn"
MINER_MERGED = "membership.MinerMerged"
STANDINGS = frozenset({STANDING_CHANGED, MINER_REGISTERED, MINER_CARD_RECORDED, MINER_ADMITTED, WITHDRAWAL_NOTICED, MEMBERSHIP_ENDED,
                       MINER_FACT_CORRECTED, MINER_FACT_WITHDRAWN, MINER_MERGED})
SITE_REGISTERED = "membership.SiteRegistered"
CORRIDOR_GRANTED = "membership.CorridorGranted"
CORRIDOR_EXTENDED = "membership.CorridorExtended"
CORRIDOR_CLOSED = "membership.CorridorClosed"
CORRIDOR_ASSIGNED = "membership.CorridorAssigned"
CORRIDOR_ASSIGNMENT_ENDED = "membership.CorridorAssignmentEnded"
CORRIDORS = frozenset({CORRIDOR_GRANTED, CORRIDOR_EXTENDED, CORRIDOR_CLOSED, CORRIDOR_ASSIGNED, CORRIDOR_ASSIGNMENT_ENDED})


class Step(msgspec.Struct):
    """How a subject stands from a day on."""

    day: str = msgspec.field(name="from")
    value: str
    why: list[str] = []


class Standing(msgspec.Struct):
    standing: list[Step] | None = None
    organisation: str = ""
    miner: str = ""


class StandingEvent(msgspec.Struct):
    id: str
    data: Standing


class Until(msgspec.Struct):
    valid_until: str = ""


class Corridor(msgspec.Struct):
    """`begins` is an assignment's first day where it is not that of the event, `assignment` the event that an end ends."""

    corridor: str
    organisation: str = ""
    valid_from: str = ""
    valid_until: str = ""
    begins: str = ""
    assignment: str = ""
    new: Until | None = None


class CorridorEvent(msgspec.Struct):
    id: str
    recorded_at: str
    data: Corridor
    occurred_on: str = ""


class Site(msgspec.Struct):
    site: str


class SiteEvent(msgspec.Struct):
    id: str
    data: Site
