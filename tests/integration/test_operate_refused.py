"""What an operator gets wrong is said in one line, with the file or address it is about; never as a traceback."""
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from installation.catalogue import open_service
from installation.up import PROJECT
from shared.config import SERVICES, Config
from shared.service import migrate
from tests.command_line import sanu
from tests.servers import free_port

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLw0w"


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrated and once opened; the tests here change nothing in it but what they make themselves."""
    config = Config(var=tmp_path_factory.mktemp("refused") / "var")
    migrate(config)
    for name in SERVICES:
        open_service(config, name).close()
    return config.var


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "afile").touch()
    return tmp_path / "afile"


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.socket() as owner:
        owner.bind(("127.0.0.1", 0))
        owner.listen()
        yield owner.getsockname()[1]


@pytest.mark.parametrize("hours", ["nan", "inf", "-3", "0", "1e300", "8785"])
def test_a_token_is_good_for_a_time_that_can_be_meant(var: Path, hours: str) -> None:
    assert "8784" in sanu(var, "token", "--role", "operator", "--hours", hours, code=2).stderr


def test_a_token_may_be_good_for_a_leap_year(var: Path) -> None:
    assert sanu(var, "token", "--role", "operator", "--hours", "8784").stdout.count(".") == 2


def test_a_file_where_a_directory_is_meant_is_named(var: Path, file: Path) -> None:
    for at, *command in ((file, "token", "--role", "operator"), (file, "clients", "list"), (var, "backup", str(file)), (file, "demo", "--once")):
        says = sanu(at, *command, code=1).stderr
        assert says.startswith("sanu: ") and says.count("\n") == 1 and str(file) in says, command
    assert "sanu: No such file or directory: /proc/x" in sanu(var, "backup", "/proc/x", code=1).stderr


@pytest.mark.parametrize("manifest", ["{", "[]", '{"format": 1}', '{"format": 7}', *(
    f'{{"format": 1, "made_at": "", "mode": "embedded", "services": {{}}, "files": {files}}}' for files in ("[]", "{}"))])
def test_a_manifest_that_is_none_is_said(var: Path, tmp_path: Path, manifest: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest)
    says = sanu(var, "restore", str(tmp_path), code=1).stderr
    assert says.startswith("sanu: ") and ("manifest.json is" in says or "holds no service" in says)


def test_a_taken_port_is_named(var: Path, tmp_path: Path, taken: int) -> None:
    for command in (["webhook", "listen", "--secret", SECRET], ["up", "--var", str(tmp_path / "up")], ["demo", "--once", "--var", str(tmp_path / "demo")],
                    ["up", "--var", str(tmp_path / "up"), "--metrics-port", str(taken)]):
        port = str(free_port() if "--metrics-port" in command else taken)
        done = subprocess.run([PROJECT / "sanu", *command, "--port", port], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 1 and f"Address already in use: 127.0.0.1:{taken}" in done.stderr, done.stderr
        assert "Traceback" not in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize("harm", ["{", '{"keys": [5]}', '{"keys": [{"kid": "x"}]}', "[]"])
def test_a_register_of_keys_that_cannot_be_read_is_named(tmp_path: Path, harm: str) -> None:
    config = Config(var=tmp_path / "var")
    (config.keys / "jwks.json").write_text(harm)
    for command in (("clients", "list"), ("clients", "revoke", "bank"), ("clients", "rotate", "bank", "--key", "x"), ("token", "--role", "operator"),
                    ("keys", "rotate", "training"), ("keys", "retire", "training")):
        assert "jwks.json is no register of keys" in sanu(config.var, *command, code=1).stderr, command


def test_settings_that_lead_nowhere_are_named(var: Path) -> None:
    database = "postgresql://{service}:{password}@127.0.0.1:1/x"
    assert "sanu: No such file or directory: /nonexistent_membership" in sanu(
        var, "status", code=1, SANU_DATABASE=database, SANU_DATABASE_PASSWORD_FILE="/nonexistent_{service}").stderr
    assert "SANU_PEERS" in sanu(var, "status", code=2, SANU_PEERS="http://{svc}").stderr
    assert "✗ broker: none is named" in sanu(var, "doctor", code=1, SANU_DATABASE="postgresql://nobody@127.0.0.1:1/x").stdout
