"""HTTP body -> command, of the commands about findings."""
from typing import Any, ClassVar

from marshmallow import Schema, fields, validate

from services.membership.organisation_requests import OnOrganisation
from shared.requests import text

from . import commands as c
from .rules import ID

DECISIONS = ("confirmed", "lifted", "to check")


class AssessOrganisation(OnOrganisation):
    fr, en = "Revoir une organisation selon les règles", "Look at an organisation again by the rules"
    example: ClassVar = {"organisation": "n-tjikouna"}


class OnFinding(OnOrganisation):
    rule = fields.String(required=True, validate=validate.Regexp(ID, error="a rule's id, such as OH-01"),
                         metadata={"description": "A rule of data/rules.toml, such as OH-01"})


class AnswerFinding(OnFinding):
    fr, en = "Noter la réponse d'une organisation à un constat", "Record an organisation's answer to a finding"
    example: ClassVar = {"organisation": "n-tjikouna", "rule": "ML-02", "answer": "L'arrêté du couloir est demandé.", "occurred_on": "2025-01-15"}

    answer = text(2000, required=True)


class DecideFinding(OnFinding):
    fr, en = "Confirmer ou lever un constat, par décision", "Confirm or lift a finding, by decision"
    example: ClassVar = {"organisation": "n-tjikouna", "rule": "ML-02", "state": "lifted", "decision": "Couloir en cours d'ouverture.",
                         "occurred_on": "2025-01-31"}

    state = fields.String(required=True, validate=validate.OneOf(DECISIONS))
    decision = text(2000, required=True)


BY_NAME: dict[str, tuple[type[Schema], Any]] = {
    "assess-organisation": (AssessOrganisation, c.AssessOrganisation),
    "answer-finding": (AnswerFinding, c.AnswerFinding),
    "decide-finding": (DecideFinding, c.DecideFinding)}
