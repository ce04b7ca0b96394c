"""Views that are stopped by a poison event, come a year late, or are rebuilt under load; and two of every worker at once."""
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from installation.up import Child
from shared import event, following, process
from shared.config import SERVICES
from shared.errors import Conflict, SanuError
from shared.event import Actor, Event
from shared.log import Log, stored
from shared.rebuild import rebuild
from tests.books import POISONED, Books
from tests.clients import ask, until
from tests.world import OneProcess, OnServers


def append_poison(log: Log) -> str:
    """A founding of a shape that nobody ever decided: `counts` is a text."""
    poison = Event(id=event.new_id(), name="membership.OrganisationFounded", stream=POISONED, version=1, recorded_at=event.now(),
                   actor=Actor("test", "test"), correlation="test", data={"organisation": "poison", "level": "union", "counts": "many"})
    log.append([stored(poison)])
    return poison.id


def test_a_poison_event_stops_the_views_that_read_it_and_no_other(embedded: OneProcess) -> None:
    embedded.start()
    embedded.prepare()
    stopped = {"presence": "reporting", "district_counts": "reporting"}
    with embedded.books() as books:
        books.everything_arrived()
        poison = append_poison(books.services["membership"].log)
        until(lambda: all(books.services[s].view(v).current().stopped_at for v, s in stopped.items()), 10, "the views stopped")

        with embedded.load() as load:
            load.acknowledged(30)
        books.everything_arrived(stopped=list(stopped))
        books.nothing_lost_none_twice(embedded.kept, list(stopped))
        for name in SERVICES:
            status, _, body = ask(embedded.config, name, f"/{name}/health/ready")
            own = {view for view, of in stopped.items() if of == name}
            assert (status, set(json.loads(body).get("stopped", ()))) == (503 if own else 200, own)
        assert embedded.figures()[0] == 200

        presence = books.services["reporting"].view("presence")
        presence.retry()                                   # nothing has changed: it stops at the same event
        until(lambda: presence.current().stopped_at, 10, "stopped again")
        for view, name in stopped.items():
            service = books.services[name]
            position = service.skip(view, "malformed by a test", "tester")
            row = service.log.at(position)
            assert row and json.loads(row.state)["id"] == poison
            decisions = [json.loads(r.state)["data"] for r in service.log.load(f"view/{view}/{service.view(view).view.version}")]
            assert [(d["decision"], d["by"]) for d in decisions] == [("malformed by a test", "tester")]
    embedded.end_well()


def test_a_view_a_year_late_catches_up_while_others_write(world: OnServers) -> None:
    with world.books() as books, world.load() as load:
        load.acknowledged(10)
        reporting = books.services["reporting"]
        for view in reporting.views:
            view.restart()                                 # no rows, position 0
        load.acknowledged(30)
    world.end_well()


def test_views_rebuilt_under_load_answer_all_the_while(world: OnServers) -> None:
    with world.books() as books, world.load() as load:
        load.acknowledged(10)
        for name in ("reporting", "training"):
            before = {p.view.name: p.current().number for p in books.services[name].projections}
            after = rebuild(books.services[name].projections, page=200)
            assert all(after[view].number > number for view, number in before.items())
            assert world.figures()[0] == 200
        load.acknowledged(20)
    world.end_well()                                       # and no notice was sent again


@contextmanager
def second_of_everything(books: Books, names: tuple[str, ...]) -> Iterator[None]:
    """Relay, inbox, views and processes of `names` once more, in this process, without asking whether somebody else is at work."""
    stop = threading.Event()

    def inbox(name: str, source: str) -> None:
        while not stop.is_set():
            try:
                books.services[name].inbox.take(source, [])
            except (SanuError, Conflict):
                time.sleep(0.1)

    works = []
    for name in names:
        service = books.services[name]
        works.append(threading.Thread(target=service.relay().run, args=(stop.is_set,)))
        works.append(threading.Thread(target=following.follow, args=(service.projections, stop.is_set, 0.05, 0.01)))
        works += [threading.Thread(target=process.run, args=(p, service.do, stop.is_set, 0.05)) for p in service.processes]
        works += [threading.Thread(target=inbox, args=(name, source)) for source in service.others]
    for work in works:
        work.start()
    try:
        yield
    finally:
        stop.set()
        for work in works:
            work.join(15)


def test_two_relays_inboxes_views_and_processes_of_a_service_at_once_do_no_harm(world: OnServers) -> None:
    with world.books() as books, second_of_everything(books, ("membership", "training", "reporting")), world.load() as load:
        load.acknowledged(150)
    world.end_well()


def test_a_second_worker_waits_for_the_place_of_the_first(world: OnServers) -> None:
    second = Child(world.config, "worker", "training")
    second.start()
    try:
        time.sleep(1)
        with world.load() as load:
            load.acknowledged(20)
            world.again("training", "worker")
            load.acknowledged(20)
        world.end_well()
        assert second.process and second.process.poll() is None
    finally:
        if second.process:
            second.process.terminate()
            assert second.process.wait(10) == 0
    world.end_well()


def test_health_names_every_service_and_head(world: OnServers) -> None:
    world.end_well()
    with world.books() as books:
        for name in SERVICES:
            answer = json.loads(ask(world.config, name, f"/{name}/health/ready")[2])
            assert (answer["service"], answer["head"]) == (name, str(books.services[name].log.head()))
