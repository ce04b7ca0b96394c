"""Peers, and whole services, in a directory: nothing happens until a test says so."""
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple
from unittest.mock import patch

from shared import event, feed, inbox, log, process, service, tables
from shared.application import Answer
from shared.config import Config
from shared.errors import Unavailable
from shared.jwks import Keys
from shared.relay import Relay
from shared.service import Service
from shared.signing import Signer
from shared.testing import OFFICER, OtherWriter


class Envelope(NamedTuple):
    headers: Mapping[str, object]
    body: bytes


class Post:
    """What a relay published, instead of a broker."""

    def __init__(self) -> None:
        self.sent: list[Envelope] = []

    def publish(self, body: bytes, headers: Mapping[str, object], **_: Any) -> None:
        self.sent.append(Envelope(headers, body))


def published(by: "Peer | Service", most: int = 500) -> list[Envelope]:
    """What its relay has to publish, from where it was; at most `most` events in each."""
    post, relay = Post(), Relay(by.config, by.log, by.tables, by.signer, most)
    relay._producer = post
    while relay.step():
        pass
    return post.sent


class Peer:
    """Log, tables, feed, relay and inbox of one service, and nothing that runs."""

    def __init__(self, config: Config, name: str) -> None:
        log.migrate(config, name)
        tables.migrate(config, name)
        self.config, self.name = config, name
        self.log, self.tables = log.Log(config, name), tables.open_tables(config, name)
        self.signer, self.keys = Signer.open(config, name), Keys(config)
        self.chain = feed.Chain(self.log, self.tables)
        self.inbox = inbox.Inbox(config, self.log, self.tables, self.signer, self.keys)
        self.writer = OtherWriter(self.log)
        self._numbers = itertools.count(1)

    def says(self, count: int = 1, **data: Any) -> None:
        for _ in range(count):
            self.writer.appends(f"note/{next(self._numbers)}", f"{self.name}.Noted", **data)

    def envelopes(self, most: int = 500) -> list[Envelope]:
        return published(self, most)

    def heartbeat(self) -> Envelope:
        post, relay = Post(), Relay(self.config, self.log, self.tables, self.signer)
        relay._producer = post
        relay.publish([], self.log.own_head())
        return post.sent[0]

    def received(self, source: str) -> list[bytes]:
        return [r.state for r in self.log.received_after(source, 0, 100_000)]

    def told(self) -> list[bytes]:
        return [i.state for i in self.chain.read(0, 100_000)]

    def close(self) -> None:
        self.tables.close()
        self.log.recorder.datastore.close()


class Feeds:
    """Answers an inbox's requests for pages of a feed, without HTTP; `asked` counts them, `away` makes a source silent."""

    def __init__(self, *chains: feed.Chain) -> None:
        self.chains = {chain.source: chain for chain in chains}
        self.asked, self.away = 0, set[str]()

    def __call__(self, config: Config, signer: Signer, source: str, path: str) -> bytes:
        self.asked += 1
        if source in self.away:
            raise Unavailable(f"{source} does not answer")
        query = dict(part.split("=") for part in path.partition("?")[2].split("&"))
        return feed.encode(source, self.chains[source].read(int(query["after"]), int(query["limit"])))

    @contextmanager
    def patched(self) -> Iterator["Feeds"]:
        with patch.object(inbox, "fetch", self):
            yield self


class Together:
    """Services of one directory, moved by hand: nothing happens until a test says so."""

    def __init__(self, var: Path, *opens: Callable[[Config], Service], kind: str = "real") -> None:
        self.config = Config(var=var, kind=kind)
        service.migrate(self.config, [o.keywords["definition"].name for o in opens])  # type: ignore[attr-defined]
        self.services = {s.name: s for s in (o(self.config) for o in opens)}
        self.feeds = Feeds(*(s.chain for s in self.services.values()))
        self._keys: dict[str, itertools.count[int]] = defaultdict(lambda: itertools.count(1))

    def __getitem__(self, name: str) -> Service:
        return self.services[name]

    def __enter__(self) -> "Together":
        for s in self.services.values():
            s.prepare()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        for s in self.services.values():
            s.close()

    def command(self, to: str, command: str, /, _key: str = "", **body: Any) -> Answer:
        return self[to].handle(command, body, OFFICER, _key or f"{command}-{next(self._keys[command])}", "test")

    def carry(self) -> None:
        """Everybody is told everything."""
        with self.feeds.patched():
            for s in self.services.values():
                for source in self.services:
                    if source != s.name:
                        s.inbox.take(source, [])

    def fold(self) -> None:
        """Every view and process reads its log to the end, or to where it stops."""
        for s in self.services.values():
            for p in s.projections:
                while p.step():
                    pass

    def act(self) -> int:
        """Every process does what is due; how much it was. A passing fault waits for the next time."""
        done = 0
        for s in self.services.values():
            for p in s.processes:
                try:
                    done += process.perform(p, s.do, event.now())
                except Unavailable:
                    pass
        return done

    def settle(self) -> None:
        for _ in range(20):
            self.carry()
            self.fold()
            if not self.act():
                return
        raise AssertionError("processes never come to rest")
