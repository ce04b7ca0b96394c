"""Sealed text opens in its own place, for who may, until its subject is forgotten."""
import json
import multiprocessing
import sqlite3
import stat
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.config import Config
from shared.errors import BadRequest, Conflict, Forbidden, Unavailable
from shared.event import canonical, plain
from shared.key_store import Entry, Sharing
from shared.sealing import FORGOTTEN, BrokenSeal, KeyStore, mask, open_, seal, secret

AWA, NAME, EVENT = "person-1", "name", "event-1"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(var=tmp_path / "var")


@pytest.fixture
def store(config) -> KeyStore:
    store = KeyStore(config)
    store.migrate()
    return store


def sealed_name(store: KeyStore, text: str = "Awa Diarra") -> dict[str, str]:
    return seal(store, AWA, "person", NAME, EVENT, text)


def create_and_tell(config: Config, start, told) -> None:
    start.wait()
    store = KeyStore(config)
    store.migrate()
    told.put((store.key(AWA, "person"), store.index("person", NAME, "Awa")))


def test_what_was_sealed_opens(store):
    assert open_(store, sealed_name(store), NAME, EVENT, {"person"}) == "Awa Diarra"


def test_the_sealed_form_is_plain_and_shows_nothing(store):
    sealed = sealed_name(store)
    assert plain(sealed) == sealed and set(sealed) == {"sealed", "subject", "kind"}
    assert b"Awa" not in canonical(sealed) and b"Diarra" not in canonical(sealed)


def test_the_same_text_is_never_sealed_the_same(store):
    assert sealed_name(store) != sealed_name(store)


def test_text_is_sealed_in_its_composed_form(store):
    assert open_(store, sealed_name(store, "Dembe\u0301le\u0301"), NAME, EVENT, {"person"}) == "Dembélé"


def test_a_seal_moved_to_another_field_is_refused(store):
    with pytest.raises(BrokenSeal):
        open_(store, sealed_name(store), "phone", EVENT, {"person"})


def test_a_seal_moved_to_another_event_is_refused(store):
    with pytest.raises(BrokenSeal):
        open_(store, sealed_name(store), NAME, "event-2", {"person"})


def test_a_seal_moved_to_another_subject_is_refused(store):
    store.key("person-2", "person")
    with pytest.raises(BrokenSeal):
        open_(store, sealed_name(store) | {"subject": "person-2"}, NAME, EVENT, {"person"})


def test_a_subject_the_store_does_not_know_is_refused_and_not_called_forgotten(store):
    with pytest.raises(BrokenSeal):
        open_(store, sealed_name(store) | {"subject": "person-3"}, NAME, EVENT, {"person"})


@pytest.mark.parametrize("change", [lambda s: ("A" if s[0] != "A" else "B") + s[1:], lambda s: s[:-8], str.lower, lambda s: "é"],
                         ids=["altered", "cut", "lower case", "no base64"])
def test_a_changed_text_is_refused(store, change):
    sealed = sealed_name(store)
    with pytest.raises(BrokenSeal):
        open_(store, sealed | {"sealed": change(sealed["sealed"])}, NAME, EVENT, {"person"})


def test_a_kind_outside_the_role_stays_closed(store):
    with pytest.raises(Forbidden):
        open_(store, sealed_name(store), NAME, EVENT, {"dispute"})


def test_a_kind_rewritten_in_the_event_opens_nothing(store):
    with pytest.raises(Forbidden):
        open_(store, sealed_name(store) | {"kind": "dispute"}, NAME, EVENT, {"dispute"})


def test_a_subject_keeps_its_kind(store):
    store.key(AWA, "person")
    with pytest.raises(Conflict):
        store.key(AWA, "dispute")


@pytest.mark.parametrize("place", [("a\x1fb", "c", "d"), ("a", "b\x1fc", "d"), ("a", "b", "c\x1fd")])
def test_a_name_that_could_pass_for_two_is_refused(store, place):
    subject, field, event_id = place
    with pytest.raises(BadRequest):
        seal(store, subject, "person", field, event_id, "x")


