"""From a bar to the receipts, societies and miners it came of, and from a receipt to the bars that hold some of it (G6)."""
from collections import Counter
from typing import Any, NamedTuple

import msgspec

from shared.errors import NotFound
from shared.service import Service

from .metal import shares
from .projections import ancestry, genealogy
from .projections.ancestry import Ancestor
from .projections.genealogy import Row

_pairs = msgspec.json.Decoder(list[tuple[str, int]]).decode


class Behind(NamedTuple):
    """A lot, and all lots that went into it, however far back."""

    top: Row
    rows: list[Ancestor]
    position: int


class Ahead(NamedTuple):
    """A lot, and all lots that hold some of it; `now` says of those that are still lots how much fine gold of it they hold."""

    start: Row
    rows: list[Row]
    now: list[tuple[Row, int]]
    position: int


def behind(service: Service, lot: str, known_at: str = "") -> Behind:
    """As known now, or at an earlier time. Raises NotFound."""
    with service.view("genealogy").reading() as (tx, table, run):
        top = genealogy.one(tx, table, lot)
        if top is None or (known_at and top.recorded_at > known_at):
            raise NotFound(f"no lot '{lot}'", field="lot")
        rows = ancestry.behind(tx, table, top.formed_in) if top.formed_in else []
        return Behind(*(ancestry.known(tx, table, top, rows, known_at) if known_at else (top, rows)), run.position)


def ahead(service: Service, lot: str) -> Ahead:
    """Raises NotFound."""
    with service.view("genealogy").reading() as (tx, table, run):
        start = genealogy.one(tx, table, lot)
        if start is None:
            raise NotFound(f"no lot '{lot}'", field="lot")
        rows = ancestry.ahead(tx, table, start.lot)
        now = [r for r in rows if not r.spent_in]
        inputs = {step: ancestry.inputs(ancestry.behind(tx, table, step)) for step in {r.formed_in for r in now if r.lot != start.lot}}
    of_it = {start.lot: start.fine_mg}
    for step, taken in inputs.items():
        of_it |= shares.of_it(start.lot, step, taken, {r.lot: r.fine_mg for r in now if r.formed_in == step})
    return Ahead(start, rows, [(r, of_it[r.lot]) for r in now], run.position)


def back(service: Service, lot: str, known_at: str = "") -> dict[str, Any]:
    """Every receipt's part of the lot in mg, fine and gross, as known now or then; the parts sum to the lot. Raises NotFound."""
    return {**shared_out(behind(service, lot, known_at)), **({"known_at": known_at} if known_at else {})}


def shared_out(found: Behind) -> dict[str, Any]:
    top, rows, position = found
    parts = shares.parts_of(top.formed_in, ancestry.inputs(rows)) if top.formed_in else {}
    fine = shares.rounded(top.fine_mg, parts) if parts else {top.lot: top.fine_mg}
    gross = shares.rounded(top.gross_mg, parts) if parts else {top.lot: top.gross_mg}
    receipts: dict[str, Row | Ancestor] = {r.lot: r for r in rows if not r.formed_in} or {top.lot: top}
    societies: Counter[str] = Counter()
    miners: Counter[str] = Counter()
    for id_, mg in fine.items():
        societies[receipts[id_].society] += mg
        for miner, part in shares.among_miners(mg, _agreed(receipts[id_].miners)).items():
            miners[miner] += part
    return {"lot": told(top), "version": str(position),
            "receipts": [{"lot": id_, "society": receipts[id_].society, "day": receipts[id_].day, "fine_mg": fine[id_], "gross_mg": gross[id_],
                          "event": receipts[id_].event} for id_ in sorted(fine, key=lambda id_: (-fine[id_], id_))],
            "societies": [{"society": s, "fine_mg": mg} for s, mg in _by_size(societies)],
            "miners": [{"miner": m, "fine_mg": mg} for m, mg in _by_size(miners)],
            "unnamed_fine_mg": top.fine_mg - sum(miners.values())}


def onward(service: Service, lot: str) -> dict[str, Any]:
    """The lots that hold some of it now, with how much of each it is. Raises NotFound."""
    start, rows, now, position = ahead(service, lot)
    return {"lot": told(start), "version": str(position), "through": [told(r) for r in rows if r.spent_in and r.lot != start.lot],
            "now": [{**told(r), "of_it_fine_mg": mg} for r, mg in now]}


def _agreed(miners: str) -> dict[str, int]:
    return dict(_pairs(miners))


def told(row: Row) -> dict[str, Any]:
    """What a lot is, without who has it."""
    return {"lot": row.lot, "gross_mg": row.gross_mg, "fine_mg": row.fine_mg, "day": row.day, "event": row.event,
            **({"serial": row.serial} if row.serial else {}), **({"formed_in": row.formed_in} if row.formed_in else {"society": row.society})}


def _by_size(masses: Counter[str]) -> list[tuple[str, int]]:
    return sorted(masses.items(), key=lambda item: (-item[1], item[0]))
