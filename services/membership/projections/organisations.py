"""Each organisation as it stands now, in one row; how its names are found; and who is affiliated to whom."""
import json
from collections.abc import Collection, Sequence
from typing import Any, ClassVar

from services.membership import events
from services.membership.place import normalise
from services.membership.presence import Fact
from services.membership.standing import Organisation, evolve
from shared.errors import BadRequest
from shared.event import Event
from shared.tables import Transaction

from .streams import TOLD, StreamView, Table, marks, upsert

Row = dict[str, Any]
COLUMNS = ("organisation", "name", "acronym", "level", "form", "district", "commune", "site", "seat", "register", "number", "normalised",
           "founded_on", "founded_from", "parents", "merged_into", "standing")
ENDLESS = "9999-12-31"


class Organisations(StreamView):
    """What is said of one before its founding is known makes a row without a level, under its slug for a name.

    A status holds from `day` on, until the day `until`: what is dated ahead is still to come.
    """

    name = "organisations"
    version = 2
    names = frozenset({
        events.ORGANISATION_FOUNDED, events.ORGANISATION_REGISTERED, events.ORGANISATION_AFFILIATED, events.ORGANISATION_DETACHED,
        events.ORGANISATION_RENAMED, events.ORGANISATION_ALIAS_RECORDED, events.ORGANISATION_MOVED, events.ORGANISATION_SUSPENDED,
        events.ORGANISATION_REINSTATED, events.ORGANISATION_DISSOLVED, events.ORGANISATION_MERGED, events.SEAT_RECORDED,
        events.FACT_CORRECTED, events.FACT_WITHDRAWN, events.STANDING_CHANGED})
    tables: ClassVar[dict[str, str]] = {
        "": "organisation TEXT PRIMARY KEY, sort TEXT, name TEXT, acronym TEXT DEFAULT '', level TEXT DEFAULT '', form TEXT DEFAULT '', "
            "district TEXT DEFAULT '', commune TEXT DEFAULT '', site TEXT DEFAULT '', seat TEXT DEFAULT '', "
            "register TEXT DEFAULT '', number TEXT DEFAULT '', normalised TEXT DEFAULT '', founded_on TEXT DEFAULT '', founded_from TEXT DEFAULT '', "
            "parents TEXT DEFAULT '[]', merged_into TEXT DEFAULT '', standing TEXT DEFAULT '[]'",
        "names": "organisation TEXT, name TEXT, normalised TEXT",
        "parents": "organisation TEXT, parent TEXT",
        "statuses": "organisation TEXT, status TEXT, day TEXT, until TEXT",
        "told": TOLD}
    indexes: ClassVar[dict[str, Sequence[str]]] = {
        "": ["sort, organisation", "district"], "names": ["organisation"], "parents": ["organisation", "parent"], "statuses": ["organisation"]}

    def derive(self, tx: Transaction, table: Table, stream: str, history: Sequence[Event]) -> None:
        slug = str(history[-1].data["organisation"])
        tx.execute(f"INSERT INTO {table('')} (organisation, sort, name) VALUES (?, ?, ?) ON CONFLICT (organisation) DO NOTHING", (slug, bare(slug), slug))
        if history[-1].name == events.STANDING_CHANGED:
            tx.execute(f"UPDATE {table('')} SET standing = ? WHERE organisation = ?", (json.dumps(history[-1].data["standing"]), slug))
            return
        state = evolve(history) if history[0].name == events.ORGANISATION_FOUNDED else None
        if state is None:
            return
        names = list(dict.fromkeys(_names(state)))
        upsert(tx, table(""), "organisation", _row(state))
        for suffix in ("names", "parents", "statuses"):
            tx.execute(f"DELETE FROM {table(suffix)} WHERE organisation = ?", (slug,))
        tx.load(table("names"), ("organisation", "name", "normalised"), [(slug, name, bare(name)) for name in names])
        tx.load(table("parents"), ("organisation", "parent"), [(slug, parent) for parent in state.parents])
        steps = state.statuses()
        ends = [*(day for day, _ in steps[1:]), ENDLESS]
        tx.load(table("statuses"), ("organisation", "status", "day", "until"),
                [(slug, status, day, until) for (day, status), until in zip(steps, ends, strict=True)])


