"""The foreign events reporting reads: tolerant shapes with only the fields it uses."""
from typing import Any

import msgspec

DISTRICT_REGISTERED = "membership.DistrictRegistered"
COUNT_DECLARED = "membership.CountDeclared"
COUNT_CORRECTED = "membership.CountCorrected"
COUNT_WITHDRAWN = "membership.CountWithdrawn"
ORGANISATION_FOUNDED = "membership.OrganisationFounded"
ORGANISATION_MOVED = "membership.OrganisationMoved"
ORGANISATION_DISSOLVED = "membership.OrganisationDissolved"
FACT_CORRECTED = "membership.OrganisationFactCorrected"
FACT_WITHDRAWN = "membership.OrganisationFactWithdrawn"
ORGANISATION_MERGED = "membership.OrganisationMerged"
ORGANISATION_REGISTERED = "membership.OrganisationRegistered"
ORGANISATION_AFFILIATED = "membership.OrganisationAffiliated"
ORGANISATION_DETACHED = "membership.OrganisationDetached"
MINER_ADMITTED = "membership.MinerAdmitted"
WITHDRAWAL_NOTICED = "membership.MinerWithdrawalNoticed"
MEMBERSHIP_ENDED = "membership.MinerMembershipEnded"
MINER_CARD_RECORDED = "membership.MinerCardRecorded"
MINER_FACT_CORRECTED = "membership.MinerFactCorrected"
MINER_FACT_WITHDRAWN = "membership.MinerFactWithdrawn"
MINER_MERGED = "membership.MinerMerged"
CORRIDOR_ASSIGNED = "membership.CorridorAssigned"
CORRIDOR_EXTENDED = "membership.CorridorExtended"
CORRIDOR_CLOSED = "membership.CorridorClosed"
CORRIDOR_ASSIGNMENT_ENDED = "membership.CorridorAssignmentEnded"
FINDING_RECORDED = "membership.FindingRecorded"
FINDING_ANSWERED = "membership.FindingAnswered"
FINDING_DECIDED = "membership.FindingDecided"
STANDING_CHANGED = "membership.StandingChanged"
ACTOR_REGISTERED = "gold_trade.ActorRegistered"
COLLECTION_RECORDED = "gold_trade.CollectionRecorded"
COLLECTION_CORRECTED = "gold_trade.CollectionCorrected"
COLLECTION_WITHDRAWN = "gold_trade.CollectionWithdrawn"
TRANSFORMATION_RECORDED = "gold_trade.TransformationRecorded"
LOT_ASSAYED = "gold_trade.LotAssayed"
LOT_CORRECTED = "gold_trade.LotCorrected"
LOT_HELD = "gold_trade.LotHeld"
HOLD_LIFTED = "gold_trade.HoldLifted"
HOLD_CURED = "gold_trade.HoldCured"
LOT_SEALED = "gold_trade.LotSealed"
LOT_UNSEALED = "gold_trade.LotUnsealed"
LOT_FORMED = "gold_trade.LotFormed"
LOT_SPENT = "gold_trade.LotSpent"
HANDOVER_ACCEPTED = "gold_trade.HandoverAccepted"
LOT_LOST = "gold_trade.LotLost"
LOT_RECOVERED = "gold_trade.LotRecovered"
CONSIGNMENT_SENT = "gold_trade.ConsignmentSent"
CONSIGNMENT_MELTED = "gold_trade.ConsignmentMelted"
ASSAYS_COMPARED = "gold_trade.AssaysCompared"
UMPIRE_RECORDED = "gold_trade.UmpireRecorded"
COUNTING = frozenset({ORGANISATION_FOUNDED, ORGANISATION_MOVED, ORGANISATION_DISSOLVED, ORGANISATION_MERGED, FACT_CORRECTED, FACT_WITHDRAWN})
BELONGING = frozenset({ORGANISATION_AFFILIATED, ORGANISATION_DETACHED, ORGANISATION_DISSOLVED, ORGANISATION_MERGED, FACT_CORRECTED, FACT_WITHDRAWN,
                       MINER_ADMITTED, WITHDRAWAL_NOTICED, MEMBERSHIP_ENDED, MINER_FACT_CORRECTED, MINER_FACT_WITHDRAWN, MINER_MERGED})

BOOKING = frozenset({COLLECTION_RECORDED, COLLECTION_CORRECTED, COLLECTION_WITHDRAWN, TRANSFORMATION_RECORDED, LOT_ASSAYED, LOT_CORRECTED, HANDOVER_ACCEPTED,
                     LOT_LOST, LOT_RECOVERED})
HOLDING = frozenset({COLLECTION_RECORDED, COLLECTION_WITHDRAWN, LOT_HELD, HOLD_LIFTED, HOLD_CURED, LOT_SEALED, LOT_UNSEALED, LOT_FORMED, LOT_SPENT})
CONSIGNING = frozenset({CONSIGNMENT_SENT, CONSIGNMENT_MELTED, ASSAYS_COMPARED, UMPIRE_RECORDED})


class Change(msgspec.Struct, gc=False):
    """What an event adds to the count of a level in a district from a day on."""

    level: str
    day: str = msgspec.field(name="from")
    delta: int
    district: str = ""


class Counted(msgspec.Struct):
    """`into`: which one it was a duplicate of."""

    organisation: str
    counts: list[Change] = []
    into: str = ""


class Counting(msgspec.Struct):
    id: str
    recorded_at: str
    data: Counted


class DistrictData(msgspec.Struct):
    district: str
    name: str
    rank: int = 999


class District(msgspec.Struct):
    id: str
    recorded_at: str
    data: DistrictData


class Said(msgspec.Struct):
    measure: str
    count: int
    as_of: str
    counts_from: str
    district: str = ""


class Declared(Said):
    declaration: str = ""
    source: dict[str, Any] = {}


class DeclaredEvent(msgspec.Struct):
    id: str
    recorded_at: str
    data: Declared


class CorrectedData(msgspec.Struct):
    declaration: str
    new: Said | None = None
    source: dict[str, Any] = {}


class CorrectedEvent(msgspec.Struct):
    id: str
    recorded_at: str
    data: CorrectedData


class Identified(msgspec.Struct):
    id: str
