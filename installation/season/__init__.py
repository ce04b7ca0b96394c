"""A season that never was: named, clearly synthetic societies whose derived counts are the report's, from one seed."""
from random import Random
from typing import Any

from . import apexes, land, partners, people, places, sequels, societies

SEED = 2019


def facts(seed: int = SEED, miners: int = people.MINERS) -> list[dict[str, Any]]:
    """What is loaded, in the order in which it would have been reported; the same on every machine."""
    choose = Random(seed)            # noqa: S311 - invented, and the same every time
    base = societies.planned(choose)
    tops = apexes.planned(choose, base)
    dated = [*societies.foundings(base), *apexes.foundings(tops), *apexes.affiliations(choose, base, tops), *societies.registrations(choose, base),
             *sequels.all_of(choose, base)]
    dated += [*land.dated(choose, base), *partners.dated()]
    return [*places.facts(), *(fact for _, fact in sorted(dated, key=lambda d: d[0])), *people.facts(choose, base, miners)]
