"""What a copy's keys become where an accidental start, as Restart=always makes one, has made new ones already."""
import base64
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from installation.catalogue import open_service
from shared import auth
from shared.application import Answer
from shared.config import SERVICES, Config
from shared.key_store import KeyStore
from shared.service import migrate
from tests.command_line import sanu


class House:
    """An installation that nobody runs."""

    def __init__(self, var: Path, database: str = "") -> None:
        self.config = Config(var=var, database=database)
        self.more = ("--database", database) if database else ()
        self.stores: list[KeyStore] = []

    def start(self) -> "House":
        """As far as a start gets before anybody asks it for anything: logs, tables, keys and an empty store."""
        migrate(self.config)
        for name in SERVICES:
            open_service(self.config, name).close()
        return self

    def sanu(self, *arguments: str, code: int = 0) -> str:
        return sanu(self.config.var, *arguments, *self.more, code=code).stdout

    def restored(self, copy: Path, *more: str, code: int = 0) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self.sanu("restore", str(copy), *more, "--json", code=code))
        return said

    def region(self) -> Answer:
        """The same command each time."""
        service = open_service(self.config, "membership")
        caller = auth.Caller(subject="loader", role="loader", scopes=auth.scopes_of("loader"))
        try:
            return service.handle("register-region", {"region": "kayes", "name": "Kayes"}, caller, "r1", "c")
        finally:
            service.close()

    def lose(self) -> None:
        shutil.rmtree(self.config.var)
        if self.config.database:
            with psycopg.connect(self.config.database, autocommit=True) as connection:
                for schema in ("sealing", *SERVICES):
                    connection.execute(f"DROP SCHEMA {schema} CASCADE")

    @property
    def people(self) -> KeyStore:
        """Opened anew: one that is open keeps the secret of its index."""
        self.stores.append(KeyStore(self.config))
        return self.stores[-1]


@pytest.fixture(params=["one process", "servers"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path / "var", request.getfixturevalue("database") if request.param == "servers" else "").start()
    yield house
    for store in house.stores:
        store.close()


def told(house: House, subject: str, name: str) -> bytes:
    house.people.remember(subject, "person", "name", name)
    return house.people.key(subject, "person")


def test_personal_keys_come_back_where_a_start_made_an_empty_store(house: House, tmp_path: Path) -> None:
    key = told(house, "p1", "Awa Diarra")
    house.sanu("backup", str(tmp_path / "copy"))
    house.lose()
    house.start()
    assert "Personal keys: restored" in house.sanu("restore", str(tmp_path / "copy"))
    assert house.people.existing("p1") == key and house.people.find("person", "name", "awa diarra") == ["p1"]
    again = house.restored(tmp_path / "copy")
    assert not again["personal_keys_restored"] and again["personal_keys_missing"] == 0


def test_a_store_begun_anew_and_in_use_keeps_its_people_and_it_is_said(house: House, tmp_path: Path) -> None:
    told(house, "p1", "Awa Diarra")
    house.sanu("backup", str(tmp_path / "copy"))
    house.lose()
    key = told(house.start(), "p2", "Oumar Keïta")
    assert "1 of the copy's are missing" in house.sanu("restore", str(tmp_path / "copy"), code=1)
    assert house.people.existing("p2") == key and house.people.find("person", "name", "oumar keïta") == ["p2"]


def test_the_same_store_of_another_time_takes_what_it_lacks_and_forgets_nobody_less(house: House, tmp_path: Path) -> None:
    told(house, "p1", "Awa Diarra")
    house.sanu("backup", str(tmp_path / "early"))
    key = told(house, "p2", "Oumar Keïta")
    house.sanu("backup", str(tmp_path / "late"))
    house.lose()
    house.sanu("restore", str(tmp_path / "early"))
    house.people.forget("p1")
    said = house.restored(tmp_path / "late")
    assert said["personal_keys_restored"] and said["personal_keys_missing"] == 0
    assert house.people.existing("p2") == key and house.people.find("person", "name", "oumar keïta") == ["p2"]
    assert house.people.existing("p1") is None and house.people.find("person", "name", "awa diarra") == []


def test_a_copy_without_its_personal_keys_says_so(house: House, tmp_path: Path) -> None:
    house.sanu("backup", str(tmp_path / "copy"))
    shutil.rmtree(tmp_path / "copy" / "personal-keys")
    assert "Personal keys: not in the copy" in house.sanu("restore", str(tmp_path / "copy"))


def public_key() -> str:
    return base64.urlsafe_b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode().rstrip("=")


def register(house: House, name: str) -> None:
    sanu(house.config.var, "clients", "register", name, "--role", "auditor", "--key", public_key())


@pytest.mark.parametrize("accident", ["a token was made", "it was started"])
def test_a_command_of_before_is_still_the_same_command_and_partners_may_still_call(tmp_path: Path, accident: str) -> None:
    house = House(tmp_path / "var").start()
    register(house, "bank")
    first = house.region()
    house.sanu("backup", str(tmp_path / "copy"))
    house.lose()
    if accident == "it was started":
        house.start()
        register(house, "chamber")
    else:
        sanu(house.config.var, "token", "--role", "operator")
    assert "Signing keys: restored" in house.sanu("restore", str(tmp_path / "copy"))
    again = house.region()
    assert again.repeated and (list(again.events), again.position) == (list(first.events), first.position)
    listed = sanu(house.config.var, "clients", "list").stdout
    assert "bank:" in listed and ("chamber:" in listed) == (accident == "it was started")
    olds = list(house.config.keys.glob("idempotency.secret.before-*"))
    assert [oct(old.stat().st_mode & 0o777) for old in olds] == (["0o600"] if accident == "it was started" else [])
    assert house.restored(tmp_path / "copy")["signing_keys_restored"] is False


def test_who_was_revoked_since_the_copy_stays_revoked(tmp_path: Path) -> None:
    house = House(tmp_path / "var").start()
    register(house, "bank")
    house.sanu("backup", str(tmp_path / "copy"))
    sanu(house.config.var, "clients", "revoke", "bank")
    (house.config.keys / "training.pem").unlink()
    assert "Signing keys: left as they were" in house.sanu("restore", str(tmp_path / "copy"), "--service", "training")
    assert "bank:" not in sanu(house.config.var, "clients", "list").stdout


def test_a_partner_registered_anew_does_not_get_the_key_of_before(tmp_path: Path) -> None:
    house = House(tmp_path / "var").start()
    register(house, "bank")
    house.sanu("backup", str(tmp_path / "copy"))
    house.lose()
    register(house.start(), "bank")
    house.sanu("restore", str(tmp_path / "copy"))
    assert sanu(house.config.var, "clients", "list").stdout.count("bank:") == 1


def test_a_register_of_keys_that_cannot_be_read_is_put_back_too(tmp_path: Path) -> None:
    house = House(tmp_path / "var").start()
    register(house, "bank")
    house.sanu("backup", str(tmp_path / "copy"))
    (house.config.keys / "jwks.json").write_text("{")
    said = house.restored(tmp_path / "copy")
    assert said["signing_keys_restored"] and set(said["aside"]) == {*SERVICES, "jwks.json"}
    assert "bank:" in sanu(house.config.var, "clients", "list").stdout


def test_a_copy_of_an_installation_that_was_only_migrated_has_no_keys(tmp_path: Path) -> None:
    house = House(tmp_path / "var")
    migrate(house.config)
    house.sanu("backup", str(tmp_path / "copy"))
    house.lose()
    assert "Signing keys: left as they were" in house.sanu("restore", str(tmp_path / "copy"))
