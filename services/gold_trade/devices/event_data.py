"""What the events about devices say."""
from typing import TypedDict

from services.gold_trade import events
from shared.told import Slug


class OnDevice(TypedDict):
    device: Slug


class DeviceRegistered(OnDevice):
    """`key` is the public key (Ed25519, base64url) that signs its records; `actor` holds the device."""

    actor: Slug
    key: str


class DeviceRecordRefused(OnDevice):
    sequence: int
    command: str
    why: str


BY_NAME: dict[str, type] = {events.DEVICE_REGISTERED: DeviceRegistered, events.DEVICE_RETIRED: OnDevice, events.RECORD_REFUSED: DeviceRecordRefused}
