"""What the events about metal say. Masses are whole milligrams, fineness is parts per 100,000."""
from typing import Annotated, Literal, NotRequired, TypedDict

from msgspec import Meta

from services.gold_trade import events
from shared.told import Cited, Count, Edtf, EventId, Moment, Sha256, Slug

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


class Share(TypedDict):
    """Agreed at the counter: `parts` of the sum of all parts."""

    miner: Slug
    parts: Annotated[int, Meta(ge=1, le=100_000)]


class Finding(TypedDict):
    """Why a lot is to be looked at; `hold` if it may not go on before somebody decided."""

    rule: Rule
    hold: bool


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


class LotHeld(TypedDict):
    lot: Slug
    rule: Rule


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
    """Metal of other lots, whose holds travel with it; `serial` is a bar's."""

    lot: Slug
    transformation: Slug
    step: Step
    custodian: Slug
    owner: Slug
    gross_mg: Mg
    fine_mg: Mg
    serial: NotRequired[str]
    holds: list[Rule]


class LotSpent(TypedDict):
    lot: Slug
    transformation: Slug
    gross_mg: Mg
    fine_mg: Mg


class TransformationRecorded(Cited):
    """`gross_loss_mg` beyond `tolerance_per_100k` of what went in is a finding, never a refusal."""

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
    findings: list[Finding]
    entries: list[Entry]


class LotAssayed(Cited):
    """A new determination of what is fine in a lot; `final` is never taken back by a provisional one."""

    lot: Slug
    fineness_per_100k: Fineness
    method: Method
    final: bool
    old_fine_mg: Mg
    fine_mg: Mg
    entries: list[Entry]


class Mass(TypedDict):
    gross_mg: NotRequired[Mg]
    fineness_per_100k: NotRequired[Fineness]
    fine_mg: NotRequired[Mg]
    society: NotRequired[Slug]
    miners: NotRequired[list[Share]]


class CollectionCorrected(Cited):
    """Also of a lot that was spent long ago: what it changes shows as loss of the step that took it."""

    lot: Slug
    corrects: EventId
    old: Mass
    new: Mass
    entries: list[Entry]


BY_NAME: dict[str, type] = {
    events.COLLECTION_RECORDED: CollectionRecorded, events.COLLECTION_CORRECTED: CollectionCorrected, events.LOT_HELD: LotHeld,
    events.HOLD_LIFT_PROPOSED: HoldLiftProposed, events.HOLD_LIFTED: HoldLifted, events.LOT_FORMED: LotFormed, events.LOT_SPENT: LotSpent,
    events.TRANSFORMATION_RECORDED: TransformationRecorded, events.LOT_ASSAYED: LotAssayed}
