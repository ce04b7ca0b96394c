"""Who belongs to an organisation from when until when, a miner or another organisation: append-only rows on both time axes."""
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import msgspec

from services.reporting import received
from services.reporting.received_facts import Belonging
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction

_decode = msgspec.json.Decoder(Belonging).decode
COLUMNS = ("organisation", "kind", "member", "sex", "birth_year", "day", "delta", "event", "recorded_at", "position")


class Members(View):
    """A miner's sex is '' and the birth year 0 where nobody stated them."""

    name = "members"
    names = received.BELONGING
    tables: ClassVar[dict[str, str]] = {
        "": "organisation TEXT, kind TEXT, member TEXT, sex TEXT, birth_year INTEGER, day TEXT, delta INTEGER, event TEXT, recorded_at TEXT, position BIGINT"}
    indexes: ClassVar[dict[str, Sequence[str]]] = {"": ["position", "organisation"]}

    def fold(self, page: Sequence[Recorded]) -> list[tuple[Any, ...]]:
        rows = []
        for r in page:
            e = _decode(r.state)
            who = e.data.miner or e.data.organisation
            rows += [(c.organisation, c.kind, who, c.sex, c.birth_year, c.day, c.delta, e.id, e.recorded_at, r.position) for c in e.data.members]
        return rows

    def write(self, tx: Transaction, table: Callable[[str], str], change: Sequence[tuple[Any, ...]]) -> None:
        if change:
            tx.load(table(""), COLUMNS, change)
