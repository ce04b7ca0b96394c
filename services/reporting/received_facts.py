"""The shapes reporting reads of events about members, records, findings and standing; their names stand in received.py."""
from typing import Any

import msgspec

from shared import dates


class MemberChange(msgspec.Struct, gc=False):
    """What an event adds to the members of an organisation from a day on; of a miner also what is known of the person."""

    organisation: str
    kind: str
    day: str = msgspec.field(name="from")
    delta: int
    sex: str = ""
    birth_year: int = 0


class BelongingData(msgspec.Struct, gc=False):
    """Who it is about: a miner, or an organisation among the members of another."""

    members: list[MemberChange] = []
    miner: str = ""
    organisation: str = ""


class Belonging(msgspec.Struct, gc=False):
    id: str
    recorded_at: str
    data: BelongingData


class NewDay(msgspec.Struct):
    counts_from: str = ""


class RecordData(msgspec.Struct):
    """A fact about an organisation or some, its correction or withdrawal; `begins` and `assignment` are of a corridor's assignment and its end."""

    organisation: str = ""
    assigned: list[str] = []
    form: str = ""
    number: str = ""
    corridor: str = ""
    valid_until: str = ""
    until: str = ""
    begins: str = ""
    assignment: str = ""
    counts_from: str = ""
    corrects: str = ""
    withdraws: str = ""
    new: NewDay = msgspec.field(default_factory=NewDay)


class Record(msgspec.Struct):
    id: str
    recorded_at: str
    data: RecordData
    occurred_on: str = ""


class NewEnd(msgspec.Struct):
    valid_until: str = ""


class ExtendedData(msgspec.Struct):
    corridor: str
    assigned: list[str] = []
    new: NewEnd = msgspec.field(default_factory=NewEnd)


class Extended(msgspec.Struct):
    id: str
    recorded_at: str
    data: ExtendedData


class CardData(msgspec.Struct):
    """A miner's card, or the correction or withdrawal of a fact about the miner."""

    miner: str
    counts_from: str = ""
    corrects: str = ""
    withdraws: str = ""
    new: NewDay = msgspec.field(default_factory=NewDay)


class Card(msgspec.Struct):
    id: str
    recorded_at: str
    data: CardData
    occurred_on: str = ""


def day_of(e: Record | Card) -> str:
    """The day from which a fact counts; one that nobody dated, from the day it was recorded."""
    return dates.counted(e.occurred_on, e.data.counts_from or e.recorded_at[:10])


class Breach(msgspec.Struct):
    """From the first day on which a rule is not kept, until the first on which it is kept again."""

    day: str = msgspec.field(name="from")
    until: str = ""
    state: str = "to check"
    facts: dict[str, Any] = {}


class FindingData(msgspec.Struct):
    """A finding's whole timeline; or what was said of it."""

    finding: str
    organisation: str
    rule: str
    article: str = ""
    severity: str = ""
    tag: str = ""
    breaches: list[Breach] = []
    events: list[str] = []
    state: str = ""
    counts_from: str = ""


class FindingEvent(msgspec.Struct):
    id: str
    recorded_at: str
    data: FindingData


class Step(msgspec.Struct):
    day: str = msgspec.field(name="from")
    value: str
    why: list[str] = []


class StandingData(msgspec.Struct):
    organisation: str
    standing: list[Step]


class StandingEvent(msgspec.Struct):
    id: str
    recorded_at: str
    data: StandingData
