"""Many commands, one SELECT: threads that load at the same moment would otherwise wait for each other's turn in the interpreter."""
from collections.abc import Sequence

from .group_commit import answering
from .recorder import Recorded, Recorder
from .together import Asked, Together


class Wanted(Asked):
    """The streams one command looks at."""

    __slots__ = ("rows", "streams")

    def __init__(self, streams: Sequence[str]) -> None:
        super().__init__()
        self.streams = streams
        self.rows: list[Recorded] | None = None

    @property
    def settled(self) -> bool:
        return self.rows is not None or self.error is not None


class GroupLoad(Together[Wanted]):
    """Each sees every commit from before it asked: its SELECT begins after that."""

    def __init__(self, recorder: Recorder, limit: int = 50) -> None:
        super().__init__(limit)
        self.recorder = recorder

    def load(self, streams: Sequence[str]) -> list[Recorded]:
        """Rows of `streams`, stream by stream and in order of version. Raises Unavailable."""
        wanted = Wanted(sorted(set(streams)))
        self._ask(wanted)
        return wanted.rows or []

    def _work(self, group: list[Wanted]) -> None:
        found: dict[str, list[Recorded]] = {stream: [] for wanted in group for stream in wanted.streams}
        with answering():
            for row in self.recorder.of(list(found)):
                found[row[1]].append(Recorded._make(row))
        for wanted in group:
            wanted.rows = [row for stream in wanted.streams for row in found[stream]]
