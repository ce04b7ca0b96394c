"""Membership put together: which command is decided by which stream."""
from collections.abc import Sequence
from functools import partial
from typing import Any

from shared import event, sealing
from shared.application import Histories, New
from shared.errors import NotFound
from shared.service import CommandSpec, Definition, Service

from . import commands as c
from . import declaration, event_data, events, organisation, place, requests


def _place(service: Service, histories: Histories, command: Any) -> Sequence[New]:
    return place.decide(histories, command)


def _declaration(service: Service, histories: Histories, command: Any) -> Sequence[New]:
    return declaration.decide(histories, command)


def _organisation(service: Service, histories: Histories, command: Any) -> Sequence[New]:
    return organisation.decide(histories, command, today=event.now()[:10])


def _representative(service: Service, histories: Histories, command: c.NameRepresentative) -> Sequence[New]:
    """The name is sealed before it reaches an event (principle 7); forgetting the subject leaves the event whole."""
    key = organisation.stream(command.organisation)
    if not histories[key]:
        raise NotFound(f"no organisation '{command.organisation}'", field="organisation")
    id_ = event.new_id()
    subject = service.key_store.index("person", "name", f"{command.organisation} {command.name}")     # keyed: no name can be guessed from it
    sealed = sealing.seal(service.key_store, subject, "person", "name", id_, command.name)
    return [New(key, events.REPRESENTATIVE_NAMED, {"organisation": command.organisation, "function": command.function,
                                                   "person": sealed, "source": command.source}, id=id_)]


def _spec(name: str) -> CommandSpec:
    schema, make = requests.BY_NAME[name]
    by_stream = {declaration: ("declare-count", "correct-declaration", "withdraw-declaration"),
                 place: ("register-region", "register-district", "record-place-alias")}
    for module, decide in ((declaration, _declaration), (place, _place)):
        if name in by_stream[module]:
            return CommandSpec(schema=schema, make=make, streams=module.streams, decide=decide)
    return CommandSpec(schema=schema, make=make, streams=organisation.streams,
                       touches=organisation.touches, decide=_representative if name == "name-representative" else _organisation)


DEFINITION = Definition(
    name="membership", fr="Les organisations de la Confédération, où elles sont, et ce que les sources en comptent.",
    en="The confederation's organisations, where they are, and what the sources count of them.",
    commands={name: _spec(name) for name in requests.BY_NAME}, events=event_data.BY_NAME)
open_service = partial(Service, definition=DEFINITION)
