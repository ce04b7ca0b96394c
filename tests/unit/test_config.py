"""What the environment may say, and how what is made under `var` is closed."""
from pathlib import Path

import pytest
from environs import EnvError

from shared.config import Config, from_environment
from shared.errors import BadRequest
from shared.key_store import KeyStore
from shared.service import migrate


@pytest.mark.parametrize(("name", "value", "says"), [
    ("SANU_KIND", "foo", "a log is born real or synthetic"),
    ("SANU_PORT", "70000", "65535"),
    ("SANU_PEERS", "http://{svc}", "in braces only service and port"),
    ("SANU_PEERS", "http://{service", "in braces only service and port"),
    ("SANU_PEERS", "https://{service}:{port}", "no https"),
    ("SANU_PEERS", "{service}:{port}", "http://, a host and a port"),
    ("SANU_PEERS", "http://gate/{service}", "http://, a host and a port"),
    ("SANU_PEERS", "http://somebody@{service}", "http://, a host and a port"),
])
def test_what_cannot_be_meant_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(EnvError, match=f"{name}.*{says}"):
        from_environment()


@pytest.mark.parametrize("peers", ["", "http://{service}-api:{port}", "http://10.0.0.7:{port}/"])
def test_services_find_each_other_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, peers: str) -> None:
    monkeypatch.setenv("SANU_PEERS", peers)
    monkeypatch.setenv("SANU_KIND", "synthetic")
    assert (from_environment().peers, from_environment().kind) == (peers, "synthetic")


def test_a_place_for_a_password_needs_a_file_with_one() -> None:
    with pytest.raises(BadRequest, match="no file of passwords is named"):
        Config(database="postgresql://{service}:{password}@db/sanu").of("training")
    with pytest.raises(FileNotFoundError, match="/nonexistent/training"):
        Config(database="postgresql://{service}:{password}@db/sanu", database_password_file="/nonexistent/{service}").of("training")


def test_nobody_else_may_look_into_what_is_made(tmp_path: Path) -> None:
    """Logs and tables tell who has how much, and where it lies."""
    config = Config(var=tmp_path / "house" / "var")
    migrate(config)
    config.keys  # noqa: B018 - made when it is asked for
    made = [path for path in (tmp_path / "house").rglob("*") if path.is_dir()]
    assert {oct(path.stat().st_mode & 0o777) for path in (tmp_path / "house", *made)} == {"0o700"} and len(made) == 6
    store = Config(var=tmp_path / "other")
    KeyStore(store).migrate()
    assert oct(store.var.stat().st_mode & 0o777) == "0o700"


def test_a_directory_that_was_there_stays_as_open_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir(mode=0o750)
    assert Config(var=tmp_path / "var").folder().stat().st_mode & 0o777 == 0o750
