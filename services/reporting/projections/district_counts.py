"""How many organisations of each level a district has from each day on, as known now: a few rows, whatever the log's length."""
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

import msgspec

from services.reporting import received
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction


class _Counts(msgspec.Struct, gc=False):
    counts: list[received.Change] = []


class _Event(msgspec.Struct, gc=False):
    data: _Counts


_decode = msgspec.json.Decoder(_Event).decode
Key = tuple[str, str, str]           # district, level, day


class DistrictCounts(View):
    name = "district_counts"
    names = received.COUNTING
    joins = True
    tables: ClassVar[dict[str, str]] = {"": "district TEXT, level TEXT, day TEXT, delta BIGINT, PRIMARY KEY (district, level, day)"}

    def fold(self, page: Sequence[Recorded]) -> Counter[Key]:
        result: Counter[Key] = Counter()
        for row in page:
            for change in _decode(row.state).data.counts:
                result[change.district, change.level, change.day] += change.delta
        return result

    def join(self, change: Counter[Key], more: Mapping[Key, int]) -> Counter[Key]:
        change.update(more)
        return change

    def write(self, tx: Transaction, table: Callable[[str], str], change: Mapping[Key, int]) -> None:
        name = table("")
        tx.merge(name, [(*key, delta) for key, delta in change.items()],
                 f"ON CONFLICT (district, level, day) DO UPDATE SET delta = {name}.delta + excluded.delta")


def counts(tx: Transaction, table: Callable[[str], str], as_of: str) -> dict[tuple[str, str], int]:
    """(district, level) -> organisations in being on `as_of`."""
    rows = tx.execute(f"SELECT district, level, sum(delta) FROM {table('')} WHERE day <= ? GROUP BY district, level", (as_of,)).fetchall()
    return {(district, level): int(n) for district, level, n in rows}
