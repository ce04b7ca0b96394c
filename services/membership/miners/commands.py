"""What one may ask of miners; each is a fact reported from outside, but for the decisions about duplicates and forgetting."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.membership.commands import Reported
from shared.auth import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A person as a society's list has them; `card` is what `record-miner-card` takes."""

    miner: str
    name: str
    sex: str | None = None
    birth_year: int | None = None
    village: str | None = None
    site: str | None = None
    phone: str | None = None
    photo: str | None = None
    organisation: str | None = None
    admitted_on: str = ""
    card: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ByCaller(Reported):
    caller: Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterMiner(ByCaller):
    row: Row


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterMiners(ByCaller):
    rows: Sequence[Row]
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OnMiner(ByCaller):
    miner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordMinerCard(OnMiner):
    card_type: str
    number: str
    issuer: str | None = None
    valid_from: str | None = None
    valid_until: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InOrganisation(OnMiner):
    organisation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmitMiner(InOrganisation):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeWithdrawal(InOrganisation):
    received_on: str
    effective_on: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendRefund(InOrganisation):
    due_by: str
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRefund(InOrganisation):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class EndMembership(InOrganisation):
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveMiner(OnMiner):
    site: str | None = None
    village: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectFact(OnMiner):
    """An earlier event was wrong in its date or in what it names; what is sealed in it may be wrong, too."""

    event: str
    new_occurred_on: str | None = None
    new: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawFact(OnMiner):
    event: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeMiners(OnMiner):
    """`miner` is the duplicate."""

    into: str
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissDuplicate(ByCaller):
    miners: Sequence[str]
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetPerson(OnMiner):
    pass
