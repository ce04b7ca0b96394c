"""What a step formed was weighed or measured wrongly: the step, the lot and whoever spent it since are put right, as for a receipt (X4)."""
from collections.abc import Mapping

from services.gold_trade import events
from shared.application import Histories, New
from shared.errors import BadRequest, NotFound

from . import lot as lots
from . import review, transformation
from .arithmetic import booked, entry, fine
from .commands import CorrectTransformation
from .lineage import Lineage
from .lot import Formed, Lot
from .review import Step
from .tolerance import Mass


def streams(command: CorrectTransformation) -> list[str]:
    return [transformation.stream(command.transformation), *(lots.stream(o["lot"]) for o in command.outputs)]


def also(histories: Histories, command: CorrectTransformation) -> list[str]:
    """The steps that spent the lots since."""
    found = [lots.evolve(histories[lots.stream(o["lot"])]) for o in command.outputs]
    return [transformation.stream(step) for step in sorted({lot.spent for lot in found if lot and lot.spent} - {command.transformation})]


def formed(histories: Histories, command: CorrectTransformation) -> list[tuple[Lot, Formed]]:
    """The lots, with what the step said of them. Raises NotFound, BadRequest for a lot that stands twice."""
    if not histories[transformation.stream(command.transformation)]:
        raise NotFound(f"no transformation '{command.transformation}'", field="transformation")
    names = [o["lot"] for o in command.outputs]
    if len(set(names)) != len(names):
        raise BadRequest("a lot stands twice", field="outputs", rule="one correction each")
    found = []
    for n, name in enumerate(names):
        lot = lots.evolve(histories[lots.stream(name)])
        if lot is None or lot.formed is None or lot.formed.step != command.transformation:
            raise NotFound(f"no lot '{name}' was formed in '{command.transformation}'", field=f"outputs.{n}.lot")
        found.append((lot, lot.formed))
    return found


def decide(histories: Histories, command: CorrectTransformation, lineage: Mapping[str, Lineage]) -> list[New]:
    """`lineage`: of the step and of each that spent a lot since, what went on from there. Nothing if it says what stands."""
    then: dict[str, Step] = {}
    now: dict[str, Step] = {}

    def step(id_: str) -> Step:
        then.setdefault(id_, review.evolve(histories[transformation.stream(id_)]))
        return now.setdefault(id_, then[id_])

    told = []
    for (lot, was), said in zip(formed(histories, command), command.outputs, strict=True):
        gross = said.get("gross_mg", lot.gross_mg)
        is_ = _measured(lot, was, gross, said.get("fineness_per_100k"))
        fine_mg = _counted(lot, is_, gross)
        if (gross, is_) == (lot.gross_mg, was):
            continue
        first = step(command.transformation)
        now[first.id] = corrected = first.weighed_out(Mass(gross - lot.gross_mg, is_.fine_mg - was.fine_mg))
        formed_differently = corrected.entries(first)
        more = Mass(gross - lot.gross_mg, fine_mg - lot.fine_mg)
        where = [entry(*lot.account, *more)]
        if lot.spent:
            later = step(lot.spent)
            now[later.id] = later.weighed_in(more)
            where = now[later.id].entries(later)
        told.append(New(lots.stream(lot.id), events.LOT_CORRECTED, {
            "lot": lot.id, "formed_in": first.id, "corrects": was.event, "custodian": first.custodian, "gross_mg": gross, "fine_mg": fine_mg,
            "formed_fine_mg": is_.fine_mg, "fineness_per_100k": is_.fineness_per_100k or None, "old_gross_mg": lot.gross_mg, "old_fine_mg": lot.fine_mg,
            "old_formed_fine_mg": was.fine_mg, "lost_fine_mg": sum(e["fine_mg"] for e in formed_differently if e["account"] == "loss"),
            "source": command.source, "entries": booked([
                *formed_differently, *where, entry("assay", lot.assayed_at or lot.custodian, 0, is_.fine_mg - was.fine_mg - more.fine_mg)])}))
    anew = [new for id_ in now for new in review.follows(histories, lineage[id_], then[id_], now[id_], told[0].data["lot"])]
    return [*told, *sorted(anew, key=lambda new: new.name == events.LOT_HELD)]               # what one step frees, another may hold


def _measured(lot: Lot, was: Formed, gross_mg: int, fineness_per_100k: int | None) -> Formed:
    """What its step says now. What was not measured there stays as fine as it was, in no more metal than there is."""
    if fineness_per_100k is None and not was.fineness_per_100k:
        return was._replace(fine_mg=min(was.fine_mg, gross_mg))
    fineness = was.fineness_per_100k if fineness_per_100k is None else fineness_per_100k
    if (gross_mg, fineness) == (lot.gross_mg, was.fineness_per_100k):
        return was
    return was._replace(fine_mg=fine(gross_mg, fineness), fineness_per_100k=fineness)


def _counted(lot: Lot, formed: Formed, gross_mg: int) -> int:
    """Its fine gold is what its assay says, where it has one."""
    if not lot.assayed_at:
        return formed.fine_mg
    return lot.fine_mg if gross_mg == lot.gross_mg else fine(gross_mg, lot.fineness_per_100k)
