"""What the events about metal say. Masses are whole milligrams, fineness is parts per 100,000."""
from typing import Annotated, Literal, NotRequired, TypedDict

from msgspec import Meta

from services.gold_trade import events
from shared.told import Cited, Count, EventId, Slug

Mg = Annotated[int, Meta(ge=0, description="milligrams")]
Delta = Annotated[int, Meta(description="milligrams, either sign")]
Fineness = Annotated[int, Meta(ge=0, le=100_000, description="parts of fine gold in 100,000")]
Method = Literal["xrf", "density", "touchstone", "fire-assay"]
Step = Literal["merge", "melt", "split", "sample", "refine", "cast"]
Rule = Annotated[str, Meta(description="a rule of data/rules.toml or a code of the trade")]
# One line of the two ledgers; over an event both columns sum to zero (principle 3).
class Entry(TypedDict):
    account: Literal["source", "stock", "loss", "assay", "rounding", "transit-difference", "stolen", "out"]
    of: Slug
    gross_mg: Delta
    fine_mg: Delta


class Finding(TypedDict):
    """Why a lot is to be looked at; `hold` if it may not go on before somebody decided."""

    rule: Rule
    hold: bool


class LotHeld(TypedDict):
    """`transformation` is the step behind it that was found out of balance when a receipt was corrected."""

    lot: Slug
    rule: Rule
    transformation: NotRequired[Slug]


class HoldLiftProposed(TypedDict):
    """The first of two signatures; the hold stands."""

    lot: Slug
    rule: Rule
    decision: str


class HoldLifted(HoldLiftProposed):
    """By the second signature, of another person. Where nobody is `proposed_by`, an older event, the first gave it and named the second."""

    proposed_by: NotRequired[str]
    seconded_by: str


class LotFormed(TypedDict):
    """Metal of other lots, whose holds travel with it; `serial` is a bar's. Without an `owner` it is theirs to whom the other lots belonged.

    `fineness_per_100k` where it was measured; `consignment` where this is its melt, of which only an exchange of assays or an umpire is final.
    """

    lot: Slug
    transformation: Slug
    step: Step
    custodian: Slug
    owner: NotRequired[Slug]
    gross_mg: Mg
    fine_mg: Mg
    fineness_per_100k: NotRequired[Fineness]
    consignment: NotRequired[Slug]
    serial: NotRequired[str]
    holds: list[Rule]


class LotSpent(TypedDict):
    """`spent_by`: who did it; where an older event does not say, who had it."""

    lot: Slug
    transformation: Slug
    spent_by: NotRequired[Slug]
    gross_mg: Mg
    fine_mg: Mg


class TransformationRecorded(Cited):
    """More gone, or more there, than the tolerances of the step on its day is a finding, never a refusal.

    `tolerance_per_100k` is of the gross mass, `fine_tolerance_per_100k` of what is fine, which older events did not look at.
    """

    transformation: Slug
    step: Step
    custodian: Slug
    inputs: Count
    outputs: Count
    gross_in_mg: Mg
    fine_in_mg: Mg
    gross_out_mg: Mg
    fine_out_mg: Mg
    tolerance_per_100k: Count
    fine_tolerance_per_100k: NotRequired[Count]
    findings: list[Finding]
    entries: list[Entry]


class LotAssayed(Cited):
    """A new determination of what is fine in a lot; `final` is never taken back by a provisional one. `findings` where there are any."""

    lot: Slug
    fineness_per_100k: Fineness
    method: Method
    final: bool
    old_fine_mg: Mg
    fine_mg: Mg
    findings: NotRequired[list[Finding]]
    entries: list[Entry]


class LotCorrected(Cited):
    """A lot was weighed or measured wrongly when it was formed (`corrects` that event), whatever became of it since.

    `fine_mg` is what counts as fine in it now, by its assay where it has one; `formed_fine_mg` what its step says, by `fineness_per_100k` where that
    was measured. `lost_fine_mg` more of what that step misses is loss.
    """

    lot: Slug
    formed_in: Slug
    corrects: EventId
    custodian: Slug
    gross_mg: Mg
    fine_mg: Mg
    formed_fine_mg: Mg
    fineness_per_100k: NotRequired[Fineness]
    old_gross_mg: Mg
    old_fine_mg: Mg
    old_formed_fine_mg: Mg
    lost_fine_mg: Delta
    entries: list[Entry]


class TransformationReviewed(TypedDict):
    """What went in, or came out, was corrected (the lot `corrected`): the totals, and what is to be looked at, as they are now."""

    transformation: Slug
    step: Step
    custodian: Slug
    corrected: Slug
    gross_in_mg: Mg
    fine_in_mg: Mg
    gross_out_mg: Mg
    fine_out_mg: Mg
    findings: list[Finding]


class HoldCured(TypedDict):
    """A correction (of the receipt `corrected`) took away what the hold was for: nobody has to lift it."""

    lot: Slug
    rule: Rule
    corrected: Slug


BY_NAME: dict[str, type] = {
    events.LOT_CORRECTED: LotCorrected, events.TRANSFORMATION_REVIEWED: TransformationReviewed, events.HOLD_CURED: HoldCured, events.LOT_HELD: LotHeld,
    events.HOLD_LIFT_PROPOSED: HoldLiftProposed, events.HOLD_LIFTED: HoldLifted, events.LOT_FORMED: LotFormed, events.LOT_SPENT: LotSpent,
    events.TRANSFORMATION_RECORDED: TransformationRecorded, events.LOT_ASSAYED: LotAssayed}
