"""What one may tell of contracts, consignments and assays."""
from collections.abc import Sequence
from dataclasses import dataclass

from services.gold_trade.metal.commands import Told
from shared.auth import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreeContract(Told):
    """What seller and buyer agree on weighing and assays (AU-07 to AU-11), given once by each; all limits in parts per 100,000."""

    contract: str
    seller: str
    buyer: str
    splitting_limit_per_100k: int
    melt_tolerance_per_100k: int
    umpire_rule: str
    caller: Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class OnConsignment(Told):
    consignment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendConsignment(OnConsignment):
    """Lots on their way under a contract, weighed by the seller."""

    contract: str
    lots: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeighConsignment(OnConsignment):
    """The buyer's weight, before the melt."""

    weighed_mg: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MeltConsignment(OnConsignment):
    """The buyer melts it into `lot` and weighs again."""

    lot: str
    weighed_mg: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeConsignment(OnConsignment):
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleDispute(OnConsignment):
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitAssay(OnConsignment):
    """`commitment` is the SHA-256 of the canonical JSON of {consignment, party, fineness_per_100k, nonce}."""

    party: str
    commitment: str
    caller: Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class RevealAssay(OnConsignment):
    """`nonce`: at least 128 random bits in hex."""

    party: str
    fineness_per_100k: int
    nonce: str
    caller: Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordUmpire(OnConsignment):
    fineness_per_100k: int
    umpire: str
