"""Reporting put together: its views."""
from functools import partial

from shared.service import Definition, Service

from .projections.declarations import Declarations
from .projections.district_counts import DistrictCounts
from .projections.districts import Districts
from .projections.event_index import EventIndex
from .projections.presence import Presence

DEFINITION = Definition(name="reporting", commands={}, views=(Districts, Declarations, Presence, DistrictCounts, EventIndex))
open_service = partial(Service, definition=DEFINITION)
