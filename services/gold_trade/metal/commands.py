"""What one may tell of metal: all of it happened outside, and is recorded; findings and holds travel with it (principle 1)."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.auth import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    occurred_on: str = ""
    source: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnLot(Told):
    lot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCollection(OnLot):
    """A receipt at the pit. `miners` are {miner, parts}; `sequence` is the device's own count, `recorded_there` its clock (UTC), which may be off."""

    collector: str
    society: str
    gross_mg: int
    fineness_per_100k: int
    method: str
    miners: Sequence[Mapping[str, Any]]
    site: str | None = None
    photo: str | None = None
    advance_xof: int | None = None
    extracted_on: str | None = None
    sequence: int | None = None
    recorded_there: str | None = None
    clock_off: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareStock(Told):
    """What somebody holds when a seasonal stop begins (G14)."""

    actor: str
    season: str
    gross_mg: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectCollection(OnLot):
    """Whichever is given was wrong; `new_occurred_on` is the receipt's day, `occurred_on` that of the correction."""

    gross_mg: int | None = None
    fineness_per_100k: int | None = None
    society: str | None = None
    miners: Sequence[Mapping[str, Any]] | None = None
    site: str | None = None
    method: str | None = None
    advance_xof: int | None = None
    new_occurred_on: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawCollection(OnLot):
    """A receipt that never was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformLots(Told):
    """`outputs` are {lot, gross_mg, fineness_per_100k?, serial?}; without fineness what was fine stays fine. A tolerance only narrows the step's own."""

    transformation: str
    step: str
    custodian: str
    inputs: Sequence[str]
    outputs: Sequence[Mapping[str, Any]]
    tolerance_per_100k: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectTransformation(Told):
    """`outputs` are {lot, gross_mg?, fineness_per_100k?}: what was read wrongly of lots that were formed there."""

    transformation: str
    outputs: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAssay(OnLot):
    fineness_per_100k: int
    method: str
    final: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldLot(OnLot):
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftHold(OnLot):
    """Given once by each of two people."""

    rule: str
    decision: str
    caller: Caller
