"""Each society's own books, through every blend: what of a lot is whose, in whole milligrams (G5).

A lot's metal is divided among the societies it came of; a blend pools what went in and divides what came out by largest remainder, in both
ledgers. What a society brought is then always its stock, its part of the losses, and its part of the assay differences.
"""
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

import msgspec

from services.gold_trade import events
from services.gold_trade.metal.arithmetic import split
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction

LOSS, ASSAY, SOURCE, STOCK, MISSING = "loss", "assay", "source", "stock", "stolen"


class _Mass(msgspec.Struct, gc=False):
    gross_mg: int = 0
    fine_mg: int = 0
    society: str = ""


class _Change(msgspec.Struct, gc=False):
    gross_mg: int | None = None
    fine_mg: int | None = None
    society: str | None = None


class _Data(_Mass, gc=False):
    lot: str = ""
    transformation: str = ""
    outputs: int = 0
    entries: list[dict[str, Any]] = []
    new: _Change | None = None


class _Event(msgspec.Struct, gc=False):
    data: _Data


_decode = msgspec.json.Decoder(_Event).decode
Told = tuple[str, _Data]
Part = tuple[int, int]                                  # gross and fine mg
Parts = dict[str, Part]                                 # by society


class Societies(View):
    """Tables: whose a lot (or the pool of an unfinished transformation) is; and each society's accounts."""

    name = "societies"
    names = frozenset({events.COLLECTION_RECORDED, events.COLLECTION_CORRECTED, events.TRANSFORMATION_RECORDED, events.LOT_SPENT, events.LOT_FORMED,
                       events.LOT_ASSAYED, events.LOT_LOST, events.LOT_RECOVERED})
    tables: ClassVar[dict[str, str]] = {
        "": "society TEXT, account TEXT, gross_mg BIGINT, fine_mg BIGINT, PRIMARY KEY (society, account)",
        "part": "lot TEXT, society TEXT, gross_mg BIGINT, fine_mg BIGINT, PRIMARY KEY (lot, society)",
        "pool": "transformation TEXT PRIMARY KEY, outputs BIGINT, measured BIGINT"}

    def fold(self, page: Sequence[Recorded]) -> list[Told]:
        return [(row.name, _decode(row.state).data) for row in page]

    def write(self, tx: Transaction, table: Callable[[str], str], change: Sequence[Told]) -> None:
        if not change:
            return
        books = _Books(tx, table, change)
        for name, told in change:
            books.book(name, told)
        books.keep()


