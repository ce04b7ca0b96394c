"""Where an organisation is on a day, and of which level: what the figures about its members and findings are sorted by."""
from collections.abc import Callable, Collection

from services.reporting.territory import organisations


def placed(presence: Callable[[str], str]) -> str:
    """SQL for organisation, district ('' where nobody said it) and level of those in being; takes day and time."""
    return (f"SELECT organisation, district, level FROM {presence('')} WHERE day <= ? AND recorded_at <= ? "
            "GROUP BY organisation, district, level HAVING sum(delta) > 0")


def within(territory: Collection[str], organisation: str, district: str) -> tuple[str, list[str]]:
    """SQL, with its values, for what lies in a territory; an empty one is the whole country."""
    own = organisations(territory)
    districts = [name for kind, _, name in (t.partition(":") for t in territory) if kind == "district"]
    parts = [f"{column} IN ({', '.join('?' * len(names))})" for column, names in ((organisation, own), (district, districts)) if names]
    return (f"({' OR '.join(parts)})" if parts else "1 = 0" if territory else "1 = 1"), [*own, *districts]
