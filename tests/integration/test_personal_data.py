"""Who a miner is: found by who may, read on record, stored nowhere in clear, and once forgotten never read again."""
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from installation.up import PROJECT
from installation.verify import verify
from services.membership import events
from services.membership.application import open_service as membership
from services.membership.miners import lists, reading, sealed
from services.reporting.application import open_service as reporting
from shared import event, service
from shared.auth import Caller
from shared.config import Config
from shared.errors import NotFound, Unavailable
from shared.feed import encode
from shared.key_store import KeyStore
from shared.process import perform
from shared.rebuild import rebuild
from shared.testing import OFFICER
from tests.canary import CARD, MINER, NAME, PHONE, PHOTO, in_answers, looks, nowhere, tell
from tests.clients import until
from tests.office import Office
from tests.peers import Together, published
from tests.stranger import get
from tests.world import OneProcess, one_process

TODAY = "2026-11-24"


def key_of(world: OneProcess, miner: str) -> bytes | None:
    return KeyStore(world.config).existing(sealed.subject(miner))


def test_x12_who_somebody_is_is_stored_nowhere_and_forgotten_for_ever(tmp_path: Path, capfd: pytest.CaptureFixture[str],
                                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANU_LOG", "DEBUG")
    with one_process(tmp_path / "var", rate_per_s=0.0) as world:
        office = Office(world)
        assert in_answers(tell(world.config)) == []
        office.says("correct-miner-fact", miner=MINER, event=_first_event(world), phone=PHONE, name=NAME)
        identity = office.reads(MINER, "name", "phone", "photo", "card").json["identity"]
        assert (identity["name"], identity["phone"], identity["photo"], {card["number"] for card in identity["card"]}) == (NAME, PHONE, PHOTO, {CARD})
        everybody = ["m-canary01", "m-canary02", "m-canary03"]
        assert office.searches(name="ZIKVARA bagayoko") == [] and office.searches(name="Konakri zikvara") == everybody
        assert office.searches(card="ZQ0417KNR88") == everybody
        _every_byte(world, tmp_path, capfd)
        before = verify(world.config)

        for miner in everybody:
            office.says("forget-person", miner=miner)
        for miner in everybody:
            reply = office.reads(miner, "name", "phone", "card")
            assert set(json.dumps(reply.json["identity"]).split('"')) >= {"forgotten"} and in_answers([reply.body]) == []
            assert office.asks(f"/membership/v1/miners/{miner}")["identity"] == "forgotten"
        for page in ("/membership/miners", *(f"/membership/miners/{miner}" for miner in everybody)):
            shown = get(world.config, page, office.token, Accept="text/html")
            assert shown.status == 200 and b"forgotten" in shown.body and in_answers([shown.body]) == []
        until(lambda: not any(key_of(world, miner) for miner in everybody), 10, "every key forgotten")
        assert office.searches(name="Konakri zikvara") == office.searches(card=CARD) == []
        assert office.asks("/membership/v1/duplicates")["duplicates"] == []
        assert office.is_refused(409, "miner", "record-miner-card", miner=MINER, card_type="x", number=CARD)
        with KeyStore(world.config)._transaction() as run:
            assert run("SELECT count(*) FROM sealing.lookup WHERE substr(subject, 1, 6) = 'miner/'") == [(0,)]
        office.again_after_a_rebuild()
        after = verify(world.config)
        assert before.faults == after.faults == [] and after.events > before.events
        _every_byte(world, tmp_path, capfd)
    assert nowhere(tmp_path) > 300_000


def _first_event(world: OneProcess) -> str:
    with world.books() as books:
        return event.decode(books.services["membership"].log.load(f"miner/{MINER}")[0].state).id


def _every_byte(world: OneProcess, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Everything under var/ with the files beside the databases, a copy by `./sanu backup`, feeds as told, and what the process said of itself."""
    with world.books() as books:
        books.everything_arrived()
        for s in books.services.values():
            assert not [look for look in looks() if look in encode(s.name, s.chain.read(0, 100_000))]
    copy = folder / f"copy-{len(list(folder.iterdir()))}"
    backup = [sys.executable, "-P", "-m", "installation", "backup", str(copy), "--var", str(world.config.var)]
    done = subprocess.run(backup, env={**os.environ, "PYTHONPATH": str(PROJECT)}, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    said = capfd.readouterr()
    (folder / f"{copy.name}.log").write_text(said.out + said.err, encoding="utf-8")
    assert said.err and nowhere(folder) > 300_000


def test_x12_a_process_that_dies_between_the_decision_and_the_key_forgets_it_after_all(tmp_path: Path) -> None:
    with one_process(tmp_path / "var", rate_per_s=0.0) as world:
        office = Office(world)
        office.says("register-miner", miner="m-dies001", name=NAME)
        assert key_of(world, "m-dies001")
    world = OneProcess(tmp_path / "var", rate_per_s=0.0)
    process = world.start("port.before-send")
    try:
        until(world.ready, 30, "every service ready")
        assert Office(world).tries("forget-person", miner="m-dies001").status == 201
        assert process.wait(20) == -signal.SIGKILL
        assert key_of(world, "m-dies001")
        world.start()
        until(world.ready, 30, "every service ready")
        assert Office(world).reads("m-dies001").json["identity"] == {"name": "forgotten"}
        until(lambda: key_of(world, "m-dies001") is None, 20, "the key forgotten")
        with world.books() as books:
            books.everything_arrived()
            names = [row.name for row in books.rows("membership") if row.stream.startswith("sending/")]
        assert names == [events.SENDING_ATTEMPTED, events.SENDING_ATTEMPTED, events.SENDING_DELIVERED]
        assert verify(world.config).faults == []
    finally:
        world.end()


# In one process, moved by hand

@pytest.fixture
def together(tmp_path: Path) -> Iterator[Together]:
    with Together(tmp_path, membership, reporting) as world:
        world.command("membership", "found-organisation", organisation="dabia", level="base", name="Dabia")
        yield world


def registered(world: Together, *miners: str, **more: Any) -> None:
    for miner in miners:
        world.command("membership", "register-miner", miner=miner, name=NAME, organisation="dabia", **more)


def forgotten(world: Together, *miners: str) -> list[str]:
    store = world["membership"].key_store
    return [miner for miner in miners if (found := store.known(sealed.subject(miner))) and found.key is None]


def test_x12_what_is_published_and_received_holds_nobody(together: Together) -> None:
    registered(together, "m-aaaaaa", card={"card_type": "x", "number": CARD}, phone=PHONE)
    together.settle()
    sent = b"".join(envelope.body for envelope in published(together["membership"]))
    received = b"".join(row.state for row in together["reporting"].log.received_after("membership", 0, 1000))
    assert b"MinerRegistered" in sent and b"MinerRegistered" in received
    assert [look for look in looks() if look in sent or look in received] == []


def test_x12_a_forgotten_person_is_not_read_while_the_key_is_still_there(together: Together) -> None:
    registered(together, "m-aaaaaa")
    m = together["membership"]
    together.command("membership", "forget-person", miner="m-aaaaaa")
    assert forgotten(together, "m-aaaaaa") == []
    said = m.log.head()
    assert reading.read(m, OFFICER, "c", "m-aaaaaa", ["name"], "test")["identity"] == {"name": "forgotten"} and m.log.head() == said
    together.settle()
    assert forgotten(together, "m-aaaaaa") == ["m-aaaaaa"]


@pytest.mark.parametrize("order", ["merged first", "forgotten first"])
def test_x12_all_records_of_a_person_are_forgotten_whichever_came_first(together: Together, order: str) -> None:
    """A merge that was decided at the same moment may stand behind the forgetting in the log."""
    registered(together, "m-aaaaaa", "m-bbbbbb", "m-cccccc", "m-other1")
    m = together["membership"]

    def merges() -> None:
        for miner, into in (("m-cccccc", "m-bbbbbb"), ("m-bbbbbb", "m-aaaaaa")):
            data = {"miner": miner, "into": into, "decision": "PV", "members": []}
            m._append(f"miner/{miner}", "merge", lambda h, data=data: [service.New(f"miner/{data['miner']}", events.MINER_MERGED, data)])  # type: ignore[misc]

    steps: list[Callable[[], object]] = [merges, lambda: together.command("membership", "forget-person", miner="m-aaaaaa")]
    for step in steps if order == "merged first" else reversed(steps):
        step()
        together.fold()
    together.settle()
    assert forgotten(together, "m-aaaaaa", "m-bbbbbb", "m-cccccc", "m-other1") == ["m-aaaaaa", "m-bbbbbb", "m-cccccc"]
    rebuild(m.projections)
    together.act()
    assert forgotten(together, "m-other1") == []
    sent = [row.name for row in m.log.after(0, 1000) if row.name == events.SENDING_DELIVERED]
    assert len(sent) == 3


def test_x12_a_key_store_that_is_away_is_asked_until_it_answers(together: Together, monkeypatch: pytest.MonkeyPatch) -> None:
    registered(together, "m-aaaaaa")
    m = together["membership"]
    together.command("membership", "forget-person", miner="m-aaaaaa")
    together.fold()

    def away(subject: str) -> None:
        raise Unavailable("the key store does not answer")

    with monkeypatch.context() as patched:
        patched.setattr(m.key_store, "forget", away)
        together.act()
        for year in range(2100, 2112):             # a port that gives up would have
            for process in m.processes:
                perform(process, m.do, f"{year}-01-01T00:00:00.000Z")
        assert forgotten(together, "m-aaaaaa") == []
    for process in m.processes:
        perform(process, m.do, "2112-01-01T00:00:00.000Z")
    assert forgotten(together, "m-aaaaaa") == ["m-aaaaaa"]


def test_x12_a_reading_that_cannot_be_recorded_is_not_answered(together: Together) -> None:
    registered(together, "m-aaaaaa")
    m = together["membership"]
    m.log.read_only = "restored"
    with pytest.raises(Unavailable):
        reading.read(m, OFFICER, "c", "m-aaaaaa", ["name"], "test")
    m.log.read_only = ""
    stranger = Caller(subject="x", role="society-officer", scopes=frozenset(), territory=frozenset({"organisation:other"}))
    for miner in ("m-aaaaaa", "m-unknown"):
        with pytest.raises(NotFound, match=f"no miner '{miner}'"):
            reading.read(m, stranger, "c", miner, ["name"], "test")
    assert not m.log.load("identity/m-aaaaaa")


def test_a_list_is_one_append_and_two_transactions_of_the_key_store(together: Together, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its length: a transaction to each row would make a list of 100,000 an affair of hours."""
    m = together["membership"]
    done: list[str] = []
    insert, transaction = m.log.recorder.insert_events, m.key_store._transaction
    monkeypatch.setattr(m.log.recorder, "insert_events", lambda *a, **kw: done.append("append") or insert(*a, **kw))  # type: ignore[func-returns-value]
    monkeypatch.setattr(m.key_store, "_transaction", lambda: done.append("keys") or transaction())  # type: ignore[func-returns-value]
    rows = [{"miner": f"m-{n:06d}", "name": NAME, "phone": PHONE, "organisation": "dabia", "card": {"card_type": "x", "number": f"{n}"}} for n in range(500)]
    answer = together.command("membership", "register-miners", rows=rows)
    assert len(answer.events) == 1500 and done in (["keys", "keys", "append"], ["keys", "keys", "keys", "append"])       # the first reads the index's secret


def test_x12_a_registration_that_was_not_appended_leaves_a_search_as_it_was(together: Together) -> None:
    """The index knows a person before the log does: what it knows too much is left out."""
    m = together["membership"]
    m.log.read_only = "restored"
    with pytest.raises(Unavailable):
        registered(together, "m-aaaaaa")
    m.log.read_only = ""
    together.settle()
    assert m.key_store.find_all(sealed.KIND, sealed.NAME, ["konakri"]) == ["miner/m-aaaaaa"]
    assert lists.search(m, TODAY, (), NAME, "") == {"miners": [], "more": False}
    registered(together, "m-aaaaaa")
    together.settle()
    assert [line["miner"] for line in lists.search(m, TODAY, (), NAME, "")["miners"]] == ["m-aaaaaa"]


def test_x12_no_table_of_a_database_holds_anybody(database: str, tmp_path: Path) -> None:
    config = Config(var=tmp_path, database=database)
    service.migrate(config, ["membership"])
    m = membership(config)
    try:
        m.prepare()
        m.handle("found-organisation", {"organisation": "dabia", "level": "base", "name": "D"}, OFFICER, "1", "c")
        rows = [{"miner": f"m-aaaaa{n}", "name": NAME, "phone": PHONE, "photo": PHOTO, "birth_year": 1990, "village": "Niéna", "organisation": "dabia",
                 "card": {"card_type": "x", "number": CARD}} for n in range(3)]
        m.handle("register-miners", {"rows": rows}, OFFICER, "2", "c")
        for p in m.projections:
            while p.step():
                pass
        assert len(lists.search(m, TODAY, (), NAME, "")["miners"]) == 3 and len(lists.duplicates(m, TODAY, (), "", 50)["duplicates"]) == 3
        assert reading.read(m, OFFICER, "c", "m-aaaaa1", ["name"], "test")["identity"] == {"name": NAME}
        m.handle("forget-person", {"miner": "m-aaaaa1"}, OFFICER, "3", "c")
        for p in m.projections:
            while p.step():
                pass
        for process in m.processes:
            perform(process, m.do, event.now())
        assert [line["miner"] for line in lists.search(m, TODAY, (), "", CARD)["miners"]] == ["m-aaaaa0", "m-aaaaa2"]
    finally:
        m.close()
    with psycopg.connect(database) as connection:
        tables = connection.execute("SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('membership', 'sealing')").fetchall()
        dump = b"".join(_copied(connection, table) for (table,) in tables)
    assert len(tables) > 20 and b"m-aaaaa1" in dump and [look for look in looks() if look in dump] == []


def _copied(connection: psycopg.Connection[Any], table: str) -> bytes:
    with connection.cursor().copy(f"COPY {table} TO STDOUT".encode()) as copy:
        return b"".join(bytes(block) for block in copy)
