"""Membership put together: which command is decided by which stream."""
from collections.abc import Sequence
from functools import partial
from typing import Any

from shared import event
from shared.application import Histories, New
from shared.definition import CommandSpec, Definition
from shared.service import Service

from . import declaration, event_data, organisation, place, representative, requests
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


def _specs(table: requests.Table, **how: Any) -> dict[str, CommandSpec]:
    return {name: CommandSpec(schema=schema, make=make, **how) for name, (schema, make) in table.items()}


OF_ORGANISATION: dict[str, Any] = {"streams": organisation.streams, "also": organisation.also, "touches": organisation.touches}
DEFINITION = Definition(
    name="membership", fr="Les organisations de la Confédération, où elles sont, et ce que les sources en comptent.",
    en="The confederation's organisations, where they are, and what the sources count of them.",
    commands={**_specs(requests.PLACES, streams=place.streams, decide=_place),
              **_specs(requests.ORGANISATIONS, decide=_organisation, **OF_ORGANISATION),
              **_specs(requests.REPRESENTATIVES, decide=representative.decide, **{**OF_ORGANISATION, "streams": representative.streams}),
              **_specs(requests.DECLARATIONS, streams=declaration.streams, decide=_declaration),
              **MINERS, **FINDINGS, **LAND, **AGREEMENTS}, events=event_data.BY_NAME, views=VIEWS,
    processes=(AssessmentProcess, ForgettingProcess), ports={KEYS: KeyPort})
open_service = partial(Service, definition=DEFINITION)
