"""Two invented partners of the invented confederation, and what was agreed with them."""
from collections.abc import Iterator
from datetime import date

from .apexes import CONFEDERATION
from .places import Dated, Fact, fact


def dated() -> Iterator[Dated]:
    for partner, name, kind in (("syn-fonds", "Fonds synthétique", "financing"), ("syn-raffinerie", "Raffinerie synthétique", "refinery")):
        yield date(2020, 1, 6), fact(f"{partner}.registered", "register-partner", partner=partner, name=name, kind=kind)
    yield date(2022, 3, 1), _agreement("syn-kits", "Accord synthétique : équipement", "syn-fonds", "2022-03-01", "2024-02-29", ["120 trousses de secours"])
    yield date(2022, 9, 1), fact("syn-kits.delivered", "record-deliverable", agreement="syn-kits", deliverable="120 trousses de secours",
                                 occurred_on="2022-09-01")
    yield date(2024, 2, 15), fact("syn-kits.amended", "amend-agreement", agreement="syn-kits", amendment="Avenant inventé n° 1 : trois ans de plus",
                                  valid_until="2027-02-28", occurred_on="2024-02-15")
    yield date(2023, 6, 1), _agreement("syn-achat", "Accord synthétique : achat de la production", "syn-raffinerie", "2023-06-01", "2024-05-31", [])
    yield date(2024, 5, 31), fact("syn-achat.ended", "end-agreement", agreement="syn-achat", occurred_on="2024-05-31")


def _agreement(slug: str, title: str, partner: str, begins: str, ends: str, deliverables: list[str]) -> Fact:
    return fact(f"{slug}.signed", "sign-agreement", agreement=slug, title=title, parties=[{"organisation": CONFEDERATION}, {"partner": partner}],
                valid_from=begins, valid_until=ends, deliverables=deliverables, occurred_on=begins)
