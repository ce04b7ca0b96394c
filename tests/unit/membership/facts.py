"""What happened to organisations and places, in the words of the tests."""
from typing import Any

from services.membership import events
from services.membership.place import name_stream, normalise
from shared.application import New
from shared.event import Event
from shared.testing import happened

SOURCE = {"document": "minutes", "section": "1"}


def fact(name: str, organisation: str = "dabia", /, *, on: str = "", id: str = "", recorded_at: str = "2025-01-01T08:00:00.000Z", **data: Any) -> Event:
    return happened(f"organisation/{organisation}", name, {"organisation": organisation, **data}, occurred_on=on, id=id, recorded_at=recorded_at)


def founded(organisation: str = "dabia", /, *, on: str = "", level: str = "base", name: str = "Dabia", **more: Any) -> Event:
    return fact(events.ORGANISATION_FOUNDED, organisation, on=on, level=level, name=name, **more)


def moved(district: str, *, on: str = "", **more: Any) -> Event:
    return fact(events.ORGANISATION_MOVED, on=on, district=district, **more)


def dissolved(*, on: str = "", **more: Any) -> Event:
    return fact(events.ORGANISATION_DISSOLVED, on=on, **more)


def affiliated(parent: str, *, on: str = "", **more: Any) -> Event:
    return fact(events.ORGANISATION_AFFILIATED, on=on, level="base", parent=parent, parent_level="union", **more)


def detached(parent: str, *, on: str = "", **more: Any) -> Event:
    return fact(events.ORGANISATION_DETACHED, on=on, level="base", parent=parent, parent_level="union", **more)


def called(name: str, place: str, kind: str = "district") -> Event:
    """A name of a place is taken."""
    return happened(name_stream(kind, name), events.PLACE_NAMED, naming(name, place, kind).data)


def naming(name: str, place: str, kind: str = "district", evidence: str | None = None) -> New:
    return New(name_stream(kind, name), events.PLACE_NAMED,
               {"kind": kind, "place": place, "name": name, "normalised": normalise(name), "evidence": evidence})


def registered_district(district: str, name: str) -> Event:
    return happened(f"district/{district}", events.DISTRICT_REGISTERED, {"district": district, "name": name})
