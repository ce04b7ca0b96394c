"""What one may ask of gold_trade."""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterActor:
    """A collector, collection centre, comptoir, transporter or refinery; no buyer is built in."""

    actor: str
    kind: str
    name: str
    agreement: Mapping[str, Any] | None = None
    occurred_on: str = ""
    source: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLicence:
    """Issued by an authority, recorded here; days, both included."""

    actor: str
    licence: str
    kind: str
    issuer: str | None = None
    valid_from: str | None = None
    valid_until: str | None = None
    occurred_on: str = ""
    source: Mapping[str, Any] | None = None
