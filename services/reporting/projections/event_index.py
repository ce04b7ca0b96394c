"""Where in our log each event stands, by its id, whoever it comes from."""
from collections.abc import Callable, Sequence
from typing import ClassVar

import msgspec

from services.reporting import received
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction

_decode = msgspec.json.Decoder(received.Identified).decode


class EventIndex(View):
    name = "event_index"
    tables: ClassVar[dict[str, str]] = {"": "id TEXT, position BIGINT"}
    indexes: ClassVar[dict[str, Sequence[str]]] = {"": ["id"]}

    def fold(self, page: Sequence[Recorded]) -> list[tuple[str, int]]:
        return [(_decode(row.state).id, row.position) for row in page]

    def write(self, tx: Transaction, table: Callable[[str], str], change: Sequence[tuple[str, int]]) -> None:
        if change:
            tx.load(table(""), ("id", "position"), change)


def position(tx: Transaction, table: Callable[[str], str], event: str) -> int | None:
    row = tx.execute(f"SELECT position FROM {table('')} WHERE id = ?", (event,)).fetchone()
    return int(row[0]) if row else None
