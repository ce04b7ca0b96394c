"""Sites, corridors and agreements as they stand on a day: what holds, what is about to end, and who has no corridor."""
import datetime as dt
from typing import Any

from shared.projection import reading
from shared.service import Service

from .projections import agreements, corridors, organisations, places, sites

SOON_DAYS = 90
MOST_WITHOUT, MOST = 50, 60                # so that the page stays small; a district shows its own
Land = dict[str, Any]


def read(service: Service, today: str, district: str = "", after: str = "") -> Land:
    """Everything of the page about land; of one district, if given. `after` is the society behind which those without a corridor begin."""
    names = ("sites", "corridors", "agreements", "organisations", "places")
    with reading([service.view(name) for name in names]) as seen:
        tx, tables = seen.tx, seen.tables
        strips = [{**row, "stands": stands(row["valid_from"] or row["granted_from"], row["valid_until"], row["closed_on"], today),
                   "assigned": [{**a, "stands": stands(a["begins"], a["until"], "", today)} for a in row["assigned"]]}
                  for row in corridors.listed(tx, tables["corridors"], district, MOST)]
        found = sites.listed(tx, tables["sites"], district, MOST)
        without = corridors.without(tx, tables["corridors"], tables["organisations"], today, district, after, MOST_WITHOUT)
        deals = [{**row, "stands": _agreed(row, today)} for row in agreements.listed(tx, tables["agreements"])]
        slugs = {named["organisation"] for row in strips for named in row["assigned"]}
        slugs |= {party["organisation"] for row in deals for party in row["parties"] if "organisation" in party}
        return {"sites": found, "corridors": strips, "cut": MOST in (len(found), len(strips)), "without": without, "agreements": deals,
                "next": without[-1]["organisation"] if len(without) == MOST_WITHOUT else "",
                "organisations": {slug: row["name"] for slug, row in organisations.some(tx, tables["organisations"], slugs).items()},
                "partners": agreements.partners(tx, tables["agreements"]), "districts": places.districts(tx, tables["places"])}


def stands(begins: str, until: str, ended_on: str, today: str, ended: str = "closed") -> str:
    """How something stands that holds from a day to its last day, or until it was ended: also whether that last day is near."""
    if ended_on and ended_on <= today:
        return ended
    if until and until < today:
        return "expired"
    if begins > today:
        return "coming"
    if until and until <= _later(today, SOON_DAYS):
        return "expiring"
    return "holds" if until else "open"


def _agreed(row: Land, today: str) -> str:
    if row["state"] == "planned" and not row["ended_on"]:
        return "planned"
    return stands(row["valid_from"] or row["signed_from"], row["valid_until"], row["ended_on"], today, "ended")


def _later(day: str, days: int) -> str:
    return (dt.date.fromisoformat(day) + dt.timedelta(days)).isoformat()


def degrees(e6: int | None, positive: str, negative: str) -> str:
    """Millionths of a degree as people write them: 12,6500° N."""
    if e6 is None:
        return ""
    whole, part = divmod(abs(e6), 1_000_000)
    return f"{whole},{part // 100:04}° {positive if e6 >= 0 else negative}"
