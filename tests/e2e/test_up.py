"""./sanu up as an operator runs it: every role a process of its own, and none that outlives it."""
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from installation.up import PROJECT, ROLES
from shared.config import SERVICES, Config
from tests.books import Books
from tests.clients import until
from tests.world import Running, four_ports


class Up(Running):
    def __init__(self, var: Path, database: str, broker: str) -> None:
        self.config = self.direct = Config(var=var, database=database, broker=broker, port=four_ports())
        self.kept = []


@contextmanager
def up(world: Up) -> Iterator[subprocess.Popen[bytes]]:
    c = world.config
    process = subprocess.Popen([PROJECT / "sanu", "up", "--database", c.database, "--broker", c.broker, "--var", str(c.var), "--port", str(c.port)])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def roles_of(database: str) -> list[int]:
    """Processes that were given this database, whoever their parent is now."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if b"installation.host" in (path / "cmdline").read_bytes() and database.encode() in (path / "environ").read_bytes():
                found.append(int(path.name))
        except OSError:
            pass
    return found


def test_up_runs_every_role_and_ends_them_all(tmp_path: Path, database: str, broker: str) -> None:
    world = Up(tmp_path / "var", database, broker)
    with up(world) as process:
        world.prepare()
        assert len(roles_of(database)) == len(ROLES) * len(SERVICES)
        world.end_well()
        os.kill(process.pid, signal.SIGTERM)
        began = time.monotonic()
        assert process.wait(15) == 0 and time.monotonic() - began < 12
    until(lambda: not roles_of(database), 5, "no role left")
    with up(world) as process:
        until(world.ready, 30, "every service ready again")
        process.kill()
        until(lambda: not roles_of(database), 10, "no role outlives a killed parent")
    books = Books(world.direct)
    try:
        books.nothing_lost_none_twice(world.kept)
    finally:
        books.close()
