"""Which sites membership registered."""
from collections.abc import Callable, Sequence
from typing import ClassVar

import msgspec

from services.gold_trade import received
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction

_decode = msgspec.json.Decoder(received.SiteEvent).decode


class Sites(View):
    name = "sites"
    names = frozenset({received.SITE_REGISTERED})
    tables: ClassVar[dict[str, str]] = {"": "site TEXT PRIMARY KEY"}

    def fold(self, page: Sequence[Recorded]) -> list[tuple[str]]:
        return [(_decode(row.state).data.site,) for row in page]

    def write(self, tx: Transaction, table: Callable[[str], str], change: Sequence[tuple[str]]) -> None:
        if change:
            tx.merge(table(""), change, "ON CONFLICT DO NOTHING")


def registered(tx: Transaction, table: Callable[[str], str], site: str) -> bool:
    return bool(tx.execute(f"SELECT 1 FROM {table('')} WHERE site = ?", (site,)).fetchone())
