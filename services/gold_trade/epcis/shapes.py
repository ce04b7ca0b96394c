"""The shape of what a partner sends, as far as it is read here: looked at before anything else, so that nothing odd gets further."""
import datetime as dt
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from shared import requests
from shared.errors import BadRequest

# A URI, since it is told to others again; and of a length that a hundred of them fit into the event of their job.
EVENT_ID = re.compile(r"(?=.{1,200}\Z)[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+\Z")
_ZONE = r"[+-]((0\d|1[0-3]):[0-5]\d|14:00)"
ZONE = re.compile(rf"{_ZONE}\Z", re.ASCII)
TIME = re.compile(rf"[12]\d{{3}}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{{1,9}})?(Z|{_ZONE})\Z", re.ASCII)


class _Time(fields.String):
    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        with suppress(ValueError):
            if TIME.match(text) and dt.datetime.fromisoformat(text):
                return text
        raise ValidationError("a time with its offset, such as 2026-11-24T08:00:00Z")


class _Shape(Schema):
    """The standard has many more fields than are read here."""

    class Meta:
        unknown = EXCLUDE


class Quantity(_Shape):
    """Our own commands look at what is raw here."""

    epcClass = fields.String(required=True)
    quantity = fields.Raw()
    uom = fields.Raw()
    serial = fields.Raw(data_key="x-sanu:serial")
    fineness_per_100k = fields.Raw(data_key="x-sanu:finenessPer100k")


class Location(_Shape):
    id = fields.String(required=True)


class Source(_Shape):
    type = fields.String(required=True)
    source = fields.String(required=True)


class Transaction(_Shape):
    type = fields.String()
    bizTransaction = fields.String(required=True)


class Declaration(_Shape):
    declarationTime = _Time(required=True)
    reason = fields.String()
    correctiveEventIDs = fields.List(fields.String())


class Told(_Shape):
    eventID = fields.String(required=True, validate=validate.Regexp(EVENT_ID, error="a URI of at most 200 characters"))
    type = fields.String(required=True)
    eventTime = _Time(required=True)
    eventTimeZoneOffset = fields.String(validate=validate.Regexp(ZONE, error="an offset such as +00:00"))
    bizStep = fields.String(load_default="")
    errorDeclaration = fields.Nested(Declaration)
    transformationID = fields.String()
    inputQuantityList = fields.List(fields.Nested(Quantity), load_default=list)
    inputEPCList = fields.List(fields.String(), load_default=list)
    outputQuantityList = fields.List(fields.Nested(Quantity), load_default=list)
    quantityList = fields.List(fields.Nested(Quantity), load_default=list)
    bizLocation = fields.Nested(Location)
    sourceList = fields.List(fields.Nested(Source), load_default=list)
    bizTransactionList = fields.List(fields.Nested(Transaction), load_default=list)
    tolerance_per_100k = fields.Raw(data_key="x-sanu:tolerancePer100k")
    fineness_per_100k = fields.Raw(data_key="x-sanu:finenessPer100k")
    method = fields.Raw(data_key="x-sanu:method", load_default="fire-assay")
    final = fields.Raw(data_key="x-sanu:final", load_default=False)
    weighed_mg = fields.Raw(data_key="x-sanu:weighedMg")


_TOLD = Told()


def read(one: object, at: str) -> dict[str, Any]:
    """What is read of an event; `at` is where it stands in the document. Raises BadRequest naming the field."""
    try:
        return requests.read(_TOLD, one)
    except BadRequest as e:
        e.field = f"{at}.{e.field}" if e.field else at
        raise
