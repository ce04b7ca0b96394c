"""What people read: sizes, times and tables."""
import pytest

from installation.operate import show


@pytest.mark.parametrize(("n", "text"), [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (80_400_000_000, "80.4 GB"), (5e15, "5000.0 TB")])
def test_sizes(n: float, text: str) -> None:
    assert show.size(n) == text


@pytest.mark.parametrize(("seconds", "text"), [
    (None, "never"), (0, "0 s ago"), (119, "119 s ago"), (120, "2 min ago"), (7300, "2 h ago"), (200_000, "2 d ago")])
def test_times(seconds: int | None, text: str) -> None:
    assert show.ago(seconds) == text


def test_a_table_that_nobody_watches_is_plain_text(capsys: pytest.CaptureFixture[str]) -> None:
    show.table(["A", "Long heading"], [["x", 1], ["longer", None]], "Title")
    assert capsys.readouterr().out == "Title\nA       Long heading\nx       1\nlonger  None\n"
