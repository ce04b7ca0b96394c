"""HTTP body -> command, of the commands about devices, and what a device sends in one go."""
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, fields, validate

from shared.requests import CommandSchema, Moment, slug, text, whole

from . import commands as c

MOST_RECORDS = 500


class OnDevice(CommandSchema):
    """`device` is with what a command was recorded, here as everywhere."""

    device_id = slug(required=True)


class RegisterDevice(OnDevice):
    fr, en = "Enregistrer un appareil et sa clé", "Register a device and its key"
    example: ClassVar = {"device_id": "tablette-exemple", "actor": "comptoir-exemple", "key": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}

    actor = slug(required=True)
    key = text(64, required=True, metadata={"description": "the raw Ed25519 public key, base64url"})


class RetireDevice(OnDevice):
    fr, en = "Retirer un appareil", "Retire a device"
    example: ClassVar = {"device_id": "tablette-exemple", "reason": "perdue"}


class RefuseRecord(OnDevice):
    fr, en = "Noter qu'un enregistrement d'appareil est refusé", "Record that a device's record is refused"
    example: ClassVar = {"device_id": "tablette-exemple", "sequence": 1, "command": "record-collection", "why": "exemple"}

    sequence = whole(1, required=True)
    command = text(64, required=True)
    why = text(500, required=True)


class Record(Schema):
    """One signed record of a device."""

    class Meta:
        unknown = RAISE

    sequence = whole(1, required=True, metadata={"description": "the device's own count, without a hole"})
    recorded_there = Moment(required=True, metadata={"description": "the device's own clock"})
    command = text(64, required=True)
    body = fields.Dict(keys=fields.String(), required=True)
    signature = text(100, required=True, metadata={
        "description": "Ed25519, base64url, over the canonical JSON (RFC 8785) of {device, sequence, recorded_there, command, body} as they are sent"})


class Sync(Schema):
    class Meta:
        unknown = RAISE

    device = slug(required=True)
    sent_at = Moment(metadata={"description": "the device's own clock as it sends: how far it is off now is how far it is taken to have been off"})
    records = fields.List(fields.Dict(keys=fields.String()), required=True, validate=validate.Length(1, MOST_RECORDS))


BY_NAME: dict[str, tuple[type[Schema], Any]] = {
    "register-device": (RegisterDevice, c.RegisterDevice), "retire-device": (RetireDevice, c.RetireDevice),
    "refuse-record": (RefuseRecord, c.RefuseRecord)}