def _row(state: Organisation) -> dict[str, str | int]:
    founded, registered = state.latest(events.ORGANISATION_FOUNDED), state.latest(events.ORGANISATION_REGISTERED)
    name = _said(state, "name", events.ORGANISATION_FOUNDED, events.ORGANISATION_RENAMED) or state.id
    whereabouts = (events.ORGANISATION_FOUNDED, events.ORGANISATION_MOVED, events.SEAT_RECORDED)
    return {
        "organisation": state.id, "sort": bare(name), "name": name, "level": state.level, "district": state.district,
        "form": _of(founded, "form"), "acronym": _of(founded, "acronym"), "founded_on": founded.occurred_on if founded else "",
        "founded_from": founded.counts_from if founded else "", "register": _of(registered, "register"), "number": _of(registered, "number"),
        "normalised": _of(registered, "normalised"), "merged_into": state.into, "parents": json.dumps(list(state.parents)),
        **{key: _said(state, key, *whereabouts) for key in ("commune", "site", "seat")}}


def _of(fact: Fact | None, key: str) -> str:
    return str(fact.data.get(key, "")) if fact else ""


def _said(state: Organisation, key: str, *names: str) -> str:
    """What the fact says that counts last among those of these names which say it; '' if none does."""
    found = sorted((f for f in state.facts if f.name in names and f.data.get(key)), key=lambda f: f.counts_from)
    return str(found[-1].data[key]) if found else ""


def _names(state: Organisation) -> list[str]:
    """Every name it bears, bore or is met under, its acronym and its slug."""
    found = [state.id]
    for fact in state.facts:
        found += [fact.data[key] for key in ("name", "old_name", "acronym", "alias") if fact.data.get(key)] + list(fact.data.get("aliases", ()))
    return [str(name) for name in found]


def bare(name: str) -> str:
    """What two spellings have in common; a name without one Latin letter keeps its own."""
    try:
        return normalise(name)
    except BadRequest:
        return name.casefold()


def page(tx: Transaction, table: Table, today: str, *, district: str = "", level: str = "", status: str = "", q: str = "", parent: str = "",
         after: str = "", limit: int = 50) -> list[Row]:
    """By name, behind the organisation `after`; `q` is found in any of its names, accents or not; `status` is that of today."""
    wanted = {"district = ?": [district], "level = ?": [level], f"organisation IN ({in_status(table)})": [status, today, today],
              f"organisation IN (SELECT organisation FROM {table('parents')} WHERE parent = ?)": [parent],
              f"organisation IN (SELECT organisation FROM {table('names')} WHERE normalised LIKE ? ESCAPE '!')": [_containing(q)],
              f"(sort, organisation) > (SELECT sort, organisation FROM {table('')} WHERE organisation = ?)": [after]}
    given = {sql: values for sql, values in wanted.items() if values[0]}
    where = f"WHERE {' AND '.join(given)} " if given else ""
    return _rows(tx, table, f"{where}ORDER BY sort, organisation LIMIT ?", [*(v for values in given.values() for v in values), limit])


def in_status(table: Table, statuses: int = 1) -> str:
    """Whose status is one of so many (the first parameters) on a day (the last two)."""
    return f"SELECT organisation FROM {table('statuses')} WHERE status IN ({marks(range(statuses))}) AND day <= ? AND until > ?"


def statuses(tx: Transaction, table: Table, some: Collection[str], today: str) -> dict[str, str]:
    """Nothing for one whose founding is not known yet."""
    rows = tx.execute(f"SELECT organisation, status FROM {table('statuses')} WHERE organisation IN ({marks(list(some))}) AND day <= ? AND until > ?",
                      [*some, today, today]).fetchall() if some else []
    return dict(rows)


def _containing(q: str) -> str:
    text = bare(q).replace("!", "!!").replace("%", "!%").replace("_", "!_") if q.strip() else ""
    return f"%{text}%" if text else ""


def some(tx: Transaction, table: Table, slugs: Collection[str]) -> dict[str, Row]:
    if not slugs:
        return {}
    wanted = sorted(slugs)
    return {row["organisation"]: row for row in _rows(tx, table, f"WHERE organisation IN ({marks(wanted)})", wanted)}


def everything(tx: Transaction, table: Table) -> list[Row]:
    return _rows(tx, table, "ORDER BY sort, organisation", [])


def names(tx: Transaction, table: Table, organisation: str) -> list[str]:
    return [name for (name,) in tx.execute(f"SELECT name FROM {table('names')} WHERE organisation = ? ORDER BY normalised, name", (organisation,)).fetchall()]


def _rows(tx: Transaction, table: Table, rest: str, params: Sequence[object]) -> list[Row]:
    rows = tx.execute(f"SELECT {', '.join(COLUMNS)} FROM {table('')} {rest}", list(params)).fetchall()
    found = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    return [{**row, "parents": json.loads(row["parents"]), "standing": json.loads(row["standing"])} for row in found]
