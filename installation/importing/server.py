"""The installation that takes a list: the one that runs, or, on one machine where none does, one started for this alone."""
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from installation import state
from installation.owner import InUse, own
from installation.up import PROJECT
from shared.config import Config
from shared.errors import Unavailable

START_S, BUSY_S = 60.0, 15.0


def answers(config: Config, name: str = "membership") -> bool:
    return state.get(config, name, f"/{name}/health/ready")[0] == 200


@contextmanager
def running(config: Config, say: Callable[[str], None]) -> Iterator[bool]:
    """Whether it was started for this. Raises Unavailable when none runs and none can be started."""
    if _found(config):
        yield False
        return
    say(f"nothing runs on {config.var}/: started for this, and ended with it")
    process = _start(config)
    try:
        _wait(config, process)
        yield True
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _found(config: Config) -> bool:
    """One that is there may be starting, or busy for a while. False if none is there and one may be started."""
    give_up = time.monotonic() + BUSY_S
    while not answers(config):
        if config.embedded and not (owner := _owner(config)):
            return False
        if time.monotonic() > give_up:
            if config.embedded:
                raise Unavailable(f"{owner}, which does not answer at {config.url('membership')}: say where with --port")
            raise Unavailable(f"nobody answers at {config.url('membership')}: start the installation (./sanu up), or say where it is with --port")
        time.sleep(0.2)
    return True


def _owner(config: Config) -> str:
    """Who has `var/`, in words; "" for nobody."""
    try:
        own(config).close()
    except InUse as e:
        return e.detail.partition(":")[0]
    return ""


def _start(config: Config) -> subprocess.Popen[bytes]:
    """It ends with us, however we end."""
    ours = {"PYTHONPATH": str(PROJECT), "SANU_BROKER": "memory://", "SANU_LOG": "ERROR", "SANU_ENDS_WITH_STDIN": "1"}
    environment = {**os.environ, **config.environment(), **ours}
    return subprocess.Popen([sys.executable, "-P", "-W", "ignore", "-m", "installation.host", "embedded"], stdin=subprocess.PIPE, env=environment)


def _wait(config: Config, process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + START_S
    while not answers(config):
        if process.poll() is not None:
            raise Unavailable(f"the installation did not start on port {config.port}: see the lines above, or ./sanu doctor")
        if time.monotonic() > give_up:
            raise Unavailable(f"the installation is not ready after {START_S:.0f} s: see ./sanu status")
        time.sleep(0.1)


def behind(config: Config) -> int:
    """How many events views and inboxes still have to take, all together."""
    waiting = 0
    for service in state.of(config)["services"].values():
        waiting += sum(v["behind"] for part in ("views", "processes") for v in service.get(part, {}).values() if not v["stopped_at"])
        waiting += sum(inbox["behind"] or 0 for inbox in service.get("inbox", {}).values())
    return waiting