def test_once_forgotten_the_text_is_forgotten_and_the_name_finds_nobody(store):
    sealed = sealed_name(store)
    store.remember(AWA, "person", NAME, "Awa Diarra")
    assert store.find("person", NAME, "Awa Diarra") == [AWA]
    store.forget(AWA)
    assert open_(store, sealed, NAME, EVENT, {"person"}) is FORGOTTEN
    assert store.find("person", NAME, "Awa Diarra") == []
    assert store.existing(AWA) is None


def test_forgetting_one_leaves_the_namesake(store):
    store.remember(AWA, "person", NAME, "Awa Diarra")
    store.remember("person-2", "person", NAME, "Awa Diarra")
    store.forget(AWA)
    assert store.find("person", NAME, "Awa Diarra") == ["person-2"]


def test_a_forgotten_subject_never_gets_a_key_again(store):
    sealed_name(store)
    store.forget(AWA)
    store.forget(AWA)
    for again in (lambda: store.key(AWA, "person"), lambda: sealed_name(store),
                  lambda: store.remember(AWA, "person", NAME, "Awa")):
        with pytest.raises(Conflict):
            again()


def test_a_subject_is_forgotten_before_it_was_known(store):
    store.forget("person-9")
    with pytest.raises(Conflict):
        store.key("person-9", "person")


def test_forgetting_takes_the_key_out_of_the_file(store, config):
    key = store.key(AWA, "person")
    assert key in (config.var / "keys.db").read_bytes()
    store.forget(AWA)
    assert key not in (config.var / "keys.db").read_bytes()


def test_no_clear_text_reaches_the_disk(store, config):
    sealed_name(store)
    store.remember(AWA, "person", NAME, "Awa Diarra")
    for path in (p for p in config.var.rglob("*") if p.is_file()):
        content = path.read_bytes().lower()
        assert b"awa" not in content and b"diarra" not in content, path


def test_a_name_is_found_whatever_its_case_spacing_and_accents_form(store):
    store.remember(AWA, "person", NAME, "Dembélé  Awa")
    assert store.find("person", NAME, " DEMBE\u0301LE\u0301 awa ") == [AWA]
    assert store.find("person", "card", "Dembélé Awa") == store.find("case", NAME, "Dembélé Awa") == []


def test_many_keys_are_made_at_once_and_are_those_of_each(store):
    one = store.key(AWA, "person")
    keys = store.keys([AWA, "person-2", "person-2", "person-3"], "person")
    assert list(keys) == [AWA, "person-2", "person-3"] and keys[AWA] == one and keys["person-2"] == store.key("person-2", "person")
    assert len(set(keys.values())) == 3 and store.keys([], "person") == {}


def test_many_keys_are_none_when_one_is_forgotten_or_of_another_kind(store):
    store.key("person-2", "dispute")
    store.forget("person-3")
    for other in ("person-2", "person-3"):
        with pytest.raises(Conflict):
            store.keys([AWA, other], "person")


def test_many_are_remembered_at_once_and_found_by_all_their_words(store):
    store.keys([AWA, "person-2"], "person")
    store.remember_many("person", [Entry(AWA, "word", "awa"), Entry(AWA, "word", "diarra"), Entry("person-2", "word", "awa")])
    store.remember_many("person", [Entry(AWA, "word", "awa")])
    assert store.find("person", "word", "awa") == store.find_all("person", "word", ["awa", "awa"]) == [AWA, "person-2"]
    assert store.find_all("person", "word", ["diarra", "awa"]) == [AWA]
    assert store.find_all("person", "word", ["diarra", "keita"]) == []


@pytest.mark.parametrize("other", ["unknown", "forgotten"])
def test_none_of_many_is_remembered_when_one_has_no_key(store, other):
    store.key(AWA, "person")
    store.forget("forgotten")
    with pytest.raises(Conflict):
        store.remember_many("person", [Entry(AWA, "word", "awa"), Entry(other, "word", "awa")])
    assert store.find("person", "word", "awa") == []


