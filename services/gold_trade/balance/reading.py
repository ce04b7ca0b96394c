"""Accounts, stock and consignments as the views hold them, cut to what the caller may see."""
from collections import Counter
from typing import Any

from services.gold_trade import trace
from services.gold_trade.projections import consignments, genealogy, holds, ledger
from shared.auth import Caller
from shared.errors import NotFound
from shared.projection import reading
from shared.service import Service

from . import sight
from .parameters import HELD


def balance(service: Service, caller: Caller, as_of: str, holder: str = "") -> dict[str, Any]:
    """Accounts by kind and, of whom the caller sees, by holder. Raises Forbidden for a holder outside the territory."""
    if holder:
        caller.within({f"actor:{holder}"})
    seen = sight.holders(caller)
    with service.view("ledger").reading() as (tx, table, run):
        sums = ledger.sums(tx, table, as_of)
    lines = [(account, of, *mg) for (account, of), mg in sums.items() if (seen is None or of in seen) and holder in ("", of)]
    gross, fine = Counter[str](), Counter[str]()
    for account, _, gross_mg, fine_mg in lines if seen or holder else [(*key, *mg) for key, mg in sums.items()]:
        gross[account] += gross_mg
        fine[account] += fine_mg
    off = [sum(mg[n] for mg in sums.values()) for n in (0, 1)]
    return {"as_of": as_of, "version": str(run.position), "shown": sight.shown(seen), "even": not any(off),
            "accounts": [{"account": a, "gross_mg": gross[a], "fine_mg": fine[a]} for a in sorted(gross)],
            "holders": [{"account": a, "holder": of, "gross_mg": g, "fine_mg": f} for a, of, g, f in lines]}


def society(service: Service, society: str) -> dict[str, Any]:
    """Its own books through every blend. Raises NotFound."""
    with service.view("societies").reading() as (tx, table, run):
        rows = tx.execute(f"SELECT account, gross_mg, fine_mg FROM {table('')} WHERE society = ? ORDER BY account", (society,)).fetchall()
    if not rows:
        raise NotFound(f"no metal of society '{society}'", field="society")
    return {"society": society, "version": str(run.position), "accounts": [{"account": a, "gross_mg": g, "fine_mg": f} for a, g, f in rows if g or f],
            "even": not (sum(g for _, g, _ in rows) or sum(f for _, _, f in rows))}


def stock(service: Service, caller: Caller, holder: str = "", held: str = "", after: str = "", limit: int = 50) -> dict[str, Any]:
    """Lots that are there, with what holds them. Raises Forbidden for a holder outside the territory."""
    if holder:
        caller.within({f"actor:{holder}"})
    seen = sight.holders(caller)
    whose = [holder] if holder and seen != [] else seen
    with reading([service.view("genealogy"), service.view("holds")]) as views:
        table = views.tables["holds"]
        rows = genealogy.in_stock(views.tx, views.tables["genealogy"], whose, (table(""), held == HELD) if held else None, after, limit)
        why = holds.of(views.tx, table, [r.lot for r in rows])
    return {"shown": sight.shown(seen), "next": rows[-1].lot if len(rows) == limit else None,
            "lots": [{**trace.told(r), "custodian": r.custodian, "holds": why.get(r.lot, [])} for r in rows]}


def held(service: Service) -> dict[str, int]:
    """How many lots each rule holds."""
    with service.view("holds").reading() as (tx, table, _):
        return holds.counts(tx, table)


def listed(service: Service, caller: Caller, stage: str = "", after: str = "", limit: int = 50) -> dict[str, Any]:
    """Consignments whose seller or buyer the caller speaks for."""
    with service.view("consignments").reading() as (tx, table, _):
        found = consignments.some(tx, table, sight.holders(caller), stage, after, limit)
    return {"consignments": found, "next": found[-1]["consignment"] if len(found) == limit else None}


def consignment(service: Service, caller: Caller, id_: str) -> dict[str, Any]:
    """With its steps, its terms and, once it is melted, the lot it became. Raises NotFound, also for one between others."""
    with reading([service.view("consignments"), service.view("genealogy")]) as views:
        it = consignments.one(views.tx, views.tables["consignments"], id_)
        parties = sight.holders(caller)
        if it is None or not (parties is None or {it["seller"], it["buyer"]} & set(parties)):
            raise NotFound(f"no consignment '{id_}'", field="consignment")
        melted = next((step["told"]["lot"] for step in it["steps"] if step["step"] == consignments.MELTED), "")
        lot = genealogy.one(views.tx, views.tables["genealogy"], melted) if melted else None
    return {**it, **({"melt": trace.told(lot)} if lot else {})}
