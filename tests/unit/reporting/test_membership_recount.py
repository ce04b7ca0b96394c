"""The figures about membership are the naive recount of membership's log, at any date on both axes, whatever was corrected, and again after a rebuild."""
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.reporting.figures import completeness, growth, members
from services.reporting.figures.asked import END_OF_TIME, Asked
from shared.rebuild import rebuild
from shared.testing import Clock
from tests.unit.reporting.raw_events import Raw, change, keyed

ORGANISATIONS = ("o0", "o1", "o2", "o3")
DISTRICTS = ("kangaba", "kenieba", "")
DAYS = ("2019-12-31", "2020-01-01", "2020-01-31", "2021-06-15", "2023-02-28", "2024-11-30")
TIMES = ("2025-01-01T08:00:00.000", "2025-03-01T08:00:00.000", "2024-12-01T08:00:00.000", "2025-06-01T08:00:00.000")      # clocks may be put back
PERSON = st.fixed_dictionaries({}, optional={"sex": st.sampled_from(("female", "male")), "birth_year": st.sampled_from((1950, 1970, 1985, 1995, 2004, 2010))})
DATES = [(as_of, known_at) for as_of in ("2019-12-31", "2020-01-15", "2022-01-01", "2025-01-01") for known_at in ("", "2025-02-01T00:00:00.000Z")]
BY = (("district",), ("sex",), ("age_band",), ("level",), ("organisation",), ("district", "sex"), ("age_band", "district"), ("sex", "organisation"))

step = st.fixed_dictionaries({
    "what": st.sampled_from(("admit", "admit", "admit", "leave", "correct", "found", "move", "end", "merge")), "miner": st.integers(0, 5),
    "organisation": st.sampled_from(ORGANISATIONS), "district": st.sampled_from(DISTRICTS), "day": st.sampled_from(DAYS), "other": st.sampled_from(DAYS),
    "person": PERSON, "time": st.sampled_from(TIMES)})
ENDED = "ended"


def tales(test: Callable[[list[dict[str, Any]]], None]) -> Callable[[], None]:
    return settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))(given(st.lists(step, min_size=5, max_size=25))(test))


def tell(raw: Raw, clock: Clock, s: dict[str, Any], founded: dict[str, str]) -> None:
    """One step of a tale; members may be said to leave who never came, so that a figure may lie below nothing: it is a sum all the same."""
    clock.set(s["time"])
    miner, organisation, day, person = f"m-{s['miner']:06}", s["organisation"], s["day"], s["person"]
    match s["what"]:
        case "found" if organisation not in founded:
            founded[organisation] = s["district"]
            raw.founds(organisation, day, s["district"])
        case "move" if founded.get(organisation, ENDED) not in (ENDED, s["district"]):
            raw.moves(organisation, "2022-06-01", founded[organisation], s["district"])
            founded[organisation] = s["district"]
        case "end" if founded.get(organisation, ENDED) != ENDED:
            where = {"district": founded[organisation]} if founded[organisation] else {}
            raw.tells("OrganisationDissolved", f"organisation/{organisation}", "2024-12-01", organisation=organisation,
                      counts=[{"level": "base", "from": "2024-12-01", "delta": -1, **where}])
            founded[organisation] = ENDED
        case "leave":
            raw.leaves(miner, organisation, day, **person)
        case "correct":
            raw.tells("MinerFactCorrected", f"miner/{miner}", miner=miner, corrects="e", fact="MinerAdmitted", old={}, new={},
                      members=[change(organisation, day, -1, **person), change(organisation, s["other"], 1, **person)])
        case "merge":
            raw.tells("MinerMerged", f"miner/{miner}", miner=miner, into="m-000009", decision="d",
                      members=[change(organisation, day, -1, **person)])
        case _:
            raw.admits(miner, organisation, day, **person)


@contextmanager
def told(tale: list[dict[str, Any]]) -> Iterator[Raw]:
    with tempfile.TemporaryDirectory() as var, Clock("2024-01-01T00:00:00.000Z").patched() as clock, Raw(Path(var)) as raw:
        founded: dict[str, str] = {}
        for s in tale:
            tell(raw, clock, s, founded)
        raw.carried()
        yield raw


def figures(raw: Raw, asked: Asked, by: tuple[str, ...]) -> dict[tuple[str, ...], int]:
    table, _ = members.read(raw.reporting, asked, by, limit=500)
    return {tuple(row[d] or "" for d in by): row["count"] for row in table["rows"]}


