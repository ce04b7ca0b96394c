"""How the commands about sites and corridors are read and decided."""
from collections.abc import Sequence
from typing import Any

from marshmallow import Schema

from shared import event
from shared.application import Histories, New
from shared.definition import CommandSpec
from shared.service import Service

from . import commands as c
from . import corridor, site
from . import requests as r


def _site(schema: type[Schema], make: Any) -> CommandSpec:
    return CommandSpec(schema=schema, make=make, streams=site.streams, decide=lambda service, histories, command: site.decide(histories, command))


def _corridor(schema: type[Schema], make: Any) -> CommandSpec:
    def decide(service: Service, histories: Histories, command: Any) -> Sequence[New]:
        return corridor.decide(histories, command, today=event.now()[:10])

    return CommandSpec(schema=schema, make=make, streams=corridor.streams, decide=decide)


SPECS: dict[str, CommandSpec] = {
    "register-site": _site(r.RegisterSite, c.RegisterSite),
    "correct-site": _site(r.CorrectSite, c.CorrectSite),
    "grant-corridor": _corridor(r.GrantCorridor, c.GrantCorridor),
    "extend-corridor": _corridor(r.ExtendCorridor, c.ExtendCorridor),
    "assign-corridor": _corridor(r.AssignCorridor, c.AssignCorridor),
    "end-corridor-assignment": _corridor(r.EndCorridorAssignment, c.EndCorridorAssignment),
    "close-corridor": _corridor(r.CloseCorridor, c.CloseCorridor)}
