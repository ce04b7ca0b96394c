"""What happened to metal, who took part in it and which lots: what EPCIS queries are answered from."""
import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

from services.gold_trade import events
from services.gold_trade.epcis import vocabulary as v
from services.gold_trade.epcis.table import COLUMNS, EVENT, LOT, NEITHER, PARTY, Found, Table, captured, copied, corrected, counted_at, text
from shared import event
from shared.event import Event
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction

COPIED, CAPTURED, CORRECTED = "copied", "captured", "corrected"          # what follows new rows, in the log's order
FOLLOWS: dict[str, Callable[..., None]] = {COPIED: copied, CAPTURED: captured, CORRECTED: corrected}
PARTIES = ("collector", "custodian", "giver", "taker", "owner", "old_owner")
Change = tuple[str, tuple[Any, ...]]


class Physical(View):
    """One row per event of EPCIS, in the order of `place`: twice our position, and one more for what a correction says is right."""

    name = "physical"
    version = 3
    names = frozenset({*v.KINDS, events.LOT_SPENT, events.LOT_FORMED, events.LOT_CORRECTED, events.COLLECTION_CORRECTED, events.COLLECTION_WITHDRAWN,
                       events.CONSIGNMENT_SENT, events.EVENT_CAPTURED})
    tables: ClassVar[dict[str, str]] = {
        EVENT: ", ".join(f"{c} {'BIGINT' if c == 'place' else 'TEXT'}" for c in Found._fields) + ", PRIMARY KEY (root, place)",
        PARTY: "thing TEXT, actor TEXT, PRIMARY KEY (thing, actor)",
        LOT: "thing TEXT, lot TEXT, role TEXT, gross_mg BIGINT, bar TEXT, PRIMARY KEY (thing, lot, role)"}
    indexes: ClassVar[dict[str, Sequence[str]]] = {EVENT: ["place", "id"], PARTY: ["actor, thing"], LOT: ["lot"]}

    def fold(self, page: Sequence[Recorded]) -> list[Change]:
        return [change for recorded in page for change in _changes(recorded.position, event.decode(recorded.state))]

    def write(self, tx: Transaction, table: Table, change: Sequence[Change]) -> None:
        for suffix, columns in COLUMNS.items():
            tx.load(table(suffix), columns, [values for kind, values in change if kind == suffix])
        for kind, values in change:
            if kind in FOLLOWS:
                FOLLOWS[kind](tx, table, *values)


def _changes(position: int, e: Event) -> Iterator[Change]:
    d = e.data
    match e.name:
        case events.LOT_SPENT:
            yield LOT, (_step(d), v.lot(d["lot"]), "in", d["gross_mg"], "")
        case events.LOT_FORMED:
            yield LOT, (_step(d), v.lot(d["lot"]), "out", d["gross_mg"], v.ours("bar", d["serial"]) if d.get("serial") else "")
            if "consignment" in d:                                       # its seller sees what became of it
                yield COPIED, (_consignment(d), _step(d))
                yield COPIED, (_consignment(d), _melt(d))
        case events.CONSIGNMENT_SENT:
            yield from ((PARTY, (_consignment(d), d[side])) for side in ("seller", "buyer"))
            yield from ((LOT, (_consignment(d), v.lot(lot), "", 0, "")) for lot in dict.fromkeys(d["lots"]))
        case events.CONSIGNMENT_WEIGHED:
            yield _told(position, e, _consignment(d))
        case events.TRANSFORMATION_RECORDED:
            yield _told(position, e, _step(d), _step(d))
            yield from _concerned(e, _step(d))
        case events.EVENT_CAPTURED if "recorded" in d:
            at = event.moment(dt.datetime.fromisoformat(d["event_time"]))
            yield CAPTURED, (d["event"], at, d["event_time"], d["zone"], v.event_id(d["recorded"]), _step(d) if "transformation" in d else d["recorded"])
        case events.COLLECTION_CORRECTED | events.COLLECTION_WITHDRAWN:
            yield CORRECTED, (position, e, d["corrects"])
        case events.LOT_CORRECTED:
            yield CORRECTED, (position, e, f"transformation/{d['formed_in']}")
        case events.EVENT_CAPTURED:
            pass                                                         # an older one, which does not say what it was recorded as
        case _:
            yield _told(position, e, e.id)
            yield from _concerned(e, e.id)


def _told(position: int, e: Event, thing: str, root: str = "") -> Change:
    d, kind = e.data, v.KINDS[e.name]
    owned = kind.type == "TransactionEvent"
    of, (giver, taker) = ("owning_party", ("old_owner", "owner")) if owned else ("possessing_party", ("giver", "taker"))
    source, destination = (f"{of} {v.party(d[side])}" if d.get(side) else "" for side in (giver, taker))
    return EVENT, Found(
        place=2 * position, root=root or e.id, id=v.event_id(e.id), name=e.name, at=counted_at(e.occurred_on) or e.recorded_at, told_at="", zone="",
        recorded_at=e.recorded_at, type=kind.type, action=kind.action, step=v.STEPS[d["step"]] if "step" in d else kind.step,
        disposition=v.disposition(kind, d), thing=thing, paper=v.paper(kind, e.id, d), source=source, destination=destination, reason="", corrective="",
        occurred_on=e.occurred_on, data=text({k: value for k, value in d.items() if k not in NEITHER}))


def _concerned(e: Event, thing: str) -> Iterator[Change]:
    """Who took part in it, and which lots."""
    d = e.data
    booked = {line["of"] for line in d.get("entries", ()) if line["account"] != "source"}          # that one is a society's
    for actor in sorted(booked | {d[k] for k in PARTIES if d.get(k)}):
        yield PARTY, (thing, actor)
    for lot in dict.fromkeys(d.get("lots", [d["lot"]] if "lot" in d else [])):              # older logs have some that name a lot twice
        yield LOT, (thing, v.lot(lot), "", d.get("gross_mg", 0) if "lot" in d else 0, "")
    if e.name in (events.PARCEL_SEALED, events.PARCEL_OPENED):
        yield LOT, (thing, v.ours("parcel", d["parcel"]), "parent", 0, "")
    if e.name == events.LOT_ASSAYED and d["final"]:
        yield COPIED, (_melt(d), thing)


def _step(d: Any) -> str:
    return f"transformation/{d['transformation']}"


def _consignment(d: Any) -> str:
    return f"consignment/{d['consignment']}"


def _melt(d: Any) -> str:
    """The lot a consignment was melted into: its final assay concerns both sides."""
    return f"melt/{d['lot']}"
