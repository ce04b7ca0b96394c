"""A service's own events as others see them: position, previous and a digest that chains them.

The digest is a pure function of the log, so every reader computes it and nobody has to be trusted with it.
A received copy of a feed is the same chain again; both are read by the same class.
"""
from collections import OrderedDict
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

import msgspec

from .errors import BadRequest, HistoryRewritten
from .group_commit import answering
from .log import RECEIVED, Log
from .recorder import Recorded
from .tables import Tables

PAGE = 500


class Item(NamedTuple):
    position: int
    previous: int            # position of the event before; rollbacks and received facts leave holes
    digest: bytes
    name: str
    state: bytes


class _Wire(msgspec.Struct):
    data: msgspec.Raw
    digest: str
    position: str            # CloudEvents integers are 32 bit
    previous: str
    type: str


_decoder = msgspec.json.Decoder(list[_Wire])


def start(service: str, log_id: str) -> bytes:
    return sha256(service.encode() + log_id.encode()).digest()


def link(digest: bytes, position: int, state: bytes) -> bytes:
    return sha256(digest + position.to_bytes(8, "big") + state).digest()


def encode(source: str, items: Sequence[Item]) -> bytes:
    """A CloudEvents batch; stored bytes are spliced in as they are."""
    return b"[" + b",".join(
        b'{"data":%b,"datacontenttype":"application/json","digest":"%b","id":"%d","position":"%d","previous":"%d","source":"%b","specversion":"1.0","type":"%b"}'
        % (i.state, i.digest.hex().encode(), i.position, i.position, i.previous, source.encode(), i.name.encode()) for i in items) + b"]"


def decode(body: bytes) -> list[Item]:
    """Raises BadRequest if the bytes are no batch of ours."""
    try:
        items = [Item(int(w.position), int(w.previous), bytes.fromhex(w.digest), w.type, bytes(w.data)) for w in _decoder.decode(body)]
        if not all(0 <= i.previous < i.position < 2**63 for i in items):
            raise ValueError("positions must grow")
        return items
    except (msgspec.DecodeError, ValueError, RecursionError) as e:
        raise BadRequest(f"not a feed page: {type(e).__name__}") from e


class Chain:
    """Reads one feed, own (`source` is the log's service) or received, and computes its digests.

    Checkpoints are a cache of every 1,000th digest; one that is met again with another digest stops the reader.
    """

    EVERY = 1000

    def __init__(self, log: Log, tables: Tables, source: str = "") -> None:
        self.log, self.tables, self.source = log, tables, source or log.service
        self._recent: OrderedDict[int, bytes] = OrderedDict()
        self._since = 0
        self._genesis: bytes | None = None

    def read(self, after: int, limit: int = PAGE) -> list[Item]:
        """At most `limit` events behind position `after` (a position of this feed, or 0)."""
        if after not in self._recent and not self.rows(after, 1):      # nobody's digests are computed for who asks whether there is more
            return []
        position, digest = self.known(after)
        items: list[Item] = []
        while len(items) < limit:
            want = self.EVERY if position < after else limit - len(items)
            rows = self.rows(position, want)
            for number, name, state in rows:
                previous, position, digest = position, number, link(digest, number, state)
                self._linked(position, digest)
                if number > after:
                    items.append(Item(number, previous, digest, name, state))
                    if len(items) == limit:
                        break
            if len(rows) < want:
                break
        if items:
            self._remember(position, digest)
        return items

    def _linked(self, position: int, digest: bytes) -> None:
        self._since += 1
        if self._since >= self.EVERY:
            self._since = 0
            self.checkpoint(position, digest)

    def known(self, after: int) -> tuple[int, bytes]:
        """The nearest position at or before `after` whose digest needs no computing."""
        if after in self._recent:
            return after, self._recent[after]
        rows = self.tables.query("SELECT position, digest FROM checkpoint WHERE source = ? AND position <= ? ORDER BY position DESC LIMIT 1",
                                 (self.source, after)) if after else []
        return (rows[0][0], bytes(rows[0][1])) if rows else (0, self.genesis)

    def digest_at(self, position: int) -> bytes:
        at, digest = self.known(position)
        while at < position:
            rows = [r for r in self.rows(at, self.EVERY) if r[0] <= position]
            if not rows:
                raise HistoryRewritten(f"{self.source} has no event at {position}")
            for at, _, state in rows:
                digest = link(digest, at, state)
                self._linked(at, digest)
        if position:
            self._remember(position, digest)
        return digest

    def checkpoint(self, position: int, digest: bytes) -> None:
        with self.tables.transaction() as tx:
            kept = tx.execute("SELECT digest FROM checkpoint WHERE source = ? AND position = ?", (self.source, position)).fetchone()
            if kept and bytes(kept[0]) != digest:
                raise HistoryRewritten(f"{self.source} at {position} had another digest before")
            if not kept:
                tx.execute("INSERT INTO checkpoint VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (self.source, position, digest))

    @property
    def genesis(self) -> bytes:
        if self._genesis is None:
            if self.source == self.log.service:
                self._genesis = start(self.source, self.log.opened.log_id)
            elif first := self.log.received_after(self.source, 0, 1):
                self._genesis = genesis_of(self.source, first[0].state)
            else:
                return b""                  # nothing received yet: the first event will say
        return self._genesis

    def rows(self, after: int, limit: int) -> list[tuple[int, str, bytes]]:
        page: list[Recorded]
        if self.source == self.log.service:
            page = self.log.own_after(after, limit)
            return [(r.position, r.name, r.state) for r in page]
        page = self.log.received_after(self.source, after, limit)
        return [(r.version, r.name, r.state) for r in page]

    def _remember(self, position: int, digest: bytes) -> None:
        self._recent[position] = digest
        while len(self._recent) > 64:
            self._recent.popitem(last=False)


def held(log: Log, sources: Sequence[str]) -> dict[str, int]:
    """How far `log` holds the feed of each of `sources`, in one statement; those it holds nothing of are absent."""
    newest = f"(SELECT max(originator_version) FROM {log.recorder.table} WHERE originator_id = %s)"      # each is one step down an index
    with answering():
        (row,) = log.recorder.select(f"SELECT {', '.join([newest] * len(sources))}", [RECEIVED + source for source in sources])
    return {source: int(position) for source, position in zip(sources, row, strict=True) if position is not None}


class _First(msgspec.Struct):
    id: str
    name: str


def genesis_of(source: str, first: bytes) -> bytes:
    """The digest before the first event, from that event: it is the log's LogOpened and its id is the log's."""
    return start(source, msgspec.json.decode(first, type=_First).id)
