"""What the events about contracts, consignments and assays say."""
from typing import Literal, NotRequired, TypedDict

from services.gold_trade import events
from services.gold_trade.metal.event_data import Finding, Fineness, Mg
from shared.told import Cited, Count, Sealed, Sha256, Slug

Party = Literal["seller", "buyer"]


class Terms(Cited):
    """Limits in parts per 100,000; `umpire_rule`: the middle of the three results, or the umpire's own."""

    contract: Slug
    seller: Slug
    buyer: Slug
    splitting_limit_per_100k: Count
    melt_tolerance_per_100k: Count
    umpire_rule: Literal["middle", "umpire"]


class ContractProposed(Terms):
    """The first of two signatures; until the second the usual terms count. `by` where one side proposed, not the secretariat for it."""

    by: NotRequired[Party]


class ContractAgreed(Terms):
    """By both. Where nobody is `proposed_by`, an older event, one signed for both."""

    proposed_by: NotRequired[str]
    seconded_by: NotRequired[str]


class OnConsignment(TypedDict):
    consignment: Slug


class ConsignmentSent(OnConsignment):
    """The masses are those of the lots that the seller has or had: of somebody else's, neither side is told what they weigh."""

    contract: Slug
    seller: Slug
    buyer: Slug
    lots: list[Slug]
    gross_mg: Mg
    fine_mg: Mg
    findings: NotRequired[list[Finding]]


class ConsignmentWeighed(OnConsignment):
    weighed_mg: Mg
    sent_mg: Mg
    findings: list[Finding]


class ConsignmentMelted(OnConsignment):
    """`before_mg` is the buyer's weight before the melt, or the seller's where the buyer told none."""

    lot: Slug
    before_mg: Mg
    after_mg: Mg
    findings: list[Finding]


class ConsignmentDisputed(OnConsignment):
    why: str


class DisputeSettled(OnConsignment):
    decision: str


class AssayCommitted(OnConsignment):
    """Who has bound themselves, not to what."""

    party: Party
    commitment: Sha256


class AssayRevealed(OnConsignment):
    """The first of two: sealed until the other is there."""

    party: Party
    result: Sealed


class Result(TypedDict):
    party: Literal["seller", "buyer", "umpire"]
    fineness_per_100k: Fineness


class AssaysCompared(OnConsignment):
    """Both, at once. Within the splitting limit the mean stands; else an umpire is asked."""

    lot: Slug
    results: list[Result]
    difference_per_100k: Count
    within: bool


class UmpireRecorded(OnConsignment):
    """`loser` pays the umpire; none where both were equally far."""

    lot: Slug
    umpire: Slug
    results: list[Result]
    loser: NotRequired[Party]


BY_NAME: dict[str, type] = {
    events.CONTRACT_PROPOSED: ContractProposed, events.CONTRACT_AGREED: ContractAgreed,
    events.CONSIGNMENT_SENT: ConsignmentSent, events.CONSIGNMENT_WEIGHED: ConsignmentWeighed,
    events.CONSIGNMENT_MELTED: ConsignmentMelted, events.CONSIGNMENT_DISPUTED: ConsignmentDisputed, events.DISPUTE_SETTLED: DisputeSettled,
    events.ASSAY_COMMITTED: AssayCommitted, events.ASSAY_REVEALED: AssayRevealed, events.ASSAYS_COMPARED: AssaysCompared,
    events.UMPIRE_RECORDED: UmpireRecorded}
