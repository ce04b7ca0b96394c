"""What is on record of each organisation: legal form, registration, corridors; a row is retracted where a later event says otherwise."""
import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar, NamedTuple

import msgspec

from services.reporting import received
from services.reporting.received_facts import Extended, Record, day_of
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction

_record, _extended = msgspec.json.Decoder(Record).decode, msgspec.json.Decoder(Extended).decode
COLUMNS = ("organisation", "what", "detail", "day", "own_until", "until", "fact", "event", "recorded_at", "retracted_at", "position")
WHAT = ("form", "number", "corridor")
ENDLESS = "9999-12-31"


class Row(NamedTuple):
    """`day` '' means since the beginning; `until` is the last day, `own_until` the last that the assignment itself has; `fact` the event that first said it."""

    organisation: str
    what: str
    detail: str
    day: str
    own_until: str
    until: str
    fact: str
    event: str
    recorded_at: str
    retracted_at: str
    position: int


class Retracted(NamedTuple):
    """Rows in which `where` holds, `{table}` being theirs, stand no more; where `instead` gives day, own_until and until as SQL, those do in their place."""

    where: str
    params: tuple[str, ...]
    by: tuple[str, str, int]
    instead: str = ""
    values: tuple[str, ...] = ()


class Records(View):
    name = "records"
    version = 2
    names = frozenset({received.ORGANISATION_FOUNDED, received.ORGANISATION_REGISTERED, received.FACT_CORRECTED, received.FACT_WITHDRAWN,
                       received.CORRIDOR_ASSIGNED, received.CORRIDOR_EXTENDED, received.CORRIDOR_CLOSED, received.CORRIDOR_ASSIGNMENT_ENDED})
    tables: ClassVar[dict[str, str]] = {
        "": "organisation TEXT, what TEXT, detail TEXT, day TEXT, own_until TEXT, until TEXT, fact TEXT, event TEXT, recorded_at TEXT, retracted_at TEXT, "
            "position BIGINT"}
    indexes: ClassVar[dict[str, Sequence[str]]] = {"": ["organisation", "fact"]}

    def fold(self, page: Sequence[Recorded]) -> list[Row | Retracted]:
        return [change for r in page for change in (_extension(r) if r.name == received.CORRIDOR_EXTENDED else _changes(r))]

    def write(self, tx: Transaction, table: Callable[[str], str], change: Sequence[Row | Retracted]) -> None:
        name = table("")
        for c in change:
            if isinstance(c, Row):
                tx.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(COLUMNS))})", c)
                continue
            (event, recorded_at, position), where = c.by, c.where.format(table=name)
            if c.instead:
                tx.execute(f"INSERT INTO {name} SELECT organisation, what, detail, {c.instead}, fact, ?, ?, '', ? FROM {name} WHERE {where} "
                           "AND retracted_at = ''", (*c.values, event, recorded_at, position, *c.params))
            tx.execute(f"UPDATE {name} SET retracted_at = ? WHERE {where} AND retracted_at = '' AND position < ?", (recorded_at, *c.params, position))


_OF_CORRIDOR = "organisation = ? AND what = 'corridor' AND detail = ?"
# An older end does not name its assignment: it is the one in force on that day, else the one that began last.
_MEANT = (f"fact = (SELECT fact FROM {{table}} WHERE {_OF_CORRIDOR} AND retracted_at = '' "
          "ORDER BY CASE WHEN day <= ? AND until >= ? THEN 0 ELSE 1 END, day DESC, fact DESC LIMIT 1)")
_EXTENDED = "day, own_until, CASE WHEN own_until < ? THEN own_until ELSE ? END"
_CUT = "day, CASE WHEN own_until < ? THEN own_until ELSE ? END, CASE WHEN until < ? THEN until ELSE ? END"


def _extension(r: Recorded) -> Iterator[Retracted]:
    e = _extended(r.state)
    until = e.data.new.valid_until or ENDLESS
    for organisation in e.data.assigned:
        yield Retracted(_OF_CORRIDOR, (organisation, e.data.corridor), (e.id, e.recorded_at, r.position), _EXTENDED, (until, until))


def _changes(r: Recorded) -> Iterator[Row | Retracted]:
    e = _record(r.state)
    d, by = e.data, (e.id, e.recorded_at, r.position)
    day = day_of(e)

    def row(what: str, detail: str, since: str, own_until: str = "", until: str = "") -> Row:
        return Row(d.organisation, what, detail, since, own_until or ENDLESS, until or own_until or ENDLESS, e.id, e.id, e.recorded_at, "", r.position)

    match r.name:
        case received.ORGANISATION_FOUNDED if d.form:
            yield row("form", d.form, "")
        case received.ORGANISATION_REGISTERED:
            yield row("number", d.number, day)
        case received.CORRIDOR_ASSIGNED:
            yield row("corridor", d.corridor, d.begins or day, d.valid_until, d.until)
        case received.CORRIDOR_ASSIGNMENT_ENDED:
            where, which = ("fact = ?", (d.assignment,)) if d.assignment else (_MEANT, (d.organisation, d.corridor, day, day))
            yield Retracted(where, which, by, _CUT, (_before(day),) * 4)
        case received.CORRIDOR_CLOSED:
            for organisation in d.assigned:
                yield Retracted(_OF_CORRIDOR, (organisation, d.corridor), by, _CUT, (_before(day),) * 4)
        case received.FACT_CORRECTED if d.new.counts_from:
            yield Retracted("fact = ? AND day <> ''", (d.corrects,), by, "?, own_until, until", (d.new.counts_from,))
        case received.FACT_WITHDRAWN:
            yield Retracted("fact = ?", (d.withdraws,), by)


def _before(day: str) -> str:
    """The last day before something ended; there is none before the first of all."""
    return dt.date.fromordinal(max(dt.date.fromisoformat(day).toordinal() - 1, 1)).isoformat()


def holding(table: Callable[[str], str]) -> str:
    """SQL for the rows that hold on a day as known at a time; takes day, day, time, time."""
    return f"SELECT * FROM {table('')} WHERE day <= ? AND until >= ? AND recorded_at <= ? AND (retracted_at = '' OR retracted_at > ?)"
