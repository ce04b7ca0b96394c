"""The spans of days that a rule is broken on are those that a look at every single day gives."""
import datetime as dt
import itertools
from dataclasses import dataclass
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from services.membership import events, standing
from services.membership.findings import rules, standings
from services.membership.findings.around import Around, Change, Clock, Held
from services.membership.findings.assessment import assess
from services.membership.findings.finding import Finding
from services.membership.findings.spans import Span, after, both, gaps, joined, where
from tests.unit.membership.facts import dissolved, fact, founded, moved

LAST = 40
START = dt.date(2024, 1, 1)
NAMES = ("Dabia", "SCOOPS Dabia")
LEAST, MOST, DAYS = 2, 3, 6
RULES = {rule.id: rule for rule in (
    msgspec.structs.replace(rules.table()["OH-01"], parameters={"least": LEAST, "kinds": ["miner", "base"], "founders": True}),
    msgspec.structs.replace(rules.table()["CMM-01"], parameters={"most": MOST, "kinds": ["miner"]}, territory=("kangaba",)),
    msgspec.structs.replace(rules.table()["OH-03"], effective_from="2024-01-05", effective_to="2024-01-30"),
    msgspec.structs.replace(rules.table()["OH-05"], parameters={"days": DAYS}),
    rules.table()["OH-05b"], rules.table()["OH-31"], rules.table()["ML-02"])}

days = st.integers(0, LAST - 1)
dated = st.tuples(days, days).map(sorted).map(tuple)


def day(n: int) -> str:
    return (START + dt.timedelta(n)).isoformat()


@dataclass
class Life:
    """What is so of one organisation, in the plainest words."""

    founded: int
    ended: int | None
    moves: list[tuple[int, str]]
    names: list[tuple[int, str]]
    registers: list[tuple[int, str]]
    rests: list[tuple[int, bool]]
    members: list[tuple[str, int, int | None]]
    founders: int | None
    held: list[tuple[int, int]]
    clocks: list[tuple[int, int | None]]


def of_day(values: Any) -> Any:
    """One thing a day, in order: two would leave it to the order of telling."""
    return st.dictionaries(days, values, max_size=4).map(lambda d: sorted(d.items()))


lives = st.builds(
    Life, founded=days, ended=days | st.none(), moves=of_day(st.sampled_from(["kangaba", "kenieba"])), names=of_day(st.sampled_from(NAMES)),
    registers=of_day(st.sampled_from(["RSC", "RCCM"])), rests=of_day(st.booleans()),
    members=st.lists(st.tuples(st.sampled_from(["miner", "base", "union"]), days, days | st.none()), max_size=8).map(
        lambda told: [(kind, i, o if o is None or o >= i else None) for kind, i, o in told]),
    founders=st.integers(0, 4) | st.none(), held=st.lists(dated, max_size=3), clocks=st.lists(st.tuples(days, days | st.none()), max_size=3))


def organisation(life: Life) -> standing.Organisation:
    told = [founded(on=day(life.founded), form="SCOOPS", name=NAMES[0], district="kenieba"), *(moved(where_, on=day(n)) for n, where_ in life.moves),
            *(fact(events.ORGANISATION_RENAMED, on=day(n), name=name) for n, name in life.names),
            *(fact(events.ORGANISATION_REGISTERED, on=day(n), number="1", normalised="1", register=register) for n, register in life.registers),
            *(fact(events.ORGANISATION_SUSPENDED if rests else events.ORGANISATION_REINSTATED, on=day(n)) for n, rests in life.rests),
            *([fact(events.CONSTITUTIVE_ASSEMBLY_HELD, on=day(life.founded), founder_count=life.founders)] if life.founders is not None else []),
            *([dissolved(on=day(life.ended))] if life.ended is not None else [])]
    state = standing.evolve(told)
    assert state
    return state


def around(life: Life) -> Around:
    changes = [Change(kind, day(n), delta, "e") for kind, i, o in life.members for n, delta in ((i, 1), (o, -1)) if n is not None]
    clocks = [Clock(day(due), "" if paid is None else day(paid), "e") for due, paid in life.clocks]
    return Around(members=sorted(changes, key=lambda change: change.day), clocks=clocks,
                  corridors=[Held(Span(day(a), day(b + 1)), "e") for a, b in life.held])


def latest(told: list[tuple[int, Any]], n: int) -> Any:
    return ([value for d, value in told if d <= n] or [None])[-1]


def recorded(life: Life, n: int, *kinds: str) -> int:
    return sum(i <= n and (o is None or n < o) for kind, i, o in life.members if kind in kinds)


def in_being(life: Life, n: int) -> bool:
    ended = life.ended is not None and life.founded <= life.ended <= n
    return life.founded <= n and not ended


