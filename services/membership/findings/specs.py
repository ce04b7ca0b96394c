"""How the commands about findings and standing are read and decided."""
from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from shared import event
from shared.application import Histories, New
from shared.definition import CommandSpec
from shared.process import Later
from shared.projection import Projection
from shared.service import Service

from . import around, decisions, rules
from .requests import BY_NAME

PROCESS = "assessment"
PAUSE_S = 1.0
_began: WeakKeyDictionary[Projection, tuple[int, int]] = WeakKeyDictionary()      # the run first met, and where the log ended then


def _assess(service: Service, histories: Histories, command: Any) -> Sequence[New]:
    """What the process knows of the other streams is read after the organisation's own, so that a conflict reads it again.

    Raises Later while a run of the process is being filled.
    """
    process = service.view(PROCESS)
    if not _filled(process):
        raise Later("the process of assessment reads the log anew", PAUSE_S)
    return decisions.decide_assessment(histories, command, rules.table(), around.read(process, command.organisation))


def _filled(process: Projection) -> bool:
    """Whether its run has read what stood in the log when it was first met: until then it knows only a part of each organisation."""
    run = process.current()
    number, head = _began.get(process, (0, 0))
    if number != run.number:
        head = process.log.head()
        _began[process] = (run.number, head)
    return run.position >= head


def _finding(service: Service, histories: Histories, command: Any) -> Sequence[New]:
    return decisions.decide_finding(histories, command, today=event.now()[:10])


def _spec(name: str, streams: Callable[[Any], Sequence[str]], decide: Callable[[Service, Histories, Any], Sequence[New]]) -> CommandSpec:
    schema, make = BY_NAME[name]
    return CommandSpec(schema=schema, make=make, streams=streams, touches=decisions.touches, decide=decide)


SPECS: dict[str, CommandSpec] = {
    "assess-organisation": _spec("assess-organisation", lambda command: decisions.streams_of_assessment(command, rules.table()), _assess),
    "answer-finding": _spec("answer-finding", decisions.streams_of_finding, _finding),
    "decide-finding": _spec("decide-finding", decisions.streams_of_finding, _finding)}
