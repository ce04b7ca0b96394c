"""The clocks of shares to be repaid to who left one society (AUSCOOP 11), the same for the finding, the page and the command."""
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Clock(NamedTuple):
    """Shares to be repaid until `due_by`, that day included; `repaid` is the day they were, or ''. It begins with the notice's receipt."""

    due_by: str
    repaid: str = ""
    event: str = ""
    begins: str = ""
    extended: bool = False


def clocks(notices: Iterable[Clock], extensions: Iterable[tuple[str, str]], refunds: Iterable[str]) -> list[Clock]:
    """One for each notice, by the day of its receipt, whatever the order in which all was told.

    An extension (its day, the new day) is of the departure of its day, and puts off only; a refund is of the one still unpaid then.
    """
    result = sorted(notices, key=lambda clock: (clock.begins, clock.event))
    for day, due_by in sorted(extensions):
        n = of_day(result, day)
        if n >= 0 and due_by > result[n].due_by:
            result[n] = result[n]._replace(due_by=due_by, extended=True)
    for day in sorted(refunds):
        unpaid = [n for n, clock in enumerate(result) if not clock.repaid and (clock.begins <= day or day < result[0].begins)]
        n = of_day([result[n] for n in unpaid], day)
        if n >= 0:
            result[unpaid[n]] = result[unpaid[n]]._replace(repaid=day)
    return result


def of_day(of: Sequence[Clock], day: str) -> int:
    """The departure that had begun last by that day; where none had – a decision or a payment before the notice – the first. -1 for none at all."""
    return max((n for n, clock in enumerate(of) if clock.begins <= day), default=0 if of else -1)
