"""Gold trade put together: which command is decided by which stream."""
from functools import partial

from shared.definition import CommandSpec, Definition
from shared.service import Service

from . import actor, event_data, requests
from .assays.specs import SPECS as ASSAYS
from .custody.specs import SPECS as CUSTODY
from .devices.specs import SPECS as DEVICES
from .gauges import GAUGES
from .metal.specs import SPECS as METAL
from .processes import SilenceProcess
from .projections.consignments import Consignments
from .projections.corridors import Corridors
from .projections.devices import Devices
from .projections.genealogy import Genealogy
from .projections.holds import Holds
from .projections.ledger import Ledger
from .projections.physical import Physical
from .projections.sites import Sites
from .projections.societies import Societies
from .projections.standings import Standings

ACTORS = {name: CommandSpec(schema=schema, make=make, streams=actor.streams, decide=lambda service, h, c: actor.decide(h, c))
          for name, (schema, make) in requests.BY_NAME.items()}
DEFINITION = Definition(
    name="gold_trade", fr="De la réception au site jusqu'à la barre, chaque milligramme.", en="From the receipt at the site to the bar, every milligram.",
    events=event_data.BY_NAME, commands={**ACTORS, **METAL, **CUSTODY, **ASSAYS, **DEVICES},
    views=(Standings, Corridors, Sites, Genealogy, Devices, Ledger, Societies, Physical, Holds, Consignments), processes=(SilenceProcess,), gauges=GAUGES)
open_service = partial(Service, definition=DEFINITION)
