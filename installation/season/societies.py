"""The base societies: where each is, since when, what it is called, and when it was registered."""
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from .places import NOW, START, Dated, fact, names, stated

FIRST = {"kangaba": 10, "kenieba": 7, "kayes-sadiola": 3, "kadiolo": 2, "yanfolila": 2, "sikasso": 1, "bamako": 1}    # in being on 17 November 2019
EARLY_PER_UNION = 2                        # societies of the first two years that later found a union
WEIGHTS = {2020: 3, 2021: 5, 2022: 8, 2023: 8, 2024: 6}
MISDATED, MISPLACED = (60, 95, 130), (75, 140)                # corrected at once, else the counts were wrong
MOVED = {"kangaba": "yanfolila", "kadiolo": "sikasso"}           # one society each was founded there and went here


@dataclass(frozen=True, slots=True, kw_only=True)
class Society:
    """`district` is where it is at last, `founded_in` where it began, `day` when; `misdated` and `misplaced` are what was first said of that."""

    number: int
    district: str
    founded_in: str
    day: date
    form: str
    misdated: date | None = None
    misplaced: str = ""

    @property
    def id(self) -> str:
        return f"syn-{self.number:03}"

    @property
    def name(self) -> str:
        """Every thirtieth name lacks the form: a finding (AUSCOOP 205, 268)."""
        form = "" if self.number % 30 == 7 else f" {self.form}"
        return f"Société synthétique n° {self.number:03} de {names()[self.founded_in]}{form}"


def between(choose: Random, first: date, last: date) -> date:
    return first + timedelta(days=choose.randint(0, (last - first).days))


def planned(choose: Random) -> list[Society]:
    """As many per district as the report says of both dates, numbered by day."""
    found: list[Society] = []
    for district, row in stated().items():
        first, later_unions = FIRST.get(district, 0), row["unions"] - unions_at_the_start(district)
        early = min(EARLY_PER_UNION * later_unions, row["base"] - first)
        days = [*(between(choose, date(2018, 2, 1), date(2019, 9, 15)) for _ in range(first)),
                *(between(choose, date(2020, 1, 15), date(2021, 10, 31)) for _ in range(early)),
                *(_grown(choose) for _ in range(row["base"] - first - early))]
        found += [Society(number=0, district=district, founded_in=district, day=day, form="SCOOPS") for day in days]
    found.sort(key=lambda s: (s.day, s.district))
    found = [replace(s, number=n, form="COOP-CA" if n % 41 == 0 else s.form) for n, s in enumerate(found, 1)]
    for here, there in MOVED.items():
        at = next(n for n, s in enumerate(found) if s.district == here and s.day > date(2022, 1, 1))
        found[at] = replace(found[at], founded_in=there)
    for number in MISDATED:
        found[number] = replace(found[number], misdated=found[number].day - timedelta(days=1200))
    for number in MISPLACED:
        found[number] = replace(found[number], misplaced="bamako" if found[number].founded_in != "bamako" else "kangaba")
    return found


def unions_at_the_start(district: str) -> int:
    return {"kangaba": 2, "kenieba": 2}.get(district, 0)


def _grown(choose: Random) -> date:
    year = choose.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    return between(choose, date(year, 1, 5), min(date(year, 12, 20), NOW - timedelta(days=10)))


def foundings(base: Sequence[Society]) -> Iterator[Dated]:
    """Every sixth day is known to the month only, where that leaves the counts of both dates as they are."""
    for s in base:
        said = s.day.isoformat()
        if s.number % 6 == 0 and (s.day.year, s.day.month) not in ((START.year, START.month), (NOW.year, NOW.month)):
            said = said[:7]
        yield s.day, fact(f"{s.id}.founded", "found-organisation", organisation=s.id, level="base", name=s.name, form=s.form,
                          district=names()[s.misplaced or s.founded_in], occurred_on=s.misdated.isoformat() if s.misdated else said)
        if s.misdated or s.misplaced:
            right = {"new_occurred_on": said} if s.misdated else {"district": names()[s.founded_in]}
            yield s.day, fact(f"{s.id}.corrected", "correct-organisation-fact", organisation=s.id, event={"event_of": f"season.{s.id}.founded"},
                              reason="faute de saisie inventée", **right)


def registrations(choose: Random, base: Sequence[Society]) -> Iterator[Dated]:
    """One in twelve is never registered and one in twelve late: findings (AUSCOOP 69, 74)."""
    for s in base:
        lot = choose.randrange(12)
        if lot:
            day = s.day + timedelta(days=choose.randint(120, 300) if lot == 1 else choose.randint(10, 80))
            if day <= NOW:
                yield day, fact(f"{s.id}.registered", "register-organisation", organisation=s.id, number=f"SYN{day.year} {s.number:04}/B", register="RSC",
                                occurred_on=day.isoformat())
