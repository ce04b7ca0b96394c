"""What one may report of partners and agreements."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.membership.commands import Reported


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPartner(Reported):
    partner: str
    name: str
    kind: str
    aliases: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OnAgreement(Reported):
    agreement: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignAgreement(OnAgreement):
    """Each party is {"partner": slug} or {"organisation": slug}."""

    title: str
    parties: Sequence[Mapping[str, str]]
    state: str = "signed"
    purpose: str | None = None
    valid_from: str | None = None
    valid_until: str | None = None
    deliverables: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendAgreement(OnAgreement):
    amendment: str
    title: str | None = None
    valid_until: str | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndAgreement(OnAgreement):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDeliverable(OnAgreement):
    deliverable: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawAgreementFact(OnAgreement):
    event: str
