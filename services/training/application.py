"""Training put together: which command is decided by which stream."""
from functools import partial
from typing import Any

from shared.port import FilePort
from shared.service import CommandSpec, Definition, Service

from . import activity, need, requests
from .processes import IntroductionProcess

STREAMS: dict[str, Any] = {"record-activity": activity, "record-need": need}



def _spec(name: str) -> CommandSpec:
    stream = STREAMS[name]
    schema, make = requests.BY_NAME[name]
    return CommandSpec(schema=schema, make=make, streams=stream.streams, decide=lambda service, histories, command: stream.decide(histories, command))


DEFINITION = Definition(
    name="training",
    commands={name: _spec(name) for name in requests.BY_NAME},
    processes=(IntroductionProcess,),
    ports={"office": lambda config: FilePort(config.var / "outbox" / "training-office")})
open_service = partial(Service, definition=DEFINITION)
