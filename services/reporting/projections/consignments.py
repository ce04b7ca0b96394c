"""Consignments to buyers: what was sent, lost in the melt and compared, a row for each event on both time axes."""
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import msgspec

from services.reporting import received
from services.reporting.received_metal import Consignment, day
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction

from . import daily

_decode = msgspec.json.Decoder(Consignment).decode
SUMS = ("sent", "gross_mg", "fine_mg", "melted", "melt_loss_mg", "compared", "difference_per_100k", "beyond", "umpired")
COLUMNS = ("consignment", "seller", "buyer", "day", *SUMS, "event", "recorded_at", "position")


class Consignments(View):
    name = "consignments"
    names = received.CONSIGNING
    tables: ClassVar[dict[str, str]] = {
        "": f"consignment TEXT, seller TEXT, buyer TEXT, day TEXT, {', '.join(f'{column} BIGINT' for column in SUMS)}, event TEXT, recorded_at TEXT, "
            "position BIGINT, PRIMARY KEY (consignment, position)"}
    indexes: ClassVar[dict[str, Sequence[str]]] = {"": ["position"]}

    def fold(self, page: Sequence[Recorded]) -> list[tuple[str, Consignment, int]]:
        return [(r.name, _decode(r.state), r.position) for r in page]

    def write(self, tx: Transaction, table: Callable[[str], str], change: Sequence[tuple[str, Consignment, int]]) -> None:
        parties = {id_: (seller, buyer) for id_, seller, buyer in daily.some(
            tx, f"SELECT consignment, seller, buyer FROM {table('')} WHERE sent = 1 AND consignment IN", (e.data.consignment for _, e, _ in change))}
        rows = []
        for name, e, position in change:
            d = e.data
            if name == received.CONSIGNMENT_SENT:
                parties[d.consignment] = d.seller, d.buyer
            sums = _sums(name, e)
            rows.append((d.consignment, *parties.get(d.consignment, ("", "")), day(e.occurred_on, e.recorded_at), *(sums.get(column, 0) for column in SUMS),
                         e.id, e.recorded_at, position))
        tx.load(table(""), COLUMNS, rows)


def _sums(name: str, e: Consignment) -> dict[str, Any]:
    d = e.data
    match name:
        case received.CONSIGNMENT_SENT:
            return {"sent": 1, "gross_mg": d.gross_mg, "fine_mg": d.fine_mg}
        case received.CONSIGNMENT_MELTED:
            return {"melted": 1, "melt_loss_mg": d.before_mg - d.after_mg}
        case received.ASSAYS_COMPARED:
            return {"compared": 1, "difference_per_100k": d.difference_per_100k, "beyond": 0 if d.within else 1}
    return {"umpired": 1}