@tales
def test_m4_members_are_the_recount_by_every_dimension_on_both_axes(tale: list[dict[str, Any]]) -> None:
    with told(tale) as raw:
        log = raw.log()
        for _ in ("live", "rebuilt"):
            for as_of, known_at in DATES:
                for by in BY:
                    counts, _events = keyed(log, as_of, known_at or END_OF_TIME, by)
                    assert figures(raw, Asked(as_of=as_of, known_at=known_at), by) == counts, (by, as_of, known_at)
            rebuild(raw.reporting.views, page=7)


@tales
def test_r2_the_events_named_are_those_that_make_the_figure(tale: list[dict[str, Any]]) -> None:
    with told(tale) as raw:
        log, by = raw.log(), ("district", "age_band")
        for as_of, known_at in DATES[-4:]:
            asked, (_, expected) = Asked(as_of=as_of, known_at=known_at), keyed(log, as_of, known_at or END_OF_TIME, by)
            table, _ = members.read(raw.reporting, asked, by)
            for row in table["rows"]:
                key = {d: row[d] or "" for d in by}
                found, after = [], 0
                while True:
                    page, behind = members.events_behind(raw.reporting, asked, key, after, 3)
                    found += page["events"]
                    if not behind:
                        break
                    after = int(behind)
                assert found == expected[tuple(key.values())]
                assert row["events"] == list(dict.fromkeys((found[0], found[-1])))


@tales
def test_m4_growth_is_the_recount_of_comings_and_goings(tale: list[dict[str, Any]]) -> None:
    with told(tale) as raw:
        log = raw.log()
        for as_of, known_at in DATES:
            rows = growth.read(raw.reporting, Asked(as_of=as_of, known_at=known_at), "2019-12", "2024-12")["rows"]
            for of in ("miner", "base"):
                mine = [row for row in rows if row["of"] == of]
                said = [(r["month"], r["new"], r["left"], r["closing"]) for r in mine]
                assert said == recounted(log, of, as_of, known_at or END_OF_TIME, [r["month"] for r in mine])
                assert all(a["closing"] == b["opening"] for a, b in pairwise(mine))


def recounted(log: list[dict[str, Any]], of: str, as_of: str, known_at: str, months: list[str]) -> list[tuple[str, int, int, int]]:
    net: Counter[tuple[str, str]] = Counter()
    for e in log:
        if e["recorded_at"] > known_at:
            continue
        for c in e["data"].get("members" if of == "miner" else "counts", ()):
            if c["from"] <= as_of:
                net[e["data"].get("miner") or e["data"]["organisation"], c["from"]] += c["delta"]
    result = []
    for month in months:
        of_month = [n for (_, day), n in net.items() if day[:7] == month]
        result.append((month, sum(n for n in of_month if n > 0), -sum(n for n in of_month if n < 0), sum(n for (_, day), n in net.items() if day[:7] <= month)))
    return result


@tales
def test_m4_completeness_counts_each_person_once(tale: list[dict[str, Any]]) -> None:
    with told(tale) as raw:
        log = raw.log()
        for as_of, known_at in DATES:
            people, sexed, born = Counter[str](), Counter[str](), Counter[str]()
            for e in log:
                for c in e["data"].get("members", ()):
                    if c["from"] <= as_of and e["recorded_at"] <= (known_at or END_OF_TIME):
                        for counter, counts in ((people, True), (sexed, "sex" in c), (born, "birth_year" in c)):
                            counter[e["data"]["miner"]] += c["delta"] if counts else 0
            rows = completeness.read(raw.reporting, Asked(as_of=as_of, known_at=known_at))["rows"]
            of = {row["what"]: (row["recorded"], row["total"]) for row in rows if row["of"] == "miner"}
            for what, counter in (("sex", sexed), ("birth_year", born)):
                assert of.get(what, (0, 0)) == (sum(n > 0 for who, n in counter.items() if people[who] > 0), sum(n > 0 for n in people.values()))


@tales
def test_r6_pages_of_organisations_join_to_the_whole(tale: list[dict[str, Any]]) -> None:
    with told(tale) as raw:
        asked, by = Asked(as_of="2025-01-01"), ("organisation", "sex")
        rows: list[dict[str, Any]] = []
        after = ""
        while True:
            page, behind = members.read(raw.reporting, asked, by, after, 1)
            rows += page["rows"]
            if not behind:
                break
            after = behind
        whole, _ = members.read(raw.reporting, asked, by, limit=500)
        assert rows == whole["rows"]
        assert whole["total"] == page["total"] == sum(row["count"] for row in whole["rows"])
