"""The shapes reporting reads of gold_trade's events; their names stand in received.py."""
import msgspec

from shared import dates


class Entry(msgspec.Struct, gc=False):
    """One line of the two ledgers."""

    account: str
    of: str
    gross_mg: int
    fine_mg: int


class BookedData(msgspec.Struct, gc=False):
    entries: list[Entry] = []
    step: str = ""
    incident: str = ""


class Booked(msgspec.Struct, gc=False):
    id: str
    recorded_at: str
    data: BookedData
    occurred_on: str = ""


class ReceiptData(msgspec.Struct, gc=False):
    lot: str
    collector: str
    society: str
    gross_mg: int
    fine_mg: int
    site: str = ""


class Receipt(msgspec.Struct, gc=False):
    id: str
    recorded_at: str
    data: ReceiptData
    occurred_on: str = ""


class Whose(msgspec.Struct, gc=False):
    society: str = ""
    site: str = ""
    occurred_on: str = ""


class CorrectionData(msgspec.Struct, gc=False):
    """`entries` hold the differences; `old` and `new` the society, the site and the day, if that was wrong. A receipt that never was has no `new`."""

    lot: str
    entries: list[Entry] = []
    old: Whose = msgspec.field(default_factory=Whose)
    new: Whose | None = None


class Correction(msgspec.Struct, gc=False):
    id: str
    recorded_at: str
    data: CorrectionData
    occurred_on: str = ""


class Reason(msgspec.Struct, gc=False):
    rule: str
    hold: bool = False


class HeldData(msgspec.Struct, gc=False):
    """What begins or ends a hold of a lot."""

    lot: str
    rule: str = ""
    findings: list[Reason] = []
    holds: list[str] = []
    matches: bool = True


class Held(msgspec.Struct, gc=False):
    id: str
    recorded_at: str
    data: HeldData
    occurred_on: str = ""


class LotData(msgspec.Struct, gc=False):
    """A lot received, spent, formed (a bar, with `serial`), assayed or corrected; of a corrected receipt, its day if that was wrong."""

    lot: str
    transformation: str = ""
    custodian: str = ""
    serial: str = ""
    gross_mg: int = 0
    fine_mg: int = 0
    old_gross_mg: int = 0
    old_fine_mg: int = 0
    new: Whose = msgspec.field(default_factory=Whose)


class Lot(msgspec.Struct, gc=False):
    id: str
    recorded_at: str
    data: LotData
    occurred_on: str = ""


class ConsignmentData(msgspec.Struct, gc=False):
    consignment: str
    seller: str = ""
    buyer: str = ""
    gross_mg: int = 0
    fine_mg: int = 0
    before_mg: int = 0
    after_mg: int = 0
    difference_per_100k: int = 0
    within: bool = True


class Consignment(msgspec.Struct, gc=False):
    id: str
    recorded_at: str
    data: ConsignmentData
    occurred_on: str = ""


class ActorData(msgspec.Struct, gc=False):
    actor: str
    kind: str


class Actor(msgspec.Struct, gc=False):
    id: str
    recorded_at: str
    data: ActorData


def day(occurred_on: str, recorded_at: str) -> str:
    """From when it counts; what nobody dated, from the day it was recorded."""
    return dates.counted(occurred_on, recorded_at[:10])
