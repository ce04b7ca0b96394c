"""What Prometheus is told names no lot, no holder and no place, whatever somebody writes into a hold (principle 7)."""
from pathlib import Path

from services.gold_trade.gauges import GAUGES
from tests.unit.reporting.raw_metal import RawMetal


def test_what_somebody_holds_a_lot_for_in_own_words_is_other(tmp_path: Path) -> None:
    with RawMetal(tmp_path) as raw:
        for lot, rule in (("a", "vu chez Moussa à Kangaba"), ("b", "dépôt de Kéniéba"), ("c", "ML-10"), ("d", "ML-10")):
            assert raw.receives(lot) and raw.trades("hold-lot", lot=lot, rule=rule)
        raw.fold()
        held = {labels["rule"]: count for labels, count in GAUGES["sanu_held_lots"].read(raw["gold_trade"])}
    assert (held["other"], held["ML-10"]) == (2, 2) and not [rule for rule in held if "Moussa" in rule or "Kéniéba" in rule]
