"""Merging, melting, splitting, sampling, refining, casting: lots are spent, others are formed, and what is missing is named."""
from collections import Counter
from typing import Any

from services.gold_trade import events
from shared.application import Histories, New
from shared.errors import BadRequest, Conflict

from . import lot as lots
from .arithmetic import WHOLE, booked, entry, fine, split_within
from .commands import TransformLots
from .lot import Lot

STEPS = ("merge", "melt", "split", "sample", "refine", "cast")


def stream(transformation: str) -> str:
    return f"transformation/{transformation}"


def streams(command: TransformLots) -> list[str]:
    return [stream(command.transformation), *map(lots.stream, command.inputs), *(lots.stream(o["lot"]) for o in command.outputs)]


def decide(histories: Histories, command: TransformLots) -> list[New]:
    """Raises Conflict for a lot that is spent, missing or there already, BadRequest for a field that cannot be."""
    if histories[stream(command.transformation)]:
        raise Conflict(f"transformation '{command.transformation}' is recorded already", field="transformation")
    names = Counter([*command.inputs, *(o["lot"] for o in command.outputs)])
    if twice := [name for name, n in names.items() if n > 1]:
        raise BadRequest(f"lot '{twice[0]}' stands twice", field="inputs")
    inputs = [lots.there(histories[lots.stream(id_)], id_, f"inputs.{n}") for n, id_ in enumerate(command.inputs)]
    for n, output in enumerate(command.outputs):
        if histories[lots.stream(output["lot"])]:
            raise Conflict(f"lot '{output['lot']}' is there already", field=f"outputs.{n}.lot")
    gross_in, fine_in = sum(i.gross_mg for i in inputs), sum(i.fine_mg for i in inputs)
    gross_out = sum(o["gross_mg"] for o in command.outputs)
    outputs = _fine(command, fine_in)
    fine_out = sum(outputs.values())
    findings = _findings(command, inputs, gross_in, gross_out)
    holds = sorted({rule for i in inputs for rule in i.holds} | {f["rule"] for f in findings if f["hold"]})
    owners = {i.owner for i in inputs}
    owner = owners.pop() if len(owners) == 1 else command.custodian
    totals = {"gross_in_mg": gross_in, "fine_in_mg": fine_in, "gross_out_mg": gross_out, "fine_out_mg": fine_out}
    missing_fine = "assay" if any("fineness_per_100k" in o for o in command.outputs) else "loss"
    entries = booked([
        *(entry("stock", i.custodian, -i.gross_mg, -i.fine_mg) for i in inputs), entry("stock", command.custodian, gross_out, fine_out),
        entry("loss", command.custodian, gross_in - gross_out, 0), entry(missing_fine, command.custodian, 0, fine_in - fine_out)])
    by = {"transformation": command.transformation}
    return [
        New(stream(command.transformation), events.TRANSFORMATION_RECORDED, {
            **by, "step": command.step, "custodian": command.custodian, "inputs": len(inputs), "outputs": len(command.outputs), **totals,
            "tolerance_per_100k": command.tolerance_per_100k, "findings": findings, "entries": entries, "source": command.source}),
        *(New(lots.stream(i.id), events.LOT_SPENT, {"lot": i.id, **by, "gross_mg": i.gross_mg, "fine_mg": i.fine_mg}) for i in inputs),
        *(New(lots.stream(o["lot"]), events.LOT_FORMED, {
            "lot": o["lot"], **by, "step": command.step, "custodian": command.custodian, "owner": owner, "gross_mg": o["gross_mg"],
            "fine_mg": outputs[o["lot"]], "serial": o.get("serial"), "holds": holds}) for o in command.outputs)]


def _fine(command: TransformLots, fine_in: int) -> dict[str, int]:
    """Measured where a fineness was told; the rest of what went in is split among the others by their weight."""
    measured = {o["lot"]: fine(o["gross_mg"], o["fineness_per_100k"]) for o in command.outputs if "fineness_per_100k" in o}
    others = {o["lot"]: o["gross_mg"] for o in command.outputs if o["lot"] not in measured}
    rest = min(max(fine_in - sum(measured.values()), 0), sum(others.values()))
    return {**measured, **(split_within(rest, others) if others else {})}


def _findings(command: TransformLots, inputs: list[Lot], gross_in: int, gross_out: int) -> list[dict[str, Any]]:
    """What to look at, and whether the new lots wait for it."""
    found = []
    if abs(gross_in - gross_out) * WHOLE > command.tolerance_per_100k * gross_in:
        found.append({"rule": "mass-balance", "hold": gross_out > gross_in})
    if any(i.custodian != command.custodian for i in inputs):
        found.append({"rule": "custody-gap", "hold": True})
    if any(i.parcel for i in inputs):
        found.append({"rule": "sealed-metal-used", "hold": True})
    if any(i.holds for i in inputs):
        found.append({"rule": "held-metal-used", "hold": False})       # their own holds go on
    return found
