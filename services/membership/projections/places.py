"""The mining districts as pages name them: slug, name and rank in the report's table."""
from collections.abc import Sequence
from typing import ClassVar

from services.membership import events
from shared import event
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction

from .streams import Table, upsert

LAST = 999


class Places(View):
    name = "places"
    names = frozenset({events.DISTRICT_REGISTERED})
    tables: ClassVar[dict[str, str]] = {"": "district TEXT PRIMARY KEY, name TEXT, rank INTEGER"}

    def fold(self, page: Sequence[Recorded]) -> list[dict[str, str | int]]:
        said = [event.decode(r.state).data for r in page]
        return [{"district": d["district"], "name": d["name"], "rank": d.get("rank", LAST)} for d in said]

    def write(self, tx: Transaction, table: Table, change: Sequence[dict[str, str | int]]) -> None:
        for row in change:
            upsert(tx, table(""), "district", row)


def districts(tx: Transaction, table: Table) -> dict[str, str]:
    """Slug to name, in the order of the report's table."""
    return dict(tx.execute(f"SELECT district, name FROM {table('')} ORDER BY rank, district").fetchall())
