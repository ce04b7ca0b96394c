"""The parts of lots, the steps and the accounts that a page of events touches: read at once and written at once."""
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from shared.tables import Transaction

from .pools import Part, Parts, Pool

POOL = "="                              # before a step's name: what went into it is kept as a lot is, and is the place of what was spent there


class Page:
    """What a correction reaches beyond the page's own is read when it does."""

    def __init__(self, tx: Transaction, table: Callable[[str], str]) -> None:
        self.tx, self.table = tx, table
        self.parts: dict[str, Parts] = defaultdict(dict)
        self.places: dict[str, str] = defaultdict(str)                      # '' in stock, stolen, or the pool it went into
        self.steps: dict[str, Pool] = {}
        self.lots_seen: set[str] = set()
        self.steps_seen: set[str] = set()
        self.lots_touched: set[str] = set()
        self.steps_touched: set[str] = set()
        self.formed: list[tuple[str, str, int, int]] = []
        self.reformed: dict[tuple[str, str], tuple[int, int]] = {}          # corrected since
        self.accounts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])

    def see(self, lots: Iterable[str], steps: Iterable[str]) -> None:
        """Reads what was not seen before."""
        new_steps = set(steps) - self.steps_seen
        new_lots = {*lots, *(POOL + step for step in new_steps)} - self.lots_seen
        self.steps_seen |= new_steps
        self.lots_seen |= new_lots
        for lot, society, gross, fine, place in self._rows("part", "lot", ("lot", "society", "gross_mg", "fine_mg", "place"), new_lots):
            self.parts[lot][society] = gross, fine
            self.places[lot] = place
        for step, outputs, lost in self._rows("step", "transformation", ("transformation", "outputs", "lost_mg"), new_steps):
            self.steps[step] = Pool(outputs, lost, {})
        for step, lot, gross, fine in self._rows("formed", "transformation", ("transformation", "lot", "gross_mg", "fine_mg"), new_steps):
            self.steps[step].formed[lot] = gross, fine

    def put(self, lot: str, parts: Parts, place: str = "") -> None:
        self.lots_touched.add(lot)
        self.parts[lot], self.places[lot] = parts, place

    def step(self, step: str, pool: Pool) -> None:
        self.steps_touched.add(step)
        self.steps[step] = pool

    def add(self, account: str, parts: Mapping[str, Part]) -> None:
        for society, (gross, fine) in parts.items():
            sums = self.accounts[society, account]
            sums[0] += gross
            sums[1] += fine

    def keep(self) -> None:
        self._each(f"DELETE FROM {self.table('part')} WHERE lot IN", self.lots_touched)
        self.tx.load(self.table("part"), ("lot", "society", "gross_mg", "fine_mg", "place"),
                     [(lot, s, g, f, self.places[lot]) for lot in sorted(self.lots_touched) for s, (g, f) in self.parts[lot].items()])
        self.tx.merge(self.table("step"), [(step, self.steps[step].outputs, self.steps[step].lost_mg) for step in sorted(self.steps_touched)],
                      "ON CONFLICT (transformation) DO UPDATE SET lost_mg = excluded.lost_mg")
        formed = self.table("formed")
        self.tx.load(formed, ("transformation", "lot", "gross_mg", "fine_mg"), self.formed)
        self.tx.merge(formed, [(*which, *mass) for which, mass in sorted(self.reformed.items())],
                      "ON CONFLICT (transformation, lot) DO UPDATE SET gross_mg = excluded.gross_mg, fine_mg = excluded.fine_mg")
        name = self.table("")
        self.tx.merge(name, [(*key, *sums) for key, sums in sorted(self.accounts.items())],              # nothing, too: however pages fall
                      "ON CONFLICT (society, account) DO UPDATE SET "
                      f"gross_mg = {name}.gross_mg + excluded.gross_mg, fine_mg = {name}.fine_mg + excluded.fine_mg")

    def _rows(self, table: str, key: str, columns: Iterable[str], keys: Iterable[str]) -> list[Any]:
        return self._each(f"SELECT {', '.join(columns)} FROM {self.table(table)} WHERE {key} IN", keys, rows=True)

    def _each(self, sql: str, keys: Iterable[str], rows: bool = False) -> list[Any]:
        """In bites that either database takes."""
        found: list[Any] = []
        ordered = sorted(keys)
        for n in range(0, len(ordered), 500):
            some = ordered[n:n + 500]
            cursor = self.tx.execute(f"{sql} ({', '.join('?' * len(some))})", some)
            found += cursor.fetchall() if rows else []
        return found
