"""Where an organisation is on a day, and of which level: what the figures about its members and findings are sorted by."""
from collections.abc import Callable, Collection

from services.reporting.territory import organisations


def placed(presence: Callable[[str], str]) -> str:
    """SQL for organisation, district ('' where nobody said it) and level of those in being; takes day and time."""
    return (f"SELECT organisation, district, level FROM {presence('')} WHERE day <= ? AND recorded_at <= ? "
            "GROUP BY organisation, district, level HAVING sum(delta) > 0")


def homed(presence: Callable[[str], str]) -> str:
    """SQL for organisation, district and level of all that were ever in being, since their members outlast them; takes day and time.

    Each is where it came to last by that day, also when it has ended; a duplicate where the record is that it became part of.
    """
    return (
        "WITH RECURSIVE asked AS (SELECT CAST(? AS TEXT) AS on_day, CAST(? AS TEXT) AS known_at), "
        f"part AS (SELECT p.organisation, p.into_ FROM {presence('part')} AS p CROSS JOIN asked WHERE p.recorded_at <= known_at), "
        "became AS (SELECT organisation, into_ FROM part "
        "UNION ALL SELECT b.organisation, p.into_ FROM became AS b JOIN part AS p ON p.organisation = b.into_), "
        f"came AS (SELECT p.organisation, p.district, p.level, p.day FROM {presence('')} AS p CROSS JOIN asked "
        "WHERE p.day <= on_day AND p.recorded_at <= known_at GROUP BY p.organisation, p.district, p.level, p.day HAVING sum(p.delta) > 0), "
        "home AS (SELECT organisation, district, level, row_number() OVER (PARTITION BY organisation ORDER BY day DESC, district DESC) AS n FROM came) "
        "SELECT organisation, district, level FROM home WHERE n = 1 AND organisation NOT IN (SELECT organisation FROM part) "
        "UNION ALL SELECT b.organisation, h.district, h.level FROM became AS b JOIN home AS h ON h.organisation = b.into_ AND h.n = 1 "
        "WHERE b.into_ NOT IN (SELECT organisation FROM part)")


def within(territory: Collection[str], organisation: str, district: str) -> tuple[str, list[str]]:
    """SQL, with its values, for what lies in a territory; an empty one is the whole country."""
    own = organisations(territory)
    districts = [name for kind, _, name in (t.partition(":") for t in territory) if kind == "district"]
    parts = [f"{column} IN ({', '.join('?' * len(names))})" for column, names in ((organisation, own), (district, districts)) if names]
    return (f"({' OR '.join(parts)})" if parts else "1 = 0" if territory else "1 = 1"), [*own, *districts]
