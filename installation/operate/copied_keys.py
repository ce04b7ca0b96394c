"""A copy's keys, put back beside those that an installation may have made of its own since: a start by accident makes new ones."""
from base64 import urlsafe_b64decode
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from installation.clients import registered
from shared import auth, files, jwks
from shared.config import SERVICES, Config
from shared.errors import Unavailable
from shared.key_database import Run

SECRET, REGISTER = "idempotency.secret", "jwks.json"


class Personal(NamedTuple):
    """`restored`: the store took something of the copy. `missing`: keys of the copy that it lacks all the same."""

    restored: bool
    missing: int


def put_signing_keys_back(config: Config, folder: Path, stamp: str) -> tuple[bool, dict[str, str]]:
    """From the copy in `folder`, if its installation had keys yet. Whether anything was put back, and where that is which stood in its place.

    The secret tells whose directory it is. The copied one may have rotated and revoked since, so it stays as it is; one that was begun anew
    gets what it lacks, and the secret, since the digests of recorded commands were made with it.
    """
    copied, here = folder / "keys", config.keys
    if not (copied / SECRET).exists() or (_sound(config) and _content(here / SECRET) == _content(copied / SECRET)):
        return False, {}
    aside = {} if _sound(config) else _aside(here / REGISTER, stamp)
    for pem in sorted(copied.glob("*.pem")):
        files.created_once(here / pem.name, pem.read_bytes)
    partners = {key["owner"] for key in registered(config)} - {*SERVICES, auth.INSTALLATION}
    for key in registered(replace(config, var=folder)):
        if key["owner"] not in partners:           # one registered here anew has said which key is good
            jwks.register(config, key["owner"], urlsafe_b64decode(key["x"] + "="), key.get("role", ""), key.get("territory", ()))
    if _content(here / SECRET) != _content(copied / SECRET):
        aside |= _aside(here / SECRET, stamp)
        files.replace(here / SECRET, _content(copied / SECRET), 0o600)      # last: while it is another one, a second try does all of this again
    return True, aside


def _sound(config: Config) -> bool:
    """Whether there is a register, and it can be read."""
    try:
        return bool(registered(config))
    except Unavailable:
        return False


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _aside(path: Path, stamp: str) -> dict[str, str]:
    if not path.exists():
        return {}
    return {path.name: str(path.rename(path.with_name(f"{path.name}.before-{stamp}")))}


def put_personal_keys_back(run: Run) -> Personal:
    """Into the tables of `sealing`, from those of `copied`. What the store knows stays: it knows who was forgotten since.

    A store without a key takes the copy whole. One with the copy's secret is the copied one, at another time: it takes what it lacks. Any other
    was begun anew and is in use: it cannot find by the copy's index, and takes nothing.
    """
    empty = not run("SELECT 1 FROM sealing.subject_key LIMIT 1")
    lacking = _lacking(run)
    if empty:
        run("DELETE FROM sealing.secret")
        run("INSERT INTO sealing.secret SELECT * FROM copied.secret")
    if run("SELECT 1 FROM sealing.secret s JOIN copied.secret c ON c.name = s.name AND c.value = s.value"):
        run("INSERT INTO sealing.lookup SELECT * FROM copied.lookup WHERE subject NOT IN (SELECT subject FROM sealing.subject_key) ON CONFLICT DO NOTHING")
        run("INSERT INTO sealing.subject_key SELECT * FROM copied.subject_key WHERE true ON CONFLICT DO NOTHING")
    missing = _lacking(run)
    return Personal(empty or missing < lacking, missing)


def _lacking(run: Run) -> int:
    return int(run("SELECT count(*) FROM copied.subject_key WHERE subject NOT IN (SELECT subject FROM sealing.subject_key)")[0][0])
