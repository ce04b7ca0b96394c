"""What happened to each organisation: a row per event that is about it; a fact declared wrong stays, with what became of it."""
import json
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from services.membership import events
from services.membership.presence import as_fact
from shared import event
from shared.event import Event
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction

from .streams import Table, marks

COLUMNS = ("organisation", "event", "name", "day", "occurred_on", "recorded_at", "position", "about", "new_day", "reason", "data")
LEFT_OUT = ("counts", "members", "person", "organisation", "assigned", "counts_from")      # figures of others, and who a person is
WITHDRAWN = (events.FACT_WITHDRAWN, events.AGREEMENT_FACT_WITHDRAWN)
Line = dict[str, Any]


class Timeline(View):
    name = "timeline"
    version = 2
    names = frozenset({
        events.ORGANISATION_FOUNDED, events.ORGANISATION_REGISTERED, events.ORGANISATION_AFFILIATED, events.ORGANISATION_DETACHED,
        events.ORGANISATION_RENAMED, events.ORGANISATION_ALIAS_RECORDED, events.ORGANISATION_MOVED, events.ORGANISATION_SUSPENDED,
        events.ORGANISATION_REINSTATED, events.ORGANISATION_DISSOLVED, events.ORGANISATION_MERGED, events.SEAT_RECORDED, events.FACT_CORRECTED,
        events.FACT_WITHDRAWN, events.CONSTITUTIVE_ASSEMBLY_HELD, events.STATUTES_RECORDED, events.REPRESENTATIVE_NAMED, events.REPRESENTATIVE_FORGOTTEN,
        events.STANDING_CHANGED,
        events.FINDING_RECORDED, events.FINDING_ANSWERED, events.FINDING_DECIDED, events.CORRIDOR_ASSIGNED, events.CORRIDOR_ASSIGNMENT_ENDED,
        events.CORRIDOR_EXTENDED, events.CORRIDOR_CLOSED, events.AGREEMENT_SIGNED, events.AGREEMENT_FACT_WITHDRAWN})
    tables: ClassVar[dict[str, str]] = {
        "": "organisation TEXT, event TEXT, name TEXT, day TEXT, occurred_on TEXT, recorded_at TEXT, position BIGINT, about TEXT, new_day TEXT, "
            "reason TEXT, data TEXT"}
    indexes: ClassVar[dict[str, Sequence[str]]] = {"": ["organisation", "about"]}

    def fold(self, page: Sequence[Recorded]) -> list[tuple[Any, ...]]:
        return [row for r in page for row in _rows(event.decode(r.state), r.position)]

    def write(self, tx: Transaction, table: Table, change: Sequence[tuple[Any, ...]]) -> None:
        if change:
            tx.load(table(""), COLUMNS, change)


def _rows(e: Event, position: int) -> Iterator[tuple[Any, ...]]:
    about = e.data.get("corrects") or e.data.get("withdraws") or ""
    data = json.dumps({k: v for k, v in e.data.items() if k not in LEFT_OUT} | ({"organisation": e.data["organisation"]} if "organisation" in e.data else {}),
                      ensure_ascii=False, sort_keys=True)
    for organisation in dict.fromkeys(_concerned(e)):
        yield (organisation, e.id, e.name, as_fact(e).counts_from, e.occurred_on, e.recorded_at, position, about,
               str(e.data.get("new", {}).get("counts_from", "")) if about else "", e.reason, data)


def _concerned(e: Event) -> Iterator[str]:
    """The organisations that it is about."""
    data = e.data
    yield from (data[key] for key in ("organisation", "parent", "into") if key in data)
    yield from data.get("founders", ())
    yield from data.get("assigned", ())
    yield from (party["organisation"] for party in data.get("parties", ()) if "organisation" in party)


def read(tx: Transaction, table: Table, organisation: str, before: tuple[str, int] | None, limit: int, without: Sequence[str] = ()) -> list[Line]:
    """The newest first, by the day on which each fact happened as known now; before (day, position), if given, and without events of some names."""
    name = table("")
    older = "WHERE (shown, position) < (?, ?)" if before else ""
    some = f" AND t.name NOT IN ({marks(without)})" if without else ""
    rows = tx.execute(
        f"SELECT event, name, shown, occurred_on, recorded_at, position, reason, data FROM (SELECT t.*, coalesce((SELECT c.new_day FROM {name} c "
        f"WHERE c.about = t.event AND c.new_day <> '' ORDER BY c.position DESC LIMIT 1), t.day) AS shown FROM {name} t WHERE t.organisation = ?{some}) "
        f"AS told {older} ORDER BY shown DESC, position DESC LIMIT ?", [organisation, *without, *(before or ()), limit]).fetchall()
    keys = ("event", "name", "day", "occurred_on", "recorded_at", "position", "reason", "data")
    lines = [{**dict(zip(keys, row, strict=True)), "data": json.loads(row[7])} for row in rows]
    later = _corrections(tx, table, [line["event"] for line in lines])
    return [{**line, "corrections": later.get(line["event"], []),
             "withdrawn": any(c["name"] in WITHDRAWN for c in later.get(line["event"], []))} for line in lines]


def _corrections(tx: Transaction, table: Table, ids: Sequence[str]) -> dict[str, list[Line]]:
    """Event → what was said of it later, in that order."""
    if not ids:
        return {}
    rows = tx.execute(f"SELECT DISTINCT position, about, event, name, recorded_at, reason, data FROM {table('')} WHERE about IN ({marks(ids)}) "
                      "ORDER BY position", list(ids)).fetchall()
    result: dict[str, list[Line]] = {}
    for _, about, id_, name, recorded_at, reason, data in rows:
        said = json.loads(data)
        result.setdefault(about, []).append({"event": id_, "name": name, "recorded_at": recorded_at, "reason": reason,
                                             "old": said.get("old", {}), "new": said.get("new", {})})
    return result
