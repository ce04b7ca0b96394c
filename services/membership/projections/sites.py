"""The sites where gold is worked, as known after corrections."""
from collections.abc import Sequence
from typing import Any, ClassVar

from services.membership import events
from services.membership.land import site
from shared.event import Event
from shared.tables import Transaction

from .streams import TOLD, StreamView, Table, upsert

COLUMNS = ("site", "name", "district", "commune", "village", "latitude_e6", "longitude_e6")


class Sites(StreamView):
    name = "sites"
    names = frozenset({events.SITE_REGISTERED, events.SITE_CORRECTED})
    tables: ClassVar[dict[str, str]] = {
        "": "site TEXT PRIMARY KEY, name TEXT, district TEXT, commune TEXT, village TEXT, latitude_e6 BIGINT, longitude_e6 BIGINT", "told": TOLD}
    indexes: ClassVar[dict[str, Sequence[str]]] = {"": ["district"]}

    def derive(self, tx: Transaction, table: Table, stream: str, history: Sequence[Event]) -> None:
        said = site.evolve(history) or {}
        upsert(tx, table(""), "site", {"site": history[0].data["site"], **{key: said.get(key, "") for key in COLUMNS[1:5]},
                                       **{key: said[key] for key in COLUMNS[5:] if key in said}})


def listed(tx: Transaction, table: Table, district: str, limit: int) -> list[dict[str, Any]]:
    """By name; of one district, if given."""
    where, params = ("WHERE district = ? ", [district, limit]) if district else ("", [limit])
    rows = tx.execute(f"SELECT {', '.join(COLUMNS)} FROM {table('')} {where}ORDER BY name, site LIMIT ?", params).fetchall()
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]
