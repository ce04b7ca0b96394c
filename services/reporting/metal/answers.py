"""What the figures about metal answer, as schemas; the tests hold the answers against them. Masses are whole milligrams."""
from typing import Any

from marshmallow import fields, validate

from services.reporting.figures.answers import Behind, Dated, maybe, one_of
from shared.answers import Answered

from . import bars, booked, consignments, receipts, stock


def number(**kw: Any) -> fields.Integer:
    return fields.Integer(required=True, **kw)


def dimensions(names: tuple[str, ...]) -> fields.List[str]:
    return fields.List(fields.String(validate=validate.OneOf(names)), required=True)


class Told(Dated):
    delayed_days = fields.Integer(metadata={"description": "for those who may not see where metal is, figures end so many days before today"})


class Masses(Answered):
    count = number()
    gross_mg = number()
    fine_mg = number()


class Received(Masses):
    fineness_per_100k = fields.Integer(required=True, allow_none=True, metadata={"description": "fine / gross, floored; null where nothing is left"})


class ReceiptRow(Behind):
    day = fields.String()
    month = fields.String()
    year = fields.String()
    district = fields.String(allow_none=True, metadata={"description": "of the society on the receipt's day; null: none that is known"})
    district_name = fields.String(allow_none=True)
    society = fields.String()
    site = fields.String(allow_none=True)
    collector = fields.String()
    union = fields.String(allow_none=True, metadata={"description": "to which the society was affiliated on the receipt's day"})
    count = fields.Integer(metadata={"description": "absent where too few receipts would say where metal is"})
    gross_mg = fields.Integer()
    fine_mg = fields.Integer()
    fineness_per_100k = fields.Integer(allow_none=True)
    suppressed = fields.Boolean(required=True)


class ReceiptTable(Told):
    by = dimensions(receipts.DIMENSIONS)
    rows = fields.List(fields.Nested(ReceiptRow), required=True)
    total = fields.Nested(Received, metadata={"description": "of all pages; absent where a row is left out"})


class BookedRow(Behind):
    custodian = fields.String()
    step = fields.String(metadata={"description": "what it came of: a step of a transformation, correction, assay, lost, stolen, recovered"})
    month = fields.String()
    year = fields.String()
    count = number(metadata={"description": "lines of the ledgers"})
    gross_mg = number()
    fine_mg = number(metadata={"description": "of assay differences: above zero, less fine gold than was thought"})


class BookedTable(Told):
    by = dimensions(booked.DIMENSIONS)
    rows = fields.List(fields.Nested(BookedRow), required=True)
    total = fields.Nested(Masses, required=True, metadata={"description": "of all pages"})


class StockRow(Behind):
    month = fields.String(required=True, metadata={"description": "at its end, or on the day asked for"})
    kind = fields.String(allow_none=True, metadata={"description": "null: nobody registered who holds it"})
    custodian = fields.String()
    custodians = fields.Integer(metadata={"description": "how many hold some"})
    gross_mg = fields.Integer(metadata={"description": "absent where too few hold it"})
    fine_mg = fields.Integer()
    suppressed = fields.Boolean(required=True)


class StockTable(Told):
    first = fields.String(required=True, data_key="from")
    to = fields.String(required=True)
    by = one_of(*stock.BY)
    rows = fields.List(fields.Nested(StockRow), required=True)


class HoldRow(Behind):
    rule = fields.String(required=True)
    held = number(metadata={"description": "lots that the rule holds still"})
    begun = number()
    lifted = number()
    spent = number(metadata={"description": "ended with the lot, whose holds its new lots have"})


class HoldTable(Told):
    rows = fields.List(fields.Nested(HoldRow), required=True)


class Cast(Masses):
    days_to_bar = fields.Float(required=True, allow_none=True, metadata={"description": "from the receipt, weighted by fine gold through every blend"})


class BarRow(Cast, Behind):
    custodian = fields.String()
    month = fields.String()
    year = fields.String()


class BarTable(Told):
    by = dimensions(bars.DIMENSIONS)
    rows = fields.List(fields.Nested(BarRow), required=True)
    total = fields.Nested(Cast, required=True, metadata={"description": "of all pages"})


class ConsignmentRow(Behind):
    buyer = fields.String(allow_none=True)
    seller = fields.String(allow_none=True)
    month = fields.String()
    year = fields.String()
    sent = number()
    gross_mg = number()
    fine_mg = number()
    melted = number()
    melt_loss_mg = number(metadata={"description": "weight before the melt less that after it"})
    compared = number()
    mean_difference_per_100k = fields.Integer(required=True, allow_none=True, metadata={"description": "between seller's and buyer's assay, floored"})
    beyond = number(metadata={"description": "further apart than the contract allows"})
    umpired = number()


class ConsignmentTable(Told):
    by = dimensions(consignments.DIMENSIONS)
    rows = fields.List(fields.Nested(ConsignmentRow), required=True)


class EventPage(Dated):
    events = fields.List(fields.String(), required=True)
    next = maybe(metadata={"description": "`after` of the page that follows"})
