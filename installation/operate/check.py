"""One line of `./sanu doctor`: what was looked at, how it stands, and the mend where it does not."""
from typing import NamedTuple


class Check(NamedTuple):
    what: str
    good: bool
    says: str
    mend: str = ""


def good(what: str, says: str) -> Check:
    return Check(what, True, says)


def bad(what: str, says: str, mend: str) -> Check:
    return Check(what, False, says, mend)


def judged(what: str, is_good: bool, says: str, mend: str) -> Check:
    return Check(what, is_good, says, "" if is_good else mend)