def broken(rule: str, life: Life, n: int) -> bool:
    """Looked at on day `n` alone."""
    if not in_being(life, n):
        return False
    match rule:
        case "OH-01":
            if not (life.founders or life.members):
                return False
            complete = any(recorded(life, d, "miner", "base") >= (life.founders or 0) for d in range(n + 1) if changes_on(life, d))
            return max(recorded(life, n, "miner", "base"), 0 if complete else life.founders or 0) < LEAST
        case "CMM-01":
            here = latest(sorted([(life.founded, "kenieba"), *((d, w) for d, w in life.moves if d >= life.founded)], key=lambda m: m[0]), n)
            return here == "kangaba" and recorded(life, n, "miner") > MOST
        case "OH-03":
            name = latest(sorted([(life.founded, NAMES[0]), *((d, w) for d, w in life.names if d >= life.founded)], key=lambda m: m[0]), n)
            return 4 <= n <= 29 and "SCOOPS" not in name
        case "OH-05":
            return n - life.founded > DAYS and not any(d <= n for d, _ in life.registers)
        case "OH-05b":
            return bool(latest(life.registers, n) == "RCCM")
        case "OH-31":
            return any(due < n and (paid is None or n < paid) for due, paid in life.clocks)
        case "ML-02":
            return not any(a <= n <= b for a, b in life.held)
    raise AssertionError(rule)


def changes_on(life: Life, n: int) -> bool:
    """Whether it was founded or a member came or went on day `n`: only then a number was stated."""
    return n == life.founded or any(n in (i, o) for kind, i, o in life.members if kind in ("miner", "base"))


def covered(spans: list[Span], n: int) -> bool:
    return any(s.start <= day(n) < s.until for s in spans)


@settings(max_examples=400, deadline=None)
@given(lives)
def test_the_days_of_every_rule_are_those_of_a_look_at_each_day(life: Life) -> None:
    table = {id_: msgspec.structs.replace(rule, effective_from=max(rule.effective_from, "2024-01-01")) for id_, rule in RULES.items()}
    found = assess(table, organisation(life), around(life))
    for rule in RULES:
        spans = [Span(b["from"], b.get("until", "9999-12-31")) for b in found[rule].breaches]
        assert [covered(spans, n) for n in range(LAST)] == [broken(rule, life, n) for n in range(LAST)], rule
        assert spans == sorted(spans) and all(a.until <= b.start for a, b in itertools.pairwise(spans))


@settings(max_examples=200, deadline=None)
@given(lives, st.lists(st.tuples(days, st.sampled_from(["answered", "lifted", "confirmed", "to check"])), max_size=3).map(sorted))
def test_the_standing_of_every_day_is_that_of_a_look_at_it(life: Life, said: list[tuple[int, str]]) -> None:
    state = organisation(life)
    found = {rule: Finding({"breaches": one.breaches}, tuple((day(n), what) for n, what in said) if rule == "ML-02" else ())
             for rule, one in assess(RULES, state, around(life)).items()}
    steps = standings.steps(state, found)
    for n in range(life.founded, LAST):
        rests = latest(life.rests, n) is True
        reasons = [] if not in_being(life, n) else [rule for rule, one in found.items() if one.state_at(day(n)) not in ("", "lifted", "expired")]
        expected = ("suspended", ["dissolved"]) if not in_being(life, n) else ("suspended", ["suspended"]) if rests else (
            ("to check", sorted(reasons)) if reasons else ("good", []))
        now = [s for s in steps if s["from"] <= day(n)][-1]
        assert (now["value"], now["why"]) == expected, day(n)


spans_ = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)).map(lambda t: Span(day(t[0]), day(t[1]))), max_size=4)


@given(spans_, spans_)
def test_spans_hold_the_days_of_both_of_either_and_of_neither(some: list[Span], others: list[Span]) -> None:
    for n in range(22):
        assert covered(joined(some), n) == covered(some, n)
        assert covered(both(some, others), n) == (covered(some, n) and covered(others, n))
        assert covered(gaps(some), n) == (not covered(some, n))


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), max_size=6).map(sorted))
def test_steps_hold_from_their_day_on(steps: list[tuple[int, bool]]) -> None:
    spans = where([(day(n), value) for n, value in steps], bool)
    for n in range(22):
        assert covered(spans, n) == bool(latest(steps, n))


def test_neighbours_are_one_span_and_empty_ones_none() -> None:
    assert joined([Span("2024-01-03", "2024-01-05"), Span("2024-01-01", "2024-01-03"), Span("2024-01-09", "2024-01-09")]) == [Span("2024-01-01", "2024-01-05")]


def test_the_calendar_has_an_end() -> None:
    assert after("2024-02-28", 2) == "2024-03-01"
    assert after("9999-12-01", 90) == "9999-12-31"
