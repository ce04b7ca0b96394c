"""What gold_trade answers, as schemas; the tests hold its answers against them. Masses are whole milligrams."""
from marshmallow import fields, validate

from shared.answers import Answered, EventLine, digits


class RecordProblem(Answered):
    status = fields.Integer(required=True)
    type = fields.String(required=True)
    detail = fields.String(required=True)
    field = fields.String()
    rule = fields.String()


class SyncResult(Answered):
    """`waiting`: send it again; `refused`: it will not come in as it is, and why."""

    sequence = fields.Raw(required=True, allow_none=True, metadata={"description": "as the record said it"})
    status = fields.String(required=True, validate=validate.OneOf(("recorded", "repeated", "refused", "waiting")))
    events = fields.List(fields.Nested(EventLine))
    problem = fields.Nested(RecordProblem)


class SyncResults(Answered):
    device = fields.String(required=True)
    results = fields.List(fields.Nested(SyncResult), required=True)


class DeviceGaps(Answered):
    device = fields.String(required=True)
    highest = fields.Integer(required=True)
    came = fields.Integer(required=True)
    missing = fields.List(fields.Integer(), required=True, metadata={"description": "the first hundred"})
    last_recorded_at = fields.String(required=True)


class Lot(Answered):
    lot = fields.String(required=True)
    gross_mg = fields.Integer(required=True)
    fine_mg = fields.Integer(required=True)
    day = fields.String(required=True)
    event = fields.String(required=True)
    serial = fields.String()
    formed_in = fields.String()
    society = fields.String()


class ReceiptShare(Answered):
    lot = fields.String(required=True)
    society = fields.String(required=True)
    day = fields.String(required=True)
    gross_mg = fields.Integer(required=True)
    fine_mg = fields.Integer(required=True)
    event = fields.String(required=True)


class SocietyShare(Answered):
    society = fields.String(required=True)
    fine_mg = fields.Integer(required=True)


class MinerShare(Answered):
    miner = fields.String(required=True)
    fine_mg = fields.Integer(required=True)


class Origin(Answered):
    """The parts sum to the lot; `version` is how far the view had read when they were computed."""

    lot = fields.Nested(Lot, required=True)
    version = digits()
    receipts = fields.List(fields.Nested(ReceiptShare), required=True)
    societies = fields.List(fields.Nested(SocietyShare), required=True)
    miners = fields.List(fields.Nested(MinerShare), required=True)
    unnamed_fine_mg = fields.Integer(required=True, metadata={"description": "of receipts that name no miner"})
    known_at = fields.String()


class LotNow(Lot):
    of_it_fine_mg = fields.Integer(required=True, metadata={"description": "how much of it came of the lot one asked about"})


class Onward(Answered):
    lot = fields.Nested(Lot, required=True)
    version = digits()
    through = fields.List(fields.Nested(Lot), required=True)
    now = fields.List(fields.Nested(LotNow), required=True)


class CaptureError(Answered):
    type = fields.String(required=True)
    title = fields.String(required=True)
    event = fields.String(required=True)


class CaptureJob(Answered):
    """As EPCIS 2.0 describes a capture job; `captured` are the ids of the events that came in."""

    captureID = fields.String(required=True)
    createdAt = fields.DateTime(required=True)
    finishedAt = fields.DateTime(required=True)
    running = fields.Boolean(required=True)
    success = fields.Boolean(required=True)
    captureErrorBehaviour = fields.String(required=True, validate=validate.OneOf(("rollback", "proceed")))
    captured = fields.List(fields.String(), required=True)
    errors = fields.List(fields.Nested(CaptureError), required=True)
