"""Introduction: a new base society needs to know the law it was founded under (report, I: first social object)."""
from collections.abc import Iterable

import msgspec

from shared import event
from shared.process import Process, Todo
from shared.recorder import Recorded

from . import events, received

TOPIC = "auscoop"
_founded = msgspec.json.Decoder(received.Founded).decode


class IntroductionProcess(Process):
    """OrganisationFounded (base) -> record-need; NeedRecorded -> a notice to the training office."""

    name = "introduction"
    names = frozenset({received.ORGANISATION_FOUNDED, events.NEED_RECORDED})

    def act(self, row: Recorded) -> Iterable[Todo]:
        if row.name == received.ORGANISATION_FOUNDED:
            founded = _founded(row.state)
            if founded.data.level == "base":
                body = {"organisation": founded.data.organisation, "topic": TOPIC, "basis": "no introduction to cooperative law is on record"}
                yield Todo(self.step_id(founded.id, "need"), "command", "record-need", body, founded.id)
        else:
            need = event.decode(row.state)
            body = {"notice": "training-need", **{k: need.data[k] for k in ("organisation", "topic", "basis")}, "event": need.id}
            yield Todo(self.step_id(need.id, "notice"), "sending", "office", body, need.id)
