"""What an event does to the books of the societies whose metal it is about."""
import msgspec

from services.gold_trade import events
from services.gold_trade.metal.arithmetic import split

from .pools import Parts, Pool, divided, less, plus
from .society_page import POOL, Page

LOSS, ASSAY, SOURCE, STOCK, MISSING = "loss", "assay", "source", "stock", "stolen"


class _Entry(msgspec.Struct, gc=False):
    account: str
    of: str
    gross_mg: int
    fine_mg: int


class _Change(msgspec.Struct, frozen=True, gc=False):
    gross_mg: int | None = None
    fine_mg: int | None = None
    society: str | None = None


class _Data(msgspec.Struct, gc=False):
    gross_mg: int = 0
    fine_mg: int = 0
    society: str = ""
    lot: str = ""
    transformation: str = ""
    formed_in: str = ""
    formed_fine_mg: int = 0
    lost_fine_mg: int = 0
    outputs: int = 0
    entries: list[_Entry] = []
    new: _Change = _Change(gross_mg=0, fine_mg=0)         # a receipt that was withdrawn has no other

    def lost(self) -> int:
        """Fine mg."""
        return sum(e.fine_mg for e in self.entries if e.account == LOSS)


class _Event(msgspec.Struct, gc=False):
    data: _Data


decode = msgspec.json.Decoder(_Event).decode
Told = tuple[str, _Data]


