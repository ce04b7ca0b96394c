"""What was formed of a lot since it was spent: read from the log itself, for a view may be behind, and a hold must reach every lot there is."""
from collections.abc import Sequence
from typing import NamedTuple

from services.gold_trade import events
from shared import event
from shared.event import Event
from shared.log import Log

from . import lot as lots
from . import review, transformation

Loaded = dict[str, Sequence[Event]]


class Passed(NamedTuple):
    """The lots that went through a step."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


Lineage = dict[str, Passed]


def follow(log: Log, histories: Loaded, first: str) -> Lineage:
    """The steps from `first` on, what went through them, and into `histories` whatever a correction has to look at or to write to."""
    found: Lineage = {}
    steps = [first]
    for step in steps:                                                 # grows as it goes
        found[step] = passed = _passed(log, histories, step)
        _load(log, histories, map(lots.stream, passed.outputs))
        formed = [lots.evolve(histories[lots.stream(name)]) for name in passed.outputs]
        steps += dict.fromkeys(lot.spent for lot in formed if lot and lot.spent and lot.spent not in steps)
        _load(log, histories, [transformation.stream(step) for lot in formed if lot for step in sorted(lot.breached)])
    if review.evolve(histories[transformation.stream(first)]).holds:   # perhaps it will not: then all that went in may not be held either
        _load(log, histories, [lots.stream(name) for passed in found.values() for name in passed.inputs])
    return found


def _passed(log: Log, histories: Loaded, step: str) -> Passed:
    """A step is appended as one: its lots follow it in the log."""
    row = log.load(transformation.stream(step))[0]
    _load(log, histories, [transformation.stream(step)])
    told = event.decode(row.state).data
    mine = [e for r in log.after(row.position, told["inputs"] + told["outputs"]) if r.name in (events.LOT_SPENT, events.LOT_FORMED)
            and (e := event.decode(r.state)).data["transformation"] == step]
    return Passed(tuple(e.data["lot"] for e in mine if e.name == events.LOT_SPENT), tuple(e.data["lot"] for e in mine if e.name == events.LOT_FORMED))


def _load(log: Log, histories: Loaded, streams: "Sequence[str] | map[str]") -> None:
    missing = sorted(set(streams) - set(histories))
    histories |= {stream: [] for stream in missing}
    for row in log.load(*missing) if missing else ():
        histories[row.stream] = [*histories[row.stream], event.decode(row.state)]
