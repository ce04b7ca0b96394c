"""What every figure is asked with, and what every answer carries: the dates, how far the feeds are held, where its events are."""
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from shared.feed import held
from shared.projection import Reading, reading
from shared.service import Service

END_OF_TIME = "9999"
SHOWN_EVENTS = 20
TABLES = "/reporting/v1/tables"
Table = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`people` is the right to see single people; without it what would point at a few of them is left out.

    `lots` is the right to see where metal is; without it figures about metal are late and coarse (principle 7).
    """

    as_of: str
    known_at: str = ""
    territory: frozenset[str] = frozenset()
    people: bool = True
    lots: bool = True

    @property
    def known(self) -> str:
        return self.known_at or END_OF_TIME

    @property
    def both_axes(self) -> tuple[str, str]:
        return self.as_of, self.known

    def link(self, path: str, **more: str | None) -> str:
        """The address of what stands behind a figure, on the same dates."""
        query = {"as_of": self.as_of, **({"known_at": self.known_at} if self.known_at else {}), **{k: v for k, v in more.items() if v is not None}}
        return f"{TABLES}/{path}?{urlencode(query)}"


class Seen:
    """All views at one moment."""

    def __init__(self, reading: Reading, received: Mapping[str, int]) -> None:
        self.tx, self.tables = reading.tx, reading.tables
        self.feeds = {**{source: str(position) for source, position in received.items()},
                      "views_at": str(min(run.position for run in reading.runs.values()))}

    def answer(self, asked: Asked, **more: Any) -> Table:
        return {"as_of": asked.as_of, **({"known_at": asked.known_at} if asked.known_at else {}), **more, "feeds": self.feeds}


@contextmanager
def seeing(service: Service) -> Iterator[Seen]:
    received = held(service.log, service.others)
    with reading(service.views) as opened:
        yield Seen(opened, received)


def ids_at(seen: Seen, view: str, positions: set[int]) -> dict[int, str]:
    """The events that stand at positions of our log, as a view knows them."""
    wanted = sorted(positions)
    result: dict[int, str] = {}
    for n in range(0, len(wanted), 5000):
        some = wanted[n:n + 5000]
        result |= dict(seen.tx.execute(
            f"SELECT DISTINCT position, event FROM {seen.tables[view]('')} WHERE position IN ({', '.join('?' * len(some))})", some).fetchall())
    return result


def ends(first: int, last: int, ids: Mapping[int, str]) -> list[str]:
    """The first and the last event behind a figure."""
    return list(dict.fromkeys((ids[first], ids[last])))
