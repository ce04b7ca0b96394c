"""What one may ask of training."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordActivity:
    """Something the confederation organised, supported or took part in; figures are those a source states."""

    activity: str
    title: str
    kind: str
    role: str
    topics: Sequence[str] = ()
    places: Sequence[str] = ()
    partners: Sequence[str] = ()
    figures: Sequence[Mapping[str, Any]] = ()
    occurred_on: str = ""
    source: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordNeed:
    """An organisation of which no training in `topic` is on record."""

    organisation: str
    topic: str
    basis: str
    occurred_on: str = ""
    source: Mapping[str, Any] | None = None
