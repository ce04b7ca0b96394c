"""What became of some societies: renamed, suspended, moved, twice on record, dissolved – none changes the counts of the two dates."""
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from .places import NOW, Dated, fact, names
from .societies import Society, between

RENAMED, SUSPENDED, TWICE, DISSOLVED = 6, 5, 4, 6


def all_of(choose: Random, base: Sequence[Society]) -> list[Dated]:
    """Each of another society."""
    picked = choose.sample([s for s in base if s.founded_in == s.district and s.day < date(2023, 6, 1)], RENAMED + SUSPENDED + TWICE)
    renamed, suspended, twice = picked[:RENAMED], picked[RENAMED:-TWICE], picked[-TWICE:]
    return [*_renamed(choose, renamed), *_suspended(choose, suspended), *_merged(twice), *_moved(base), *_dissolved(choose)]


def _later(choose: Random, s: Society) -> date:
    return between(choose, s.day + timedelta(days=60), NOW - timedelta(days=60))


def _said(day: date, id_: str, command: str, **body: Any) -> Dated:
    return day, fact(id_, command, occurred_on=day.isoformat(), **body)


def _renamed(choose: Random, some: Sequence[Society]) -> Iterator[Dated]:
    for s in some:
        name = f"Société synthétique n° {s.number:03} de {names()[s.district]}, dite « l'Espoir inventé », {s.form}"
        yield _said(_later(choose, s), f"{s.id}.renamed", "rename-organisation", organisation=s.id, name=name)


def _suspended(choose: Random, some: Sequence[Society]) -> Iterator[Dated]:
    """Some rest no longer."""
    for n, s in enumerate(some):
        day = _later(choose, s)
        yield _said(day, f"{s.id}.suspended", "suspend-organisation", organisation=s.id, reason="décision inventée")
        if n % 2:
            yield _said(day + timedelta(days=45), f"{s.id}.reinstated", "reinstate-organisation", organisation=s.id)


def _merged(some: Sequence[Society]) -> Iterator[Dated]:
    """A second record of the same society, under a spelling of its own, until somebody decided."""
    for n, s in enumerate(some, 1):
        double = f"{s.id}-double"
        yield _said(s.day, f"{double}.founded", "found-organisation", organisation=double, level="base", form=s.form, district=names()[s.district],
                    name=f"Sté synthétique {s.number:03} {names()[s.district]}")
        yield _said(s.day + timedelta(days=200), f"{double}.merged", "merge-organisations", organisation=double, into=s.id,
                    decision=f"procès-verbal inventé n° {n} : deux fiches d'une même société")


def _moved(base: Sequence[Society]) -> Iterator[Dated]:
    for s in base:
        if s.founded_in != s.district:
            yield _said(s.day + timedelta(days=180), f"{s.id}.moved", "move-organisation", organisation=s.id, district=names()[s.district])


def _dissolved(choose: Random) -> Iterator[Dated]:
    """Founded after the first date and gone before the second."""
    for n in range(1, DISSOLVED + 1):
        id_, day = f"syn-fini-{n}", between(choose, date(2020, 2, 1), date(2021, 12, 31))
        district = choose.choice(list(names().values()))
        yield _said(day, f"{id_}.founded", "found-organisation", organisation=id_, level="base", form="SCOOPS", district=district,
                    name=f"Société synthétique éteinte n° {n} de {district} SCOOPS")
        yield _said(day, f"{id_}.assembly", "hold-constitutive-assembly", organisation=id_, founder_count=7)
        yield _said(day + timedelta(days=choose.randint(200, 900)), f"{id_}.dissolved", "dissolve-organisation", organisation=id_, reason="inventée")
