"""How the commands about devices are read and decided."""
from typing import Any

from shared.application import Histories
from shared.definition import CommandSpec

from . import commands as c
from . import device, requests


def _touches(histories: Histories, command: Any) -> set[str]:
    if isinstance(command, c.RegisterDevice):
        return {f"actor:{command.actor}"}
    state = device.evolve(histories[device.stream(command.device_id)])
    return {f"actor:{state.actor}"} if state else set()


SPECS: dict[str, CommandSpec] = {
    name: CommandSpec(schema=schema, make=make, streams=device.streams, decide=lambda service, h, command: device.decide(h, command), touches=_touches)
    for name, (schema, make) in requests.BY_NAME.items()}
