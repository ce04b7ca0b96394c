"""Which rule holds which lot from when until when: a row for each beginning and end, on both time axes."""
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar, NamedTuple

import msgspec

from services.reporting import received
from services.reporting.received_metal import Held, day
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction

from . import daily

_decode = msgspec.json.Decoder(Held).decode
COLUMNS = ("lot", "rule", "how", "day", "delta", "event", "recorded_at", "position")
SEAL = "seal-mismatch"
SEALED = ""                             # stands in the place of a rule while a lot is under seal; it holds nothing
BEGUN, LIFTED, SPENT = "begun", "lifted", "spent"
ENDING = {received.LOT_SPENT: SPENT, received.COLLECTION_WITHDRAWN: SPENT, received.HOLD_LIFTED: LIFTED, received.HOLD_CURED: LIFTED}


class Row(NamedTuple):
    lot: str
    rule: str
    how: str
    day: str
    delta: int
    event: str
    recorded_at: str
    position: int


class LotHolds(View):
    """A hold ends when it is lifted, or cured, and with the lot: the holds of one that is spent go on with the new lots. It never ends before it began.

    A lot that was spent under seal is held for no seal any more: older logs unseal it all the same.
    """

    name = "lot_holds"
    version = 2
    names = received.HOLDING
    tables: ClassVar[dict[str, str]] = {
        "": "lot TEXT, rule TEXT, how TEXT, day TEXT, delta INTEGER, event TEXT, recorded_at TEXT, position BIGINT",
        "open": "lot TEXT, rule TEXT, day TEXT, PRIMARY KEY (lot, rule)"}
    indexes: ClassVar[dict[str, Sequence[str]]] = {"": ["position"]}

    def fold(self, page: Sequence[Recorded]) -> list[tuple[str, Held, int]]:
        told = [(r.name, _decode(r.state), r.position) for r in page]
        return [t for t in told if t[0] in ENDING or t[0] in (received.LOT_SEALED, received.LOT_UNSEALED) or _rules(t[1])]

    def write(self, tx: Transaction, table: Callable[[str], str], change: Sequence[tuple[str, Held, int]]) -> None:
        open_: dict[str, dict[str, str]] = defaultdict(dict)
        for lot, rule, day_ in daily.some(tx, f"SELECT lot, rule, day FROM {table('open')} WHERE lot IN", (e.data.lot for _, e, _ in change)):
            open_[lot][rule] = day_
        before = {(lot, rule): day_ for lot, rules in open_.items() for rule, day_ in rules.items()}
        tx.load(table(""), COLUMNS, [row for name, e, position in change for row in _told(name, e, position, open_[e.data.lot])])
        after = {(lot, rule): day_ for lot, rules in open_.items() for rule, day_ in rules.items()}
        for gone in sorted(set(before) - set(after)):
            tx.execute(f"DELETE FROM {table('open')} WHERE lot = ? AND rule = ?", gone)
        tx.merge(table("open"), [(*key, day_) for key, day_ in sorted(after.items()) if before.get(key) != day_],
                 "ON CONFLICT (lot, rule) DO UPDATE SET day = excluded.day")


def _rules(e: Held) -> list[str]:
    """Those that hold the lot from now on."""
    d = e.data
    return [*(f.rule for f in d.findings if f.hold), *d.holds, *([d.rule] if d.rule else [])]


def _told(name: str, e: Held, position: int, open_: dict[str, str]) -> Iterator[Row]:
    """The rows of one event, which also changes what is open of its lot."""
    d, day_ = e.data, day(e.occurred_on, e.recorded_at)
    if name == received.LOT_SEALED:
        open_[SEALED] = day_
        return
    if how := ENDING.get(name):
        for rule in [d.rule] if how == LIFTED else sorted(open_):
            if rule in open_ and (began := open_.pop(rule)) and rule != SEALED:
                yield Row(d.lot, rule, how, max(day_, began), -1, e.id, e.recorded_at, position)
        return
    sealed = name == received.LOT_UNSEALED and open_.pop(SEALED, "")
    for rule in [*_rules(e), *([SEAL] if sealed and not d.matches else [])]:
        if rule not in open_:
            open_[rule] = day_
            yield Row(d.lot, rule, BEGUN, day_, 1, e.id, e.recorded_at, position)
