"""Where each organisation is, and to which it belongs, step by step through time: to sort by what happened on different days."""
from collections.abc import Callable

ENDLESS = "9999-99"


def districts(presence: Callable[[str], str]) -> str:
    """SQL for subject, place, day and until (the first day on which it is no longer so); takes a time."""
    return _steps(f"SELECT organisation AS subject, district AS place, day, sum(delta) AS n FROM {presence('')} WHERE recorded_at <= ? "
                  "GROUP BY organisation, district, day")


def parents(members: Callable[[str], str]) -> str:
    """The same for what an organisation is affiliated to."""
    return _steps(f"SELECT member AS subject, organisation AS place, day, sum(delta) AS n FROM {members('')} WHERE kind <> 'miner' AND recorded_at <= ? "
                  "GROUP BY member, organisation, day")


def _steps(changes: str) -> str:
    """Of several places on one day the last in their order counts, so that nothing is summed twice."""
    return (f"WITH changes AS ({changes}), days AS (SELECT DISTINCT subject, day FROM changes), "
            "standing AS (SELECT d.subject, d.day, c.place FROM days AS d JOIN changes AS c ON c.subject = d.subject AND c.day <= d.day "
            "GROUP BY d.subject, d.day, c.place HAVING sum(c.n) > 0) "
            f"SELECT d.subject, d.day, max(coalesce(s.place, '')) AS place, lead(d.day, 1, '{ENDLESS}') OVER (PARTITION BY d.subject ORDER BY d.day) AS until "
            "FROM days AS d LEFT JOIN standing AS s ON s.subject = d.subject AND s.day = d.day GROUP BY d.subject, d.day")


def joined(steps: str, alias: str, subject: str, day: str) -> str:
    """SQL that joins the step of `subject` on `day`, or none; takes what `steps` takes."""
    return f"LEFT JOIN ({steps}) AS {alias} ON {alias}.subject = {subject} AND {day} >= {alias}.day AND {day} < {alias}.until"
