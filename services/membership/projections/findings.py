"""The findings about each organisation: on which days a rule is not kept, and what was answered and decided about it."""
import json
from collections.abc import Sequence
from typing import Any, ClassVar

from services.membership import events
from shared import event
from shared.event import Event
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction

from .streams import Table, marks, upsert

COLUMNS = ("finding", "organisation", "rule", "article", "severity", "tag", "since", "until", "facts", "events", "state", "answer", "decision")
ENDLESS = "9999-12-31"
STATES = ("observed", "to check", "answered", "confirmed", "lifted", "expired")
Row = dict[str, Any]


class Findings(View):
    """`until` is the first day on which the rule is kept again. To confirm or lift a finding outweighs an answer that comes later."""

    name = "findings"
    names = frozenset({events.FINDING_RECORDED, events.FINDING_ANSWERED, events.FINDING_DECIDED})
    tables: ClassVar[dict[str, str]] = {
        "": "finding TEXT PRIMARY KEY, organisation TEXT, rule TEXT, article TEXT, severity TEXT, tag TEXT, events TEXT",
        "breaches": "finding TEXT, day TEXT, until TEXT, state TEXT, facts TEXT",
        "said": "finding TEXT, day TEXT, decides INTEGER, state TEXT, said TEXT, position BIGINT"}
    indexes: ClassVar[dict[str, Sequence[str]]] = {"": ["organisation"], "breaches": ["finding"], "said": ["finding"]}

    def fold(self, page: Sequence[Recorded]) -> list[tuple[Event, int]]:
        return [(event.decode(r.state), r.position) for r in page]

    def write(self, tx: Transaction, table: Table, change: Sequence[tuple[Event, int]]) -> None:
        for e, position in change:
            of, data = e.data["finding"], e.data
            if e.name == events.FINDING_RECORDED:
                upsert(tx, table(""), "finding", {
                    "finding": of, "organisation": data["organisation"], "rule": data["rule"], "article": data.get("article", ""),
                    "severity": data["severity"], "tag": data["tag"], "events": json.dumps(data["events"])})
                tx.execute(f"DELETE FROM {table('breaches')} WHERE finding = ?", (of,))
                tx.load(table("breaches"), ("finding", "day", "until", "state", "facts"), [
                    (of, b["from"], b.get("until", ENDLESS), b["state"], json.dumps(b.get("facts", {}), ensure_ascii=False, sort_keys=True))
                    for b in data["breaches"]])
            else:
                decides = e.name == events.FINDING_DECIDED
                tx.load(table("said"), ("finding", "day", "decides", "state", "said", "position"), [
                    (of, data["counts_from"], int(decides), data["state"] if decides else "answered", data["decision" if decides else "answer"], position)])


def _of_breaches(table: Table, organisations: Table) -> str:
    """Every breach that began by a day, with its state on that day: the day is the first five parameters."""
    of_breach = "{0}.finding = b.finding AND {0}.day >= b.day AND {0}.day < b.until"
    s, d = of_breach.format("s"), of_breach.format("d")
    outweighed = (f"s.decides = 0 AND coalesce((SELECT d.state FROM {table('said')} d WHERE {d} AND d.decides = 1 "
                  "AND (d.day, d.position) < (s.day, s.position) ORDER BY d.day DESC, d.position DESC LIMIT 1), '') IN ('confirmed', 'lifted')")

    def last(column: str, which: str) -> str:
        return f"(SELECT s.{column} FROM {table('said')} s WHERE {s} AND s.day <= ? AND {which} ORDER BY s.day DESC, s.position DESC LIMIT 1)"

    return (f"SELECT f.finding, f.organisation, f.rule, f.article, f.severity, f.tag, b.day AS since, b.until, b.facts, f.events, "
            f"CASE WHEN b.until <= ? THEN 'expired' ELSE coalesce({last('state', f'NOT ({outweighed})')}, b.state) END AS state, "
            f"coalesce({last('said', 's.decides = 0')}, '') AS answer, coalesce({last('said', 's.decides = 1')}, '') AS decision, "
            f"o.district, o.name FROM {table('breaches')} b JOIN {table('')} f ON f.finding = b.finding "
            f"LEFT JOIN {organisations('')} o ON o.organisation = f.organisation WHERE b.day <= ?")


def _rows(tx: Transaction, sql: str, today: str, rest: str, params: Sequence[object]) -> list[Row]:
    found = tx.execute(f"SELECT {', '.join(COLUMNS)}, name, district FROM ({sql}) AS breach {rest}", [*[today] * 5, *params]).fetchall()
    rows = [dict(zip((*COLUMNS, "name", "district"), row, strict=True)) for row in found]
    return [{**row, "facts": json.loads(row["facts"]), "events": json.loads(row["events"]), "until": "" if row["until"] == ENDLESS else row["until"]}
            for row in rows]


def of(tx: Transaction, table: Table, organisations: Table, organisation: str, today: str) -> list[Row]:
    """All there are and were of one organisation, what began last first."""
    return _rows(tx, _of_breaches(table, organisations), today, "WHERE organisation = ? ORDER BY since DESC, rule", (organisation,))


def open_ones(tx: Transaction, table: Table, organisations: Table, today: str, *, rule: str = "", district: str = "", state: str = "", after: str = "",
              limit: int = 50) -> list[Row]:
    """Those of that day, by rule and organisation, behind the finding `after`; lifted ones only where that state is asked for."""
    wanted = {"rule = ?": rule, "district = ?": district, "state = ?": state}
    given = {sql: value for sql, value in wanted.items() if value}
    where = "".join(f" AND {sql}" for sql in given) + ("" if state else " AND state <> 'lifted'")
    params = list(given.values())
    if after:
        organisation, _, behind = after.rpartition(":")
        where, params = f"{where} AND (rule, organisation) > (?, ?)", [*params, behind, organisation]
    return _rows(tx, _of_breaches(table, organisations), today, f"WHERE until > ?{where} ORDER BY rule, organisation LIMIT ?", [today, *params, limit])


def rules(tx: Transaction, table: Table, organisations: Table, today: str, district: str = "") -> list[Row]:
    """Rule and article, and how many findings of it are in each state on that day."""
    where, params = (" AND district = ?", [district]) if district else ("", [])
    rows = tx.execute(f"SELECT rule, article, state, count(*) FROM ({_of_breaches(table, organisations)}) AS breach WHERE until > ?{where} "
                      "GROUP BY rule, article, state ORDER BY rule", [*[today] * 6, *params]).fetchall()
    result: dict[str, Row] = {}
    for rule, article, state, n in rows:
        of_rule = result.setdefault(rule, {"rule": rule, "article": article, "states": {}})
        of_rule["states"][state] = of_rule["states"].get(state, 0) + int(n)
    return list(result.values())


def counts(tx: Transaction, table: Table, organisations: Table, some: Sequence[str], today: str) -> dict[str, int]:
    """How many findings about each of `some` organisations are open on that day."""
    rows = tx.execute(f"SELECT organisation, count(*) FROM ({_of_breaches(table, organisations)} AND f.organisation IN ({marks(some)})) AS breach "
                      "WHERE until > ? AND state <> 'lifted' GROUP BY organisation", [*[today] * 5, *some, today]).fetchall() if some else []
    return {organisation: int(n) for organisation, n in rows}
