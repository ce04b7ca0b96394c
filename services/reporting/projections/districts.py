"""The mining districts, by slug, with the name and order they are shown in."""
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import msgspec

from services.reporting import received
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction

_decode = msgspec.json.Decoder(received.District).decode


class Districts(View):
    name = "districts"
    names = frozenset({received.DISTRICT_REGISTERED})
    tables: ClassVar[dict[str, str]] = {"": "district TEXT PRIMARY KEY, name TEXT, rank INTEGER, event TEXT, recorded_at TEXT"}

    def fold(self, page: Sequence[Recorded]) -> list[tuple[Any, ...]]:
        events = [_decode(r.state) for r in page]
        return [(e.data.district, e.data.name, e.data.rank, e.id, e.recorded_at) for e in events]

    def write(self, tx: Transaction, table: Callable[[str], str], change: Sequence[tuple[Any, ...]]) -> None:
        for row in change:
            tx.execute(f"INSERT INTO {table('')} VALUES (?, ?, ?, ?, ?) ON CONFLICT (district) DO UPDATE SET name = excluded.name, rank = excluded.rank", row)


def names(tx: Transaction, table: Callable[[str], str]) -> dict[str, str]:
    """Slug to name, in the order of the report's table."""
    return dict(tx.execute(f"SELECT district, name FROM {table('')} ORDER BY rank, district").fetchall())
