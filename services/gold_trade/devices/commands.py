"""What one may tell of devices."""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDevice:
    device_id: str
    occurred_on: str = ""
    source: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterDevice(OnDevice):
    """`key`: the raw Ed25519 public key, base64url."""

    actor: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RetireDevice(OnDevice):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseRecord(OnDevice):
    """What a device recorded and no stream could take: kept, so that its number is no gap."""

    sequence: int
    command: str
    why: str
