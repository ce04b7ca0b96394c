"""What one may ask about findings: that an organisation be looked at, and what it or somebody who decides says of what was found."""
from dataclasses import dataclass

from services.membership.commands import OnOrganisation


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessOrganisation(OnOrganisation):
    """An act of the system, whenever something about the organisation was recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFinding(OnOrganisation):
    rule: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideFinding(OnOrganisation):
    rule: str
    state: str
    decision: str
