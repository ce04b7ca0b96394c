"""A step's balance, looked at again once a receipt behind it was corrected: what it holds now, and what it holds no longer (G5, X4)."""
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from services.gold_trade import events
from shared import dates
from shared.application import Histories, New
from shared.event import Event

from . import lot as lots
from . import tolerance, transformation
from .arithmetic import Entry, entry
from .lot import Lot
from .tolerance import RULE, Mass


class Step(NamedTuple):
    """A transformation as its inputs stand now."""

    id: str
    step: str
    custodian: str
    day: str
    stated_per_100k: int
    before: Mass
    after: Mass
    findings: tuple[Mapping[str, Any], ...]

    @property
    def holds(self) -> bool:
        """Whether its balance holds what was formed in it."""
        return any(f["rule"] == RULE and f["hold"] for f in self.findings)

    def weighed_in(self, more: Mass) -> "Step":
        """With so much more, or less, going in."""
        return self._replace(before=Mass(self.before.gross_mg + more.gross_mg, self.before.fine_mg + more.fine_mg))._looked_at()

    def weighed_out(self, more: Mass) -> "Step":
        """With so much more, or less, coming out."""
        return self._replace(after=Mass(self.after.gross_mg + more.gross_mg, self.after.fine_mg + more.fine_mg))._looked_at()

    def _looked_at(self) -> "Step":
        breach = tolerance.breach(self.before, self.after, self.step, self.day, self.stated_per_100k)
        others = tuple(f for f in self.findings if f["rule"] != RULE)
        return self._replace(findings=(breach, *others) if breach else others)

    def entries(self, then: "Step") -> list[Entry]:
        """What is missing now beyond what was missing `then`: of the one who spent it, on the accounts the step books on."""
        now, before = (transformation.gone(self.custodian, step.before, step.after) for step in (self, then))
        return [*now, *(entry(e["account"], e["of"], -e["gross_mg"], -e["fine_mg"]) for e in before)]

    def told(self, corrected: str) -> New:
        return New(transformation.stream(self.id), events.TRANSFORMATION_REVIEWED, {
            "transformation": self.id, "step": self.step, "custodian": self.custodian, "corrected": corrected, "gross_in_mg": self.before.gross_mg,
            "fine_in_mg": self.before.fine_mg, "gross_out_mg": self.after.gross_mg, "fine_out_mg": self.after.fine_mg,
            "findings": [dict(f) for f in self.findings]})


def evolve(history: Sequence[Event]) -> Step:
    first, last = history[0], history[-1].data
    d = first.data
    return Step(d["transformation"], d["step"], d["custodian"], dates.counted(first.occurred_on, first.recorded_at[:10]), d["tolerance_per_100k"],
                Mass(last["gross_in_mg"], last["fine_in_mg"]), Mass(last["gross_out_mg"], last["fine_out_mg"]), tuple(last["findings"]))


def follows(histories: Histories, lineage: Mapping[str, Any], then: Step, now: Step, corrected: str) -> list[New]:
    """A step's totals anew, after the correction of a lot; what was formed of it waits for somebody, or waits no longer."""
    if (then.before, then.after) == (now.before, now.after):
        return []
    if now.holds and not then.holds:
        return [now.told(corrected), *held(histories, lineage, RULE, now.id)]
    return [now.told(corrected), *(cured(histories, lineage, now.id, corrected) if then.holds and not now.holds else [])]


def held(histories: Histories, lineage: Mapping[str, Any], rule: str, step: str = "") -> list[New]:
    """Every lot that holds some of it by now; by a balance that is off, also one that is held for another's, to know when that ends."""
    formed = dict.fromkeys(name for passed in lineage.values() for name in passed.outputs)
    return [New(lots.stream(lot.id), events.LOT_HELD, {"lot": lot.id, "rule": rule, "transformation": step or None})
            for lot in (_lot(histories, name) for name in formed) if not lot.spent and (step or rule not in lot.holds)]


def cured(histories: Histories, lineage: Mapping[str, Any], step: str, corrected: str) -> list[New]:
    """Lots that the balance of `step` held, and nothing else does for the same rule; in doubt two people lift it."""
    free: dict[str, None] = {}
    before = -1
    while before < len(free):                       # a step may be reached by several ways: until nothing more is free
        before = len(free)
        for name, passed in lineage.items():
            own = name != step and evolve(histories[transformation.stream(name)]).holds
            if own or any(lot not in free and RULE in _lot(histories, lot).holds for lot in passed.inputs):
                continue
            its = name == step or any(lot in free for lot in passed.inputs)               # held as it was formed; else, since it was found
            free |= {lot: None for lot in passed.outputs if _only(histories, _lot(histories, lot), step, its)}
    return [New(lots.stream(lot), events.HOLD_CURED, {"lot": lot, "rule": RULE, "corrected": corrected}) for lot in free]


def _only(histories: Histories, lot: Lot, step: str, its: bool) -> bool:
    others = lot.breached - {step}
    return RULE in lot.holds and (its or step in lot.breached) and not any(evolve(histories[transformation.stream(other)]).holds for other in others)


def _lot(histories: Histories, name: str) -> Lot:
    lot = lots.evolve(histories[lots.stream(name)])
    if lot is None:
        raise LookupError(f"lot '{name}' was not looked at")
    return lot
