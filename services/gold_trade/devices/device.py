"""A device of one actor, with the key that signs its records."""
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from typing import NamedTuple

from services.gold_trade import events
from shared.application import Histories, New
from shared.errors import BadRequest, Conflict, NotFound
from shared.event import Event

from .commands import RefuseRecord, RegisterDevice, RetireDevice

KEY_BYTES = 32
Command = RegisterDevice | RetireDevice | RefuseRecord


class Device(NamedTuple):
    id: str
    actor: str
    key: bytes
    retired: bool


def stream(device: str) -> str:
    return f"device/{device}"


def refusal_stream(device: str, sequence: int) -> str:
    return f"device/{device}/{sequence}"


def streams(command: Command) -> list[str]:
    return [stream(command.device_id), *([refusal_stream(command.device_id, command.sequence)] if isinstance(command, RefuseRecord) else [])]


def raw(key: str) -> bytes:
    """Raises BadRequest for anything but 32 bytes."""
    try:
        found = urlsafe_b64decode(key + "=" * (-len(key) % 4))
    except ValueError:
        found = b""
    if len(found) != KEY_BYTES:
        raise BadRequest("not an Ed25519 public key", field="key", rule="32 bytes, base64url")
    return found


def evolve(history: Sequence[Event]) -> Device | None:
    if not history:
        return None
    first = history[0].data
    return Device(first["device"], first["actor"], raw(first["key"]), any(e.name == events.DEVICE_RETIRED for e in history))


def decide(histories: Histories, command: Command) -> list[New]:
    """Raises Conflict for a device that is registered already, NotFound for one that is not, BadRequest for a key that is none."""
    state = evolve(histories[stream(command.device_id)])
    if isinstance(command, RegisterDevice):
        if state:
            raise Conflict(f"device '{command.device_id}' is registered already", field="device_id", rule="a new key is a new device")
        raw(command.key)
        return [New(stream(command.device_id), events.DEVICE_REGISTERED, {"device": command.device_id, "actor": command.actor, "key": command.key})]
    if state is None:
        raise NotFound(f"no device '{command.device_id}'", field="device_id")
    if isinstance(command, RetireDevice):
        return [] if state.retired else [New(stream(command.device_id), events.DEVICE_RETIRED, {"device": command.device_id})]
    key = refusal_stream(command.device_id, command.sequence)
    return [] if histories[key] else [New(key, events.RECORD_REFUSED, {
        "device": command.device_id, "sequence": command.sequence, "command": command.command, "why": command.why})]
