"""What gold_trade books of metal, by account and holder: a row per line of its ledgers on both time axes, and sums by day as known now."""
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar, NamedTuple

import msgspec

from services.reporting import received
from services.reporting.received_metal import Actor, Booked, day
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction

from . import daily

_booked, _actor = msgspec.json.Decoder(Booked).decode, msgspec.json.Decoder(Actor).decode
KEY = ("account", "holder", "step", "day")
COLUMNS = (*KEY, "gross_mg", "fine_mg", "event", "recorded_at", "position")
STOCK, SOURCE = "stock", "source"
STEPS = {received.COLLECTION_CORRECTED: "correction", received.COLLECTION_WITHDRAWN: "correction", received.LOT_CORRECTED: "correction",
         received.LOT_ASSAYED: "assay", received.LOT_RECOVERED: "recovered"}


class Row(NamedTuple):
    account: str
    holder: str
    step: str
    day: str
    gross_mg: int
    fine_mg: int
    event: str
    recorded_at: str
    position: int


class Bookings(View):
    """Every account but `source`, which the receipts are. `step` is what a loss or difference came of, '' in the stock. Actors by kind stand beside."""

    name = "bookings"
    version = 2
    names = received.BOOKING | {received.ACTOR_REGISTERED}
    tables: ClassVar[dict[str, str]] = {
        "": "account TEXT, holder TEXT, step TEXT, day TEXT, gross_mg BIGINT, fine_mg BIGINT, event TEXT, recorded_at TEXT, position BIGINT",
        "day": daily.table(*KEY), "actor": "actor TEXT PRIMARY KEY, kind TEXT, recorded_at TEXT"}
    indexes: ClassVar[dict[str, Sequence[str]]] = {"": ["position", "account, holder, position"]}

    def fold(self, page: Sequence[Recorded]) -> tuple[list[Row], list[tuple[Any, ...]]]:
        actors = [_actor(r.state) for r in page if r.name == received.ACTOR_REGISTERED]
        return ([row for r in page if r.name != received.ACTOR_REGISTERED for row in _rows(r)],
                list({a.data.actor: (a.data.actor, a.data.kind, a.recorded_at) for a in actors}.values()))

    def write(self, tx: Transaction, table: Callable[[str], str], change: tuple[list[Row], list[tuple[Any, ...]]]) -> None:
        rows, actors = change
        tx.merge(table("actor"), actors, "ON CONFLICT (actor) DO NOTHING")
        if rows:
            tx.load(table(""), COLUMNS, rows)
            daily.add(tx, table("day"), KEY, [(row[:4], 1, row.gross_mg, row.fine_mg, row.position) for row in rows])


def _rows(r: Recorded) -> Iterator[Row]:
    e = _booked(r.state)
    step, day_ = STEPS.get(r.name) or e.data.step or e.data.incident, day(e.occurred_on, e.recorded_at)
    for line in e.data.entries:
        if line.account != SOURCE:
            yield Row(line.account, line.of, "" if line.account == STOCK else step, day_, line.gross_mg, line.fine_mg, e.id, e.recorded_at, r.position)
