"""What the events of membership say: the shape of each one's data."""
from typing import Literal, NotRequired, TypedDict

from shared import told
from shared.told import Cited, Count, Day, Edtf, EventId, Sealed, Slug

from . import events

Level = Literal["base", "union", "federation", "confederation"]
Measure = Literal["base", "union", "federation", "mining_district"]
# What an event adds to the count of a level in a district, or in none, from a day on.
Change = TypedDict("Change", {"level": Level, "from": Day, "delta": int, "district": NotRequired[Slug]})


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


class OnOrganisation(Cited):
    organisation: Slug


class Counting(OnOrganisation):
    counts: list[Change]


class OrganisationFounded(Counting):
    level: Level
    name: str
    form: NotRequired[Literal["SCOOPS", "COOP-CA"]]
    acronym: NotRequired[str]
    aliases: NotRequired[list[str]]
    district: NotRequired[Slug]
    commune: NotRequired[str]


class OrganisationRegistered(OnOrganisation):
    number: str
    normalised: str
    register: str
    journal: NotRequired[str]


class RegisterNumberTaken(TypedDict):
    """One registration, one number (AUSCOOP 69-77)."""

    normalised: str
    organisation: Slug


class Affiliation(OnOrganisation):
    level: Level
    parent: Slug
    parent_level: Level


class OrganisationRenamed(OnOrganisation):
    name: str
    old_name: NotRequired[str]


class OrganisationAliasRecorded(OnOrganisation):
    alias: str
    evidence: str


class OrganisationMoved(Counting):
    district: Slug
    commune: NotRequired[str]


class Said(TypedDict):
    """What a fact said of day and place."""

    occurred_on: NotRequired[Edtf]
    counts_from: NotRequired[Day]
    district: NotRequired[Slug]


class OrganisationFactCorrected(Counting):
    """The event `corrects` said `old`; it is `new`."""

    corrects: EventId
    fact: str
    old: Said
    new: Said


class OrganisationFactWithdrawn(Counting):
    withdraws: EventId
    fact: str
    old: Said


class RepresentativeNamed(OnOrganisation):
    function: Slug
    person: Sealed


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
    events.ORGANISATION_FOUNDED: OrganisationFounded, events.ORGANISATION_REGISTERED: OrganisationRegistered,
    events.REGISTER_NUMBER_TAKEN: RegisterNumberTaken, events.ORGANISATION_AFFILIATED: Affiliation, events.ORGANISATION_DETACHED: Affiliation,
    events.ORGANISATION_RENAMED: OrganisationRenamed, events.ORGANISATION_ALIAS_RECORDED: OrganisationAliasRecorded,
    events.ORGANISATION_MOVED: OrganisationMoved, events.ORGANISATION_SUSPENDED: OnOrganisation, events.ORGANISATION_REINSTATED: OnOrganisation,
    events.ORGANISATION_DISSOLVED: Counting, events.FACT_CORRECTED: OrganisationFactCorrected, events.FACT_WITHDRAWN: OrganisationFactWithdrawn,
    events.REPRESENTATIVE_NAMED: RepresentativeNamed, events.COUNT_DECLARED: CountDeclared, events.COUNT_CORRECTED: CountCorrected,
    events.COUNT_WITHDRAWN: CountWithdrawn, **told.by_name("membership", told.LOG)}
