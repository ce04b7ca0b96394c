"""Training put together: which command is decided by which stream."""
from functools import partial
from typing import Any

from shared.definition import CommandSpec, Definition
from shared.port import FilePort
from shared.service import Service

from . import activity, event_data, need, requests
from .processes import IntroductionProcess

STREAMS: dict[str, Any] = {"record-activity": activity, "record-need": need}



def _spec(name: str) -> CommandSpec:
    stream = STREAMS[name]
    schema, make = requests.BY_NAME[name]
    return CommandSpec(schema=schema, make=make, streams=stream.streams, decide=lambda service, histories, command: stream.decide(histories, command))


DEFINITION = Definition(
    name="training", fr="Ce qui a été enseigné, à qui, et ce qui manque.", en="What was taught, to whom, and what is wanting.", events=event_data.BY_NAME,
    commands={name: _spec(name) for name in requests.BY_NAME},
    processes=(IntroductionProcess,),
    ports={"office": lambda service: FilePort(service.config.var / "outbox" / "training-office")})
open_service = partial(Service, definition=DEFINITION)
