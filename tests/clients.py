"""Clients who send commands, repeat each under the same key until it is answered, and keep every answer."""
import http.client
import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from installation import demo
from installation.client import Client, Refused
from shared import auth
from shared.config import Config
from shared.errors import Unavailable
from shared.signing import Signer

PATIENCE_S = 60
DISTRICTS = ("kenieba", "kangaba", "bougouni", "kadiolo", "yanfolila")
HOT = "everybodys"                             # the one organisation that all clients rename
_numbers = itertools.count(1)


def until(condition: Callable[[], object], seconds: float = 30, what: str = "") -> None:
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, f"not within {seconds} s: {what or condition}"
        time.sleep(0.02)


class Kept(NamedTuple):
    """A command that was acknowledged."""

    client: str
    key: str
    service: str
    command: str
    body: dict[str, Any]
    answer: dict[str, Any]


def report(config: Config, client: Client, kept: list[Kept]) -> None:
    """Sends the report's facts."""
    for fact in demo.records():
        answer = client.command(fact["service"], fact["command"], fact["body"], fact["id"])
        kept.append(Kept("report-loader", fact["id"], fact["service"], fact["command"], fact["body"], answer))


def commands(name: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What one client sends for ever: foundings, moves, counts, activities, actors, sealed names, and one name all clients change."""
    choose = random.Random(name)
    founded: list[str] = []
    for n in itertools.count():
        day = f"20{choose.randint(25, 35)}-{choose.randint(1, 12):02}-{choose.randint(1, 28):02}"
        match n % 8:
            case 0 | 4:
                founded.append(f"{name}-{n}")
                yield "membership", "found-organisation", {"organisation": founded[-1], "level": "base" if n % 3 else "union", "name": f"Société {n}",
                                                           "district": choose.choice(DISTRICTS), "occurred_on": day}
            case 1:
                yield "membership", "move-organisation", {"organisation": choose.choice(founded), "district": choose.choice(DISTRICTS), "occurred_on": day}
            case 2:
                yield "training", "record-activity", {"activity": f"{name}-{n}", "title": "Forum", "kind": "forum", "role": "organised"}
            case 3:
                yield "membership", "declare-count", {"declaration": f"{name}-{n}", "measure": "base", "count": n, "as_of": day,
                                                      "district": choose.choice(DISTRICTS), "source": {"document": "test", "section": str(n)}}
            case 5:
                yield "gold_trade", "register-actor", {"actor": f"{name}-{n}", "kind": "collector", "name": f"Collecteur {n}"}
            case 6:
                yield "membership", "rename-organisation", {"organisation": HOT, "name": f"Nom {name} {n}", "occurred_on": day}
            case 7:
                yield "membership", "name-representative", {"organisation": founded[-1], "function": "presidente", "name": f"Awa {name} {n}"}


class Load:
    """Clients who each send one command after the other, and repeat it under the same key until it is answered."""

    def __init__(self, config: Config, kept: list[Kept], clients: int = 3, pause_s: float = 0.01) -> None:
        self.config, self.kept, self.pause_s = config, kept, pause_s
        self.repeats: Counter[str] = Counter()                   # why a command had to be sent again
        self.wrong: list[str] = []
        self._stopping = threading.Event()
        names = [f"client-{next(_numbers)}" for _ in range(clients)]
        self._threads = [threading.Thread(target=self._work, args=(name,), daemon=True) for name in names]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(PATIENCE_S + 30)
        if kind is None:
            assert not self.wrong, self.wrong

    def acknowledged(self, more: int, seconds: float = 30) -> None:
        """Waits until `more` commands were answered."""
        target = len(self.kept) + more
        until(lambda: len(self.kept) >= target or self.wrong, seconds, f"{more} commands answered; repeats {dict(self.repeats)}")
        assert not self.wrong, self.wrong

    def _work(self, name: str) -> None:
        client = Client(self.config, name, "loader")
        try:
            for n, (service, command, body) in enumerate(commands(name)):
                if self._stopping.is_set():
                    return
                self.kept.append(Kept(name, f"{name}-{n}", service, command, body, self._answer(client, service, command, body, f"{name}-{n}")))
                time.sleep(self.pause_s)
        except Exception as e:
            self.wrong.append(f"{name}: {e!r}")

    def _answer(self, client: Client, service: str, command: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        give_up = time.monotonic() + PATIENCE_S
        while True:
            try:
                return client.command(service, command, body, key)
            except Unavailable:
                self.repeats["nobody answers"] += 1
            except Refused as e:
                if e.status != 503 and not (e.status == 409 and "changed the same stream" in str(e)):
                    raise
                self.repeats[str(e)] += 1
            if time.monotonic() > give_up:
                raise TimeoutError(f"{command} {key} was never answered: {dict(self.repeats)}")
            time.sleep(0.05)


def ask(config: Config, service: str, path: str, token: str = "", **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    """One GET: status, headers, body."""
    connection = http.client.HTTPConnection(config.host, config.port_of(service), timeout=15)
    try:
        sent = {**headers, **({"Authorization": f"Bearer {token}"} if token else {})}
        connection.request("GET", path, headers={k.replace("_", "-"): v for k, v in sent.items()})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def token(config: Config, owner: str, role: str, subject: str = "") -> str:
    return auth.issue(Signer.open(config, owner), subject=subject or owner, role=role, scopes=auth.scopes_of(role), seconds=600)
