"""What the events about organisations say."""
from typing import Literal, NotRequired, TypedDict

from shared.told import Cited, Count, Day, Edtf, EventId, Sealed, Slug

from . import events
from .members import MemberChange

Level = Literal["base", "union", "federation", "confederation"]
# What an event adds to the count of a level in a district, or in none, from a day on.
Change = TypedDict("Change", {"level": Level, "from": Day, "delta": int, "district": NotRequired[Slug]})


class OnOrganisation(Cited):
    organisation: Slug


class Dated(OnOrganisation):
    """The day from which an undated fact counts: that of its recording."""

    counts_from: NotRequired[Day]


class Counting(Dated):
    counts: list[Change]


class OrganisationFounded(Counting):
    level: Level
    name: str
    form: NotRequired[Literal["SCOOPS", "COOP-CA"]]
    acronym: NotRequired[str]
    aliases: NotRequired[list[str]]
    district: NotRequired[Slug]
    commune: NotRequired[str]
    seat: NotRequired[str]
    site: NotRequired[Slug]


class ConstitutiveAssemblyHeld(OnOrganisation):
    """`founders` are organisations; `founder_count` counts people and organisations (AUSCOOP 134, 204, 267)."""

    venue: NotRequired[str]
    founders: NotRequired[list[Slug]]
    founder_count: NotRequired[Count]
    delegates_each: NotRequired[Count]


class StatutesRecorded(OnOrganisation):
    """Objects and missions as codes, each one word or a few."""

    objects: list[Slug]
    missions: list[Slug]


class SeatRecorded(OnOrganisation):
    seat: str
    commune: NotRequired[str]
    site: NotRequired[Slug]


class OrganisationMerged(Counting):
    """A duplicate, by decision: it counts no longer, and what is said of it is said of `into`.

    `number` is kept for the survivor, whose registration under it is still to be recorded.
    """

    into: Slug
    decision: str
    number: NotRequired[str]
    members: NotRequired[list[MemberChange]]


class OrganisationRegistered(OnOrganisation):
    number: str
    normalised: str
    register: str
    journal: NotRequired[str]


class RegisterNumberTaken(TypedDict):
    """One registration, one number (AUSCOOP 69-77)."""

    normalised: str
    organisation: Slug


class Affiliation(Dated):
    level: Level
    parent: Slug
    parent_level: Level
    members: NotRequired[list[MemberChange]]


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
    """What a fact said of day and place, a registration of its number, a founding or a new name of what it is called and its form."""

    occurred_on: NotRequired[Edtf]
    counts_from: NotRequired[Day]
    district: NotRequired[Slug]
    number: NotRequired[str]
    normalised: NotRequired[str]
    name: NotRequired[str]
    form: NotRequired[Literal["SCOOPS", "COOP-CA"]]
    acronym: NotRequired[str]


class OrganisationDissolved(Counting):
    members: NotRequired[list[MemberChange]]


class OrganisationFactCorrected(Counting):
    """The event `corrects` said `old`; it is `new`."""

    corrects: EventId
    fact: str
    old: Said
    new: Said
    members: NotRequired[list[MemberChange]]


class OrganisationFactWithdrawn(Counting):
    withdraws: EventId
    fact: str
    old: Said
    members: NotRequired[list[MemberChange]]


class RepresentativeNamed(OnOrganisation):
    function: Slug
    person: Sealed


class RepresentativeForgotten(TypedDict):
    """`event` named the person whose key, of `subject`, is to go."""

    organisation: Slug
    event: EventId
    subject: str


BY_NAME: dict[str, type] = {
    events.ORGANISATION_FOUNDED: OrganisationFounded, events.CONSTITUTIVE_ASSEMBLY_HELD: ConstitutiveAssemblyHeld, events.STATUTES_RECORDED: StatutesRecorded,
    events.SEAT_RECORDED: SeatRecorded, events.ORGANISATION_REGISTERED: OrganisationRegistered, events.REGISTER_NUMBER_TAKEN: RegisterNumberTaken,
    events.REGISTER_NUMBER_RELEASED: RegisterNumberTaken, events.ORGANISATION_AFFILIATED: Affiliation, events.ORGANISATION_DETACHED: Affiliation,
    events.ORGANISATION_RENAMED: OrganisationRenamed, events.ORGANISATION_ALIAS_RECORDED: OrganisationAliasRecorded,
    events.ORGANISATION_MOVED: OrganisationMoved, events.ORGANISATION_SUSPENDED: OnOrganisation, events.ORGANISATION_REINSTATED: OnOrganisation,
    events.ORGANISATION_DISSOLVED: OrganisationDissolved, events.ORGANISATION_MERGED: OrganisationMerged, events.FACT_CORRECTED: OrganisationFactCorrected,
    events.FACT_WITHDRAWN: OrganisationFactWithdrawn, events.REPRESENTATIVE_NAMED: RepresentativeNamed,
    events.REPRESENTATIVE_FORGOTTEN: RepresentativeForgotten}
