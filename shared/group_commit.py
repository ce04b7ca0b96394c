"""Many commands, one commit; what conflicts is told apart from what only shared the commit."""
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from eventsourcing.persistence import IntegrityError, InterfaceError, OperationalError, StoredEvent
from prometheus_client import Histogram

from .errors import Conflict, SanuError, StorageFull, Unavailable
from .faults import fault
from .recorder import CommandRow, Recorder
from .together import Asked, Together


class Entry(Asked):
    """One command in the queue of the next commit."""

    __slots__ = ("command", "events", "positions")

    def __init__(self, events: Sequence[StoredEvent], command: CommandRow | None) -> None:
        super().__init__()
        self.events, self.command = events, command
        self.positions: Sequence[int] = ()

    @property
    def settled(self) -> bool:
        return bool(self.positions) or self.error is not None

    @property
    def keys(self) -> list[tuple[str, int]]:
        return [(str(s.originator_id), s.originator_version) for s in self.events]


class GroupCommit(Together[Entry]):
    """Appends the events of all who wait in one transaction."""

    def __init__(self, recorder: Recorder, sizes: Histogram, limit: int = 500) -> None:
        super().__init__(limit)
        self.recorder, self.sizes = recorder, sizes

    def append(self, events: Sequence[StoredEvent], command: CommandRow | None) -> Sequence[int]:
        entry = Entry(events, command)
        self._ask(entry)
        return entry.positions

    def append_each(self, some: Sequence[tuple[Sequence[StoredEvent], CommandRow]]) -> list[Entry]:
        """One caller's many commands, in one transaction of their own; each comes back with its positions or its error."""
        entries = [Entry(events, command) for events, command in some]
        try:
            self._commit(entries)
        except SanuError as e:
            for entry in entries:
                if not entry.settled:
                    entry.error = e
        return entries

    def _work(self, group: list[Entry]) -> None:
        self._commit(group)

    def _commit(self, group: list[Entry]) -> None:
        entries: list[Entry] = []
        taken: set[object] = set()
        for entry in group:                 # two commands of one group on one stream: the second must look again
            wants = {*entry.keys, *((entry.command[:2],) if entry.command else ())}
            if wants & taken:
                entry.error = Conflict("another command changed the same stream")
            else:
                taken |= wants
                entries.append(entry)
        for _ in range(5):
            if not entries:
                return
            try:
                fault("log.before-commit")
                positions = iter(self.recorder.insert_events([s for e in entries for s in e.events],
                                                             commands=[e.command for e in entries if e.command]) or ())
            except IntegrityError:
                entries = self._innocent(entries)
            except (OperationalError, InterfaceError) as e:
                if "disk is full" in str(e) or "No space left" in str(e):
                    raise StorageFull("the log cannot grow; nothing was written") from e
                entries = self._innocent(entries)      # the answer may be lost and the events there
                if entries:
                    raise Unavailable("the database did not answer; repeat with the same Idempotency-Key") from e
            else:
                fault("log.after-commit")
                self.sizes.observe(len(entries))
                for entry in entries:
                    entry.positions = [next(positions) for _ in entry.events]
                return
        raise Unavailable("too many conflicts, try again")

    def _innocent(self, entries: list[Entry]) -> list[Entry]:
        """Tells ours (already there), conflicting and innocent commands; the innocent go again together."""
        innocent = []
        with answering():
            found = self.recorder.existing([k for e in entries for k in e.keys])
            # Keys are looked for only when no stream explains the conflict; where both do, the next round finds them.
            commands = {} if found else find_commands(self.recorder, [e.command[:2] for e in entries if e.command])
            for entry in entries:
                hits = [found.get(k) for k in entry.keys]
                if all(hit and hit[1] == s.state for hit, s in zip(hits, entry.events, strict=True)):
                    entry.positions = [hit[0] for hit in hits if hit]
                elif any(hits) or (entry.command and entry.command[:2] in commands):
                    entry.error = Conflict("another command changed the same stream")
                else:
                    innocent.append(entry)
        return innocent


def find_commands(recorder: Recorder, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], CommandRow]:
    """By (client, key), in one SELECT, what is known of these commands."""
    if not keys:
        return {}
    table = "command" if recorder.position == "rowid" else f"{recorder.table.split('.')[0]}.command"
    wanted = " OR ".join(["client = %s AND key = %s"] * len(keys))
    rows = recorder.select(f"SELECT * FROM {table} WHERE {wanted}", [part for key in keys for part in key])
    return {(row[0], row[1]): CommandRow(*row) for row in rows}


@contextmanager
def answering() -> Iterator[None]:
    """Turns a database that does not answer into Unavailable."""
    try:
        yield
    except (OperationalError, InterfaceError) as e:
        raise Unavailable("the database did not answer") from e
