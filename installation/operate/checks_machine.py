"""The doctor's look at versions, files and their modes, free disk, ports and the green wait."""
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from installation import alarms, state
from shared.config import SERVICES, Config

from .check import Check, bad, good, judged
from .show import size

LOCK = Path(__file__).parents[2] / "requirements.lock"
WATCHED = ("eventlet", "nameko", "kombu", "eventsourcing", "psycopg", "marshmallow", "cryptography")
ENVIRONMENT = "rm -r .venv and start ./sanu again: it makes the environment anew from requirements.lock"


def versions() -> Iterator[Check]:
    python = ".".join(map(str, sys.version_info[:3]))
    yield judged("Python", sys.version_info >= (3, 11), python, "install Python 3.11 or newer")
    locked = dict(line.split(" ")[0].split("==") for line in LOCK.read_text().splitlines() if "==" in line and not line.startswith((" ", "#")))
    wrong = []
    for name in WATCHED:
        wanted = locked.get(name) or locked.get(f"{name}[binary,pool]")
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            found = "missing"
        if wanted and found != wanted:
            wrong.append(f"{name} {found}, locked {wanted}")
    yield judged("packages", not wrong, "; ".join(wrong) or "as locked: " + ", ".join(f"{n} {metadata.version(n)}" for n in WATCHED[:4]), ENVIRONMENT)


def files(config: Config) -> Iterator[Check]:
    var = config.var
    if not var.exists():
        yield bad("files", f"{var}/ does not exist", "./sanu demo or ./sanu up makes it; --var names another")
        return
    yield judged("files", os.access(var, os.R_OK | os.W_OK | os.X_OK), f"{var}/ is ours to write", f"chown -R $(id -un) {var}")
    mode = var.stat().st_mode & 0o777
    closed = 0o007 if config.embedded else 0o002           # the logs lie here: whoever may read them knows who has how much gold
    yield judged("files", not mode & closed, f"{var}/ has the mode {mode:04o}", f"chmod {'o-rwx' if config.embedded else 'o-w'} {var}")
    keys = var / "keys"
    if not keys.exists():
        yield bad("keys", f"{keys}/ does not exist", "the first start makes the keys; after a loss: ./sanu restore")
        return
    yield judged("keys", keys.stat().st_mode & 0o777 == 0o700, f"{keys}/ has the mode {keys.stat().st_mode & 0o777:04o}", f"chmod 0700 {keys}")
    private = [p for p in (*keys.glob("*.pem"), *keys.glob("*.secret"), *keys.glob("*.old"), var / "keys.db") if p.exists()]
    open_ = [str(p) for p in private if p.stat().st_mode & 0o077]
    yield judged("keys", not open_, f"{len(private)} private files with the mode 0600" if not open_ else f"open to others: {', '.join(open_)}",
                 f"chmod 0600 {' '.join(open_)}")
    foreign = [str(p) for p in private if p.stat().st_uid != os.geteuid()]
    if foreign:
        yield bad("keys", f"belong to another user: {', '.join(foreign)}", f"chown $(id -un) {' '.join(foreign)}, or run as their owner")


def disk(config: Config) -> Iterator[Check]:
    free = state.disk(config)
    enough = free["free_bytes"] >= alarms.FREE_BYTES and free["free_percent"] >= alarms.FREE_PERCENT
    yield judged("disk", enough, f"{size(free['free_bytes'])} free ({free['free_percent']} %)",
                 f"make room where {config.var}/ is: at least {size(alarms.FREE_BYTES)} and {alarms.FREE_PERCENT} %")


def ports(config: Config) -> Iterator[Check]:
    """Free, or answered by a service of this installation."""
    for name in SERVICES[:1] if config.embedded else SERVICES:
        where = config.url(name)
        if state.get(config, name, f"/{name}/health/live")[1].get("service") == name:
            yield good("port", f"{where} is answered by {'all services' if config.embedded else name}")
        elif not config.peers:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((config.host, config.port_of(name)))
                    yield good("port", f"{where} is free for {name}")
                except OSError as e:
                    yield bad("port", f"{where} cannot be had: {e.strerror}",
                              f"end what listens there (ss -ltnp 'sport = {config.port_of(name)}'), or choose --port")


def green_wait(config: Config) -> Iterator[Check]:
    """In a process of its own: it changes the standard library for good."""
    code = "from installation.host import patch; patch(); from shared.edge import green; green.assert_green()"
    done = subprocess.run([sys.executable, "-P", "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=30, check=False,
                          env={**os.environ, "PYTHONPATH": str(LOCK.parent)})
    says = done.stderr.strip().splitlines()[-1] if done.returncode else "psycopg waits in eventlet's hub"
    yield judged("green wait", done.returncode == 0, says, ENVIRONMENT)
