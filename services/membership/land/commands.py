"""What one may report of sites and corridors."""
from collections.abc import Sequence
from dataclasses import dataclass

from services.membership.commands import Reported


@dataclass(frozen=True, slots=True, kw_only=True)
class OnSite(Reported):
    """Coordinates are whole millionths of a degree, WGS 84; what is None was not said."""

    site: str
    name: str | None = None
    aliases: Sequence[str] | None = None
    district: str | None = None
    commune: str | None = None
    village: str | None = None
    latitude_e6: int | None = None
    longitude_e6: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterSite(OnSite):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectSite(OnSite):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCorridor(Reported):
    corridor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantCorridor(OnCorridor):
    name: str
    district: str
    order: str | None = None
    collectivity: str | None = None
    valid_from: str | None = None
    valid_until: str | None = None
    sites: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendCorridor(OnCorridor):
    valid_until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCorridor(OnCorridor):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignCorridor(OnCorridor):
    organisation: str
    valid_until: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndCorridorAssignment(OnCorridor):
    organisation: str
