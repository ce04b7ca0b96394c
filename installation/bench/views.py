"""fold, rebuild and memory: reporting's views made anew from the log."""
import hashlib
import threading
import time
from collections.abc import Sequence
from typing import Any

import psycopg
from eventsourcing.projection import ProjectionRunner

from services.reporting.application import open_service
from shared.projection import Projection
from shared.rebuild import rebuild
from shared.service import Service

from . import material, stock
from .measure import Figure, in_turns
from .place import Place

STOCK_RUN = 9000                       # of no real run


def fold(place: Place) -> Figure:
    number, few = (100_000, 5_000) if place.quick else (1_000_000, 20_000)
    config = place.filled(number)
    service = open_service(config)
    service.prepare()
    environment = stock.environment(config.database)
    last = stock.fill(config.database, material.opened_and(few), stock.of_view)

    def theirs() -> float:
        stock.drop_view(config.database)
        stock.DistrictCounts.until, stock.DistrictCounts.reached = last, threading.Event()
        with ProjectionRunner(application_class=stock.Organisations, projection_class=stock.DistrictCounts,
                              view_class=stock.CountsRecorder, env=environment) as runner:
            if not stock.DistrictCounts.reached.wait(600):
                raise TimeoutError("the stock projection did not end")
            projection: Any = runner.projection
        return few / float(projection.seconds)

    def ours() -> float:
        return number / seconds_of_rebuild([service.view(stock.NARROW)])

    try:
        figure = in_turns(place, ours, theirs, unit="events/s", floor=100, note=(
            f"ours rebuilds over {number:,} events, stock over the first {few:,} of such a log; both read only the names that count"))
        check_counts(service, few, stock.counts(config.database))
        return figure
    finally:
        service.close()


def seconds_of_rebuild(projections: Sequence[Projection]) -> float:
    began = time.perf_counter()
    rebuild(projections)
    return time.perf_counter() - began


def check_counts(service: Service, few: int, theirs: list[tuple[object, ...]]) -> None:
    """The stock view of the first events says what ours says of them."""
    view = service.view(stock.NARROW).view
    ours = [(*key, delta) for key, delta in view.fold([r for r in service.log.after(0, few + 1)[1:] if r.name in view.names]).items()]
    if sorted(ours) != sorted(theirs):
        raise AssertionError(f"the stock view has {len(theirs)} rows, ours {len(ours)}, and they differ")


def one_by_one(service: Service, number: int) -> float:
    """The stock way for the same views: seconds for one transaction per event, rows of all views and their position in it."""
    views, table = [p.view for p in service.views], lambda view: view.table(STOCK_RUN)
    with service.tables.transaction() as tx:
        for view in views:
            view.drop(tx, STOCK_RUN)
            view.create(tx, STOCK_RUN)
            view.create_indexes(tx, STOCK_RUN)
        tx.execute("CREATE TABLE IF NOT EXISTS stock_position (position BIGINT)")
        tx.execute("INSERT INTO stock_position VALUES (0)")
    began, position = time.perf_counter(), 0
    while rows := service.log.after(position, min(500, number - position)):
        for row in rows:
            with service.tables.transaction() as tx:
                for view in views:
                    if not view.names or row.name in view.names:
                        view.write(tx, table(view), view.fold([row]))
                tx.execute("UPDATE stock_position SET position = ?", (row.position,))
        position = rows[-1].position
        if position >= number:
            break
    seconds = time.perf_counter() - began
    with service.tables.transaction() as tx:
        for view in views:
            view.drop(tx, STOCK_RUN)
        tx.execute("DROP TABLE stock_position")
    return seconds


def whole(place: Place) -> Figure:
    """All of reporting's views; the fast rebuild's tables are compared with the live ones byte for byte."""
    number, few = (100_000, 2_000) if place.quick else (1_000_000, 5_000)
    service = open_service(place.filled(number))
    try:
        service.prepare()
        live(place, service)
        before = digests(service)
        seconds: list[float] = []

        def ours() -> float:
            seconds.append(seconds_of_rebuild(service.views))
            return number / seconds[-1]

        figure = in_turns(place, ours, lambda: few / one_by_one(service, few), unit="events/s", floor=30, note=(
            f"ours over {number:,} events, tables equal to the live ones byte for byte; stock: the first {few:,}, one transaction for each"))
        if digests(service) != before:
            raise AssertionError("a rebuilt table differs from the live one")
        return figure
    finally:
        service.close()


def live(place: Place, service: Service) -> None:
    place.say("  folding live ...")
    for projection in service.views:
        while projection.step():
            pass


def digests(service: Service) -> dict[str, str]:
    """SHA-256 of every view's table, row by row in an order of its own."""
    result = {}
    with psycopg.connect(service.config.database) as connection:
        for projection in service.views:
            run = projection.current()
            for suffix in projection.view.tables:
                digest = hashlib.sha256()
                table = f"{service.name}.{projection.view.table(run.number)(suffix)}"
                with connection.cursor().copy(f"COPY (SELECT t::text COLLATE \"C\" AS line FROM {table} t ORDER BY 1) TO STDOUT") as lines:
                    for line in lines:
                        digest.update(line)
                result[f"{projection.view.name}.{suffix}"] = f"{run.position}:{digest.hexdigest()}"
    return result


def memory(place: Place) -> Figure:
    number = 100_000 if place.quick else 1_000_000
    config = place.filled(number)
    runs = []
    for _ in range(place.runs if place.quick else 3):
        runs.append(place.child(config, "memory"))
        place.say(f"  peak {runs[-1]['mib']:.1f} MiB, {runs[-1]['before']:.1f} before the rebuild")
    return Figure(ours=max(run["mib"] for run in runs), stock=None, ratio=None, unit="MiB", floor=200, at_most=True, runs=runs,
                  note=f"peak resident size of a fresh process that rebuilds all views over {number:,} events; the highest of the runs")
