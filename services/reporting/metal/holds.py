"""How many lots are held, by the rule that holds them: placed, lifted, gone with the lot that was spent, and held still."""
from collections.abc import Mapping

from services.reporting.figures.asked import Asked, Seen, Table, ends, ids_at, seeing
from services.reporting.projections.lot_holds import BEGUN, LIFTED, SPENT
from shared.service import Service

from . import grouped
from .grouped import Source
from .limits import delayed

PATH = "metal/holds/events"
MOST_RULES = 10_000


def read(service: Service, asked: Asked) -> Table:
    sums = {"held": "sum(r.delta)", **{how: f"sum(CASE WHEN r.how = '{how}' THEN 1 ELSE 0 END)" for how in (BEGUN, LIFTED, SPENT)}}
    with seeing(service) as seen:
        cells, _ = grouped.cells(seen, _source(seen, asked, sums), ("rule",), "", MOST_RULES)
        ids = ids_at(seen, "lot_holds", {position for c in cells for position in (c.first, c.last)}) if asked.lots else {}
        return seen.answer(asked, **delayed(asked), rows=[
            {**c.key, **c.sums, **({"events": ends(c.first, c.last, ids), "all": asked.link(PATH, **c.key)} if asked.lots else {})} for c in cells])


def _source(seen: Seen, asked: Asked, sums: Mapping[str, str]) -> Source:
    return Source(f"{seen.tables['lot_holds']('')} AS r WHERE r.day <= ? AND r.recorded_at <= ?", list(asked.both_axes), {"rule": "r.rule"}, sums,
                  "r.position", "r.position")


def events_behind(service: Service, asked: Asked, key: Mapping[str, str | None], after: int, limit: int) -> tuple[Table, str]:
    with seeing(service) as seen:
        return grouped.events_behind(seen, asked, _source(seen, asked, {}), key, after, limit)
