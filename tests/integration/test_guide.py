"""The operator's guide is true: its command lines are run in their order, those for servers on real ones."""
import os
import re
import shlex
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import typer

from installation import state
from installation.__main__ import app
from installation.up import PROJECT
from shared.config import Config
from tests.clients import until
from tests.servers import free_port
from tests.world import four_ports

GUIDE = (PROJECT / "docs" / "fr" / "exploitation.md").read_text("utf-8")
BLOCK = re.compile(r"(?:<!-- ([^\n]*) -->\n)?```sh\n(.*?)```", re.S)
PATIENCE_S = 60
click_group = type(typer.main.get_command(app))


def blocks(servers: bool) -> list[tuple[frozenset[str], str]]:
    found = [(frozenset(m[1].replace("en marche", "marche").split() if m[1] else ()), m[2]) for m in BLOCK.finditer(GUIDE)]
    return [(marks - {"serveurs"}, script) for marks, script in found if ("serveurs" in marks) == servers]


@dataclass
class Desk:
    """A directory in which somebody follows the guide."""

    folder: Path
    config: Config
    more: dict[str, str] = field(default_factory=dict)
    running: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        for name in ("sanu", "deploy"):
            (self.folder / name).symlink_to(PROJECT / name)
        (self.folder / "copies").mkdir()
        self.environment = {**os.environ, "SANU_PORT": str(self.config.port), **self.more}

    def follow(self, marks: frozenset[str], script: str) -> None:
        if "marche" in marks:
            return self._start(script)
        wanted = 1 if {"code", "1"} <= marks else 0
        done = subprocess.run(["/bin/sh", "-eu", "-c", script], cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == wanted, f"{script}\nended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        if "arrêt" in marks and self.running:
            assert self.running.wait(20) in (0, -signal.SIGTERM)
            self.running = None

    def _start(self, script: str) -> None:
        (line,) = script.strip().splitlines()
        words = shlex.split(line, comments=True)
        settings = dict(word.split("=", 1) for word in words if re.match(r"[A-Z_]+=", word))
        with (self.folder / "log.txt").open("ab") as log:
            self.running = subprocess.Popen(words[len(settings):], cwd=self.folder, env={**self.environment, **settings}, stderr=log)
        until(lambda: not state.of(self.config)["alarms"], PATIENCE_S, "an installation at work that asks for nothing")


@contextmanager
def desk(folder: Path, config: Config, **more: str) -> Iterator[Desk]:
    opened = Desk(folder, config, more)
    try:
        yield opened
    finally:
        if opened.running:
            opened.running.terminate()
            with suppress(subprocess.TimeoutExpired):
                opened.running.wait(15)
            opened.running.kill()


def test_every_line_for_one_machine_does_what_it_says(tmp_path: Path) -> None:
    with desk(tmp_path, Config(var=tmp_path / "var", port=free_port())) as at:
        for marks, script in blocks(servers=False):
            at.follow(marks, script)
    lines = (tmp_path / "log.txt").read_text().splitlines()
    assert all(line.startswith("{") for line in lines), "what the processes say is JSON, line by line"


def test_every_line_for_servers_does_what_it_says(tmp_path: Path, database: str, broker: str) -> None:
    config = Config(var=tmp_path / "var", port=four_ports(), database=database, broker=broker)
    with desk(tmp_path, config, SANU_DATABASE=database, SANU_BROKER=broker) as at:
        for marks, script in blocks(servers=True):
            at.follow(marks, script)


def test_every_command_named_in_passing_exists() -> None:
    click = typer.main.get_command(app)
    for command in set(re.findall(r"`\./sanu ([^`]*)`", GUIDE)):
        words = [word for word in command.split() if re.fullmatch(r"[a-z][a-z-]*", word)]
        assert words[0] in click.commands, command  # type: ignore[attr-defined]
        if isinstance(within := click.commands[words[0]], click_group):  # type: ignore[attr-defined]
            assert words[1] in within.commands, command
