"""A lot's way as a picture: societies on the left, the blends it went through, the lot, and on the right the lots that hold it now."""
from collections import defaultdict
from collections.abc import Mapping, Sequence

from services.gold_trade.metal import shares
from services.gold_trade.projections import ancestry
from services.gold_trade.projections.ancestry import Ancestor
from services.gold_trade.projections.genealogy import Row

from .amounts import number, short_grams
from .picture import Drawing, Flows, Heading, place, x

MOST, MOST_STEPS = 12, 12               # boxes in a column; steps that are drawn one by one
OTHERS, START, MIDDLE = "…", "lot", "then"


def drawn(top: Row, behind: Sequence[Ancestor], now: Sequence[tuple[Row, int]], between: int) -> Drawing:
    """`now`: lots that hold some of it, with how much fine gold; `between`: how many steps lie on the way there."""
    made = Drawing()
    levels = _behind(made, top, behind)
    made.box(key=START, column=levels + 1, label=top.serial or top.lot, detail=short_grams(top.fine_mg), kind="lot")
    blends = [Heading(x(1), "Mélanges", "blends")] if levels else []
    made.headings = [Heading(0, "Sociétés", "societies"), *blends, Heading(x(levels + 1), "Ce lot", "this lot")]
    if now and not (len(now) == 1 and now[0][0].lot == top.lot):
        _ahead(made, top, now, between, levels + 1)
    place(made)
    return made


def _behind(made: Drawing, top: Row, behind: Sequence[Ancestor]) -> int:
    """Boxes and flows of where it came from; how many columns of steps there are."""
    if not top.formed_in:
        _sources(made, {(top.society, START): 1.0}, {top.society: 1})
        return 0
    into: dict[str, list[Ancestor]] = defaultdict(list)
    for row in behind:
        into[row.spent_in].append(row)
    order = shares.downwards(top.formed_in, shares.below({t: ancestry.inputs(taken) for t, taken in into.items()}))
    depth = _depths(order, into)
    levels = max(depth.values()) + 1
    each = len(order) <= MOST_STEPS
    names = {t: f"step:{t}" if each else f"level:{depth[t]}" for t in order}
    flows: Flows = defaultdict(float)
    sources: Flows = defaultdict(float)
    receipts: dict[str, set[str]] = defaultdict(set)
    weight: dict[str, float] = defaultdict(float, {top.formed_in: 1.0})
    for t in order:
        whole = sum(r.fine_mg for r in into[t])
        for row in into[t]:
            part = weight[t] * (row.fine_mg / whole if whole else 1 / len(into[t]))
            if row.formed_in:
                weight[row.formed_in] += part
                flows[names[row.formed_in], names[t]] += part
            else:
                sources[row.society, names[t]] += part
                receipts[row.society].add(row.lot)
    counted: dict[str, list[str]] = defaultdict(list)
    for t in order:
        counted[names[t]].append(t)
    for name, steps in counted.items():
        taken = sum(len(into[t]) for t in steps)
        made.box(key=name, column=levels - depth[steps[0]], label=steps[0] if each else f"{number(len(steps))} mélange{'s' if len(steps) > 1 else ''}",
                 detail=f"{number(taken)} lot{'s' if taken > 1 else ''}", kind="step")
    made.flows |= {**flows, (names[top.formed_in], START): 1.0}
    _sources(made, sources, {society: len(lots) for society, lots in receipts.items()})
    return levels


def _depths(order: Sequence[str], into: Mapping[str, Sequence[Ancestor]]) -> dict[str, int]:
    """How many steps, at most, lie between a step and the lot."""
    depth = dict.fromkeys(order, 0)
    for t in order:
        for row in into[t]:
            if row.formed_in:
                depth[row.formed_in] = max(depth[row.formed_in], depth[t] + 1)
    return depth


def _sources(made: Drawing, sources: Mapping[tuple[str, str], float], receipts: Mapping[str, int]) -> None:
    """The largest societies by name, the others together."""
    total: dict[str, float] = defaultdict(float)
    for (society, _), part in sources.items():
        total[society] += part
    by_size = sorted(total, key=lambda s: (-total[s], s))
    named = set(by_size if len(by_size) <= MOST else by_size[:MOST - 1])
    for society in by_size:
        if society in named:
            n = receipts[society]
            made.box(key=f"society:{society}", column=0, label=society, detail=f"{number(n)} réception{'s' if n > 1 else ''}", kind="society")
    if rest := [s for s in by_size if s not in named]:
        made.box(key=f"society:{OTHERS}", column=0, label=f"{number(len(rest))} autres", detail=f"{number(sum(receipts[s] for s in rest))} réceptions",
                 kind="society", last=True)
    flows: Flows = defaultdict(float)
    for (society, step), part in sources.items():
        flows[f"society:{society if society in named else OTHERS}", step] += part
    made.flows |= flows


def _ahead(made: Drawing, top: Row, now: Sequence[tuple[Row, int]], between: int, column: int) -> None:
    whole = top.fine_mg or 1
    made.box(key=MIDDLE, column=column + 1, label=f"{number(between)} étape{'s' if between > 1 else ''}", detail="", kind="step")
    by_size = sorted(now, key=lambda item: (-item[1], item[0].lot))
    shown = by_size if len(by_size) <= MOST else by_size[:MOST - 1]
    for row, mg in shown:
        made.box(key=f"now:{row.lot}", column=column + 2, label=row.serial or row.lot, detail=f"{short_grams(mg)} d'ici", kind="bar" if row.serial else "now",
                 href=f"/gold/lots/{row.lot}")
        made.flows[MIDDLE, f"now:{row.lot}"] = mg / whole
    if rest := by_size[len(shown):]:
        mass = sum(mg for _, mg in rest)
        made.box(key=f"now:{OTHERS}", column=column + 2, label=f"{number(len(rest))} autres lots", detail=f"{short_grams(mass)} d'ici", kind="now", last=True)
        made.flows[MIDDLE, f"now:{OTHERS}"] = mass / whole
    made.flows[START, MIDDLE] = 1.0
    made.headings += [Heading(x(column + 1), "Ensuite", "then"), Heading(x(column + 2), "Aujourd'hui dans", "now in")]
