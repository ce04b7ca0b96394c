"""The clock of custody: an offered handover that nobody answers becomes an alarm (G18)."""
from collections.abc import Iterable

from shared import event
from shared.process import Done, Process, Todo
from shared.recorder import Recorded

from . import events


class SilenceProcess(Process):
    """HandoverOffered with a time to answer -> note-silence at that time, unless it was accepted or refused."""

    name = "silence"
    names = frozenset({events.HANDOVER_OFFERED, events.HANDOVER_ACCEPTED, events.HANDOVER_REFUSED})

    def act(self, row: Recorded) -> Iterable[Todo | Done]:
        e = event.decode(row.state)
        id_ = self.step_id(e.data["handover"], "silence")
        if e.name != events.HANDOVER_OFFERED:
            yield Done(id_)
        elif "due_by" in e.data:
            yield Todo(id_, "command", "note-silence", {"handover": e.data["handover"]}, e.id, e.data["due_by"])
