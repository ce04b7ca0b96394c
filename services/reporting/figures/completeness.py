"""How much of what there is to know is on record: organisations one by one against those declared, and what is known of each and of the miners."""
from services.reporting.projections import cards, declarations
from services.reporting.projections.placement import placed, within
from services.reporting.projections.records import holding
from shared.service import Service

from .asked import SHOWN_EVENTS, Asked, Seen, Table, seeing

LEVELS = ("base", "union", "federation", "confederation")
OF_ORGANISATIONS = ("number", "district", "form", "members", "corridor")
OF_MINERS = ("sex", "birth_year", "card")


def read(service: Service, asked: Asked) -> Table:
    """Of each level, and of the miners who belong to an organisation: of how many each thing is on record."""
    with seeing(service) as seen:
        return seen.answer(asked, rows=[*_declared(seen, asked), *_organisations(seen, asked), *_miners(seen, asked)])


def _row(of: str, what: str, recorded: int, total: int, events: list[str], everything: str) -> Table:
    return {"of": of, "what": what, "recorded": recorded, "total": total, "percent": round(100 * recorded / total, 1) if total else None,
            "events": events, "all": everything}


def _declared(seen: Seen, asked: Asked) -> list[Table]:
    """Organisations recorded one by one, of those that the sources declare for the country; no row where nobody declared any."""
    latest = declarations.latest(seen.tx, seen.tables["declarations"], *asked.both_axes)
    derived = dict(seen.tx.execute(f"SELECT level, count(*) FROM ({placed(seen.tables['presence'])}) AS p GROUP BY level", asked.both_axes).fetchall())
    rows = []
    for level in LEVELS:
        stated = [statements[-1] for (measure, district), statements in sorted(latest.items()) if measure == level and district]
        behind = stated or latest.get((level, ""), ())[-1:]
        if behind:
            rows.append(_row(level, "organisation", derived.get(level, 0), sum(s.value for s in behind), [s.event for s in behind],
                             asked.link("districts", basis="derived")))
    return rows


def _organisations(seen: Seen, asked: Asked) -> list[Table]:
    records, values = _records(seen, asked)
    sums = ", ".join(f"sum(CASE WHEN {what} THEN 1 ELSE 0 END)" for what in _CONDITIONS.values())
    by_level = {level: of for level, *of in seen.tx.execute(f"SELECT level, count(*), {sums} FROM {records} GROUP BY level", values).fetchall()}
    return [_row(level, what, int(n), int(by_level[level][0]), _first(seen, asked, what, level),
                 asked.link("completeness/organisations", level=level, what=what, recorded="yes"))
            for level in LEVELS if level in by_level for what, n in zip(_CONDITIONS, by_level[level][1:], strict=True)]


_CONDITIONS = {"number": "number IS NOT NULL", "district": "district <> ''", "form": "form IS NOT NULL", "members": "members > 0",
               "corridor": "corridor IS NOT NULL"}


def _records(seen: Seen, asked: Asked) -> tuple[str, list[str]]:
    """SQL, with its values, for the organisations in being and what is on record of each."""
    held = holding(seen.tables["records"])
    sql = (f"(SELECT p.organisation, p.district, p.level, r.number, r.form, r.corridor, m.members FROM ({placed(seen.tables['presence'])}) AS p LEFT JOIN ("
           "SELECT organisation, max(CASE WHEN what = 'number' THEN event END) AS number, max(CASE WHEN what = 'form' THEN event END) AS form, "
           f"max(CASE WHEN what = 'corridor' THEN event END) AS corridor FROM ({held}) AS h GROUP BY organisation) AS r ON r.organisation = p.organisation "
           f"LEFT JOIN (SELECT organisation, sum(delta) AS members FROM {seen.tables['members']('')} WHERE day <= ? AND recorded_at <= ? "
           "GROUP BY organisation) AS m ON m.organisation = p.organisation) AS o")
    return sql, [*asked.both_axes, asked.as_of, asked.as_of, asked.known, asked.known, *asked.both_axes]


