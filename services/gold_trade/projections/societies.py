"""Each society's own books, through every blend: what of a lot is whose, in whole milligrams (G5).

A lot's metal is divided among the societies it came of; a blend pools what went in and divides what came out by largest remainder, in both
ledgers. What a society brought is then always its stock, its part of the losses, and its part of the assay differences. Where a lot that was
spent is found to be other than was told, all that was formed of it is divided anew: the books are those of what is known now.
"""
from collections.abc import Callable, Sequence
from typing import ClassVar

from services.gold_trade import events
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction

from .society_books import Books, Told, decode


class Societies(View):
    """Tables: whose a lot, or what went into a step, is, and where it is now; the steps, with what was formed; and each society's accounts."""

    name = "societies"
    version = 3
    names = frozenset({events.COLLECTION_RECORDED, events.COLLECTION_CORRECTED, events.COLLECTION_WITHDRAWN, events.TRANSFORMATION_RECORDED,
                       events.LOT_SPENT, events.LOT_FORMED, events.LOT_CORRECTED, events.LOT_ASSAYED, events.LOT_LOST, events.LOT_RECOVERED})
    tables: ClassVar[dict[str, str]] = {
        "": "society TEXT, account TEXT, gross_mg BIGINT, fine_mg BIGINT, PRIMARY KEY (society, account)",
        "part": "lot TEXT, society TEXT, gross_mg BIGINT, fine_mg BIGINT, place TEXT, PRIMARY KEY (lot, society)",
        "step": "transformation TEXT PRIMARY KEY, outputs BIGINT, lost_mg BIGINT",
        "formed": "transformation TEXT, lot TEXT, gross_mg BIGINT, fine_mg BIGINT, PRIMARY KEY (transformation, lot)"}

    def fold(self, page: Sequence[Recorded]) -> list[Told]:
        return [(row.name, decode(row.state).data) for row in page]

    def write(self, tx: Transaction, table: Callable[[str], str], change: Sequence[Told]) -> None:
        if not change:
            return
        books = Books(tx, table)
        books.see({d.lot for _, d in change if d.lot}, {d.transformation for _, d in change if d.transformation})
        for name, told in change:
            books.book(name, told)
        books.keep()
