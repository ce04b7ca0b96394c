"""Keys are made once, kept private, and verify only what their owner signed."""
import json
import multiprocessing
import os
import stat
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.config import Config
from shared.errors import BadRequest, Unavailable
from shared.jwks import BadSignature, Keys, register
from shared.signing import Signer


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(var=tmp_path / "var")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def open_and_tell(config: Config, owner: str, start, told) -> None:
    start.wait()
    told.put(Signer.open(config, owner).kid)


def opened_at_once(config: Config, *owners: str) -> list[str]:
    context = multiprocessing.get_context("fork")
    start, told = context.Barrier(len(owners)), context.Queue()
    processes = [context.Process(target=open_and_tell, args=(config, owner, start, told)) for owner in owners]
    for process in processes:
        process.start()
    kids = [told.get(timeout=20) for _ in processes]
    for process in processes:
        process.join(20)
    return kids


def published(config: Config) -> list[dict[str, str]]:
    return json.loads((config.keys / "jwks.json").read_bytes())["keys"]


def test_a_signature_is_64_bytes_and_verifies(config):
    signer = Signer.open(config, "training")
    signature = signer.sign(b"gold")
    assert len(signature) == 64
    Keys(config).verify("training", signer.kid, signature, b"gold")


def test_the_kid_names_the_owner_and_the_hash_of_the_key(config):
    signer = Signer.open(config, "training")
    raw = signer.private.public_key().public_bytes_raw()
    assert signer.kid == "training:" + sha256(raw).hexdigest()[:16]
    assert Keys(config).public(signer.kid).public_bytes_raw() == raw


def test_the_key_survives_a_restart(config):
    assert Signer.open(config, "training").kid == Signer.open(config, "training").kid
    assert len(published(config)) == 1


def test_processes_starting_together_end_with_the_same_key(tmp_path):
    for attempt in range(5):
        config = Config(var=tmp_path / str(attempt))
        assert len(set(opened_at_once(config, *["training"] * 4))) == 1
        assert len(published(config)) == 1


def test_services_starting_together_all_stand_in_the_jwks(config):
    owners = ["membership", "training", "gold_trade", "reporting"]
    kids = opened_at_once(config, *owners)
    assert sorted(key["kid"] for key in published(config)) == sorted(kids)


def test_private_files_are_private_and_the_jwks_is_readable_whatever_the_umask(config):
    before = os.umask(0o077)
    try:
        Signer.open(config, "training")
    finally:
        os.umask(before)
    assert mode(config.keys) == 0o700
    assert mode(config.keys / "training.pem") == 0o600
    assert mode(config.keys / "jwks.json") == 0o644


def test_no_half_written_file_is_left(config):
    Signer.open(config, "training")
    assert sorted(p.name for p in config.keys.iterdir()) == ["jwks.json", "jwks.lock", "training.pem"]


def test_the_jwks_holds_only_public_members(config):
    Signer.open(config, "training")
    assert set(published(config)[0]) == {"kty", "crv", "x", "kid", "owner"}


def test_the_private_key_is_not_shown(config):
    assert "private" not in repr(Signer.open(config, "training"))


def test_a_tampered_signature_is_refused(config):
    signer = Signer.open(config, "training")
    signature = bytearray(signer.sign(b"gold"))
    signature[10] ^= 1
    with pytest.raises(BadSignature):
        Keys(config).verify("training", signer.kid, bytes(signature), b"gold")


@pytest.mark.parametrize("signature", [b"", b"\0" * 64, b"\0" * 65])
def test_a_signature_that_is_none_is_refused(config, signature):
    with pytest.raises(BadSignature):
        Keys(config).verify("training", Signer.open(config, "training").kid, signature, b"gold")


def test_other_bytes_are_refused(config):
    signer = Signer.open(config, "training")
    with pytest.raises(BadSignature):
        Keys(config).verify("training", signer.kid, signer.sign(b"gold"), b"lead")


def test_the_key_of_another_owner_is_refused(config):
    signer = Signer.open(config, "training")
    with pytest.raises(BadSignature, match="another owner"):
        Keys(config).verify("gold_trade", signer.kid, signer.sign(b"gold"), b"gold")


def test_an_unknown_kid_is_refused_also_when_there_is_no_jwks(config):
    with pytest.raises(BadSignature, match="unknown"):
        Keys(config).verify("training", "training:0000000000000000", b"", b"")


def test_a_new_key_is_found_at_once(config):
    clock = Clock()
    first = Signer.open(config, "training")
    keys = Keys(config, clock)
    keys.public(first.kid)
    clock.now = 0.2
    keys.public(Signer.open(config, "gold_trade").kid)


def test_unknown_kids_make_the_file_read_at_most_once_per_second(config):
    clock = Clock()
    keys = Keys(config, clock)
    with pytest.raises(BadSignature):
        keys.public("nobody:1")
    late = Signer.open(config, "training")
    clock.now = 0.9
    with pytest.raises(BadSignature):
        keys.public(late.kid)
    clock.now = 1.0
    keys.public(late.kid)


def test_a_withdrawn_key_is_refused_after_a_second(config):
    clock = Clock()
    signer = Signer.open(config, "training")
    keys = Keys(config, clock)
    keys.public(signer.kid)
    (config.keys / "jwks.json").write_text('{"keys": []}')
    clock.now = 1.0
    with pytest.raises(BadSignature):
        keys.public(signer.kid)


def test_a_client_brings_its_own_public_key(config):
    private = Ed25519PrivateKey.generate()
    kid = register(config, "bank", private.public_key().public_bytes_raw())
    Keys(config).verify("bank", kid, private.sign(b"gold"), b"gold")


def test_a_key_listed_under_a_foreign_kid_is_refused(config):
    signer = Signer.open(config, "training")
    path = config.keys / "jwks.json"
    path.write_text(path.read_text().replace('"owner": "training"', '"owner": "gold_trade"'))
    with pytest.raises(Unavailable):
        Keys(config).public(signer.kid)


@pytest.mark.parametrize("owner", ["", "../x", "a/b", "a:b", "A", "x\n"])
def test_an_owner_that_is_no_file_name_is_refused(config, owner):
    with pytest.raises(BadRequest):
        Signer.open(config, owner)


def test_keys_and_seals_work_under_green_threads(config):
    program = (
        "import eventlet; eventlet.monkey_patch()\n"
        "import sys; from pathlib import Path\n"
        "from shared.config import Config\n"
        "from shared import auth, jwks, sealing, signing\n"
        "config = Config(var=Path(sys.argv[1]))\n"
        "signer, store = signing.Signer.open(config, 'training'), sealing.KeyStore(config)\n"
        "store.migrate()\n"
        "keys = jwks.Keys(config)\n"
        "def work(n):\n"
        "    token = auth.issue(signer, subject='training', role='service', scopes=['feed:read'], seconds=60)\n"
        "    auth.read(token, keys).must('feed:read')\n"
        "    sealed = sealing.seal(store, f's{n % 3}', 'person', 'name', str(n), 'Awa')\n"
        "    eventlet.sleep(0)\n"
        "    return sealing.open_(store, sealed, 'name', str(n), ['person'])\n"
        "assert list(eventlet.GreenPool().imap(work, range(20))) == ['Awa'] * 20\n")
    subprocess.run([sys.executable, "-c", program, str(config.var)], check=True, timeout=60)
