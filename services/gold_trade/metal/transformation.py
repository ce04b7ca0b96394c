"""Merging, melting, splitting, sampling, refining, casting: lots are spent, others are formed, and what is missing is named."""
from collections import Counter
from typing import Any

from services.gold_trade import events
from shared import dates
from shared.application import Histories, New
from shared.errors import BadRequest, Conflict

from . import lot as lots
from . import tolerance
from .arithmetic import Entry, booked, entry, fine, split_within
from .commands import TransformLots
from .lot import Lot
from .tolerance import Mass

STEPS = ("merge", "melt", "split", "sample", "refine", "cast")


def stream(transformation: str) -> str:
    return f"transformation/{transformation}"


def streams(command: TransformLots) -> list[str]:
    return [stream(command.transformation), *map(lots.stream, command.inputs), *(lots.stream(o["lot"]) for o in command.outputs)]


def decide(histories: Histories, command: TransformLots, today: str = "", consignment: str | None = None) -> list[New]:
    """`today` counts where nobody said when it happened; `consignment` is the one whose melt this is.

    Raises Conflict for a lot that is spent, missing or there already, BadRequest for a field that cannot be.
    """
    if histories[stream(command.transformation)]:
        raise Conflict(f"transformation '{command.transformation}' is recorded already", field="transformation")
    names = Counter([*command.inputs, *(o["lot"] for o in command.outputs)])
    if twice := [name for name, n in names.items() if n > 1]:
        raise BadRequest(f"lot '{twice[0]}' stands twice", field="inputs")
    inputs = [lots.there(histories[lots.stream(id_)], id_, f"inputs.{n}") for n, id_ in enumerate(command.inputs)]
    for n, output in enumerate(command.outputs):
        if histories[lots.stream(output["lot"])]:
            raise Conflict(f"lot '{output['lot']}' is there already", field=f"outputs.{n}.lot")
    outputs = _fine(command, sum(i.fine_mg for i in inputs))
    before = Mass(sum(i.gross_mg for i in inputs), sum(i.fine_mg for i in inputs))
    after = Mass(sum(o["gross_mg"] for o in command.outputs), sum(outputs.values()))
    day = dates.counted(command.occurred_on, today)
    findings = _findings(command, inputs, tolerance.breach(before, after, command.step, day, command.tolerance_per_100k))
    holds = sorted({rule for i in inputs for rule in i.holds} | {f["rule"] for f in findings if f["hold"]})
    allowed = tolerance.of(command.step, day, command.tolerance_per_100k)
    entries = booked([
        *(entry("stock", i.custodian, -i.gross_mg, -i.fine_mg) for i in inputs), entry("stock", command.custodian, *after),
        *gone(command.custodian, before, after)])
    by = {"transformation": command.transformation}
    of_all = {**by, "step": command.step, "custodian": command.custodian, "owner": _owner(inputs), "consignment": consignment, "holds": holds}
    return [
        New(stream(command.transformation), events.TRANSFORMATION_RECORDED, {
            **by, "step": command.step, "custodian": command.custodian, "inputs": len(inputs), "outputs": len(command.outputs),
            "gross_in_mg": before.gross_mg, "fine_in_mg": before.fine_mg, "gross_out_mg": after.gross_mg, "fine_out_mg": after.fine_mg,
            "tolerance_per_100k": allowed.gross_per_100k, "fine_tolerance_per_100k": allowed.fine_per_100k, "findings": findings,
            "entries": entries, "source": command.source}),
        *(New(lots.stream(i.id), events.LOT_SPENT, {
            "lot": i.id, **by, "spent_by": command.custodian, "gross_mg": i.gross_mg, "fine_mg": i.fine_mg}) for i in inputs),
        *(New(lots.stream(o["lot"]), events.LOT_FORMED, {
            **of_all, "lot": o["lot"], "gross_mg": o["gross_mg"], "fine_mg": outputs[o["lot"]], "fineness_per_100k": o.get("fineness_per_100k"),
            "serial": o.get("serial")}) for o in command.outputs)]


def _owner(inputs: list[Lot]) -> str | None:
    """None where they belong to several: who puts metal together has not bought it."""
    owners = {i.owner for i in inputs}
    return (owners.pop() or None) if len(owners) == 1 else None


def _fine(command: TransformLots, fine_in: int) -> dict[str, int]:
    """Measured where a fineness was told; the rest of what went in is split among the others by their weight."""
    measured = {o["lot"]: fine(o["gross_mg"], o["fineness_per_100k"]) for o in command.outputs if "fineness_per_100k" in o}
    others = {o["lot"]: o["gross_mg"] for o in command.outputs if o["lot"] not in measured}
    rest = min(max(fine_in - sum(measured.values()), 0), sum(others.values()))
    return {**measured, **(split_within(rest, others) if others else {})}


def gone(of: str, before: Mass, after: Mass) -> list[Entry]:
    """What is missing of both ledgers. Metal that is gone took at most its own part of the fine gold with it, as loss; the rest was assayed differently."""
    missing = before.gross_mg - after.gross_mg
    fine_missing = before.fine_mg - after.fine_mg
    lost = max(0, min(fine_missing, missing * before.fine_mg // before.gross_mg if missing > 0 else 0))
    return [entry("loss", of, missing, lost), entry("assay", of, 0, fine_missing - lost)]


def _findings(command: TransformLots, inputs: list[Lot], breach: dict[str, Any] | None) -> list[dict[str, Any]]:
    """What to look at, and whether the new lots wait for it."""
    found = [breach] if breach else []
    if any(i.custodian != command.custodian for i in inputs):
        found.append({"rule": "custody-gap", "hold": True})
    if any(i.parcel for i in inputs):
        found.append({"rule": "sealed-metal-used", "hold": True})
    if any(i.holds for i in inputs):
        found.append({"rule": "held-metal-used", "hold": False})       # their own holds go on
    return found
