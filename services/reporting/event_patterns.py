"""Which events a webhook asks for: names, or beginnings of names with a star."""
import re
from collections.abc import Callable, Iterable

PATTERN = re.compile(r"[a-z][a-z_]{0,30}\.([A-Z][A-Za-z]{0,60}\*?|\*)\Z", re.ASCII)


def matching(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Whether the name of an event fits one of `patterns`."""
    names = frozenset(p for p in patterns if not p.endswith("*"))
    beginnings = tuple(p[:-1] for p in patterns if p.endswith("*"))
    return lambda name: name in names or name.startswith(beginnings)


def beyond(asked: Iterable[str], allowed: Iterable[str]) -> list[str]:
    """Those patterns of `asked` that could fit a name which `allowed` does not."""
    names, beginnings = {p for p in allowed if not p.endswith("*")}, tuple(p[:-1] for p in allowed if p.endswith("*"))
    return [p for p in asked if p not in names and not p.rstrip("*").startswith(beginnings)]
