"""flat: what one more event costs, appended and folded into every live view, when there are many already."""
import time

from eventsourcing.persistence import StoredEvent

from services.reporting.application import open_service
from shared.log import RECEIVED
from shared.rebuild import rebuild
from shared.service import Service

from . import material
from .measure import Figure, in_turns
from .place import Place

TOGETHER = 100


def flat(place: Place) -> Figure:
    many, few = (100_000, 10_000) if place.quick else (1_000_000, 50_000)
    number = 2_000 if place.quick else 10_000
    large, small = open_service(place.filled(many)), open_service(place.filled(few))
    try:
        for each in (large, small):
            each.prepare()
            rebuild(each.views)
            cost(each, number)                 # warm
        return in_turns(place, lambda: cost(large, number), lambda: cost(small, number), unit="µs/event", floor=1.3, at_most=True, note=(
            f"'ours' at {many:,} events, 'stock' at {few:,}; {TOGETHER} events appended together, then folded by each of reporting's views"))
    finally:
        large.close()
        small.close()


def cost(service: Service, number: int) -> float:
    """Microseconds for one of `number` more events."""
    head = service.log.received_head("membership")
    first = head.version + 1 if head else 1
    more = [StoredEvent(RECEIVED + "membership", first + n, s.topic, s.state) for n, s in enumerate(material.events(number))]
    began = time.perf_counter()
    for start in range(0, number, TOGETHER):
        service.log.append(more[start:start + TOGETHER])
        for projection in service.views:
            if projection.step() != TOGETHER:
                raise AssertionError(f"{projection.view.name} did not follow: {projection.current()}")
    return (time.perf_counter() - began) / number * 1e6
