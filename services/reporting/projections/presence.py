"""Where and when each organisation begins and ends to count, and which became part of which: append-only rows on both time axes."""
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import msgspec

from services.reporting import received
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction

_decode = msgspec.json.Decoder(received.Counting).decode
COLUMNS = ("organisation", "district", "level", "day", "delta", "event", "recorded_at", "position")


class Presence(View):
    name = "presence"
    version = 2
    names = received.COUNTING
    tables: ClassVar[dict[str, str]] = {
        "part": "organisation TEXT PRIMARY KEY, into_ TEXT, recorded_at TEXT",
        "": "organisation TEXT, district TEXT, level TEXT, day TEXT, delta INTEGER, event TEXT, recorded_at TEXT, position BIGINT"}
    indexes: ClassVar[dict[str, Sequence[str]]] = {"": ["district, level, position", "organisation"]}

    def fold(self, page: Sequence[Recorded]) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        rows, parts = [], []
        for r in page:
            e = _decode(r.state)
            rows += [(e.data.organisation, c.district, c.level, c.day, c.delta, e.id, e.recorded_at, r.position) for c in e.data.counts]
            parts += [(e.data.organisation, e.data.into, e.recorded_at)] if e.data.into else []
        return rows, parts

    def write(self, tx: Transaction, table: Callable[[str], str], change: tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]) -> None:
        rows, parts = change
        if rows:
            tx.load(table(""), COLUMNS, rows)
        if parts:
            tx.merge(table("part"), parts, "ON CONFLICT DO NOTHING")


def counts(tx: Transaction, table: Callable[[str], str], as_of: str, known_at: str) -> dict[tuple[str, str], int]:
    """(district, level) -> organisations in being on `as_of`, as far as was recorded by `known_at`."""
    rows = tx.execute(f"SELECT district, level, sum(delta) FROM {table('')} WHERE day <= ? AND recorded_at <= ? GROUP BY district, level",
                      (as_of, known_at)).fetchall()
    return {(district, level): int(n) for district, level, n in rows}


def behind(tx: Transaction, table: Callable[[str], str], district: str, level: str, as_of: str, known_at: str,
           after: int = 0, limit: int = 1000, organisations: Sequence[str] = ()) -> list[tuple[int, str]]:
    """(log position, event id) of what makes a figure, in log order behind `after`; of `organisations` only, if given."""
    only = f"AND organisation IN ({', '.join('?' * len(organisations))}) " if organisations else ""
    return [(position, event) for position, event in tx.execute(
        f"SELECT position, min(event) FROM {table('')} WHERE district = ? AND level = ? AND day <= ? AND recorded_at <= ? AND position > ? "
        f"{only}GROUP BY position ORDER BY position LIMIT ?", (district, level, as_of, known_at, after, *organisations, limit)).fetchall()]


def first_behind(tx: Transaction, table: Callable[[str], str], cells: Sequence[tuple[str, str]], as_of: str, known_at: str,
                 limit: int) -> dict[tuple[str, str], list[str]]:
    """(district, level) -> the ids of the first events that make its figure, in log order: `behind` for many figures in one statement."""
    one = (f"SELECT * FROM (SELECT district, level, position, min(event) FROM {table('')} WHERE district = ? AND level = ? AND day <= ? "
           "AND recorded_at <= ? GROUP BY district, level, position ORDER BY district, level, position LIMIT ?) AS cell")
    result: dict[tuple[str, str], list[str]] = {cell: [] for cell in cells}
    if cells:
        for district, level, _, event in sorted(tx.execute(" UNION ALL ".join([one] * len(cells)), [
                value for cell in cells for value in (*cell, as_of, known_at, limit)]).fetchall()):
            result[district, level].append(event)
    return result


def whereabouts(tx: Transaction, table: Callable[[str], str], organisation: str) -> str:
    """The district it came to last, '' for one nobody has placed; of a duplicate that of the record it is part of."""
    while part := tx.execute(f"SELECT into_ FROM {table('part')} WHERE organisation = ?", (organisation,)).fetchone():
        organisation = part[0]
    row = tx.execute(f"SELECT district FROM {table('')} WHERE organisation = ? GROUP BY district, day HAVING sum(delta) > 0 ORDER BY day DESC LIMIT 1",
                     (organisation,)).fetchone()
    return str(row[0]) if row else ""
