"""The foreign events training reads: tolerant shapes with only the fields it uses."""
import msgspec

ORGANISATION_FOUNDED = "membership.OrganisationFounded"


class FoundedData(msgspec.Struct):
    organisation: str
    level: str


class Founded(msgspec.Struct):
    id: str
    data: FoundedData