def test_who_shares_a_value_is_told_without_the_value(store):
    subjects = [f"person-{n}" for n in range(5)]
    store.keys(subjects, "person")
    store.remember_many("person", [*(Entry(s, "card", "K-1", shared=True) for s in subjects[:2]), Entry(subjects[2], "card", "K-2", shared=True),
                                   *(Entry(s, "word", "awa") for s in subjects), *(Entry(s, "year", "1990", shared=True) for s in subjects[2:])])
    shares = store.sharing()
    assert [(s.field, s.subjects) for s in shares] == [("card", subjects[:2]), ("year", subjects[2:])]
    assert all(isinstance(s, Sharing) and "K-1" not in s.entry for s in shares)
    assert [s.field for s in store.sharing(limit=1)] == ["card"] and [s.field for s in store.sharing(after=shares[0].entry)] == ["year"]
    assert store.find("person", "card", "K-1") == subjects[:2]
    store.forget(subjects[0])
    assert [s.field for s in store.sharing()] == ["year"] and store.find("person", "card", "K-1") == [subjects[1]]


def test_the_index_differs_between_installations(store, tmp_path):
    other = KeyStore(Config(var=tmp_path / "other"))
    other.migrate()
    assert store.index("person", NAME, "Awa") != other.index("person", NAME, "Awa")
    assert len(store.index("person", NAME, "Awa")) == 64


def test_keys_survive_a_restart_and_a_second_migration(store, config):
    sealed, entry = sealed_name(store), store.index("person", NAME, "Awa")
    again = KeyStore(config)
    again.migrate()
    assert open_(again, sealed, NAME, EVENT, {"person"}) == "Awa Diarra"
    assert again.index("person", NAME, "Awa") == entry


def test_processes_starting_together_share_one_key(config):
    context = multiprocessing.get_context("fork")
    start, told = context.Barrier(4), context.Queue()
    processes = [context.Process(target=create_and_tell, args=(config, start, told)) for _ in range(4)]
    for process in processes:
        process.start()
    assert len({told.get(timeout=20) for _ in processes}) == 1
    for process in processes:
        process.join(20)


def test_a_store_that_was_never_migrated_is_unavailable_and_not_made(config):
    with pytest.raises(Unavailable):
        KeyStore(config).key(AWA, "person")
    assert not (config.var / "keys.db").exists()


def test_a_failing_transaction_leaves_nothing(store):
    with pytest.raises(RuntimeError), store._transaction() as run:
        run("INSERT INTO sealing.lookup VALUES ('x', 'y')")
        raise RuntimeError
    with store._transaction() as run:
        assert run("SELECT count(*) FROM sealing.lookup") == [(0,)]


def test_the_key_file_is_private_and_is_a_database(store, config):
    assert stat.S_IMODE((config.var / "keys.db").stat().st_mode) == 0o600
    assert sqlite3.connect(config.var / "keys.db").execute("SELECT count(*) FROM subject_key").fetchone() == (0,)


def test_a_secret_is_made_once_and_private(config):
    first = secret(config, "idempotency")
    assert len(first) == 32 and secret(config, "idempotency") == first != secret(config, "other")
    assert stat.S_IMODE((config.keys / "idempotency.secret").stat().st_mode) == 0o600
    with pytest.raises(BadRequest):
        secret(config, "../idempotency")


def test_a_mask_keeps_first_letters():
    assert mask("Awa Diarra") == "A… D…"
    assert mask("  Élodie\tN'Diaye ") == "É… N…"
    assert mask("ɛ\u0300li") == "ɛ\u0300…"
    assert mask("") == ""


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_survives_its_seal(tmp_path_factory, text):
    store = KeyStore(Config(var=tmp_path_factory.getbasetemp() / "any"))
    store.migrate()
    sealed = json.loads(canonical(seal(store, AWA, "person", NAME, EVENT, text)))
    assert open_(store, sealed, NAME, EVENT, {"person"}) == unicodedata.normalize("NFC", text)
