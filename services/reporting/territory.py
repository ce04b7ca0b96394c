"""Which events a caller bound to a territory may see: those whose district or organisation lies in it."""
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from shared.service import Service

from .projections import presence

ACTOR = "actor:"


def sees(service: Service, territory: Collection[str], data: Mapping[str, Any]) -> bool:
    """Whether an event that says `data` lies in the territory; an empty one is the whole country."""
    if not territory or set(territory) & set(_named(data)):
        return True
    organisation = data.get("organisation")
    if not organisation:
        return False
    with service.view("presence").reading() as (tx, table, _):
        return f"district:{presence.whereabouts(tx, table, organisation)}" in territory


def _named(data: Mapping[str, Any]) -> Iterator[str]:
    """The districts and organisations that the event itself names, as `<kind>:<id>`."""
    for kind in ("district", "organisation"):
        if kind in data:
            yield f"{kind}:{data[kind]}"
    if "parent" in data:
        yield f"organisation:{data['parent']}"
    if data.get("kind") == "district" and "place" in data:
        yield f"district:{data['place']}"
    for said in (data.get("old"), data.get("new"), *data.get("counts", ())):
        if isinstance(said, Mapping) and "district" in said:
            yield f"district:{said['district']}"


def places(territory: Collection[str]) -> frozenset[str]:
    """Those of a territory that figures are sorted by. Who is bound to actors of the trade is bound to none: figures about metal are coarse to them."""
    return frozenset(t for t in territory if not t.startswith(ACTOR))


def actors(territory: Collection[str]) -> frozenset[str]:
    return frozenset(t.removeprefix(ACTOR) for t in territory if t.startswith(ACTOR))


def organisations(territory: Collection[str]) -> list[str]:
    return [name for kind, _, name in (t.partition(":") for t in territory) if kind == "organisation"]
