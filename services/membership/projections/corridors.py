"""The corridors for artisanal mining, until when each holds, and to whom it is assigned."""
import json
from collections.abc import Sequence
from typing import Any, ClassVar

from services.membership import events
from services.membership.land import corridor
from services.membership.validity import day_of
from shared.event import Event
from shared.tables import Transaction

from .organisations import in_status
from .streams import TOLD, StreamView, Table, upsert

COLUMNS = ("corridor", "name", "district", "ministerial_order", "collectivity", "valid_from", "valid_until", "sites", "granted_from", "closed_on")
ENDLESS = "9999-12-31"


class Corridors(StreamView):
    """An assignment's `until` is the last day on which both it and the corridor hold; ENDLESS where none is known."""

    name = "corridors"
    version = 2
    names = frozenset({events.CORRIDOR_GRANTED, events.CORRIDOR_EXTENDED, events.CORRIDOR_CLOSED, events.CORRIDOR_ASSIGNED,
                       events.CORRIDOR_ASSIGNMENT_ENDED})
    tables: ClassVar[dict[str, str]] = {
        "": "corridor TEXT PRIMARY KEY, name TEXT, district TEXT, ministerial_order TEXT, collectivity TEXT, valid_from TEXT, valid_until TEXT, sites TEXT, "
            "granted_from TEXT, closed_on TEXT",
        "assigned": "corridor TEXT, organisation TEXT, begins TEXT, until TEXT", "told": TOLD}
    indexes: ClassVar[dict[str, Sequence[str]]] = {"": ["district"], "assigned": ["corridor", "organisation"]}

    def derive(self, tx: Transaction, table: Table, stream: str, history: Sequence[Event]) -> None:
        state = corridor.evolve(history)
        if state is None:
            return
        granted = history[0].data
        slug = str(granted["corridor"])
        upsert(tx, table(""), "corridor", {
            "corridor": slug, "name": granted["name"], "district": granted["district"], "ministerial_order": granted.get("order", ""),
            "collectivity": granted.get("collectivity", ""), "valid_from": state.valid_from or "", "valid_until": state.valid_until or "",
            "sites": json.dumps(granted.get("sites", [])), "granted_from": day_of(history[0]), "closed_on": state.closed_on})
        tx.execute(f"DELETE FROM {table('assigned')} WHERE corridor = ?", (slug,))
        tx.load(table("assigned"), ("corridor", "organisation", "begins", "until"),
                [(slug, a.organisation, a.begins, state.until(a.valid_until) or ENDLESS) for a in state.assignments])


def listed(tx: Transaction, table: Table, district: str, limit: int) -> list[dict[str, Any]]:
    """By name, each with those it was assigned to and nobody has ended."""
    where, params = ("WHERE district = ? ", [district, limit]) if district else ("", [limit])
    rows = tx.execute(f"SELECT {', '.join(COLUMNS)} FROM {table('')} {where}ORDER BY name, corridor LIMIT ?", params).fetchall()
    assigned: dict[str, list[dict[str, str]]] = {}
    for name, organisation, begins, until in tx.execute(
            f"SELECT corridor, organisation, begins, until FROM {table('assigned')} ORDER BY begins, organisation").fetchall():
        assigned.setdefault(name, []).append({"organisation": organisation, "begins": begins, "until": "" if until == ENDLESS else until})
    found = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    return [{**row, "sites": json.loads(row["sites"]), "assigned": assigned.get(row["corridor"], [])} for row in found]


def of(tx: Transaction, table: Table, organisation: str) -> list[dict[str, str]]:
    """The corridors assigned to it, with the last day on which each holds for it."""
    rows = tx.execute(f"SELECT c.corridor, c.name, a.begins, a.until FROM {table('assigned')} a JOIN {table('')} c ON c.corridor = a.corridor "
                      "WHERE a.organisation = ? ORDER BY a.begins", (organisation,)).fetchall()
    return [{"corridor": corridor, "name": name, "begins": begins, "until": "" if until == ENDLESS else until} for corridor, name, begins, until in rows]


def without(tx: Transaction, table: Table, organisations: Table, today: str, district: str, after: str, limit: int) -> list[dict[str, str]]:
    """Base societies in being to which no corridor is assigned today, by name behind `after`; `organisations` names the tables of that view."""
    place, params = ("AND o.district = ? ", [district]) if district else ("", [])
    if after:
        place, params = f"{place}AND (o.sort, o.organisation) > (SELECT sort, organisation FROM {organisations('')} WHERE organisation = ?) ", [*params, after]
    gone = in_status(organisations, 2)
    rows = tx.execute(
        f"SELECT o.organisation, o.name, o.district FROM {organisations('')} o WHERE o.level = 'base' AND o.organisation NOT IN ({gone}) {place}"
        f"AND NOT EXISTS (SELECT 1 FROM {table('assigned')} a WHERE a.organisation = o.organisation AND a.begins <= ? AND a.until >= ?) "
        "ORDER BY o.sort, o.organisation LIMIT ?", ["dissolved", "merged", today, today, *params, today, today, limit]).fetchall()
    return [{"organisation": organisation, "name": name, "district": where} for organisation, name, where in rows]
