"""Sites and corridors of the season: two sites in most districts, corridors in some, each for some of the societies there."""
from collections.abc import Iterator, Sequence
from datetime import date
from random import Random

from .places import Dated, fact, names
from .societies import Society, between

# Somewhere in the district, in millionths of a degree: no real site.
SITES = {"kenieba": (12_840_000, -11_230_000), "kangaba": (11_940_000, -8_420_000), "kayes-sadiola": (13_900_000, -11_700_000),
         "kolondieba": (11_090_000, -6_890_000), "kadiolo": (10_550_000, -5_760_000), "yanfolila": (11_180_000, -8_150_000)}
# Corridors per district, with the last day of each.
CORRIDORS = {"kangaba": ("2026-12-31", "2027-12-31", "2024-06-30"), "kenieba": ("2027-06-30", "2025-12-31"), "kolondieba": ("2026-06-30",),
             "kadiolo": ("2027-12-31",)}
ASSIGNED = 0.4                             # of the societies of such a district


def dated(choose: Random, base: Sequence[Society]) -> Iterator[Dated]:
    for district, where in SITES.items():
        for n in (1, 2):
            yield date(2019, 1, 10), fact(f"site-{district}-{n}", "register-site", site=f"syn-site-{district}-{n}", district=names()[district],
                                          name=f"Site synthétique n° {n} de {names()[district]}", latitude=_degrees(where[0] + choose.randint(-90_000, 90_000)),
                                          longitude=_degrees(where[1] + choose.randint(-90_000, 90_000)))
    for district, ends in CORRIDORS.items():
        for n, end in enumerate(ends, 1):
            yield date(2023, 10, 1), fact(f"corridor-{district}-{n}", "grant-corridor", corridor=f"syn-{district}-{n}", district=names()[district],
                                          name=f"Couloir synthétique n° {n} de {names()[district]}", order=f"arrêté inventé n° {n}", valid_from="2023-10-01",
                                          valid_until=end, sites=[f"syn-site-{district}-{1 + n % 2}"], occurred_on="2023-10-01")
        yield from _assigned(choose, district, len(ends), [s for s in base if s.district == district])
    yield date(2024, 9, 1), fact("corridor-extended", "extend-corridor", corridor="syn-kenieba-2", valid_until="2026-12-31", occurred_on="2024-09-01")
    yield date(2024, 10, 1), fact("corridor-closed", "close-corridor", corridor="syn-kadiolo-1", reason="zone épuisée, inventé", occurred_on="2024-10-01")


def _assigned(choose: Random, district: str, corridors: int, societies: Sequence[Society]) -> Iterator[Dated]:
    there = [s for s in societies if s.day < date(2024, 2, 1)]
    for s in choose.sample(there, round(len(there) * ASSIGNED)):
        day = between(choose, date(2024, 2, 1), date(2024, 5, 31))
        yield day, fact(f"{s.id}.corridor", "assign-corridor", corridor=f"syn-{district}-{choose.randint(1, corridors)}", organisation=s.id,
                        occurred_on=day.isoformat())


def _degrees(millionths: int) -> str:
    whole, rest = divmod(abs(millionths), 1_000_000)
    return f"{'-' if millionths < 0 else ''}{whole}.{rest:06}"
