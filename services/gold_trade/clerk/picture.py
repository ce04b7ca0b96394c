"""Boxes in columns and bands between them, with coordinates: every width stands for fine gold."""
from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

WHOLE, BAR, COLUMN, GAP, SLOT, TOP = 260.0, 14.0, 176.0, 14.0, 40.0, 46.0
Flows = dict[tuple[str, str], float]


@dataclass(slots=True)
class Box:
    """`weight` is its part of the lot's fine gold."""

    key: str
    column: int
    label: str
    detail: str
    kind: str
    weight: float = 0.0
    href: str = ""
    last: bool = False                  # stands below the others, whatever its size
    x: float = 0.0
    y: float = 0.0
    height: float = 0.0


class Band(NamedTuple):
    path: str
    width: float
    title: str


class Heading(NamedTuple):
    x: float
    fr: str
    en: str


@dataclass(slots=True)
class Drawing:
    boxes: dict[str, Box] = field(default_factory=dict)
    flows: Flows = field(default_factory=dict)
    bands: list[Band] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    width: float = 0.0
    height: float = 0.0

    def box(self, *, key: str, column: int, label: str, detail: str, kind: str, href: str = "", last: bool = False) -> None:
        self.boxes[key] = Box(key, column, label, detail, kind, href=href, last=last)


def x(column: int) -> float:
    return column * COLUMN


def place(made: Drawing) -> None:
    """Coordinates: the largest box of a column first, each column in the middle; bands in the order of what they lead to."""
    into, out = defaultdict[str, float](float), defaultdict[str, float](float)
    for (source, target), part in made.flows.items():
        out[source] += part
        into[target] += part
    columns: dict[int, list[Box]] = defaultdict(list)
    for key, box in made.boxes.items():
        box.weight = max(into[key], out[key])
        box.height = max(2.0, box.weight * WHOLE)
        columns[box.column].append(box)
    tall = {column: sum(max(b.height, SLOT) + GAP for b in boxes) - GAP for column, boxes in columns.items()}
    made.height = TOP + max(tall.values()) + 8
    made.width = x(max(columns)) + COLUMN
    for column, boxes in columns.items():
        y = TOP + (max(tall.values()) - tall[column]) / 2
        for box in sorted(boxes, key=lambda b: (b.last, -b.weight, b.key)):
            room = max(box.height, SLOT)
            box.x, box.y = x(column), y + (room - box.height) / 2
            y += room + GAP
    _bands(made)


def _bands(made: Drawing) -> None:
    left, arrived = defaultdict[str, float](float), defaultdict[str, float](float)
    ends: dict[tuple[str, str], float] = {}
    for source, target in sorted(made.flows, key=lambda f: made.boxes[f[0]].y):
        ends[source, target] = made.boxes[target].y + (arrived[target] + made.flows[source, target] / 2) * WHOLE
        arrived[target] += made.flows[source, target]
    for source, target in sorted(made.flows, key=lambda f: made.boxes[f[1]].y):
        part, a, b = made.flows[source, target], made.boxes[source], made.boxes[target]
        y1, y2 = a.y + (left[source] + part / 2) * WHOLE, ends[source, target]
        left[source] += part
        x1, x2 = a.x + BAR, b.x
        bend = (x2 - x1) / 2
        made.bands.append(Band(f"M{x1:.1f} {y1:.1f}C{x1 + bend:.1f} {y1:.1f} {x2 - bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}", round(max(part * WHOLE, 0.7), 2),
                               f"{a.label} → {b.label} : {100 * part:.2f} %".replace(".", ",")))
