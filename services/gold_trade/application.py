"""Gold trade put together: which command is decided by which stream."""
from functools import partial

from shared.service import CommandSpec, Definition, Service

from . import actor, event_data, requests

DEFINITION = Definition(
    name="gold_trade", fr="Qui achète, transporte et affine l'or.", en="Who buys, carries and refines gold.", events=event_data.BY_NAME,
    commands={name: CommandSpec(schema=schema, make=make, streams=actor.streams, decide=lambda service, h, c: actor.decide(h, c))
              for name, (schema, make) in requests.BY_NAME.items()})
open_service = partial(Service, definition=DEFINITION)
