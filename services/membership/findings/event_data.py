"""What the events about findings and standing say."""
from typing import Any, Literal, NotRequired, TypedDict

from services.membership import events
from services.membership.members import Step
from shared.told import Day, EventId, Slug

State = Literal["observed", "to check"]
# The rule is not kept from a day on, until it is kept again on another; without an end it lasts. A breach may begin after today, if nothing comes between.
# `state` is the finding's until somebody answers or decides; `facts` are the numbers compared, by the names that data/rules.toml puts into its text.
Breach = TypedDict("Breach", {"from": Day, "until": NotRequired[Day], "state": State, "facts": NotRequired[dict[str, Any]]})


class OnFinding(TypedDict):
    """`finding` is `<organisation>:<rule>`."""

    finding: str
    organisation: Slug
    rule: str


class FindingRecorded(OnFinding):
    """The whole timeline as known now; no breach is left where facts came that lift it. `events` are those behind it."""

    article: NotRequired[str]
    severity: Literal["B", "W", "C"]
    tag: Literal["V", "V2", "M"]
    breaches: list[Breach]
    events: list[EventId]


class FindingAnswered(OnFinding):
    """What the organisation says of the breach there is on the day `counts_from`; it holds until that breach is over."""

    answer: str
    counts_from: Day


class FindingDecided(OnFinding):
    """What was decided about the breach there is on the day `counts_from`; it holds from then until that breach is over."""

    state: Literal["confirmed", "lifted", "to check"]
    decision: str
    counts_from: Day


class StandingChanged(TypedDict):
    """The whole timeline as known now."""

    organisation: Slug
    standing: list[Step]


BY_NAME: dict[str, type] = {
    events.FINDING_RECORDED: FindingRecorded, events.FINDING_ANSWERED: FindingAnswered, events.FINDING_DECIDED: FindingDecided,
    events.STANDING_CHANGED: StandingChanged}
