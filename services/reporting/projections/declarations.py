"""Counts that sources declared: one row per statement, retracted when corrected, so that both time axes are a WHERE."""
import json
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, NamedTuple

import msgspec

from services.reporting import received
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction

_declared = msgspec.json.Decoder(received.DeclaredEvent).decode
_corrected = msgspec.json.Decoder(received.CorrectedEvent).decode
COLUMNS = ("event", "declaration", "measure", "district", "count", "as_of", "counts_from", "source", "recorded_at", "retracted_at", "position")


class Statement(NamedTuple):
    """A declared count; district '' means the whole country, `counts_from` the first day for which it speaks."""

    event: str
    declaration: str
    measure: str
    district: str
    value: int
    as_of: str
    counts_from: str
    source: dict[str, Any]


class Declarations(View):
    name = "declarations"
    names = frozenset({received.COUNT_DECLARED, received.COUNT_CORRECTED, received.COUNT_WITHDRAWN})
    tables: ClassVar[dict[str, str]] = {
        "": "event TEXT, declaration TEXT, measure TEXT, district TEXT, count BIGINT, as_of TEXT, counts_from TEXT, source TEXT, "
            "recorded_at TEXT, retracted_at TEXT, position BIGINT"}
    indexes: ClassVar[dict[str, Sequence[str]]] = {"": ["declaration", "counts_from"]}

    def fold(self, page: Sequence[Recorded]) -> list[tuple[str, str, tuple[Any, ...] | None]]:
        """(declaration, recorded_at, new row or None), in order: a correction retracts what stood before it."""
        result: list[tuple[str, str, tuple[Any, ...] | None]] = []
        for r in page:
            if r.name == received.COUNT_DECLARED:
                e = _declared(r.state)
                result.append((e.data.declaration, "", _row(e.id, e.data.declaration, e.data, e.data.source, e.recorded_at, r.position)))
            else:
                c = _corrected(r.state)
                new = _row(c.id, c.data.declaration, c.data.new, c.data.source, c.recorded_at, r.position) if c.data.new else None
                result.append((c.data.declaration, c.recorded_at, new))
        return result

    def write(self, tx: Transaction, table: Callable[[str], str], change: Sequence[tuple[str, str, tuple[Any, ...] | None]]) -> None:
        for declaration, retracted_at, row in change:
            if retracted_at:
                tx.execute(f"UPDATE {table('')} SET retracted_at = ? WHERE declaration = ? AND retracted_at = ''", (retracted_at, declaration))
            if row:
                tx.execute(f"INSERT INTO {table('')} VALUES ({', '.join('?' * len(COLUMNS))})", row)


def _row(event: str, declaration: str, said: received.Said, source: dict[str, Any], recorded_at: str, position: int) -> tuple[Any, ...]:
    return (event, declaration, said.measure, said.district, said.count, said.as_of, said.counts_from,
            json.dumps(source, ensure_ascii=False, sort_keys=True), recorded_at, "", position)


def latest(tx: Transaction, table: Callable[[str], str], as_of: str, known_at: str) -> dict[tuple[str, str], list[Statement]]:
    """(measure, district) -> the statements of the latest day not after `as_of`, in the order they were recorded (principle 9)."""
    rows = tx.execute(
        f"SELECT * FROM (SELECT {', '.join(COLUMNS[:8])}, position, rank() OVER (PARTITION BY measure, district ORDER BY counts_from DESC) AS age "
        f"FROM {table('')} WHERE counts_from <= ? AND recorded_at <= ? AND (retracted_at = '' OR retracted_at > ?)) AS spoken "
        "WHERE age = 1 ORDER BY position", (as_of, known_at, known_at)).fetchall()
    result: dict[tuple[str, str], list[Statement]] = {}
    for row in rows:
        statement = Statement._make((*row[:7], json.loads(row[7])))
        result.setdefault((statement.measure, statement.district), []).append(statement)
    return result