class Books(Page):
    """Each event in its turn."""

    def book(self, name: str, d: _Data) -> None:
        match name:
            case events.COLLECTION_RECORDED:
                self.put(d.lot, {d.society: (d.gross_mg, d.fine_mg)})
                self.add(SOURCE, {d.society: (-d.gross_mg, -d.fine_mg)})
                self.add(STOCK, self.parts[d.lot])
            case events.COLLECTION_CORRECTED | events.COLLECTION_WITHDRAWN:
                self._corrected(d)
            case events.TRANSFORMATION_RECORDED:
                self.step(d.transformation, Pool(d.outputs, d.lost(), {}))
            case events.LOT_SPENT:
                pool, parts = POOL + d.transformation, self.parts[d.lot]
                self.add(STOCK, less(parts))
                self.put(d.lot, parts, pool)
                self.put(pool, plus(self.parts[pool], parts))
            case events.LOT_FORMED:
                self._formed(d)
            case events.LOT_ASSAYED:
                self._assayed(d)
            case events.LOT_CORRECTED:
                self._formed_otherwise(d)
            case events.LOT_LOST:
                self._moved(d.lot, STOCK, MISSING)
            case events.LOT_RECOVERED:
                self._moved(d.lot, MISSING, STOCK)

    def _moved(self, lot: str, here: str, there: str) -> None:
        self.add(here, less(self.parts[lot]))
        self.add(there, self.parts[lot])
        self.put(lot, self.parts[lot], MISSING if there == MISSING else "")

    def _corrected(self, d: _Data) -> None:
        """What the source has by the receipt, and the lot has not, is assay difference: it goes with the receipt to whose it is."""
        source: Parts = {}
        for e in d.entries:
            if e.account == SOURCE:
                source = plus(source, {e.of: (e.gross_mg, e.fine_mg)})
        ((society, (gross, fine)),) = self.parts[d.lot].items()                        # a receipt is of one
        new = d.new
        after = {new.society or society: (gross if new.gross_mg is None else new.gross_mg, fine if new.fine_mg is None else new.fine_mg)}
        self.add(SOURCE, source)
        self.add(ASSAY, less(plus(source, plus(after, less(self.parts[d.lot])))))
        self._changed(d.lot, after, d.lost())

    def _assayed(self, d: _Data) -> None:
        """Wherever it is: assays may be told after a lot was spent."""
        parts = self.parts[d.lot]
        fine = split(d.fine_mg, {s: max(f, 0) for s, (_, f) in parts.items()})
        self.add(ASSAY, {s: (0, f - fine[s]) for s, (_, f) in parts.items()})
        self._changed(d.lot, {s: (g, fine[s]) for s, (g, _) in parts.items()}, d.lost())

    def _formed(self, d: _Data) -> None:
        """With the last of them all are divided."""
        pool = self.steps[d.transformation]
        pool.formed[d.lot] = d.gross_mg, d.fine_mg
        self.formed.append((d.transformation, d.lot, d.gross_mg, d.fine_mg))
        if len(pool.formed) == pool.outputs:
            whose = divided(self.parts[POOL + d.transformation], pool)
            for lot, parts in whose.formed.items():
                self.put(lot, parts)
                self.add(STOCK, parts)
            self.add(LOSS, whose.lost)
            self.add(ASSAY, whose.assay)

    def _formed_otherwise(self, d: _Data) -> None:
        """Its step is divided anew, by what came out of it."""
        self.see((), [d.formed_in])
        pool, steps = self.steps[d.formed_in], dict[str, tuple[Parts, int]]()
        self.see(pool.formed, ())
        self.reformed[d.formed_in, d.lot] = d.gross_mg, d.formed_fine_mg
        now = pool._replace(lost_mg=pool.lost_mg + d.lost_fine_mg, formed={**pool.formed, d.lot: (d.gross_mg, d.formed_fine_mg)})
        self._redivided(d.formed_in, now, self.parts[POOL + d.formed_in], steps, d)
        self._followed(steps)

    def _changed(self, lot: str, after: Parts, lost_mg: int) -> None:
        """A lot is whose, or as much, as was not told before, and so is all that was formed of it; `lost_mg` more is loss of its own step."""
        steps: dict[str, tuple[Parts, int]] = {}                            # what more went into which, and what more of it is loss
        self._replaced(lot, after, lost_mg, steps)
        self._followed(steps)

    def _followed(self, steps: dict[str, tuple[Parts, int]]) -> None:
        while steps:
            step = next(iter(steps))
            more, lost = steps.pop(step)
            self.see((), [step])
            pool = self.steps[step]
            self.see(pool.formed, ())
            now = plus(self.parts[POOL + step], more)
            now = {s: mg for s, mg in now.items() if any(mg)} or now        # who brought nothing after all has no part
            self._redivided(step, pool._replace(lost_mg=pool.lost_mg + lost), now, steps)

    def _redivided(self, step: str, pool: Pool, whole: Parts, steps: dict[str, tuple[Parts, int]], corrected: _Data | None = None) -> None:
        old, new = divided(self.parts[POOL + step], self.steps[step]), divided(whole, pool)
        self.step(step, pool)
        self.put(POOL + step, whole)
        self.add(LOSS, plus(new.lost, less(old.lost)))
        self.add(ASSAY, plus(new.assay, less(old.assay)))
        for each in pool.formed:
            self._divided_anew(each, old.formed[each], new.formed[each], steps, corrected if corrected and corrected.lot == each else None)

    def _divided_anew(self, lot: str, before: Parts, after: Parts, steps: dict[str, tuple[Parts, int]], corrected: _Data | None) -> None:
        """What was assayed since holds what the assay said, by the new parts; what of a corrected lot is lost later is loss of the step that spent it."""
        now = self.parts[lot]
        fine = split(corrected.fine_mg if corrected else sum(f for _, f in now.values()), {s: max(f, 0) for s, (_, f) in after.items()})
        its = {s: (g, fine[s]) for s, (g, _) in after.items()}
        self.add(ASSAY, plus(plus(after, less(before)), less(plus(its, less(now)))))
        self._replaced(lot, its, corrected.lost() - corrected.lost_fine_mg if corrected else 0, steps)

    def _replaced(self, lot: str, after: Parts, lost_mg: int, steps: dict[str, tuple[Parts, int]]) -> None:
        """What changed is where the lot is, or went into the step that spent it."""
        more, place = plus(after, less(self.parts[lot])), self.places[lot]
        self.put(lot, after, place)
        if place.startswith(POOL):
            waiting, lost = steps.get(place[len(POOL):], ({}, 0))
            steps[place[len(POOL):]] = plus(waiting, more), lost + lost_mg
        else:
            self.add(place or STOCK, more)
