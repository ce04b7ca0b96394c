"""What every service answers, as schemas: the documents are made of them, and the tests hold the answers against them."""
from marshmallow import EXCLUDE, Schema, fields, validate

DIGITS = validate.Regexp(r"^[0-9]{1,18}$")


def digits(**kw: str) -> fields.String:
    return fields.String(required=True, validate=DIGITS, metadata={"example": "42", **kw})


class Answered(Schema):
    """A base for answers: a client must bear fields it does not know."""

    class Meta:
        unknown = EXCLUDE


class EventLine(Answered):
    id = fields.String(required=True, metadata={"description": "UUID of the event"})
    name = fields.String(required=True)
    stream = fields.String(required=True)
    version = fields.Integer(required=True, validate=validate.Range(1), metadata={"description": "the stream's version after this event: what If-Match wants"})
    position = digits(description="in this service's log")


class CommandAnswer(Answered):
    events = fields.List(fields.Nested(EventLine), required=True, metadata={"description": "empty when there was nothing to change"})
    position = digits(description="of the last event; “0” without one. Queries take it as min_position")
    repeated = fields.Boolean(required=True, metadata={"description": "an earlier request with this Idempotency-Key had done it already"})


class Fault(Answered):
    field = fields.String(required=True)
    rule = fields.String(required=True)
    regle = fields.String(metadata={"description": "la règle en français"})


class Problem(Answered):
    """RFC 9457."""

    type = fields.String(required=True, metadata={"description": "stable; an address of its explanation", "example": "/docs/problems#bad-request"})
    status = fields.Integer(required=True)
    title = fields.String(required=True, metadata={"description": "English"})
    titre = fields.String(required=True, metadata={"description": "français"})
    detail = fields.String(metadata={"description": "English"})
    explication = fields.String(metadata={"description": "`detail` en français"})
    field = fields.String(metadata={"description": "which field of the request"})
    rule = fields.String(metadata={"description": "which rule refused it"})
    regle = fields.String(metadata={"description": "`rule` en français, si elle est une phrase"})
    correlation = fields.String(required=True, metadata={"description": "also in X-Correlation-Id; tell it to the operator"})
    errors = fields.List(fields.Nested(Fault), metadata={"description": "every faulty field"})


class FeedEvent(Answered):
    """A CloudEvent; `digest` is SHA-256(digest before ‖ position as 8 bytes ‖ data as it stands here, byte for byte)."""

    specversion = fields.String(required=True, validate=validate.Equal("1.0"))
    id = digits()
    source = fields.String(required=True)
    type = fields.String(required=True)
    datacontenttype = fields.String(required=True, validate=validate.Equal("application/json"))
    position = digits()
    previous = digits(description="position of the event before; never count with positions")
    digest = fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}$"))
    data = fields.Dict(required=True, metadata={"description": "the stored event: see asyncapi.json"})


class Alive(Answered):
    service = fields.String(required=True)


class Health(Alive):
    kind = fields.String(required=True, validate=validate.OneOf(("real", "synthetic")))
    log_id = fields.String(required=True)
    head = digits()
    read_only = fields.String(allow_none=True)
    received = fields.Dict(keys=fields.String(), values=fields.String(validate=DIGITS), required=True)
    stopped = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
