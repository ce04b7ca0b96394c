"""The receipt at the pit: recorded whatever it says; what a rule has against it is a finding, and some findings hold the lot (G1)."""
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.gold_trade import actor, events, season
from shared import dates
from shared.application import Histories, New
from shared.errors import BadRequest, Conflict, NotFound

from . import lot as lots
from . import stock
from .arithmetic import booked, entry, fine
from .commands import CorrectCollection, RecordCollection

METHODS = ("xrf", "density", "touchstone", "fire-assay")
CLOCK_OFF = dt.timedelta(hours=24)          # a device further off than this is flagged; both times are kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What gold_trade has heard that bears on a receipt; `relied_on` is how far it has heard it. Values are those of the receipt's day."""

    society: str = "unknown"                # good | to check | suspended | unknown
    miners: Mapping[str, str] = field(default_factory=dict)
    corridor: bool = True
    stop: season.Stop | None = None         # the seasonal stop that covers the day (ML-10)
    now: str = ""
    relied_on: Mapping[str, str] = field(default_factory=dict)


def streams(command: RecordCollection | CorrectCollection) -> list[str]:
    stop = season.covering(day(command, "")) if isinstance(command, RecordCollection) else None
    if not isinstance(command, RecordCollection):
        return [lots.stream(command.lot)]
    return [lots.stream(command.lot), actor.stream(command.collector), *([stock.stream(command.collector, stop.id)] if stop else [])]


def decide(histories: Histories, command: RecordCollection | CorrectCollection, known: Known) -> list[New]:
    """Raises Conflict for a lot that is there already, NotFound for one to correct that is not, BadRequest for shares of nobody."""
    history = histories[lots.stream(command.lot)]
    if isinstance(command, CorrectCollection):
        return _correct(lots.evolve(history), command)
    if history:
        raise Conflict(f"lot '{command.lot}' is recorded already", field="lot", rule="one receipt, one lot")
    _shared(command.miners)
    fine_mg = fine(command.gross_mg, command.fineness_per_100k)
    drawn = stock.draw(histories, command.collector, known.stop, command) if known.stop else stock.Drawn()
    licensed = actor.licensed(histories[actor.stream(command.collector)], day(command, known.now))
    data = {k: getattr(command, k) for k in ("lot", "collector", "society", "site", "gross_mg", "fineness_per_100k", "method", "photo",
                                             "advance_xof", "extracted_on", "sequence", "recorded_there", "source")}
    return [New(lots.stream(command.lot), events.COLLECTION_RECORDED, {
        **data, "miners": [dict(m) for m in command.miners], "fine_mg": fine_mg, "findings": _findings(command, known, drawn, licensed),
        "relied_on": dict(known.relied_on) or None,
        "entries": booked([entry("source", command.society, -command.gross_mg, -fine_mg), entry("stock", command.collector, command.gross_mg, fine_mg)])}),
        *drawn.events]


def _shared(miners: Sequence[Mapping[str, Any]]) -> None:
    names = [m["miner"] for m in miners]
    if len(set(names)) != len(names):
        raise BadRequest("a miner stands twice", field="miners", rule="one share each")


def _findings(command: RecordCollection, known: Known, drawn: stock.Drawn, licensed: bool) -> list[dict[str, Any]]:
    found: list[tuple[str, bool]] = []
    if known.society != "good":
        found.append((f"society-{known.society.replace(' ', '-')}", known.society in ("suspended", "unknown")))
    for standing in sorted({known.miners.get(m["miner"], "unknown") for m in command.miners} - {"good"}):
        found.append((f"miner-{standing.replace(' ', '-')}", standing == "suspended"))
    if not licensed:
        found.append(("ML-08", False))
    if not known.corridor:
        found.append(("ML-02", False))
    if drawn.finding:
        found.append((drawn.finding, True))
    if command.recorded_there and known.now and abs(_moment(known.now) - _moment(command.recorded_there)) > CLOCK_OFF:
        found.append(("device-clock", False))
    if not command.miners:
        found.append(("no-miner-named", False))
    return [{"rule": rule, "hold": hold} for rule, hold in found]


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def day(command: RecordCollection, today: str) -> str:
    """The day by whose rules the receipt is looked at."""
    return dates.counted(command.occurred_on, (command.recorded_there or today)[:10])


def _correct(lot: lots.Lot | None, command: CorrectCollection) -> list[New]:
    """What was spent since was spent as it was weighed then; the difference shows where it went: as loss of the one who took it (X4)."""
    if lot is None:
        raise NotFound(f"no lot '{command.lot}'", field="lot")
    if not lot.received:
        raise BadRequest(f"lot '{command.lot}' was formed, not received", field="lot", rule="correct what it was formed of")
    old: dict[str, Any] = {"gross_mg": lot.gross_mg, "fineness_per_100k": lot.fineness_per_100k, "fine_mg": lot.fine_mg, "society": lot.society,
                           "miners": [{"miner": m, "parts": p} for m, p in lot.miners]}
    new = {k: v for k in ("gross_mg", "fineness_per_100k", "society") if (v := getattr(command, k)) is not None}
    if command.miners is not None:
        _shared(command.miners)
        new["miners"] = [dict(m) for m in command.miners]
    after = {**old, **new}
    if "gross_mg" in new or "fineness_per_100k" in new:
        after["fine_mg"] = fine(after["gross_mg"], after["fineness_per_100k"])
    changed = {k: v for k, v in after.items() if v != old[k]}
    if not changed:
        return []
    gross, fine_mg = after["gross_mg"], after["fine_mg"]
    rest = "stolen" if lot.missing else "loss" if lot.spent else "stock"
    return [New(lots.stream(lot.id), events.COLLECTION_CORRECTED, {
        "lot": lot.id, "corrects": lot.received, "old": {k: old[k] for k in changed}, "new": changed, "source": command.source,
        "entries": booked([entry("source", lot.society, lot.gross_mg, lot.fine_mg), entry("source", after["society"], -gross, -fine_mg),
                           entry(rest, lot.custodian, gross - lot.gross_mg, fine_mg - lot.fine_mg)])})]
