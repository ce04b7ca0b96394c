"""The key store in PostgreSQL keeps the same promises as the embedded one, with several processes at work."""
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import psycopg
import pytest

from shared.config import Config
from shared.errors import Conflict, Unavailable
from shared.key_store import Entry
from shared.sealing import FORGOTTEN, KeyStore, open_, seal

AWA, NAME, EVENT = "person-1", "name", "event-1"


@pytest.fixture
def new_store(database: str, tmp_path: Path) -> Iterator[Callable[[], KeyStore]]:
    """Each store stands for one process: it has connections of its own."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS sealing CASCADE")
    made: list[KeyStore] = []

    def make() -> KeyStore:
        made.append(KeyStore(Config(var=tmp_path / "var", database=database)))
        return made[-1]

    yield make
    for store in made:
        store.close()


@pytest.fixture
def store(new_store) -> KeyStore:
    store = new_store()
    store.migrate()
    return store


def at_once(*works: Callable[[], object]) -> list[object]:
    start = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        start.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_what_was_sealed_opens_in_another_process(store, new_store):
    sealed = seal(store, AWA, "person", NAME, EVENT, "Awa Diarra")
    assert open_(new_store(), sealed, NAME, EVENT, {"person"}) == "Awa Diarra"


def test_once_forgotten_the_text_is_forgotten_everywhere(store, new_store):
    sealed = seal(store, AWA, "person", NAME, EVENT, "Awa Diarra")
    store.remember(AWA, "person", NAME, "Awa Diarra")
    assert new_store().find("person", NAME, "awa diarra") == [AWA]
    new_store().forget(AWA)
    assert open_(store, sealed, NAME, EVENT, {"person"}) is FORGOTTEN
    assert store.find("person", NAME, "awa diarra") == []
    with pytest.raises(Conflict):
        store.key(AWA, "person")


def test_migrations_at_once_make_one_store(new_store):
    stores = [new_store() for _ in range(6)]
    at_once(*(store.migrate for store in stores))
    assert len({store.index("person", NAME, "Awa") for store in stores}) == 1


def test_first_uses_at_once_make_one_key(store, new_store):
    stores = [new_store() for _ in range(6)]
    for n in range(10):
        assert len(set(at_once(*(partial(s.key, f"person-{n}", "person") for s in stores)))) == 1


def test_a_name_remembered_while_its_subject_is_forgotten_does_not_stay(store, new_store):
    def remember(own: KeyStore, subject: str) -> None:
        try:
            own.remember(subject, "person", NAME, "Awa")
        except Conflict:
            pass

    stores = new_store(), new_store()
    for n in range(50):
        subject = f"person-{n}"
        store.key(subject, "person")
        at_once(partial(remember, stores[0], subject), partial(stores[1].forget, subject))
    assert store.find("person", NAME, "Awa") == []


def test_many_first_uses_at_once_make_one_key_each(store, new_store):
    subjects, stores = [f"person-{n}" for n in range(200)], [new_store() for _ in range(4)]
    made = at_once(*(partial(s.keys, subjects if n % 2 else subjects[::-1], "person") for n, s in enumerate(stores)))
    assert all(keys == made[0] for keys in made) and len(set(made[0].values())) == 200


def test_many_are_remembered_and_shared_and_forgotten(store, new_store):
    subjects = [f"person-{n}" for n in range(300)]
    store.keys(subjects, "person")
    store.remember_many("person", [e for s in subjects for e in (Entry(s, "word", "awa"), Entry(s, "card", f"K-{int(s[7:]) // 2}", shared=True))])
    assert new_store().find("person", "word", "AWA") == sorted(subjects) and store.find_all("person", "card", ["K-3"]) == ["person-6", "person-7"]
    assert len(store.sharing(limit=1000)) == 150 and len(store.sharing(limit=7)) == 7
    new_store().forget("person-6")
    assert len(store.sharing(limit=1000)) == 149
    with pytest.raises(Conflict):
        store.remember_many("person", [Entry("person-1", "word", "x"), Entry("person-6", "word", "x")])
    assert store.find("person", "word", "x") == []


def test_a_forgetting_waits_for_the_name_being_remembered(store, database):
    """The same race, held open by hand: the row is taken, the name is written, only then comes the commit."""
    store.key(AWA, "person")
    with psycopg.connect(database) as other:
        other.execute("UPDATE sealing.subject_key SET kind = kind WHERE subject = %s", [AWA])
        other.execute("INSERT INTO sealing.lookup VALUES (%s, %s)", [store.index("person", NAME, "Awa"), AWA])
        forgetting = threading.Thread(target=store.forget, args=(AWA,))
        forgetting.start()
        time.sleep(0.2)
        assert forgetting.is_alive()
        other.commit()
        forgetting.join(5)
    assert store.find("person", NAME, "Awa") == []


def test_a_forgetting_of_one_of_many_that_are_remembered_leaves_nothing(store, new_store):
    def remember(own: KeyStore, subjects: list[str]) -> None:
        try:
            own.remember_many("person", [Entry(s, NAME, "Awa") for s in subjects])
        except Conflict:
            pass

    stores = new_store(), new_store()
    for n in range(30):
        subjects = [f"person-{n}-{k}" for k in range(5)]
        store.keys(subjects, "person")
        at_once(partial(remember, stores[0], subjects), partial(stores[1].forget, subjects[2]))
    assert not [s for s in store.find("person", NAME, "Awa") if s.endswith("-2")]


def test_a_store_that_was_never_migrated_is_unavailable(new_store):
    with pytest.raises(Unavailable):
        new_store().key(AWA, "person")


def test_a_row_locked_too_long_is_unavailable(store, database):
    store.key(AWA, "person")
    with psycopg.connect(database) as other:
        other.execute("SELECT 1 FROM sealing.subject_key WHERE subject = %s FOR UPDATE", [AWA])
        with pytest.raises(Unavailable):
            store.forget(AWA)


def test_a_broken_connection_is_replaced(store, database):
    store.key(AWA, "person")
    with psycopg.connect(database, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                      " AND datname = current_database() AND backend_type = 'client backend'")
    assert store.existing(AWA)


def test_a_database_that_is_away_is_unavailable(tmp_path):
    store = KeyStore(Config(var=tmp_path, database="postgresql://nobody@127.0.0.1:1/nothing"))
    with pytest.raises(Unavailable):
        store.key(AWA, "person")
    store.close()
