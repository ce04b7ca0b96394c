"""Membership put together: which command is decided by which stream."""
from collections.abc import Sequence
from functools import partial
from typing import Any

from shared import event, sealing
from shared.application import Histories, New
from shared.definition import CommandSpec, Definition
from shared.service import Service

from . import commands as c
from . import declaration, event_data, events, organisation, place, requests, standing
from .agreements.specs import SPECS as AGREEMENTS
from .findings.specs import SPECS as FINDINGS
from .land.specs import SPECS as LAND
from .miners.forgetting import PORT as KEYS
from .miners.forgetting import ForgettingProcess, KeyPort
from .miners.specs import SPECS as MINERS
from .processes import AssessmentProcess
from .views import VIEWS


def _place(service: Service, histories: Histories, command: Any) -> Sequence[New]:
    return place.decide(histories, command)


def _declaration(service: Service, histories: Histories, command: Any) -> Sequence[New]:
    return declaration.decide(histories, command)


def _organisation(service: Service, histories: Histories, command: Any) -> Sequence[New]:
    return organisation.decide(histories, command, today=event.now()[:10])


def _representative(service: Service, histories: Histories, command: c.NameRepresentative) -> Sequence[New]:
    """The name is sealed before it reaches an event (principle 7); forgetting the subject leaves the event whole."""
    key = organisation.stream(standing.known(histories, command.organisation).id)
    id_ = event.new_id()
    subject = service.key_store.index("person", "name", f"{command.organisation} {command.name}")     # keyed: no name can be guessed from it
    sealed = sealing.seal(service.key_store, subject, "person", "name", id_, command.name)
    return [New(key, events.REPRESENTATIVE_NAMED, {"organisation": command.organisation, "function": command.function,
                                                   "person": sealed, "source": command.source}, id=id_)]


def _specs(table: requests.Table, **how: Any) -> dict[str, CommandSpec]:
    return {name: CommandSpec(schema=schema, make=make, **how) for name, (schema, make) in table.items()}


OF_ORGANISATION: dict[str, Any] = {"streams": organisation.streams, "also": organisation.also, "touches": organisation.touches}
DEFINITION = Definition(
    name="membership", fr="Les organisations de la Confédération, où elles sont, et ce que les sources en comptent.",
    en="The confederation's organisations, where they are, and what the sources count of them.",
    commands={**_specs(requests.PLACES, streams=place.streams, decide=_place),
              **_specs(requests.ORGANISATIONS, decide=_organisation, **OF_ORGANISATION),
              **_specs(requests.REPRESENTATIVES, decide=_representative, **OF_ORGANISATION),
              **_specs(requests.DECLARATIONS, streams=declaration.streams, decide=_declaration),
              **MINERS, **FINDINGS, **LAND, **AGREEMENTS}, events=event_data.BY_NAME, views=VIEWS,
    processes=(AssessmentProcess, ForgettingProcess), ports={KEYS: KeyPort})
open_service = partial(Service, definition=DEFINITION)
