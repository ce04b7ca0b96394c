"""How much metal is in stock at the end of each month, by kind of custodian, or by custodian for those who may see where metal is."""
import calendar
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from services.reporting.figures.asked import Asked, Seen, Table, ends, ids_at, seeing
from services.reporting.figures.growth import months, spanned
from services.reporting.projections import daily
from services.reporting.projections.bookings import KEY, STOCK
from shared.service import Service

from . import grouped
from .booked import rows_known
from .grouped import Source
from .limits import coarse, delayed, limits

KIND, CUSTODIAN = "kind", "custodian"
BY = (KIND, CUSTODIAN)
KINDS = ("collector", "collection_centre", "comptoir", "transporter", "refinery", "")      # '': nobody registered it
PATH = "metal/stock/events"


class Moved(NamedTuple):
    holder: str
    kind: str
    month: str
    gross_mg: int
    fine_mg: int
    low: int
    high: int


class Held(NamedTuple):
    """`low` and `high`: the first and last log position behind it."""

    gross_mg: int = 0
    fine_mg: int = 0
    low: int = 0
    high: int = 0

    def plus(self, gross_mg: int, fine_mg: int, low: int, high: int) -> "Held":
        return Held(self.gross_mg + gross_mg, self.fine_mg + fine_mg, min(self.low or low, low), max(self.high, high))


def read(service: Service, asked: Asked, by: str, first: str, last: str) -> Table:
    """Raises Forbidden for custodians by name, BadRequest for a span that ends before it begins or is too long."""
    coarse(asked, (by,), (CUSTODIAN,))
    spanned(first, last)
    with seeing(service) as seen:
        moved = _moved(seen, asked)
        found = [(month, group, held) for month in months(first, min(last, asked.as_of[:7])) for group, held in _groups(moved, by, month).items()]
        at = {position for *_, held in found for h in held.values() for position in (h.low, h.high)}
        ids = ids_at(seen, "bookings", at) if asked.lots else {}
        rows = [_row(asked, by, month, group, held, ids) for month, group, held in found]
        return seen.answer(asked, **delayed(asked), **{"from": first, "to": last}, by=by, rows=rows)


def _moved(seen: Seen, asked: Asked) -> list[Moved]:
    rows, values = daily.known(seen.tables["bookings"], KEY, "1", asked.known_at)
    return [Moved(holder, kind, month, int(gross), int(fine), low, high) for holder, kind, month, gross, fine, low, high in seen.tx.execute(
        f"SELECT r.holder, coalesce(a.kind, ''), substr(r.day, 1, 7), sum(r.gross_mg), sum(r.fine_mg), min(r.low), max(r.high) FROM {rows} AS r "
        f"LEFT JOIN {seen.tables['bookings']('actor')} AS a ON a.actor = r.holder AND a.recorded_at <= ? WHERE r.account = ? AND r.day <= ? "
        "GROUP BY 1, 2, 3 ORDER BY 1, 3", (*values, asked.known, STOCK, asked.as_of)).fetchall()]


def _groups(moved: list[Moved], by: str, until: str) -> dict[str, dict[str, Held]]:
    """Kind or custodian → each of its custodians → what it holds at the end of the month."""
    groups: dict[str, dict[str, Held]] = defaultdict(dict)
    for m in moved:
        if m.month <= until:
            held = groups[m.kind if by == KIND else m.holder]
            held[m.holder] = held.get(m.holder, Held()).plus(*m[3:])
    return dict(sorted(groups.items()))


def _row(asked: Asked, by: str, month: str, group: str, held: Mapping[str, Held], ids: Mapping[int, str]) -> Table:
    whole = Held()
    for h in held.values():
        whole = whole.plus(*h)
    holding = sum(h.gross_mg > 0 or h.fine_mg > 0 for h in held.values())
    shown: Table = {"month": month, by: group or None}
    if not asked.lots and holding < limits().fewest_custodians:
        return {**shown, "suppressed": True}
    figures = {**shown, "custodians": holding, "gross_mg": whole.gross_mg, "fine_mg": whole.fine_mg, "suppressed": False}
    if not asked.lots:
        return figures
    at_its_end = replace(asked, as_of=min(asked.as_of, f"{month}-{calendar.monthrange(int(month[:4]), int(month[5:]))[1]}"))
    return {**figures, "events": ends(whole.low, whole.high, ids), "all": at_its_end.link(PATH, **{by: group})}


def events_behind(service: Service, asked: Asked, key: Mapping[str, str | None], after: int, limit: int) -> tuple[Table, str]:
    with seeing(service) as seen:
        source = Source(f"{rows_known(seen)} AS r LEFT JOIN {seen.tables['bookings']('actor')} AS a ON a.actor = r.holder AND a.recorded_at <= ? "
                        "WHERE r.account = ? AND r.day <= ?", [asked.known, asked.known, STOCK, asked.as_of],
                        {KIND: "coalesce(a.kind, '')", CUSTODIAN: "r.holder"}, {})
        return grouped.events_behind(seen, asked, source, key, after, limit)
