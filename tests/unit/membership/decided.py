"""What organisations and their numbers are decided to have been, in the words of the tests."""
from typing import Any

from services.membership import events, organisation
from shared.application import New
from shared.testing import happened, specification
from tests.unit.membership.facts import called, fact

TODAY = "2025-01-01"
given = specification(organisation, today=TODAY)
KENIEBA, KANGABA = called("Kéniéba", "kenieba"), called("Kangaba", "kangaba")


def event(name: str, /, **data: Any) -> New:
    return New("organisation/dabia", name, {"organisation": "dabia", **data})


def member(day: str, delta: int, parent: str = "u", kind: str = "base") -> dict[str, Any]:
    return {"organisation": parent, "kind": kind, "from": day, "delta": delta}


def count(day: str, delta: int, district: str = "", level: str = "base") -> dict[str, Any]:
    return {"level": level, "from": day, "delta": delta, **({"district": district} if district else {})}


def number(of: str, name: str = events.REGISTER_NUMBER_TAKEN, number: str = "n1") -> Any:
    return happened(f"register-number/{number}", name, {"normalised": number, "organisation": of})


def also_called(alias: str, evidence: str, **more: Any) -> New:
    return New("organisation/niena", events.ORGANISATION_ALIAS_RECORDED, {"organisation": "niena", "alias": alias, "evidence": evidence, **more})


def registered(organisation: str = "dabia", /, **more: Any) -> Any:
    return fact(events.ORGANISATION_REGISTERED, organisation, **{"on": "2020", "number": "N 1", "normalised": "n1", "register": "RSC", **more})
