"""The condition of one service, read from its log and tables alone, so that it can be told when nothing runs."""
import datetime as dt
from typing import Any

from . import event
from .errors import Unavailable
from .projection import Projection
from .service import Service

MOST = 100_000                     # nobody waits for an exact count of a longer queue


def of(service: Service) -> dict[str, Any]:
    """Positions are texts, as everywhere. Raises Unavailable when the database is away or nothing was migrated."""
    log = service.log
    head = log.head()
    return {
        "kind": log.opened.kind, "log_id": log.opened.log_id, "head": str(head), "own_head": str(log.own_head()),
        "relay": _relay(service), "inbox": {source: _inbox(service, source) for source in service.others},
        "views": {p.view.name: _view(p, head) for p in service.views}, "processes": {p.view.name: _process(p, head) for p in service.processes},
        "dead_letters": dead_letters(service), "verified": _verified(service)}


def dead_letters(service: Service) -> int:
    """Those that nobody has decided about."""
    return int(service.tables.query("SELECT count(*) FROM refused WHERE id NOT IN (SELECT refused FROM settled)")[0][0])


def note_verified(service: Service, position: int, digest: str) -> None:
    """Called by who has compared every copy up to there and found no fault."""
    with service.tables.transaction() as tx:
        tx.execute("INSERT INTO verified VALUES (1, ?, ?, ?) ON CONFLICT (one) DO UPDATE SET position = excluded.position, "
                   "digest = excluded.digest, at = excluded.at", (position, digest, event.now()))


def _verified(service: Service) -> dict[str, str] | None:
    rows = service.tables.query("SELECT position, digest, at FROM verified")
    return {"position": str(rows[0][0]), "digest": rows[0][1], "at": rows[0][2]} if rows else None


def _relay(service: Service) -> dict[str, Any]:
    """How many events wait to be published, and for how long the first of them has."""
    position = int(service.tables.query("SELECT position FROM relay")[0][0])
    waiting = service.log.own_after(position, 1)
    return {"position": str(position), "behind": service.log.count_own(position, MOST) if waiting else 0,
            "seconds": since(event.decode(waiting[0].state).recorded_at) if waiting else 0}


def _inbox(service: Service, source: str) -> dict[str, Any]:
    row = service.log.received_head(source)
    heard = service.tables.query("SELECT at, stopped FROM heard WHERE source = ?", (source,))
    at, stopped = heard[0] if heard else ("", "")
    return {"held": str(row.version if row else 0), "heard_at": at or None, "seconds": since(at) if at else None, "stopped": stopped or None}


def _view(p: Projection, head: int) -> dict[str, Any]:
    try:
        run = p.current()
    except Unavailable:                 # not prepared yet: the worker has never run
        return {"run": 0, "position": "0", "behind": head, "stopped_at": None, "why": None}
    return {"run": run.number, "position": str(run.position), "behind": max(0, head - run.position),
            "stopped_at": str(run.stopped_at) if run.stopped_at else None, "why": run.why or None}


def _process(p: Projection, head: int) -> dict[str, Any]:
    state = _view(p, head)
    table = p.view.table(state["run"])("")
    due = p.tables.query(f"SELECT count(*) FROM {table} WHERE done = 0 AND due_at <= ?", (event.now(),))[0][0] if state["run"] else 0
    return {**state, "due": int(due)}


def since(at: str) -> int:
    """Whole seconds from `at` to now, 0 for the future."""
    return max(0, round((dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(at)).total_seconds()))