def _first(seen: Seen, asked: Asked, what: str, level: str) -> list[str]:
    """The first events that say it of an organisation of the level."""
    if what in ("district", "members"):
        view, of = ("presence", f"district <> '' AND level = '{level}'") if what == "district" else (
            "members", f"organisation IN (SELECT organisation FROM {seen.tables['presence']('')} WHERE level = '{level}')")
        sql, values = f"SELECT position, event FROM {seen.tables[view]('')} WHERE {of} AND day <= ? AND recorded_at <= ?", [*asked.both_axes]
    else:
        sql = (f"SELECT h.position, h.event FROM ({holding(seen.tables['records'])}) AS h JOIN ({placed(seen.tables['presence'])}) AS p "
               "ON p.organisation = h.organisation WHERE h.what = ? AND p.level = ?")
        values = [asked.as_of, asked.as_of, asked.known, asked.known, *asked.both_axes, what, level]
    return list(dict(seen.tx.execute(f"{sql} ORDER BY 1 LIMIT {SHOWN_EVENTS}", values).fetchall()).values())


_SEX, _BORN = "sex <> ''", "birth_year > 0"


def _miners(seen: Seen, asked: Asked) -> list[Table]:
    """Of people, each once however many organisations they belong to."""
    def known(what: str) -> str:
        return f"CASE WHEN sum(CASE WHEN {what} THEN delta ELSE 0 END) > 0 THEN 1 ELSE 0 END"

    belonging = (f"SELECT member, {known(_SEX)} AS sex, {known(_BORN)} AS birth_year FROM {seen.tables['members']('')} "
                 "WHERE kind = 'miner' AND day <= ? AND recorded_at <= ? GROUP BY member HAVING sum(delta) > 0")
    held = cards.holding(seen.tables["cards"])
    total, *counts = seen.tx.execute(
        f"SELECT count(*), coalesce(sum(b.sex), 0), coalesce(sum(b.birth_year), 0), count(c.miner) FROM ({belonging}) AS b "
        f"LEFT JOIN (SELECT DISTINCT miner FROM ({held}) AS h) AS c ON c.miner = b.member", (*asked.both_axes, *asked.both_axes, asked.known)).fetchone()
    first = [event for _, event in seen.tx.execute(
        f"SELECT position, event FROM ({held}) AS h ORDER BY position LIMIT {SHOWN_EVENTS}", (*asked.both_axes, asked.known)).fetchall()]
    behind = {"sex": ("members", {"by": "sex"}), "birth_year": ("members", {"by": "age_band"}), "card": ("completeness", {})}
    return [_row("miner", what, int(n), int(total), first if what == "card" else [], asked.link(behind[what][0], **behind[what][1]))
            for what, n in zip(OF_MINERS, counts, strict=True)] if total else []


def organisations(service: Service, asked: Asked, level: str, what: str, recorded: bool, after: str, limit: int) -> tuple[Table, str]:
    """Which organisations of a level have it on record, or lack it, by name in pages; with the event that says it, where one does."""
    with seeing(service) as seen:
        records, values = _records(seen, asked)
        where, mine = within(asked.territory, "organisation", "district")
        event = what if what in ("number", "form", "corridor") else "NULL"
        rows = seen.tx.execute(
            f"SELECT organisation, district, {event} FROM {records} WHERE level = ? AND {'' if recorded else 'NOT '}coalesce({_CONDITIONS[what]}, 1 = 0) "
            f"AND {where} AND organisation > ? ORDER BY organisation LIMIT ?", (*values, level, *mine, after, limit)).fetchall()
        found = [{"organisation": o, "district": d or None, "event": e} for o, d, e in rows]
        last = found[-1]["organisation"] if len(found) == limit else ""
        return seen.answer(asked, level=level, what=what, recorded=recorded, rows=found), last
