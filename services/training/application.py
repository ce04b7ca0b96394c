"""Training put together: which command is decided by which stream."""
from functools import partial

from shared.port import FilePort
from shared.service import CommandSpec, Definition, Service

from . import activity, need, requests
from .processes import IntroductionProcess

STREAMS = {"record-activity": activity, "record-need": need}

DEFINITION = Definition(
    name="training",
    commands={name: CommandSpec(schema=schema, make=make, streams=STREAMS[name].streams, decide=lambda service, h, c, m=STREAMS[name]: m.decide(h, c))
              for name, (schema, make) in requests.BY_NAME.items()},
    processes=(IntroductionProcess,),
    ports={"office": lambda config: FilePort(config.var / "outbox" / "training-office")})
open_service = partial(Service, definition=DEFINITION)
