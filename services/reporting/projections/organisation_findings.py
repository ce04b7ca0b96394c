"""Findings about organisations, day by day, and what was answered or decided; a newer timeline retracts the one before."""
import json
from collections.abc import Callable, Sequence
from typing import ClassVar

import msgspec

from services.reporting import received
from services.reporting.received_facts import FindingEvent
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction

_decode = msgspec.json.Decoder(FindingEvent).decode
COLUMNS = ("finding", "organisation", "rule", "article", "severity", "tag", "day", "until", "found", "facts", "behind", "event", "recorded_at", "retracted_at",
           "position")
ENDLESS = "9999"


class OrganisationFindings(View):
    """A row a breach, from `day` to the day before `until`; `found` is its state until somebody answers or decides."""

    name = "organisation_findings"
    names = frozenset({received.FINDING_RECORDED, received.FINDING_ANSWERED, received.FINDING_DECIDED})
    tables: ClassVar[dict[str, str]] = {
        "": "finding TEXT, organisation TEXT, rule TEXT, article TEXT, severity TEXT, tag TEXT, day TEXT, until TEXT, found TEXT, facts TEXT, behind TEXT, "
            "event TEXT, recorded_at TEXT, retracted_at TEXT, position BIGINT",
        "words": "finding TEXT, said TEXT, state TEXT, day TEXT, event TEXT, recorded_at TEXT, position BIGINT"}
    indexes: ClassVar[dict[str, Sequence[str]]] = {"": ["finding"], "words": ["finding"]}

    def fold(self, page: Sequence[Recorded]) -> list[tuple[str, FindingEvent, int]]:
        return [(r.name, _decode(r.state), r.position) for r in page]

    def write(self, tx: Transaction, table: Callable[[str], str], change: Sequence[tuple[str, FindingEvent, int]]) -> None:
        for name, e, position in change:
            d = e.data
            if name != received.FINDING_RECORDED:
                said, state = ("answer", "answered") if name == received.FINDING_ANSWERED else ("decision", d.state)
                tx.execute(f"INSERT INTO {table('words')} VALUES (?, ?, ?, ?, ?, ?, ?)",
                           (d.finding, said, state, d.counts_from, e.id, e.recorded_at, position))
                continue
            tx.execute(f"UPDATE {table('')} SET retracted_at = ? WHERE finding = ? AND retracted_at = ''", (e.recorded_at, d.finding))
            tx.load(table(""), COLUMNS, [
                (d.finding, d.organisation, d.rule, d.article, d.severity, d.tag, b.day, b.until or ENDLESS, b.state,
                 json.dumps(b.facts, ensure_ascii=False, sort_keys=True), " ".join(d.events), e.id, e.recorded_at, "", position) for b in d.breaches])


def standing_as_of(table: Callable[[str], str]) -> str:
    """SQL for a row a finding: its newest breach, with `state` and last `word` on a day as known at a time; takes the values of `dates`.

    An answer or decision is about the breach there is on its day; an answer does not undo what was confirmed or lifted.
    """
    def last(said: str) -> str:
        return (f"(SELECT *, row_number() OVER (PARTITION BY finding ORDER BY day DESC, position DESC) AS age FROM {table('words')} "
                f"WHERE said = '{said}' AND day <= ? AND recorded_at <= ?) AS {said} ON {said}.finding = f.finding AND {said}.age = 1 AND {said}.day >= f.day")

    return f"""
        SELECT f.*, CASE WHEN answer.position > coalesce(decision.position, 0) THEN answer.event ELSE decision.event END AS word,
               CASE WHEN f.until <= ? THEN 'expired' WHEN decision.state IN ('confirmed', 'lifted') THEN decision.state
                    WHEN answer.finding IS NOT NULL AND (decision.finding IS NULL OR answer.day > decision.day
                         OR (answer.day = decision.day AND answer.position > decision.position)) THEN 'answered'
                    ELSE coalesce(decision.state, f.found) END AS state
        FROM (SELECT *, row_number() OVER (PARTITION BY finding ORDER BY day DESC) AS age FROM {table('')}
              WHERE day <= ? AND recorded_at <= ? AND (retracted_at = '' OR retracted_at > ?)) AS f
        LEFT JOIN {last("answer")}
        LEFT JOIN {last("decision")}
        WHERE f.age = 1"""


def dates(as_of: str, known_at: str) -> tuple[str, ...]:
    return as_of, as_of, known_at, known_at, as_of, known_at, as_of, known_at
