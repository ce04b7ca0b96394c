"""What the events of membership say: the shape of each one's data."""
from typing import Literal, NotRequired, TypedDict

from shared import told
from shared.told import Cited, Count, Day, Edtf, Slug

from . import events
from .agreements.event_data import BY_NAME as AGREEMENTS
from .findings.event_data import BY_NAME as FINDINGS
from .land.event_data import BY_NAME as LAND
from .miners.event_data import BY_NAME as MINERS
from .organisation_event_data import BY_NAME as ORGANISATIONS

Measure = Literal["base", "union", "federation", "mining_district"]


class RegionRegistered(Cited):
    region: Slug
    name: str


class DistrictRegistered(Cited):
    """`rank` is its place in the confederation's table."""

    district: Slug
    name: str
    rank: NotRequired[int]
    region: NotRequired[Slug]


class PlaceNamed(TypedDict):
    """Two places of a kind never share a normalised name."""

    kind: Literal["region", "district"]
    place: Slug
    name: str
    normalised: str
    evidence: NotRequired[str]


class Declared(TypedDict):
    measure: Measure
    count: Count
    as_of: Edtf
    counts_from: Day
    district: NotRequired[Slug]


class CountDeclared(Declared, Cited):
    """A count as a cited source states it, beside what is derived."""

    declaration: Slug
    district_as_written: NotRequired[str]


class CountCorrected(Cited):
    declaration: Slug
    old: Declared
    new: Declared


class CountWithdrawn(Cited):
    declaration: Slug
    old: Declared


BY_NAME: dict[str, type] = {
    events.REGION_REGISTERED: RegionRegistered, events.DISTRICT_REGISTERED: DistrictRegistered, events.PLACE_NAMED: PlaceNamed,
    events.COUNT_DECLARED: CountDeclared, events.COUNT_CORRECTED: CountCorrected, events.COUNT_WITHDRAWN: CountWithdrawn,
    **ORGANISATIONS, **MINERS, **FINDINGS, **LAND, **AGREEMENTS, **told.by_name("membership", told.LOG, told.VIEWS, told.SENDINGS)}
