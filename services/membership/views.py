"""The views of membership: what its pages and queries read."""
from shared.projection import View

from .projections.agreements import Agreements
from .projections.corridors import Corridors
from .projections.findings import Findings
from .projections.miners import Miners
from .projections.organisation_members import OrganisationMembers
from .projections.organisations import Organisations
from .projections.places import Places
from .projections.sites import Sites
from .projections.timeline import Timeline

VIEWS: tuple[type[View], ...] = (Organisations, OrganisationMembers, Timeline, Findings, Places, Sites, Corridors, Agreements, Miners)