class _Books:
    """The parts that a page touches, read at once and written at once."""

    def __init__(self, tx: Transaction, table: Callable[[str], str], change: Sequence[Told]) -> None:
        self.tx, self.table = tx, table
        transformations = {d.transformation for _, d in change if d.transformation}
        lots = {d.lot for _, d in change if d.lot} | {f"{mark}{t}" for t in transformations for mark in ("=", "*=")}
        self.parts: dict[str, Parts] = defaultdict(dict)
        for lot, society, gross, fine in _in(tx, f"SELECT lot, society, gross_mg, fine_mg FROM {table('part')} WHERE lot IN", lots):
            self.parts[lot][society] = gross, fine
        self.pools = {t: [outputs, measured] for t, outputs, measured in _in(
            tx, f"SELECT transformation, outputs, measured FROM {table('pool')} WHERE transformation IN", transformations)}
        self.before = set(self.pools)
        self.touched: set[str] = set()
        self.accounts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])

    def book(self, name: str, d: _Data) -> None:
        match name:
            case events.COLLECTION_RECORDED:
                self._put(d.lot, {d.society: (d.gross_mg, d.fine_mg)})
                self._add(SOURCE, {d.society: (-d.gross_mg, -d.fine_mg)})
                self._add(STOCK, self.parts[d.lot])
            case events.COLLECTION_CORRECTED:
                self._corrected(d)
            case events.TRANSFORMATION_RECORDED:
                self.pools[d.transformation] = [d.outputs, int(any(e["account"] == ASSAY for e in d.entries))]
            case events.LOT_SPENT:
                parts = self._take(d.lot)
                self._add(STOCK, _minus(parts))
                self._put(f"={d.transformation}", _plus(self.parts[f"={d.transformation}"], parts))
            case events.LOT_FORMED:
                self._formed(d)
            case events.LOT_ASSAYED:
                parts = self.parts[d.lot]
                fine = split(d.fine_mg, {s: max(f, 0) for s, (_, f) in parts.items()})
                self._add(STOCK, changed := {s: (0, fine[s] - f) for s, (_, f) in parts.items()})
                self._add(ASSAY, _minus(changed))
                self._put(d.lot, {s: (g, fine[s]) for s, (g, _) in parts.items()})
            case events.LOT_LOST:
                self._add(STOCK, _minus(self.parts[d.lot]))
                self._add(MISSING, self.parts[d.lot])
            case events.LOT_RECOVERED:
                self._add(MISSING, _minus(self.parts[d.lot]))
                self._add(STOCK, self.parts[d.lot])

    def _corrected(self, d: _Data) -> None:
        """Where the metal is now, the receipt's society changes by what the correction says; what was spent shows as its loss."""
        account = next((e["account"] for e in d.entries if e["account"] != SOURCE), STOCK if self.parts[d.lot] else LOSS)
        for e in d.entries:
            if e["account"] == SOURCE:
                self._add(SOURCE, {e["of"]: (e["gross_mg"], e["fine_mg"])})
                self._add(account, {e["of"]: (-e["gross_mg"], -e["fine_mg"])})
        for society, (gross, fine) in list(self.parts[d.lot].items()):             # one, if it is a lot still
            new = d.new or _Change()
            self._put(d.lot, {new.society or society: (gross if new.gross_mg is None else new.gross_mg, fine if new.fine_mg is None else new.fine_mg)})

    def _formed(self, d: _Data) -> None:
        """Its part of the pool; what is left after the last one is loss, and assay difference where the fine mass was measured."""
        key = f"={d.transformation}"
        pool, state = self.parts[key], self.pools[d.transformation]
        gross = split(d.gross_mg, {s: max(g, 0) for s, (g, _) in self._whole(key).items()})
        fine = split(d.fine_mg, {s: max(f, 0) for s, (_, f) in self._whole(key).items()})
        formed = {s: (gross[s], fine[s]) for s in pool}
        self._put(d.lot, formed)
        self._add(STOCK, formed)
        self._put(key, _plus(pool, _minus(formed)))
        state[0] -= 1
        if not state[0]:
            rest = self._take(key)
            self._take(f"*{key}")
            self._add(LOSS, {s: (g, 0 if state[1] else f) for s, (g, f) in rest.items()})
            self._add(ASSAY, {s: (0, f if state[1] else 0) for s, (_, f) in rest.items()})
            del self.pools[d.transformation]

    def _whole(self, key: str) -> Parts:
        """The pool as it was before the first output: all outputs are divided alike."""
        if f"*{key}" not in self.parts or not self.parts[f"*{key}"]:
            self._put(f"*{key}", dict(self.parts[key]))
        return self.parts[f"*{key}"]

    def _put(self, lot: str, parts: Parts) -> None:
        self.touched.add(lot)
        self.parts[lot] = parts

    def _take(self, lot: str) -> Parts:
        self.touched.add(lot)
        return self.parts.pop(lot, {})

    def _add(self, account: str, parts: Mapping[str, Part]) -> None:
        for society, (gross, fine) in parts.items():
            sums = self.accounts[society, account]
            sums[0] += gross
            sums[1] += fine

    def keep(self) -> None:
        _in(self.tx, f"DELETE FROM {self.table('part')} WHERE lot IN", self.touched, rows=False)
        self.tx.load(self.table("part"), ("lot", "society", "gross_mg", "fine_mg"),
                     [(lot, s, g, f) for lot in sorted(self.touched & set(self.parts)) for s, (g, f) in self.parts[lot].items()])
        _in(self.tx, f"DELETE FROM {self.table('pool')} WHERE transformation IN", self.before | set(self.pools), rows=False)
        self.tx.load(self.table("pool"), ("transformation", "outputs", "measured"), [(t, *state) for t, state in sorted(self.pools.items())])
        name = self.table("")
        self.tx.merge(name, [(*key, *sums) for key, sums in sorted(self.accounts.items()) if any(sums)],
                      "ON CONFLICT (society, account) DO UPDATE SET "
                      f"gross_mg = {name}.gross_mg + excluded.gross_mg, fine_mg = {name}.fine_mg + excluded.fine_mg")


def _plus(one: Parts, other: Mapping[str, Part]) -> Parts:
    gross, fine = Counter({s: g for s, (g, _) in one.items()}), Counter({s: f for s, (_, f) in one.items()})
    for society, (g, f) in other.items():
        gross[society] += g
        fine[society] += f
    return {s: (gross[s], fine[s]) for s in gross}


def _minus(parts: Mapping[str, Part]) -> Parts:
    return {s: (-g, -f) for s, (g, f) in parts.items()}


def _in(tx: Transaction, sql: str, keys: Iterable[str], rows: bool = True) -> list[Any]:
    """In bites that either database takes."""
    found: list[Any] = []
    ordered = sorted(keys)
    for n in range(0, len(ordered), 500):
        some = ordered[n:n + 500]
        cursor = tx.execute(f"{sql} ({', '.join('?' * len(some))})", some)
        found += cursor.fetchall() if rows else []
    return found
