"""What the queries about balance, stock and consignments answer. Masses are whole milligrams."""
from marshmallow import fields, validate

from services.gold_trade.answers import Lot
from services.gold_trade.projections.consignments import STAGES, STEPS
from shared.answers import Answered, digits

from .sight import ALL, OWN, SUMS


def whose() -> fields.String:
    return fields.String(required=True, validate=validate.OneOf((ALL, OWN, SUMS)),
                         metadata={"description": "whose metal the caller sees: everybody's, their own, or only the sums of all"})


class Account(Answered):
    account = fields.String(required=True)
    gross_mg = fields.Integer(required=True)
    fine_mg = fields.Integer(required=True)


class HolderAccount(Account):
    holder = fields.String(required=True, metadata={"description": "who has it; of the account source, the society it came of"})


class Balance(Answered):
    """`even`: all accounts of all holders together are zero in both ledgers."""

    as_of = fields.String(required=True)
    version = digits()
    shown = whose()
    even = fields.Boolean(required=True)
    accounts = fields.List(fields.Nested(Account), required=True)
    holders = fields.List(fields.Nested(HolderAccount), required=True)


class SocietyBalance(Answered):
    """What a society brought (source, below zero) is its stock, its losses, its assay differences and what was stolen of it."""

    society = fields.String(required=True)
    version = digits()
    accounts = fields.List(fields.Nested(Account), required=True)
    even = fields.Boolean(required=True)


class Hold(Answered):
    """`lift`: the event by which one of two people signed that the lot may go on."""

    rule = fields.String(required=True)
    since = fields.String(required=True)
    event = fields.String(required=True)
    lift = fields.String()


class LotInStock(Lot):
    custodian = fields.String(required=True)
    holds = fields.List(fields.Nested(Hold), required=True)


class Stock(Answered):
    shown = whose()
    lots = fields.List(fields.Nested(LotInStock), required=True)
    next = fields.String(required=True, allow_none=True)


class ConsignmentLine(Answered):
    consignment = fields.String(required=True)
    contract = fields.String(required=True)
    seller = fields.String(required=True)
    buyer = fields.String(required=True)
    sent_on = fields.String(required=True)
    gross_mg = fields.Integer(required=True)
    fine_mg = fields.Integer(required=True)
    lots = fields.Integer(required=True, metadata={"description": "how many"})
    stage = fields.String(required=True, validate=validate.OneOf(STAGES))
    disputed = fields.Boolean(required=True)


class ConsignmentList(Answered):
    consignments = fields.List(fields.Nested(ConsignmentLine), required=True)
    next = fields.String(required=True, allow_none=True)


class Terms(Answered):
    splitting_limit_per_100k = fields.Integer(required=True)
    melt_tolerance_per_100k = fields.Integer(required=True)
    umpire_rule = fields.String(required=True)
    agreed = fields.Boolean(required=True, metadata={"description": "false while one side only has signed: the usual terms count"})


class ConsignmentStep(Answered):
    step = fields.String(required=True, validate=validate.OneOf(tuple(STEPS.values())))
    day = fields.String(required=True)
    event = fields.String(required=True)
    told = fields.Dict(required=True, metadata={"description": "what its event says; a first result, which is sealed, is not in it"})


class Consignment(ConsignmentLine):
    terms = fields.Nested(Terms, required=True)
    steps = fields.List(fields.Nested(ConsignmentStep), required=True)
    melt = fields.Nested(Lot, metadata={"description": "the lot it was melted into, as it stands now"})
