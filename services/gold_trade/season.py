"""When artisanal mining rests (ML-10): dated configuration, which may hold and never refuses."""
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).parents[2] / "data" / "seasons.toml"


class Stop(NamedTuple):
    id: str
    first: str                    # days, both included
    last: str


@cache
def stops() -> tuple[Stop, ...]:
    """Raises ValueError naming the stop that ends before it begins."""
    found = tuple(Stop(s["id"], s["from"].isoformat(), s["to"].isoformat()) for s in tomllib.loads(FILE.read_text("utf-8"))["stops"])
    for stop in found:
        if stop.first > stop.last:
            raise ValueError(f"data/seasons.toml: {stop.id} ends before it begins")
    return found


def covering(day: str) -> Stop | None:
    """The stop that `day` lies in."""
    return next((stop for stop in stops() if stop.first <= day <= stop.last), None)
