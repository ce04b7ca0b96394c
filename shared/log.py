"""The append-only log of one service: load a stream, append with an expected version, read in order."""
from collections.abc import Collection, Sequence
from typing import NamedTuple

from eventsourcing.persistence import IntegrityError, StoredEvent

from . import event, metrics
from .config import Config
from .errors import Conflict, HistoryRewritten, Unavailable
from .group_commit import GroupCommit, answering, find_commands
from .group_load import GroupLoad
from .recorder import COLUMNS, CommandRow, Recorded, create_roles, open_recorder
from .wake import Signal

RECEIVED = "received/"


class Opened(NamedTuple):
    log_id: str
    kind: str


class Log:
    """Positions grow in commit order and may have holes; versions of a stream grow by one."""

    def __init__(self, config: Config, service: str) -> None:
        self.service = service
        self.recorder = open_recorder(config, service)
        self.appended = Signal()
        self.read_only = ""                     # why nothing may be appended now
        self._loads = GroupLoad(self.recorder)
        self._group = GroupCommit(self.recorder, metrics.of(metrics.GROUP, service))
        r = self.recorder
        self._select = f"SELECT {r.position}, {COLUMNS} FROM {r.table}"
        self._opened: Opened | None = None

    @property
    def opened(self) -> Opened:
        """Raises Unavailable before `migrate`."""
        if not self._opened:
            first = self.load("log")
            if not first:
                raise Unavailable(f"the log of {self.service} is not there yet: migrate first")
            start = event.decode(first[0].state)
            self._opened = Opened(start.id, start.data["kind"])
        return self._opened

    def append(self, events: Sequence[StoredEvent], command: CommandRow | None = None) -> Sequence[int]:
        """Positions of the events; all of them or none.

        Raises Conflict if a (stream, version) is taken by other bytes, Unavailable for a passing fault, StorageFull.
        """
        if self.read_only:
            raise Unavailable(self.read_only)
        with metrics.of(metrics.CONFLICTS, self.service).count_exceptions(Conflict), metrics.of(metrics.APPEND, self.service).time():
            positions = self._group.append(events, command)
        self.appended.set()
        return positions

    def append_each(self, some: Sequence[tuple[Sequence[StoredEvent], CommandRow]]) -> list[Sequence[int]]:
        """Of each command the positions of its events, none for one that did not get in: it is to be appended by itself. One commit."""
        if self.read_only or not some:
            return [() for _ in some]
        with metrics.of(metrics.APPEND, self.service).time():
            entries = self._group.append_each(some)
        self.appended.set()
        return [entry.positions for entry in entries]

    def restore(self, rows: Sequence[Recorded], commands: Sequence[CommandRow]) -> None:
        """Our own events of before, at their old positions, with the key rows of their commands.

        Raises HistoryRewritten, with nothing written, where something else stands at one of the positions.
        """
        try:
            self.recorder.insert_at(rows, commands)
        except IntegrityError as e:
            raise HistoryRewritten(f"something else stands between {rows[0].position} and {rows[-1].position}, where {self.service} lost its own events: "
                                   "put the copy back again") from e
        self.appended.set()

    def load(self, *streams: str) -> list[Recorded]:
        """Rows of `streams`, stream by stream and in order of version."""
        return self._loads.load(streams)

    def command(self, client: str, key: str) -> CommandRow | None:
        with answering():
            return find_commands(self.recorder, [(client, key)]).get((client, key))

    def after(self, position: int, limit: int) -> list[Recorded]:
        """Rows behind `position` in log order, own and received."""
        return self._read(f"WHERE {self.recorder.position} > %s ORDER BY {self.recorder.position} LIMIT %s", (position, limit))

    def between(self, position: int, end: int, names: Collection[str] = ()) -> list[Recorded]:
        """Rows behind `position` up to `end` in log order, own and received; only those of `names`, if any are given."""
        named = f"AND topic IN ({', '.join(['%s'] * len(names))}) " if names else ""
        where = f"WHERE {self.recorder.position} > %s AND {self.recorder.position} <= %s {named}ORDER BY {self.recorder.position}"
        return self._read(where, (position, end, *names))

    def own_after(self, position: int, limit: int) -> list[Recorded]:
        r = self.recorder
        return self._read(f"WHERE {r.own_position} > %s AND {r.own} ORDER BY {r.own_position} LIMIT %s", (position, limit))

    def received_after(self, source: str, version: int, limit: int) -> list[Recorded]:
        """What `source` told, behind its position `version`, in its order."""
        return self._read("WHERE originator_id = %s AND originator_version > %s ORDER BY originator_version LIMIT %s",
                          (RECEIVED + source, version, limit))

    def received_head(self, source: str) -> Recorded | None:
        rows = self._read("WHERE originator_id = %s ORDER BY originator_version DESC LIMIT 1", (RECEIVED + source,))
        return rows[0] if rows else None

    def at(self, position: int) -> Recorded | None:
        rows = self._read(f"WHERE {self.recorder.position} = %s", (position,))
        return rows[0] if rows else None

    def head(self) -> int:
        with answering():
            return self.recorder.max_notification_id() or 0

    def count(self) -> int:
        return int(self.recorder.select(f"SELECT count(*) FROM {self.recorder.table}", ())[0][0])

    def own_head(self) -> int:
        """Position of the last event of our own; 0 for an empty log."""
        r = self.recorder
        with answering():
            return int(r.select(f"SELECT max({r.own_position}) FROM {r.table} WHERE {r.own}", ())[0][0] or 0)

    def count_own(self, position: int, most: int) -> int:
        """How many events of our own stand behind `position`; counts to `most`."""
        r = self.recorder
        with answering():
            return int(r.select(f"SELECT count(*) FROM (SELECT 1 FROM {r.table} WHERE {r.own_position} > %s AND {r.own} LIMIT %s) AS own",
                                (position, most))[0][0])

    def count_after(self, position: int, most: int) -> int:
        """How many rows, own and received, stand behind `position`; counts to `most`."""
        r = self.recorder
        with answering():
            return int(r.select(f"SELECT count(*) FROM (SELECT 1 FROM {r.table} WHERE {r.position} > %s LIMIT %s) AS behind", (position, most))[0][0])

    def _read(self, where: str, params: Sequence[object]) -> list[Recorded]:
        with answering():
            return list(map(Recorded._make, self.recorder.select(f"{self._select} {where}", params)))


def stored(e: event.Event) -> StoredEvent:
    return StoredEvent(e.stream, e.version, e.name, event.encode(e))


def migrate(config: Config, service: str) -> None:
    """Creates the log, and its first event, where they are missing. Raises HistoryRewritten if it is of the other kind."""
    if not config.embedded:
        create_roles(config, service)
    log = Log(config, service)
    log.recorder.migrate()
    log_id = event.new_id()
    opened = event.Event(
        id=log_id, name=f"{service}.LogOpened", stream="log", version=1, recorded_at=event.now(), correlation=log_id,
        actor=event.Actor("installation", "installation"), data={"kind": config.kind, "service": service})
    try:
        log.append([stored(opened)])
    except Conflict:
        if log.opened.kind != config.kind:
            raise HistoryRewritten(f"the log of {service} is {log.opened.kind}, not {config.kind}: give it a directory or database of its own") from None
