"""Both ledgers, gross and fine, by account, holder and day: a few rows, whatever the log's length (G5)."""
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

import msgspec

from services.gold_trade import events
from shared import dates
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction


class _Entry(msgspec.Struct, gc=False):
    account: str
    of: str
    gross_mg: int
    fine_mg: int


class _Data(msgspec.Struct, gc=False):
    entries: list[_Entry] = []


class _Event(msgspec.Struct, gc=False):
    recorded_at: str
    data: _Data
    occurred_on: str = ""


_decode = msgspec.json.Decoder(_Event).decode
BOOKING = frozenset({events.COLLECTION_RECORDED, events.COLLECTION_CORRECTED, events.COLLECTION_WITHDRAWN, events.TRANSFORMATION_RECORDED,
                     events.LOT_ASSAYED, events.LOT_CORRECTED, events.HANDOVER_ACCEPTED, events.LOT_LOST, events.LOT_RECOVERED})
Key = tuple[str, str, str]             # account, of, day
Sums = Mapping[tuple[str, str], tuple[int, int]]


class Ledger(View):
    name = "ledger"
    version = 2
    names = BOOKING
    joins = True
    tables: ClassVar[dict[str, str]] = {
        "": "account TEXT, holder TEXT, day TEXT, gross_mg BIGINT, fine_mg BIGINT, PRIMARY KEY (account, holder, day)"}

    def fold(self, page: Sequence[Recorded]) -> tuple[Counter[Key], Counter[Key]]:
        gross: Counter[Key] = Counter()
        fine: Counter[Key] = Counter()
        for row in page:
            e = _decode(row.state)
            day = dates.counted(e.occurred_on, e.recorded_at[:10])
            for line in e.data.entries:
                key = line.account, line.of, day
                gross[key] += line.gross_mg
                fine[key] += line.fine_mg
        return gross, fine

    def join(self, change: tuple[Counter[Key], Counter[Key]], more: tuple[Counter[Key], Counter[Key]]) -> tuple[Counter[Key], Counter[Key]]:
        for mine, other in zip(change, more, strict=True):
            mine.update(other)
        return change

    def write(self, tx: Transaction, table: Callable[[str], str], change: tuple[Counter[Key], Counter[Key]]) -> None:
        gross, fine = change
        name = table("")
        tx.merge(name, [(*key, mg, fine[key]) for key, mg in gross.items()],
                 "ON CONFLICT (account, holder, day) DO UPDATE SET "
                 f"gross_mg = {name}.gross_mg + excluded.gross_mg, fine_mg = {name}.fine_mg + excluded.fine_mg")


def sums(tx: Transaction, table: Callable[[str], str], as_of: str, holder: str = "") -> Sums:
    """(account, holder) to gross and fine mg at the end of `as_of`; of one holder only, if given."""
    only, values = ("AND holder = ? ", (holder,)) if holder else ("", ())
    rows = tx.execute(f"SELECT account, holder, sum(gross_mg), sum(fine_mg) FROM {table('')} WHERE day <= ? {only}GROUP BY account, holder "
                      "ORDER BY account, holder", (as_of, *values)).fetchall()
    return {(account, of): (int(gross), int(fine)) for account, of, gross, fine in rows if gross or fine}


def off(tx: Transaction, table: Callable[[str], str]) -> tuple[int, int]:
    """Gross and fine mg by which all accounts together differ from zero."""
    gross, fine = tx.execute(f"SELECT coalesce(sum(gross_mg), 0), coalesce(sum(fine_mg), 0) FROM {table('')}").fetchone()
    return int(gross), int(fine)
