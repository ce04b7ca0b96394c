"""What a step may lose: both ledgers are looked at, by the configuration of its day, which nobody widens (G5)."""
import pytest

from services.gold_trade.metal import tolerance
from services.gold_trade.metal.tolerance import Mass
from services.gold_trade.metal.transformation import STEPS, gone

DAY = "2024-05-10"
LOSS, GAIN = {"rule": "mass-balance", "hold": False}, {"rule": "mass-balance", "hold": True}


def test_every_step_and_a_handover_are_configured() -> None:
    assert all(tolerance.of(step, DAY) for step in (*STEPS, tolerance.HANDOVER))


@pytest.mark.parametrize(("step", "before", "after", "found"), [
    ("merge", (1_000_000, 500_000), (1_000_000, 1_000_000), GAIN),           # the same metal, told as pure
    ("merge", (1_000_000, 900_000), (1_000_000, 890_000), LOSS),
    ("melt", (1_000_000, 900_000), (500_000, 450_000), LOSS),
    ("melt", (1_000_000, 900_000), (980_000, 900_000), None),                # exactly what a melt may lose
    ("melt", (1_000_000, 900_000), (979_999, 900_000), LOSS),
    ("melt", (1_000_000, 900_000), (1_000_000, 870_000), None),              # a screening and a fire assay differ
    ("refine", (1_000_000, 910_000), (910_000, 909_500), None),              # base metal is taken out
    ("refine", (1_000_000, 910_000), (890_000, 889_500), LOSS),
    ("split", (0, 0), (1, 0), GAIN)])
def test_more_gone_or_there_than_the_step_allows_is_a_finding(
        step: str, before: tuple[int, int], after: tuple[int, int], found: dict[str, object] | None) -> None:
    assert tolerance.breach(Mass(*before), Mass(*after), step, DAY) == found


def test_what_somebody_states_narrows_and_never_widens() -> None:
    whole, half = Mass(1_000, 900), Mass(500, 450)
    assert tolerance.breach(whole, half, "melt", DAY, 100_000) == LOSS
    assert tolerance.breach(whole, Mass(990, 891), "melt", DAY) is None
    assert tolerance.breach(whole, Mass(990, 891), "melt", DAY, 900) == LOSS


def test_the_entry_of_the_day_counts_and_the_first_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    dated = {"melt": [("2019-01-01", tolerance.Tolerance(2000, 5000)), ("2025-01-01", tolerance.Tolerance(1000, 3000))]}
    monkeypatch.setattr(tolerance, "_dated", lambda: dated)
    assert [tolerance.of("melt", day).gross_per_100k for day in ("2001-01-01", "2024-12-31", "2025-01-01", "2026-01-01")] == [2000, 2000, 1000, 1000]


@pytest.mark.parametrize(("before", "after", "lost", "assayed"), [
    ((1_000, 900), (500, 450), 450, 0),                # what is gone was as fine as what is left
    ((1_000, 900), (990, 850), 9, 41),                 # 10 mg that are gone held 9: the rest was measured differently
    ((1_000, 900), (990, 920), 0, -20),
    ((1_000, 910), (910, 909), 1, 0),                  # refined: little of what is gone was gold
    ((1_000, 900), (1_010, 880), 0, 20)])
def test_fine_gold_that_is_missing_went_with_the_metal_or_was_assayed_differently(
        before: tuple[int, int], after: tuple[int, int], lost: int, assayed: int) -> None:
    loss, assay = gone("x", Mass(*before), Mass(*after))
    assert (loss["gross_mg"], loss["fine_mg"], assay["fine_mg"]) == (before[0] - after[0], lost, assayed)
