"""What Prometheus asks of gold_trade: whether the books are even, and what is held. No label names a lot, a holder or a place (principle 7)."""
from collections import Counter
from collections.abc import Iterator

from shared.definition import Gauge
from shared.service import Service

from .clerk.words import RULES
from .projections import holds, ledger

OTHER = "other"                        # a hold's rule is free text, in which a name or a place may stand


def _off(service: Service) -> Iterator[tuple[dict[str, str], float]]:
    with service.view("ledger").reading() as (tx, table, _):
        gross, fine = ledger.off(tx, table)
    yield {"ledger": "gross"}, gross
    yield {"ledger": "fine"}, fine


def _held(service: Service) -> Iterator[tuple[dict[str, str], float]]:
    held: Counter[str] = Counter()
    with service.view("holds").reading() as (tx, table, _):
        for rule, count in holds.counts(tx, table).items():
            held[rule if rule in RULES else OTHER] += count
    for rule, count in sorted(held.items()):
        yield {"rule": rule}, count


def _breaches(service: Service) -> Iterator[tuple[dict[str, str], float]]:
    with service.view("holds").reading() as (tx, table, _):
        yield {}, holds.breaches(tx, table)


GAUGES = {
    "sanu_ledger_off_mg": Gauge("By how many mg the accounts of a ledger do not sum to zero", _off),
    "sanu_held_lots": Gauge("Lots held, by rule", _held),
    "sanu_mass_balance_breaches": Gauge("Steps that lost or gained more than their tolerance, since the beginning", _breaches),
}
