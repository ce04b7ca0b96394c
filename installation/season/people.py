"""The miners of the season: invented names, a card each for most, five members or more in most societies."""
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from .land import SITES
from .places import NOW, Fact, fact
from .societies import Society, between

MINERS, A_LIST = 1500, 500
TWICE = (402, 903)                         # the same name, village and year of birth as the one before: for somebody to decide
NAMES = {"female": ("Awa", "Fanta", "Hawa", "Kadiatou", "Mariam", "Nassira", "Oumou", "Sira"),
         "male": ("Adama", "Bakary", "Drissa", "Issa", "Lassana", "Moussa", "Sékou", "Yacouba")}
FEW, FULL, CARDED, LEAVING = 12, 18, 80, 6         # every twelfth society has under five members; those of a COOP-CA; percent with a card; who gave notice


def facts(choose: Random, base: Sequence[Society], miners: int = MINERS) -> list[Fact]:
    """Lists as a secretariat would send them, and what some members did later."""
    rows = list(_rows(choose, _places(choose, base, miners)))
    lists = [fact(f"miners-{n // A_LIST + 1}", "register-miners", rows=rows[n:n + A_LIST], occurred_on=NOW.isoformat()) for n in range(0, len(rows), A_LIST)]
    leaving = choose.sample([r for r in rows if r["admitted_on"] < "2022-06-01"], LEAVING)
    return [*lists, *(f for n, row in enumerate(leaving) for f in _leaves(choose, row, repaid=n % 3 != 0))]


def _places(choose: Random, base: Sequence[Society], miners: int) -> list[Society]:
    """The society of each miner; the smallest have what they have, however few `miners` are."""
    sizes = {s.id: 3 if n % FEW == 5 else 5 for n, s in enumerate(base)} | {s.id: FULL for s in base if s.form == "COOP-CA"}
    full = [s for s in base if sizes[s.id] == 5]
    more = choose.choices(full, k=max(0, miners - sum(sizes.values())))
    return sorted([*(s for s in base for _ in range(sizes[s.id])), *more], key=lambda s: s.number)


def _rows(choose: Random, places: Sequence[Society]) -> Iterator[dict[str, Any]]:
    """The first five of a society founded it; the others came later. Some say neither sex nor year."""
    before, seen, same = "", 0, dict[str, Any]()
    for n, s in enumerate(places, 1):
        seen, before = (seen + 1 if s.id == before else 1), s.id
        sex = "female" if choose.random() < 0.35 else "male"
        admitted = s.day if seen <= 5 else between(choose, s.day, NOW)
        row: dict[str, Any] = {"miner": f"m-saison{n:05}", "name": f"{choose.choice(NAMES[sex])} Synthétique-{n:04}",
                               "village": f"Village inventé {s.number % 40}", "organisation": s.id, "admitted_on": admitted.isoformat()}
        if n % 40:
            row["sex"] = sex
        if n % 25:
            row["birth_year"] = choose.randint(1958, 2005)
        if n in TWICE:
            row |= same
        same = {k: row[k] for k in ("name", "village", "birth_year") if k in row}
        if s.district in SITES:
            row["site"] = f"syn-site-{s.district}-{1 + s.number % 2}"
        if choose.randrange(100) < CARDED:
            row["card"] = _card(choose, n, admitted)
        yield row


def _card(choose: Random, n: int, admitted: date) -> dict[str, str]:
    """Personal and for a year (decree 99-255, article 1); every second was renewed for longer."""
    begins = between(choose, max(admitted, date(2023, 6, 1)), NOW) if admitted < NOW else NOW
    return {"card_type": "orpailleur", "issuer": "Guichet inventé", "number": f"SYN-{n:05}", "valid_from": begins.isoformat(),
            "valid_until": (begins + timedelta(days=364 if n % 2 else 3 * 365)).isoformat()}


def _leaves(choose: Random, row: dict[str, Any], repaid: bool) -> Iterator[Fact]:
    """Notice, and the shares repaid within the year, or not: a finding (AUSCOOP 11)."""
    day = between(choose, date(2022, 7, 1), date(2023, 9, 30))
    who = {"miner": row["miner"], "organisation": row["organisation"]}
    yield fact(f"{row['miner']}.notice", "notice-withdrawal", **who, received_on=day.isoformat(), occurred_on=day.isoformat())
    if repaid:
        yield fact(f"{row['miner']}.repaid", "record-refund", **who, occurred_on=(day + timedelta(days=choose.randint(60, 300))).isoformat())
