"""What one may ask of membership; each is a fact reported from outside, with its date, citation and reason."""
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """Common to all: when it happened, as precisely as known (EDTF, '' unknown), and who says so."""

    occurred_on: str = ""
    source: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterRegion(Reported):
    region: str
    name: str
    aliases: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterDistrict(Reported):
    district: str
    name: str
    aliases: Sequence[str] = ()
    rank: int | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPlaceAlias(Reported):
    kind: str
    slug: str
    alias: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OnOrganisation(Reported):
    organisation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundOrganisation(OnOrganisation):
    level: str
    name: str
    form: str | None = None
    acronym: str | None = None
    aliases: Sequence[str] = ()
    district: str | None = None
    commune: str | None = None
    seat: str | None = None
    site: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldConstitutiveAssembly(OnOrganisation):
    venue: str | None = None
    founders: Sequence[str] = ()
    founder_count: int | None = None
    delegates_each: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordStatutes(OnOrganisation):
    objects: Sequence[str] = ()
    missions: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSeat(OnOrganisation):
    seat: str
    commune: str | None = None
    site: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterOrganisation(OnOrganisation):
    number: str
    register: str = "RSC"
    journal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AffiliateOrganisation(OnOrganisation):
    parent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DetachOrganisation(OnOrganisation):
    parent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameOrganisation(OnOrganisation):
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOrganisationAlias(OnOrganisation):
    alias: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveOrganisation(OnOrganisation):
    district: str
    commune: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendOrganisation(OnOrganisation):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReinstateOrganisation(OnOrganisation):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class DissolveOrganisation(OnOrganisation):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectFact(OnOrganisation):
    """An earlier event was wrong: its date, or what it names."""

    event: str
    new_occurred_on: str | None = None
    district: str | None = None
    number: str | None = None
    name: str | None = None
    form: str | None = None
    acronym: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawFact(OnOrganisation):
    event: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeOrganisations(OnOrganisation):
    """`organisation` is a duplicate of `into`, as somebody decided."""

    into: str
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRepresentative(OnOrganisation):
    function: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetRepresentative(OnOrganisation):
    """`event` named the person."""

    event: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareCount(Reported):
    declaration: str
    measure: str
    count: int
    as_of: str
    district: str | None = None
    source: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectDeclaration(Reported):
    declaration: str
    count: int | None = None
    as_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawDeclaration(Reported):
    declaration: str
