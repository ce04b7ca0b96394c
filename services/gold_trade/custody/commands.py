"""What one may tell of custody: seals, handovers, losses."""
from collections.abc import Sequence
from dataclasses import dataclass

from services.gold_trade.metal.commands import OnLot, Told
from shared.auth import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueTags(Told):
    actor: str
    prefix: str
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SealParcel(Told):
    parcel: str
    tag: str
    custodian: str
    lots: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenParcel(Told):
    parcel: str
    tag_found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferHandover(Told):
    """The first of two signatures: the giver's. Either a parcel or loose lots; `due_by` (UTC) is when silence becomes an alarm."""

    handover: str
    giver: str
    taker: str
    caller: Caller
    parcel: str | None = None
    lots: Sequence[str] = ()
    due_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptHandover(Told):
    """The second: the taker's, with their own weight of all that came."""

    handover: str
    caller: Caller
    weighed_mg: int | None = None
    tolerance_per_100k: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseHandover(Told):
    handover: str
    why: str
    caller: Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSilence(Told):
    """Given by the clock when an offer's time is over; `now` (UTC) is when it is given."""

    handover: str
    caller: Caller
    now: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferOwnership(OnLot):
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLoss(OnLot):
    incident: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverLot(OnLot):
    custodian: str
