"""Where each organisation is, when it ended and what it became part of: rows of the view of miners, who are where their society is."""
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from services.membership import events, presence
from services.membership.standing import Organisation
from shared.event import Event
from shared.tables import Transaction

from .streams import Table, marks

NAMES = frozenset({events.ORGANISATION_FOUNDED, events.ORGANISATION_MOVED, events.ORGANISATION_DISSOLVED, events.ORGANISATION_MERGED,
                   events.FACT_CORRECTED, events.FACT_WITHDRAWN})
FACTS = (events.ORGANISATION_FOUNDED, events.ORGANISATION_MOVED, events.ORGANISATION_DISSOLVED)
AT_ONCE = 500
TABLE = "organisation TEXT PRIMARY KEY, district TEXT, ended TEXT, into_ TEXT, facts TEXT"
Row = tuple[str, str, str, str]            # a row of the table, behind its key
UNKNOWN: Row = ("", "", "", "{}")
Facts = dict[str, dict[str, str]]          # by event: its name, when it happened, from which day it counts, the district it names


class Home(NamedTuple):
    """The district that an organisation came to last, the same as a command sees (`miners.territory.place`), and the day it ended; '' for none.

    Of a duplicate they are those of the record it is part of, over however many merges; `names` are its own and theirs.
    """

    district: str
    ended: str
    names: tuple[str, ...]


def take(tx: Transaction, table: Table, told: Sequence[Event]) -> set[str]:
    """Keeps what is told of organisations; those that are elsewhere now, or part of another, or at an end, or no longer."""
    of: dict[str, list[Event]] = {}
    for e in told:
        of.setdefault(e.data["organisation"], []).append(e)
    before = {organisation: (district, ended, into, facts) for organisation, district, ended, into, facts in _rows(tx, table, of)}
    after = {organisation: _told(before.get(organisation, UNKNOWN), some) for organisation, some in of.items()}
    tx.merge(table("home"), [(organisation, *row) for organisation, row in after.items()], "ON CONFLICT (organisation) DO UPDATE SET "
             "district = excluded.district, ended = excluded.ended, into_ = excluded.into_, facts = excluded.facts")
    return {organisation for organisation, row in after.items() if row[:3] != before.get(organisation, UNKNOWN)[:3]}


def _told(row: Row, told: Sequence[Event]) -> Row:
    _, _, into, text = row
    facts: Facts = json.loads(text)
    for e in told:
        into = e.data["into"] if e.name == events.ORGANISATION_MERGED else into
        _apply(facts, e)
    return (*_stands(facts), into, json.dumps(facts, separators=(",", ":")))


def _apply(facts: Facts, e: Event) -> None:
    said = e.data
    if e.name in FACTS:
        fact = presence.as_fact(e)
        facts[e.id] = {"name": e.name, "occurred_on": fact.occurred_on, "counts_from": fact.counts_from, "district": str(said.get("district", ""))}
    elif e.name == events.FACT_CORRECTED and said["corrects"] in facts:
        facts[said["corrects"]] |= {field: said["new"][field] for field in ("occurred_on", "counts_from", "district") if field in said["new"]}
    elif e.name == events.FACT_WITHDRAWN:
        facts.pop(said["withdraws"], None)


def _stands(facts: Facts) -> tuple[str, str]:
    """District and end, as a command sees them after all that is known."""
    known = Organisation(id="", level="", facts=tuple(
        presence.Fact(event=id_, name=f["name"], occurred_on=f["occurred_on"], counts_from=f["counts_from"], data=f) for id_, f in facts.items()))
    return known.district, known.dissolution.counts_from if known.dissolution else ""


def _rows(tx: Transaction, table: Table, organisations: Iterable[str]) -> Iterator[Any]:
    names = sorted(organisations)
    for n in range(0, len(names), AT_ONCE):
        some = names[n:n + AT_ONCE]
        yield from tx.execute(f"SELECT organisation, district, ended, into_, facts FROM {table('home')} WHERE organisation IN ({marks(some)})",
                              some).fetchall()


def read(tx: Transaction, table: Table, organisations: Collection[str]) -> dict[str, Home]:
    """Of each, also of one that nobody has told of yet."""
    found: dict[str, Any] = {}
    ahead = set(organisations)
    while ahead:
        rows = {row[0]: row for row in _rows(tx, table, ahead)}
        found |= rows
        ahead = {row[3] for row in rows.values() if row[3]} - found.keys()
    return {organisation: _home(found, organisation) for organisation in organisations}


def _home(found: dict[str, Any], organisation: str) -> Home:
    names = [organisation]
    while (row := found.get(names[-1])) and row[3]:
        names.append(row[3])
    return Home(row[1] if row else "", row[2] if row else "", tuple(names))
