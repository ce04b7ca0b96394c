"""What the events about partners and agreements say."""
from typing import Literal, NotRequired, TypedDict

from services.membership import events
from shared.told import Cited, Day, EventId, Slug

Kind = Literal["authority", "chamber", "international", "foundation", "insurer", "financing", "refinery", "company", "network", "other"]


class PartnerRegistered(Cited):
    partner: Slug
    name: str
    kind: Kind
    aliases: NotRequired[list[str]]


class Party(TypedDict):
    """One of the two."""

    partner: NotRequired[Slug]
    organisation: NotRequired[Slug]


class OnAgreement(Cited):
    agreement: Slug


class AgreementSigned(OnAgreement):
    """`state` is what the source says of it: signed, or only planned."""

    title: str
    parties: list[Party]
    state: Literal["planned", "signed"]
    purpose: NotRequired[str]
    valid_from: NotRequired[Day]
    valid_until: NotRequired[Day]
    deliverables: NotRequired[list[str]]


class Terms(TypedDict):
    title: NotRequired[str]
    valid_until: NotRequired[Day]
    state: NotRequired[Literal["planned", "signed"]]


class AgreementAmended(OnAgreement):
    amendment: str
    old: Terms
    new: Terms


class AgreementDeliverableRecorded(OnAgreement):
    deliverable: str


class AgreementFactWithdrawn(OnAgreement):
    """The event `withdraws` did not happen; `parties` are those of a signing."""

    withdraws: EventId
    fact: str
    parties: NotRequired[list[Party]]


BY_NAME: dict[str, type] = {
    events.PARTNER_REGISTERED: PartnerRegistered, events.AGREEMENT_SIGNED: AgreementSigned, events.AGREEMENT_AMENDED: AgreementAmended,
    events.AGREEMENT_ENDED: OnAgreement, events.DELIVERABLE_RECORDED: AgreementDeliverableRecorded,
    events.AGREEMENT_FACT_WITHDRAWN: AgreementFactWithdrawn}
