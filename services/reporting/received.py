"""The foreign events reporting reads: tolerant shapes with only the fields it uses."""
from typing import Any

import msgspec

DISTRICT_REGISTERED = "membership.DistrictRegistered"
COUNT_DECLARED = "membership.CountDeclared"
COUNT_CORRECTED = "membership.CountCorrected"
COUNT_WITHDRAWN = "membership.CountWithdrawn"
ORGANISATION_FOUNDED = "membership.OrganisationFounded"
ORGANISATION_MOVED = "membership.OrganisationMoved"
ORGANISATION_DISSOLVED = "membership.OrganisationDissolved"
FACT_CORRECTED = "membership.OrganisationFactCorrected"
FACT_WITHDRAWN = "membership.OrganisationFactWithdrawn"
COUNTING = frozenset({ORGANISATION_FOUNDED, ORGANISATION_MOVED, ORGANISATION_DISSOLVED, FACT_CORRECTED, FACT_WITHDRAWN})


class Change(msgspec.Struct, gc=False):
    """What an event adds to the count of a level in a district from a day on."""

    level: str
    day: str = msgspec.field(name="from")
    delta: int
    district: str = ""


class Counted(msgspec.Struct):
    organisation: str
    counts: list[Change] = []


class Counting(msgspec.Struct):
    id: str
    recorded_at: str
    data: Counted


class DistrictData(msgspec.Struct):
    district: str
    name: str
    rank: int = 999


class District(msgspec.Struct):
    id: str
    recorded_at: str
    data: DistrictData


class Said(msgspec.Struct):
    measure: str
    count: int
    as_of: str
    counts_from: str
    district: str = ""


class Declared(Said):
    declaration: str = ""
    source: dict[str, Any] = {}


class DeclaredEvent(msgspec.Struct):
    id: str
    recorded_at: str
    data: Declared


class CorrectedData(msgspec.Struct):
    declaration: str
    new: Said | None = None
    source: dict[str, Any] = {}


class CorrectedEvent(msgspec.Struct):
    id: str
    recorded_at: str
    data: CorrectedData


class Identified(msgspec.Struct):
    id: str
