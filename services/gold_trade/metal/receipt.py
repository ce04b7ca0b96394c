"""A receipt as it was told, and as it is since it was corrected."""
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.gold_trade import events
from shared import dates
from shared.event import Event

from .arithmetic import fine
from .commands import RecordCollection

CLOCK = "device-clock"
# What a correction may say; `occurred_on` as `new_occurred_on`, for its own day is another.
CORRECTABLE = ("gross_mg", "fineness_per_100k", "society", "miners", "site", "method", "advance_xof", "occurred_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """`fine_mg` is what came into the books by it; an assay changes the lot, not the receipt. `recorded_at` is when it was first told."""

    collector: str
    society: str
    gross_mg: int
    fineness_per_100k: int
    fine_mg: int
    miners: tuple[tuple[str, int], ...]
    method: str = ""
    site: str | None = None
    advance_xof: int | None = None
    extracted_on: str | None = None
    recorded_there: str | None = None
    clock_off: bool = False
    occurred_on: str = ""
    recorded_at: str = ""
    event: str = ""

    @property
    def day(self) -> str:
        """By whose rules it is looked at."""
        return dates.counted(self.occurred_on, (self.recorded_there or self.recorded_at)[:10])

    def said(self) -> dict[str, Any]:
        """What may be corrected of it, without what nobody said."""
        told = {k: getattr(self, k) for k in CORRECTABLE} | {"miners": [{"miner": miner, "parts": parts} for miner, parts in self.miners]}
        return {k: v for k, v in told.items() if v not in (None, "")}

    def corrected(self, new: Mapping[str, Any]) -> "Receipt":
        same: dict[str, Any] = {k: new[k] for k in CORRECTABLE if k in new and k != "miners"}
        after = replace(self, **same, miners=pairs(new["miners"]) if "miners" in new else self.miners)
        return replace(after, fine_mg=fine(after.gross_mg, after.fineness_per_100k)) if {"gross_mg", "fineness_per_100k"} & set(new) else after


def told(command: RecordCollection, now: str) -> Receipt:
    return Receipt(fine_mg=fine(command.gross_mg, command.fineness_per_100k), miners=pairs(command.miners), recorded_at=now, **{
        k: getattr(command, k) for k in ("collector", "society", "gross_mg", "fineness_per_100k", "method", "site", "advance_xof", "extracted_on",
                                         "recorded_there", "clock_off", "occurred_on")})


def recorded(e: Event) -> Receipt:
    d = e.data
    clock_off = any(f["rule"] == CLOCK for f in d["findings"])
    return Receipt(event=e.id, occurred_on=e.occurred_on, recorded_at=e.recorded_at, miners=pairs(d["miners"]), clock_off=clock_off, **{
        k: d[k] for k in ("collector", "society", "gross_mg", "fineness_per_100k", "fine_mg", "method", "site", "advance_xof", "extracted_on",
                          "recorded_there") if k in d})


def after(receipt: Receipt, e: Event) -> Receipt:
    """As a correction or its withdrawal left it. What it brought into the books is what the entries say: older ones counted the assay in."""
    booked = sum(line["fine_mg"] for line in e.data["entries"] if line["account"] == "source")
    new = {"gross_mg": 0} if e.name == events.COLLECTION_WITHDRAWN else e.data["new"]
    return replace(receipt.corrected(new), fine_mg=receipt.fine_mg - booked)


def pairs(miners: Any) -> tuple[tuple[str, int], ...]:
    return tuple((m["miner"], m["parts"]) for m in miners)
