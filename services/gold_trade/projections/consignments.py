"""What is under way between seller and buyer: each consignment with its steps, and the terms it travels under (G7, G8)."""
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

from services.gold_trade import events
from services.gold_trade.assays.contract import TERMS, USUAL
from shared import event
from shared.event import Event
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction

SENT, WEIGHED, MELTED, COMMITTED, REVEALED, COMPARED, UMPIRE, DISPUTED, SETTLED = (
    "sent", "weighed", "melted", "committed", "revealed", "compared", "umpire", "disputed", "settled")
STEPS = {events.CONSIGNMENT_SENT: SENT, events.CONSIGNMENT_WEIGHED: WEIGHED, events.CONSIGNMENT_MELTED: MELTED, events.ASSAY_COMMITTED: COMMITTED,
         events.ASSAY_REVEALED: REVEALED, events.ASSAYS_COMPARED: COMPARED, events.UMPIRE_RECORDED: UMPIRE, events.CONSIGNMENT_DISPUTED: DISPUTED,
         events.DISPUTE_SETTLED: SETTLED}
FINAL, TO_UMPIRE = "final", "to-umpire"
STAGES = (SENT, WEIGHED, MELTED, COMMITTED, REVEALED, TO_UMPIRE, FINAL)
Row = tuple[str, tuple[Any, ...]]

SEND = "INSERT INTO {sent} VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'sent', 0)"
STEP = "INSERT INTO {step} VALUES (?, ?, ?, ?, ?, ?)"
STAGE = "UPDATE {sent} SET stage = ? WHERE consignment = ?"
DISPUTE = "UPDATE {sent} SET disputed = ? WHERE consignment = ?"
AGREE = ("INSERT INTO {contract} VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (contract) DO UPDATE SET splitting_limit_per_100k = "
         "excluded.splitting_limit_per_100k, melt_tolerance_per_100k = excluded.melt_tolerance_per_100k, umpire_rule = excluded.umpire_rule, "
         "agreed = excluded.agreed")


class Consignments(View):
    """A step holds what was told in it, but for a result that is sealed. Of a contract, the terms that count: the usual ones until both have signed."""

    name = "consignments"
    version = 2
    names = frozenset({*STEPS, events.CONTRACT_PROPOSED, events.CONTRACT_AGREED})
    tables: ClassVar[dict[str, str]] = {
        "": "consignment TEXT PRIMARY KEY, contract TEXT, seller TEXT, buyer TEXT, sent_on TEXT, gross_mg BIGINT, fine_mg BIGINT, lots BIGINT, stage TEXT, "
            "disputed BIGINT",
        "step": "consignment TEXT, position BIGINT, step TEXT, day TEXT, event TEXT, told TEXT, PRIMARY KEY (consignment, position)",
        "contract": "contract TEXT PRIMARY KEY, seller TEXT, buyer TEXT, splitting_limit_per_100k BIGINT, melt_tolerance_per_100k BIGINT, umpire_rule TEXT, "
                    "agreed BIGINT"}
    indexes: ClassVar[dict[str, Sequence[str]]] = {"": ["seller", "buyer"]}

    def fold(self, page: Sequence[Recorded]) -> list[Row]:
        return [row for recorded in page for row in _rows(recorded.position, event.decode(recorded.state))]

    def write(self, tx: Transaction, table: Callable[[str], str], change: Sequence[Row]) -> None:
        for sql, values in change:
            tx.execute(sql.format(sent=table(""), step=table("step"), contract=table("contract")), values)


def _rows(position: int, e: Event) -> Iterator[Row]:
    d, day = e.data, e.occurred_on or e.recorded_at[:10]
    if e.name in (events.CONTRACT_PROPOSED, events.CONTRACT_AGREED):
        agreed = e.name == events.CONTRACT_AGREED
        counting = d if agreed else {**d, **USUAL}
        yield AGREE, (d["contract"], *(counting[k] for k in TERMS), int(agreed))
        return
    id_, step = d["consignment"], STEPS[e.name]
    if step == SENT:
        yield SEND, (id_, d["contract"], d["seller"], d["buyer"], day, d["gross_mg"], d["fine_mg"], len(d["lots"]))
    yield STEP, (id_, position, step, day, e.id, json.dumps({k: v for k, v in d.items() if k not in ("consignment", "result", "source")}))
    if step in (DISPUTED, SETTLED):
        yield DISPUTE, (int(step == DISPUTED), id_)
    elif step != SENT:
        yield STAGE, (FINAL if step == UMPIRE or d.get("within") else TO_UMPIRE if step == COMPARED else step, id_)


COLUMNS = ("consignment", "contract", "seller", "buyer", "sent_on", "gross_mg", "fine_mg", "lots", "stage", "disputed")


def some(tx: Transaction, table: Callable[[str], str], parties: Sequence[str] | None, stage: str, after: str, limit: int) -> list[dict[str, Any]]:
    """By id, those behind `after`; of which one of `parties`, if given, is seller or buyer."""
    where, values = "consignment > ?", [after]
    if parties is not None:
        marks = ", ".join("?" * len(parties)) or "NULL"
        where += f" AND (seller IN ({marks}) OR buyer IN ({marks}))"
        values += [*parties, *parties]
    if stage:
        where += " AND stage = ?"
        values.append(stage)
    rows = tx.execute(f"SELECT {', '.join(COLUMNS)} FROM {table('')} WHERE {where} ORDER BY consignment LIMIT ?", (*values, limit)).fetchall()
    return [_told(row) for row in rows]


def one(tx: Transaction, table: Callable[[str], str], consignment: str) -> dict[str, Any] | None:
    """With its steps in the order they were recorded, and its contract's terms."""
    row = tx.execute(f"SELECT {', '.join(COLUMNS)} FROM {table('')} WHERE consignment = ?", (consignment,)).fetchone()
    if row is None:
        return None
    it = _told(row)
    steps = tx.execute(f"SELECT step, day, event, told FROM {table('step')} WHERE consignment = ? ORDER BY position", (consignment,)).fetchall()
    limit, tolerance, rule, agreed = tx.execute(
        f"SELECT splitting_limit_per_100k, melt_tolerance_per_100k, umpire_rule, agreed FROM {table('contract')} WHERE contract = ?",
        (it["contract"],)).fetchone()
    return {**it, "terms": {"splitting_limit_per_100k": limit, "melt_tolerance_per_100k": tolerance, "umpire_rule": rule, "agreed": bool(agreed)},
            "steps": [{"step": step, "day": day, "event": id_, "told": json.loads(told)} for step, day, id_, told in steps]}


def _told(row: Sequence[Any]) -> dict[str, Any]:
    it = dict(zip(COLUMNS, row, strict=True))
    return {**it, "disputed": bool(it["disputed"])}
