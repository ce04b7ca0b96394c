"""HTTP body -> command, of the commands about sites and corridors."""
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validate, validates_schema

from services.membership.organisation_requests import aliases
from shared.requests import CommandSchema, Day, slug, text

LATITUDE = r"-?(90(\.0{1,6})?|[0-8]?[0-9](\.[0-9]{1,6})?)"
LONGITUDE = r"-?(180(\.0{1,6})?|(1[0-7][0-9]|[0-9]?[0-9])(\.[0-9]{1,6})?)"
DISTRICT = {"description": "Any of its names"}


class Degrees(fields.String):
    """Decimal degrees as text, never a float, to whole millionths of a degree."""

    def __init__(self, pattern: str, **kwargs: Any) -> None:
        super().__init__(metadata={"pattern": f"^{pattern}$", "description": "Decimal degrees, WGS 84, at most six decimals"}, **kwargs)
        self.pattern = re.compile(pattern)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:  # type: ignore[override]
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if not self.pattern.fullmatch(text):
            raise ValidationError("decimal degrees as text, at most six decimals: \"12.6392\"")
        whole, _, fraction = text.lstrip("-").partition(".")
        return (-1 if text.startswith("-") else 1) * int(whole + fraction.ljust(6, "0"))


class OnSite(CommandSchema):
    site = slug(required=True)
    aliases = aliases()
    district = text(metadata=DISTRICT)
    commune = text()
    village = text()
    latitude = Degrees(LATITUDE, attribute="latitude_e6")
    longitude = Degrees(LONGITUDE, attribute="longitude_e6")

    @validates_schema
    def both_coordinates(self, data: dict[str, Any], **_: Any) -> None:
        if ("latitude_e6" in data) != ("longitude_e6" in data):
            raise ValidationError("latitude and longitude, or neither", "longitude" if "latitude_e6" in data else "latitude")


class RegisterSite(OnSite):
    fr, en = "Enregistrer un site d'orpaillage", "Register a mining site"
    example: ClassVar = {"site": "exemple", "name": "Site Exemple", "district": "Kangaba", "commune": "Exemple", "latitude": "11.9333", "longitude": "-8.4167"}

    name = text(required=True)


class CorrectSite(OnSite):
    fr, en = "Corriger ce qui est dit d'un site", "Correct what is said of a site"
    example: ClassVar = {"site": "exemple", "village": "Exemple", "latitude": "11.933412", "longitude": "-8.416803", "reason": "relevé sur place"}

    name = text()


class OnCorridor(CommandSchema):
    corridor = slug(required=True)


class GrantCorridor(OnCorridor):
    fr, en = "Noter l'ouverture d'un couloir d'orpaillage", "Record that a corridor was granted"
    example: ClassVar = {"corridor": "exemple", "name": "Couloir Exemple", "district": "Kangaba", "order": "arrêté n° 0000", "collectivity": "Commune Exemple",
                         "valid_from": "2024-01-01", "valid_until": "2025-12-31", "sites": ["exemple"], "occurred_on": "2023-12"}

    name = text(required=True)
    district = text(required=True, metadata=DISTRICT)
    order = text(metadata={"description": "The ministerial order that opened it"})
    collectivity = text(metadata={"description": "Whom it was handed to"})
    valid_from = Day()
    valid_until = Day()
    sites = fields.List(slug(), validate=validate.Length(max=50))


class ExtendCorridor(OnCorridor):
    fr, en = "Noter un nouveau terme d'un couloir", "Record a corridor's new last day"
    example: ClassVar = {"corridor": "exemple", "valid_until": "2026-12-31", "occurred_on": "2024-11"}

    valid_until = Day(required=True)


class CloseCorridor(OnCorridor):
    fr, en = "Noter la fermeture d'un couloir", "Record that a corridor was closed"
    example: ClassVar = {"corridor": "exemple", "reason": "zone épuisée"}


class AssignCorridor(OnCorridor):
    fr, en = "Noter l'attribution d'un couloir à une organisation", "Record that a corridor was assigned to an organisation"
    example: ClassVar = {"corridor": "exemple", "organisation": "niena", "valid_until": "2025-06-30", "occurred_on": "2024-02-01"}

    organisation = slug(required=True)
    valid_until = Day()


class EndCorridorAssignment(OnCorridor):
    fr, en = "Noter la fin d'une attribution de couloir", "Record the end of a corridor's assignment"
    example: ClassVar = {"corridor": "exemple", "organisation": "niena", "occurred_on": "2024-10"}

    organisation = slug(required=True)
