"""append and single: load ten events, decide, append, for organisations taken at random, nothing kept in memory."""
import random
import threading
import time
from collections.abc import Callable
from itertools import count

from services.membership import commands, organisation
from services.membership.application import open_service
from shared import application, event
from shared.application import Meta
from shared.service import Service

from . import material, stock
from .measure import Figure, in_turns
from .place import Place

IN_FLIGHT = 64


def append(place: Place) -> Figure:
    return _figure(place, IN_FLIGHT, 4_000 if place.quick else 12_000, floor=4)


def single(place: Place) -> Figure:
    return _figure(place, 1, 1_000 if place.quick else 3_000, floor=1.1)


def _figure(place: Place, in_flight: int, number: int, floor: float) -> Figure:
    organisations = place.organisations
    config = place.streams(organisations)
    service = open_service(config)
    theirs = stock.Organisations(env=stock.environment(config.database))
    try:
        ours_one, stock_one = our_command(service, organisations), stock_command(theirs, organisations)
        for one in (ours_one, stock_one):
            rate(one, in_flight, number // 10)             # connects, and lets PostgreSQL prepare
        return in_turns(place, lambda: rate(ours_one, in_flight, number), lambda: rate(stock_one, in_flight, number),
                        unit="commands/s", floor=floor, note=(
            f"{in_flight} plain threads, {organisations:,} streams of ten events; ours also looks up and keeps the Idempotency-Key"))
    finally:
        theirs.close()
        service.close()


def our_command(service: Service, organisations: int) -> Callable[[random.Random], None]:
    """One letter that names an organisation otherwise, as membership handles it behind its schema."""
    numbers, run = count(), event.new_id()

    def one(chance: random.Random) -> None:
        number = next(numbers)
        body = material.alias(chance.randrange(organisations), 7, "2024-11-30")
        meta = Meta(actor=event.Actor("aminata.traore", "officer"), client="aminata.traore", key=f"{run}-{number:08d}", digest="0" * 64,
                    correlation=event.new_id(), **{k: body.pop(k) for k in material.META if k in body})
        command = commands.RecordOrganisationAlias(occurred_on=meta.occurred_on, **body)
        application.handle(service.log, meta, organisation.streams(command), lambda histories: organisation.decide(histories, command, "2026-11-24"))

    return one


def stock_command(theirs: stock.Organisations, organisations: int) -> Callable[[random.Random], None]:
    """The same content through the stock repository, an aggregate, and save."""
    run = event.new_id()
    numbers = count()

    def one(chance: random.Random) -> None:
        body = material.alias(chance.randrange(organisations), 7, "2024-11-30")
        name, source = body.pop("organisation"), body.pop("source")
        content = {"actor": {"subject": "aminata.traore", "role": "officer"}, "correlation": event.new_id(),
                   "command": {"client": "aminata.traore", "key": f"{run}-{next(numbers):08d}", "digest": "0" * 64},
                   "data": {"organisation": name, "alias": body.pop("alias"), "evidence": body.pop("evidence"), "source": source}, **body}
        id_ = stock.identity(organisation.stream(name))
        while True:
            found: stock.Organisation = theirs.repository.get(id_)
            found.record("membership.OrganisationAliasRecorded", content)
            try:
                theirs.save(found)
                return
            except stock.IntegrityError:               # two commands for one stream
                continue

    return one


def rate(one: Callable[[random.Random], None], in_flight: int, number: int) -> float:
    """Commands a second with `in_flight` callers who each wait for their answer."""
    left = iter(range(number))
    failures: list[BaseException] = []

    def caller(seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - which stream
        try:
            for _ in left:
                one(chance)
        except BaseException as e:
            failures.append(e)

    threads = [threading.Thread(target=caller, args=(time.perf_counter_ns() + n,)) for n in range(in_flight)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return number / (time.perf_counter() - began)
