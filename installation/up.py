"""A process per role on RabbitMQ and PostgreSQL, each started again when it dies."""
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from shared import service as services
from shared.config import SERVICES, Config
from shared.errors import BadRequest

PROJECT = Path(__file__).parent.parent
ROLES = ("worker", "api", "inbox")
FIRST_WAIT_S, LONGEST_WAIT_S = 0.2, 5.0
MOST_WORKERS = 16


class Child:
    """One role of one service, or one of several that share its port. It waits longer from death to death, and short again after a minute of life."""

    def __init__(self, config: Config, role: str, service: str, number: int = 1) -> None:
        self.config, self.role, self.service, self.number = config, role, service, number
        self.process: subprocess.Popen[bytes] | None = None
        self.started, self.wait, self.deaths = 0.0, FIRST_WAIT_S, 0
        self.extra: dict[str, str] = {}        # for the next life only: a test arms a fault with it

    @property
    def name(self) -> str:
        return f"{self.service} {self.role}{f' {self.number}' if self.number > 1 else ''}"

    def start(self) -> None:
        # The child ends with us, even when we are killed: its host reads this pipe until it closes.
        environment = {**os.environ, **self.config.environment(), "PYTHONPATH": str(PROJECT), "SANU_ENDS_WITH_STDIN": "1", **self.extra}
        self.extra = {}
        self.process = subprocess.Popen([sys.executable, "-P", "-m", "installation.host", self.role, self.service],
                                        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=environment)
        self.started = time.monotonic()

    def tend(self, say: Callable[[str], None]) -> None:
        if self.process is None or self.process.poll() is None:
            return
        lived = time.monotonic() - self.started
        if lived < self.wait:
            return
        self.deaths += 1
        say(f"{self.name} ended ({self.process.returncode}), starting it again")
        self.wait = FIRST_WAIT_S if lived > 60 else min(2 * self.wait, LONGEST_WAIT_S)
        self.start()


class Installation:
    """All roles of `names`; as a context it is started and, at the end, stopped within 10 s. `workers`: API processes of a service, one unless told."""

    def __init__(self, config: Config, names: tuple[str, ...] = SERVICES, say: Callable[[str], None] = lambda text: None,
                 workers: Mapping[str, int] | None = None) -> None:
        self.config, self.say = config, say
        self.children = [child for role in ROLES for name in names for child in _children(config, role, name, (workers or {}).get(name, 1))]
        self._stopping = threading.Event()

    def __enter__(self) -> "Installation":
        if not self.config.own_logins:         # those may not: `python -m installation.host migrate` has been run before
            services.migrate(self.config)
        for child in self.children:
            child.start()
        self._tender = threading.Thread(target=self._tend, daemon=True)
        self._tender.start()
        return self

    def _tend(self) -> None:
        while not self._stopping.wait(0.1):
            for child in self.children:
                child.tend(self.say)

    def child(self, service: str, role: str) -> Child:
        return next(c for c in self.children if (c.service, c.role) == (service, role))

    def wait(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stopping.set())
        self._stopping.wait()

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._tender.join()
        for child in self.children:
            if child.process:
                child.process.terminate()
        give_up = time.monotonic() + 10
        for child in self.children:
            if child.process:
                try:
                    child.process.wait(max(0.1, give_up - time.monotonic()))
                except subprocess.TimeoutExpired:
                    child.process.kill()
                    child.process.wait()
                if child.process.stdin:
                    child.process.stdin.close()


def _children(config: Config, role: str, service: str, workers: int) -> list[Child]:
    """Several API processes listen on one port, and the kernel divides the connections; each has metrics of its own, twelve ports on."""
    if role != "api" or workers == 1:
        return [Child(config, role, service)]
    apart = len(SERVICES) * len(ROLES)
    return [Child(replace(config, share_port=True, metrics_port=config.metrics_port and config.metrics_port + apart * n), role, service, n + 1)
            for n in range(workers)]


def workers_of(told: Sequence[str]) -> dict[str, int]:
    """`gold_trade=2` as {"gold_trade": 2}. Raises BadRequest."""
    found = {}
    for text in told:
        service, _, number = text.partition("=")
        if service not in SERVICES or not number.isdigit() or not 1 <= int(number) <= MOST_WORKERS:
            raise BadRequest(f"'{text}' is not SERVICE=N", field="workers", rule=f"{', '.join(SERVICES)}; 1 to {MOST_WORKERS}")
        found[service] = int(number)
    return found
