"""Unions, federations and the confederation: founded by who was there, and who is affiliated to whom since when."""
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from .places import NOW, START, Dated, Fact, fact, names, stated
from .societies import Society, between, unions_at_the_start

CONFEDERATION = "syn-confederation"
# Which unions make a federation, by district and number: two at least each (AUSCOOP 141), though the districts of the report have fewer.
FEDERATIONS = {
    "fed-kenieba": ("kenieba", ("kenieba-1", "kenieba-2", "kenieba-3")), "fed-kangaba": ("kangaba", ("kangaba-1", "kangaba-2")),
    "fed-kolondieba": ("kolondieba", ("kolondieba-1", "bougouni-1")), "fed-kadiolo": ("kadiolo", ("kadiolo-1", "bougouni-2")),
    "fed-yanfolila": ("yanfolila", ("kangaba-3", "kangaba-4")), "fed-sikasso": ("sikasso", ("sikasso-1", "bougouni-3")),
    "fed-bamako-1": ("bamako", ("kenieba-4", "kayes-sadiola-1")), "fed-bamako-2": ("bamako", ("kenieba-5", "kenieba-6"))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Apex:
    """A union, a federation or the confederation, with those who founded it."""

    id: str
    level: str
    name: str
    district: str | None
    day: date
    founders: tuple[str, ...]
    members: tuple[str, ...] = ()


def planned(choose: Random, base: Sequence[Society]) -> list[Apex]:
    unions = {u.id: u for district in stated() for u in _unions(choose, district, [s for s in base if s.district == district])}
    federations = [_federation(choose, name, district, [unions[f"syn-union-{u}"] for u in of]) for name, (district, of) in FEDERATIONS.items()]
    tops = [*unions.values(), *federations]
    there = [t.id for t in tops if t.day <= START] + [s.id for s in base if s.day <= START]
    confederation = Apex(id=CONFEDERATION, level="confederation", name="Confédération synthétique COOP-CA", district=None, day=START, founders=tuple(there),
                         members=tuple(f.id for f in federations))
    return [*tops, confederation]


def _unions(choose: Random, district: str, societies: Sequence[Society]) -> Iterator[Apex]:
    """Each founded by two societies that no other union was founded by."""
    for n in range(stated()[district]["unions"]):
        first = n < unions_at_the_start(district)
        founders = societies[2 * n:2 * n + 2]
        earliest = max(s.day for s in founders) + timedelta(days=1)
        window = (date(2019, 9, 16), date(2019, 10, 20)) if first else (max(earliest, date(2021, 11, 15)), date(2023, 5, 31))
        yield Apex(id=f"syn-union-{district}-{n + 1}", level="union", name=f"Union synthétique n° {n + 1} de {names()[district]} SCOOPS", district=district,
                   day=between(choose, *window), founders=tuple(s.id for s in founders))


def _federation(choose: Random, name: str, district: str, unions: Sequence[Apex]) -> Apex:
    """On the day of a union it has from the beginning, or later."""
    founders = [u for u in unions if u.day < START] or unions
    after = max(u.day for u in founders)
    day = between(choose, date(2019, 10, 21), date(2019, 11, 10)) if after < START else between(choose, after + timedelta(days=15), date(2024, 3, 31))
    number = name.rpartition("-")[2]
    title = f"Fédération synthétique {f'n° {number} ' if number.isdigit() else ''}de {names()[district]} SCOOPS"
    return Apex(id=f"syn-{name}", level="federation", name=title, district=district, day=day, founders=tuple(u.id for u in founders),
                members=tuple(u.id for u in unions))


def foundings(tops: Sequence[Apex]) -> Iterator[Dated]:
    """With the constitutive assembly and the registration; one union's founders sent too few delegates: a finding (AUSCOOP 134)."""
    for top in tops:
        said = top.day.isoformat()
        where = {"district": names()[top.district]} if top.district else {}
        form = "COOP-CA" if top.level == "confederation" else "SCOOPS"
        yield top.day, fact(f"{top.id}.founded", "found-organisation", organisation=top.id, level=top.level, name=top.name, form=form, occurred_on=said,
                            **where)
        yield top.day, fact(f"{top.id}.assembly", "hold-constitutive-assembly", organisation=top.id, founders=list(top.founders),
                            founder_count=len(top.founders), delegates_each=2 if top.id == "syn-union-bougouni-3" else 3, occurred_on=said)
        day = top.day + timedelta(days=45)
        yield day, fact(f"{top.id}.registered", "register-organisation", organisation=top.id, number=f"SYN{day.year} {top.id}", register="RSC",
                        occurred_on=day.isoformat())


def affiliations(choose: Random, base: Sequence[Society], tops: Sequence[Apex]) -> Iterator[Dated]:
    """Base to union, or to a federation or the confederation where there is none; unions to federations, federations to the confederation."""
    by_id = {top.id: top for top in tops}
    for top in tops:
        for member in top.members:
            day = max(top.day, by_id[member].day)
            yield day, _affiliated(member, top.id, day)
    unions = [t for t in tops if t.level == "union"]
    for s in base:
        parents = [t for t in unions if t.district == s.district] or [t for t in tops if t.level == "federation" and t.district == s.district]
        founded = [t for t in parents if s.id in t.founders]
        parent = founded[0] if founded else choose.choice(parents)
        yield from _into(choose, s, parent, bool(founded))


def _into(choose: Random, s: Society, parent: Apex, founder: bool) -> Iterator[Dated]:
    """Half of those who come before their parent belong to the confederation until then; one in twenty belongs to nobody."""
    joins = parent.day if founder else min(NOW, max(s.day, parent.day) + timedelta(days=choose.randint(0, 60)))
    alone, directly = choose.random() < 0.05, choose.random() < 0.5
    if directly and max(s.day, START) + timedelta(days=30) < joins:
        since = max(s.day, START) + timedelta(days=choose.randint(0, 29))
        yield since, _affiliated(s.id, CONFEDERATION, since)
        yield joins, fact(f"{s.id}.detached", "detach-organisation", organisation=s.id, parent=CONFEDERATION, occurred_on=joins.isoformat())
    if founder or not alone:
        yield joins, _affiliated(s.id, parent.id, joins)


def _affiliated(child: str, parent: str, day: date) -> Fact:
    return fact(f"{child}.in.{parent}", "affiliate-organisation", organisation=child, parent=parent, occurred_on=day.isoformat())
