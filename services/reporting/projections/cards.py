"""Whose card is on record from when: a row per card, retracted when it is corrected or withdrawn."""
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import msgspec

from services.reporting import received
from services.reporting.received_facts import Card, day_of
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction

_decode = msgspec.json.Decoder(Card).decode
COLUMNS = ("miner", "day", "fact", "event", "recorded_at", "retracted_at", "position")


class Cards(View):
    """`fact` is the event that first said it."""

    name = "cards"
    names = frozenset({received.MINER_CARD_RECORDED, received.MINER_FACT_CORRECTED, received.MINER_FACT_WITHDRAWN})
    tables: ClassVar[dict[str, str]] = {"": "miner TEXT, day TEXT, fact TEXT, event TEXT, recorded_at TEXT, retracted_at TEXT, position BIGINT"}
    indexes: ClassVar[dict[str, Sequence[str]]] = {"": ["fact", "position"]}

    def fold(self, page: Sequence[Recorded]) -> list[tuple[str, Card, int]]:
        return [(r.name, _decode(r.state), r.position) for r in page]

    def write(self, tx: Transaction, table: Callable[[str], str], change: Sequence[tuple[str, Card, int]]) -> None:
        name, rows = table(""), list[tuple[Any, ...]]()
        for told, e, position in change:
            fact = e.data.corrects or e.data.withdraws
            if told == received.MINER_CARD_RECORDED:
                rows.append((e.data.miner, day_of(e), e.id, e.id, e.recorded_at, "", position))
            elif e.data.withdraws or e.data.new.counts_from:
                tx.load(name, COLUMNS, rows)
                rows.clear()
                if e.data.new.counts_from:
                    tx.execute(f"INSERT INTO {name} SELECT miner, ?, fact, ?, ?, '', ? FROM {name} WHERE fact = ? AND retracted_at = ''",
                               (e.data.new.counts_from, e.id, e.recorded_at, position, fact))
                tx.execute(f"UPDATE {name} SET retracted_at = ? WHERE fact = ? AND retracted_at = '' AND position < ?", (e.recorded_at, fact, position))
        tx.load(name, COLUMNS, rows)


def holding(table: Callable[[str], str]) -> str:
    """SQL for the cards on record on a day as known at a time; takes day, time, time."""
    return f"SELECT * FROM {table('')} WHERE day <= ? AND recorded_at <= ? AND (retracted_at = '' OR retracted_at > ?)"
