"""Recomputes every chain and compares what stands twice: columns with stored bytes, each log with the copies others hold."""
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from shared import event, feed, state
from shared.config import SERVICES, Config
from shared.recorder import NOT_RECEIVED, Recorded
from shared.service import Service

from .catalogue import open_service

PAGE = 2000


class Fault(NamedTuple):
    """`copy` says which copy is wrong: the service's own log, or the one another service holds."""

    service: str
    copy: str
    position: int
    what: str

    def __str__(self) -> str:
        return f"{self.service} at {self.position}, {self.copy}: {self.what}"


class Verified(NamedTuple):
    events: int
    faults: list[Fault]
    heads: dict[str, tuple[int, str]]           # service -> position and digest of its last event


class _Entry(NamedTuple):
    position: int
    name: str
    state: bytes


def verify(config: Config, progress: Callable[[int], None] = lambda n: None) -> Verified:
    """Reads all logs, and notes how far when there is no fault. Raises Unavailable where one cannot be opened."""
    services = {name: open_service(config, name) for name in SERVICES}
    faults: list[Fault] = []
    heads = {}
    events = 0
    try:
        for source in services.values():
            heads[source.name], count = _one(source, [s for s in services.values() if s is not source], faults, progress)
            events += count
        for name, (position, digest) in heads.items() if not faults else ():
            state.note_verified(services[name], position, digest)
    finally:
        for service in services.values():
            service.close()
    return Verified(events, faults, heads)


def _one(source: Service, holders: Sequence[Service], faults: list[Fault], progress: Callable[[int], None]) -> tuple[tuple[int, str], int]:
    ends = {h.name: (row.version if (row := h.log.received_head(source.name)) else 0) for h in holders}
    own_end = source.log.own_head()             # read after the copies' ends: a copy that is ahead is ahead
    _beyond_the_end(source, own_end, holders, ends, faults)
    copies = {f"copy held by {h.name}": _received(h, source.name, ends[h.name], faults) for h in holders}
    readers = {"own log": _own(source, own_end, faults), **copies}
    limits = {"own log": own_end, **{f"copy held by {name}": end for name, end in ends.items()}}
    current = {copy: next(reader, None) for copy, reader in readers.items()}
    chains = _Checkpoints(source), {copy: _Checkpoints(h, source.name) for copy, h in zip(copies, holders, strict=True)}
    digest, count = feed.start(source.name, _log_id(source, holders)), 0
    while standing := {copy: entry for copy, entry in current.items() if entry}:
        position = min(entry.position for entry in standing.values())
        here = {copy: entry for copy, entry in standing.items() if entry.position == position}
        expected = [copy for copy, limit in limits.items() if position <= limit]
        for copy in here:
            current[copy] = next(readers[copy], None)
        if len(here) < len(expected) / 2:
            faults += [Fault(source.name, copy, position, "an event stands here that most copies do not have (added)") for copy in here]
            continue
        right = _right(here)
        for copy in expected:
            if (found := here.get(copy)) is None:
                faults.append(Fault(source.name, copy, position, "the event is missing (dropped)"))
            elif found.state != right:
                faults.append(Fault(source.name, copy, position, _difference(found.state, right)))
        digest = feed.link(digest, position, right)
        for copy, checkpoints in (("own log", chains[0]), *chains[1].items()):
            if checkpoints.at(position) not in (None, digest):
                faults.append(Fault(source.name, copy, position, "the digest differs from the checkpoint kept beside this copy"))
        count += 1
        if count % PAGE == 0:
            progress(PAGE)
    progress(count % PAGE)
    return (own_end, digest.hex()), count


def _log_id(source: Service, holders: Sequence[Service]) -> str:
    """Of the first event, as most copies have it."""
    firsts = [rows[0].state for rows in (source.log.own_after(0, 1), *(h.log.received_after(source.name, 0, 1) for h in holders)) if rows]
    return event.decode(Counter(firsts).most_common(1)[0][0]).id if firsts else ""


def _right(here: dict[str, _Entry]) -> bytes:
    """The bytes that most copies have; where opinions are equal, the own log's."""
    votes = Counter(entry.state for entry in here.values())
    most = max(votes.values())
    best = [state for state, n in votes.items() if n == most]
    return here["own log"].state if "own log" in here and here["own log"].state in best else best[0]


def _difference(found: bytes, right: bytes) -> str:
    try:
        same = event.decode(found).id == event.decode(right).id
    except msgspec.DecodeError:
        return "the event is unreadable (changed)"
    return "the event was changed" if same else "another event stands here (reordered or replaced)"


def _beyond_the_end(source: Service, own_end: int, holders: Sequence[Service], ends: dict[str, int], faults: list[Fault]) -> None:
    """A tail that was cut off: others, or our own notes, know of more."""
    known = max([*ends.values(), int(source.tables.query("SELECT position FROM relay")[0][0])], default=0)
    if known > own_end:
        faults.append(Fault(source.name, "own log", own_end, f"the log ends here, but {known} was told to others (truncated)"))
    for holder in holders:
        heard = holder.tables.query("SELECT head FROM heard WHERE source = ?", (source.name,))
        if heard and heard[0][0] > ends[holder.name]:
            faults.append(Fault(source.name, f"copy held by {holder.name}", ends[holder.name],
                                f"the copy ends here, but {heard[0][0]} was received (truncated)"))
    broken = source.log.recorder.select(
        f"SELECT originator_id, max(originator_version), count(*) FROM {source.log.recorder.table} WHERE {NOT_RECEIVED} "
        "GROUP BY originator_id HAVING max(originator_version) <> count(*) OR min(originator_version) <> 1", ())
    for stream, last, count in broken:
        faults.append(Fault(source.name, "own log", 0, f"stream {stream} has {count} events up to version {last} (dropped)"))


def _own(service: Service, end: int, faults: list[Fault]) -> Iterator[_Entry]:
    position = 0
    while rows := service.log.own_after(position, PAGE):
        for r in rows:
            if r.position > end:
                return
            _columns(service.name, "own log", r.position, r, (r.stream, r.version, r.name), faults)
            yield _Entry(r.position, r.name, r.state)
        position = rows[-1].position


def _received(holder: Service, source: str, end: int, faults: list[Fault]) -> Iterator[_Entry]:
    version = 0
    while rows := holder.log.received_after(source, version, PAGE):
        for r in rows:
            if r.version > end:
                return
            _columns(source, f"copy held by {holder.name}", r.version, r, (None, None, r.name), faults)
            yield _Entry(r.version, r.name, r.state)
        version = rows[-1].version


def _columns(source: str, copy: str, position: int, row: Recorded, columns: tuple[str | None, int | None, str], faults: list[Fault]) -> None:
    try:
        e = event.decode(row.state)
    except msgspec.DecodeError:
        return                                   # told as changed when it is compared
    for column, said, stored in zip(("stream", "version", "name"), columns, (e.stream, e.version, e.name), strict=True):
        if said is not None and said != stored:
            faults.append(Fault(source, copy, position, f"the column {column} says {said}, the stored bytes {stored}"))


class _Checkpoints:
    def __init__(self, service: Service, source: str = "") -> None:
        rows = service.tables.query("SELECT position, digest FROM checkpoint WHERE source = ?", (source or service.name,))
        self._kept = {position: bytes(digest) for position, digest in rows}

    def at(self, position: int) -> bytes | None:
        return self._kept.get(position)
