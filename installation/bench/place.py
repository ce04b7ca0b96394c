"""Where a run of the bench takes place: servers of its own, and databases with as many events as a figure needs."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from shared import service as services
from shared.config import Config
from tests.servers import Postgres, Rabbit

from . import material, stock

PROJECT = Path(__file__).parents[2]


class Place:
    """As a context it ends its servers and removes their data."""

    def __init__(self, quick: bool, say: Callable[[str], None]) -> None:
        self.quick, self.say = quick, say
        self.runs = 3 if quick else 5
        self.organisations = 20_000
        self.base = Path(tempfile.mkdtemp(prefix="sanu-bench-"))
        self.base.chmod(0o755)         # PostgreSQL's user must reach it
        self._filled: dict[int, Config] = {}
        self._streams: dict[int, Config] = {}

    def __enter__(self) -> "Place":
        return self

    def __exit__(self, *_: object) -> None:
        for name in ("postgres", "rabbit"):
            if name in self.__dict__:
                self.__dict__[name].stop()
        shutil.rmtree(self.base, ignore_errors=True)

    @cached_property
    def postgres(self) -> Postgres:
        """With fsync, and otherwise as Debian sets it up."""
        server = Postgres(self.base)
        server.start()
        return server

    @cached_property
    def rabbit(self) -> Rabbit:
        server = Rabbit(self.base)
        server.start()
        return server

    def config(self, **more: Any) -> Config:
        """An empty installation with a database of its own."""
        database = self.postgres.new_database()
        config = Config(var=self.base / database.rpartition("/")[2], database=database, **more)
        services.migrate(config)
        return config

    def filled(self, number: int) -> Config:
        """One whose reporting has received `number` events; the same one each time it is asked for."""
        if number not in self._filled:
            self.say(f"  making {number:,} events ...")
            config = self.config()
            material.copy(config.database, "reporting.reporting_log", material.received(material.opened_and(number)))
            self._filled[number] = config
        return self._filled[number]

    def streams(self, number: int) -> Config:
        """One whose membership holds `number` organisations of ten events each, and so does a stock application beside it."""
        if number not in self._streams:
            self.say(f"  making {number:,} streams of {material.OF_A_STREAM} events ...")
            config = self.config(broker=self.rabbit.new_vhost())
            material.copy(config.database, "membership.membership_log", material.rows(material.streams(number)))
            stock.fill(config.database, material.streams(number), stock.of_aggregates)
            self._streams[number] = config
        return self._streams[number]

    def environment(self, config: Config) -> dict[str, str]:
        return {**os.environ, **config.environment(), "PYTHONPATH": str(PROJECT)}

    def child(self, config: Config, *arguments: str) -> Any:
        """What `child.py` measured in a fresh process."""
        done = subprocess.run([sys.executable, "-P", "-m", "installation.bench.child", *arguments], env=self.environment(config),
                              stdout=subprocess.PIPE, check=True, text=True)
        return json.loads(done.stdout.splitlines()[-1])
