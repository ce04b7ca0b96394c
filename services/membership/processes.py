"""Assessment: whatever is recorded about an organisation, the organisation is looked at again by the rules."""
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import msgspec

from shared import dates, event
from shared.process import Process
from shared.recorder import Recorded
from shared.tables import Transaction

from . import events
from .findings import around, rules

OF_ORGANISATION = frozenset({
    events.ORGANISATION_FOUNDED, events.ORGANISATION_REGISTERED, events.ORGANISATION_AFFILIATED, events.ORGANISATION_DETACHED, events.ORGANISATION_RENAMED,
    events.ORGANISATION_MOVED, events.ORGANISATION_SUSPENDED, events.ORGANISATION_REINSTATED, events.ORGANISATION_DISSOLVED, events.ORGANISATION_MERGED,
    events.FACT_CORRECTED, events.FACT_WITHDRAWN, events.CONSTITUTIVE_ASSEMBLY_HELD, events.FINDING_DECIDED})
OF_MEMBERS = frozenset({events.MINER_ADMITTED, events.MEMBERSHIP_ENDED})
REFUNDS = {events.WITHDRAWAL_NOTICED: "noticed", events.REFUND_EXTENDED: "extended", events.REFUND_RECORDED: "repaid"}
MENDED = frozenset({events.MINER_FACT_CORRECTED, events.MINER_FACT_WITHDRAWN, events.MINER_MERGED})
ASSIGNMENTS = {events.CORRIDOR_ASSIGNED: "assigned", events.CORRIDOR_ASSIGNMENT_ENDED: "ended"}
CORRIDORS = frozenset({events.CORRIDOR_GRANTED, events.CORRIDOR_EXTENDED, events.CORRIDOR_CLOSED})
MANY, PAUSE_S = 50, 5                  # organisations touched by one page; seconds


class Told(msgspec.Struct):
    """What the process reads of an event."""

    id: str
    recorded_at: str
    data: dict[str, Any]
    occurred_on: str = ""

    @property
    def day(self) -> str:
        return dates.counted(self.occurred_on, self.data.get("counts_from", self.recorded_at[:10]))


_told = msgspec.json.Decoder(Told).decode


@dataclass
class Change:
    """Of a page: new rows by table, what mends older rows, and by which event each organisation was touched last."""

    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: {name: [] for name in ("member", "refund", "assignment")})
    mends: list[tuple[Recorded, Told]] = field(default_factory=list)
    touched: dict[str, tuple[int, str]] = field(default_factory=dict)
    recorded_at: str = ""

    def touch(self, position: int, event: str, organisations: Iterable[str]) -> None:
        for organisation in organisations:
            self.touched[organisation] = max((position, event), self.touched.get(organisation, (0, "")))


class AssessmentProcess(Process):
    """One command for an organisation, whose id comes from the last event that touched it and from the rules: what came earlier needs none of its own.

    So a rebuild ends with the same ids, however the log is cut into pages; under other rules with others (ADR 13).
    """

    name = "assessment"
    version = rules.version(rules.table())
    names = OF_ORGANISATION | OF_MEMBERS | frozenset(REFUNDS) | MENDED | frozenset(ASSIGNMENTS) | CORRIDORS
    tables: ClassVar[dict[str, str]] = {**Process.tables, **around.TABLES, "latest": "organisation TEXT PRIMARY KEY, todo TEXT UNIQUE"}
    indexes: ClassVar[dict[str, Sequence[str]]] = {**Process.indexes, **around.INDEXES}

    def fold(self, page: Sequence[Recorded]) -> Any:
        change = Change()
        for row in page:
            told = _told(row.state)
            change.recorded_at = told.recorded_at
            _take(change, row, told)
        return change

    def write(self, tx: Transaction, table: Callable[[str], str], change: Any) -> None:
        for name, rows in change.rows.items():
            tx.merge(table(name), rows, "ON CONFLICT DO NOTHING")
        for row, told in change.mends:
            change.touch(row.position, told.id, around.mend(tx, table, row.name, told.day, told.data))
        if not change.touched:
            return
        # A page that touches many is part of an import: most of it will be covered by what comes next.
        due_at = event.later(change.recorded_at, PAUSE_S) if len(change.touched) > MANY else ""
        marks = ", ".join("?" * len(change.touched))
        covered = {todo for (todo,) in tx.execute(f"SELECT todo FROM {table('latest')} WHERE organisation IN ({marks})", list(change.touched)).fetchall()}
        todos = {of: self.step_id(event, f"{of}:{self.version}") for of, (_, event) in change.touched.items()}
        tx.merge(table(""), [(todos[of], due_at, "command", "assess-organisation", json.dumps({"organisation": of}), event, 0, "")
                             for of, (_, event) in change.touched.items()], "ON CONFLICT DO NOTHING")
        tx.merge(table("latest"), list(todos.items()), "ON CONFLICT (organisation) DO UPDATE SET todo = excluded.todo")
        # A later one covers it, done or not: what stays is the same however the log was cut into pages.
        if covered := covered - set(todos.values()):
            tx.execute(f"DELETE FROM {table('')} WHERE id IN ({', '.join('?' * len(covered))})", list(covered))


def _take(change: Change, row: Recorded, told: Told) -> None:
    data = told.data
    members = data.get("members") or ()
    change.rows["member"] += [(m["organisation"], m["kind"], m["from"], m["delta"], told.id) for m in members]
    change.touch(row.position, told.id, (m["organisation"] for m in members))
    if row.name in MENDED or row.name in CORRIDORS:
        change.mends.append((row, told))
        return
    if what := REFUNDS.get(row.name):
        due_by = data.get("refund_due_by") or data.get("due_by", "")
        change.rows["refund"].append((told.id, data["organisation"], data["miner"], data.get("received_on", told.day), what, due_by))
    elif what := ASSIGNMENTS.get(row.name):
        change.rows["assignment"].append((told.id, data["organisation"], data["corridor"], data.get("begins", told.day), what, data.get("valid_until", ""),
                                          data.get("assignment", ""), row.position))
    if "organisation" in data:
        change.touch(row.position, told.id, (data["organisation"],))
