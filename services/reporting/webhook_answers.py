"""What reporting answers about webhooks, as schemas."""
from marshmallow import fields, validate

from shared.answers import Answered, digits


class LastError(Answered):
    at = fields.DateTime(required=True)
    why = fields.String(required=True)


class Webhook(Answered):
    webhook = fields.String(required=True)
    url = fields.String(metadata={"description": "only its owner reads it"})
    events = fields.List(fields.String(), required=True)
    description = fields.String()
    state = fields.String(required=True, validate=validate.OneOf(("active", "unverified", "disabled")))
    why = fields.String(metadata={"description": "why it is disabled"})
    cursor = digits(description="how far it was told, in reporting's log")
    behind = fields.Boolean(required=True)
    failures = fields.Integer(required=True)
    last_error = fields.Nested(LastError)


class WebhookList(Answered):
    webhooks = fields.List(fields.Nested(Webhook), required=True)
    head = digits()


class Previous(Answered):
    secret = fields.String(required=True)
    until = fields.DateTime(required=True)


class WebhookSecret(Answered):
    webhook = fields.String(required=True)
    secret = fields.String(required=True, metadata={"description": "Standard Webhooks: whsec_ and base64"})
    previous = fields.Nested(Previous)
