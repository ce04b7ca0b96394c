"""The season is the same every time, all of it invented, and says of both dates what the report says."""
import json
from collections import Counter
from typing import Any

from installation import demo, season
from installation.season import places

FACTS = season.facts()
FOUNDED = [f["body"] for f in FACTS if f["command"] == "found-organisation"]


def test_it_is_the_same_every_time_and_each_fact_has_a_key_of_its_own() -> None:
    assert json.dumps(season.facts()) == json.dumps(FACTS)
    assert max(Counter(f["id"] for f in FACTS).values()) == 1 and all(f["id"].startswith("season.") for f in FACTS)


def test_all_of_it_is_plainly_invented_and_cites_nothing_real() -> None:
    assert {json.dumps(f["body"]["source"]) for f in FACTS} == {json.dumps(places.SOURCE)}
    rows = [row for f in FACTS for row in f["body"].get("rows", ())]
    assert len(rows) == 1500 and all("Synthétique" in row["name"] for row in rows)
    assert all("synthétique" in body["name"] for body in FOUNDED)
    assert len({body["name"] for body in FOUNDED}) == len(FOUNDED)


def test_there_are_renamed_suspended_corrected_moved_merged_and_dissolved_ones() -> None:
    happened = Counter(f["command"] for f in FACTS)
    assert all(happened[c] >= 2 for c in ("rename-organisation", "suspend-organisation", "reinstate-organisation", "correct-organisation-fact",
                                          "move-organisation", "merge-organisations", "dissolve-organisation", "notice-withdrawal", "grant-corridor"))


def test_a_naive_count_gives_the_reports_table() -> None:
    """Those in being at last, by where they are at last."""
    names = {name: district for district, name in places.names().items()}
    where: dict[str, tuple[str, str]] = {}
    for f in FACTS:
        body: dict[str, Any] = f["body"]
        match f["command"]:
            case "found-organisation" if "district" in body:
                where[body["organisation"]] = (names[body["district"]], body["level"])
            case "move-organisation" | "correct-organisation-fact" if "district" in body:
                where[body["organisation"]] = (names[body["district"]], where[body["organisation"]][1])
            case "merge-organisations" | "dissolve-organisation":
                del where[body["organisation"]]
    counted = Counter(where.values())
    assert {d: {c: counted[d, level] for level, c in places.COLUMN.items()} for d in places.names()} == places.stated()
    assert {c: sum(row[c] for row in places.stated().values()) for c in demo.COLUMNS} == demo.EXPECTED["2024-11-30"]


def test_every_federation_joins_two_unions_and_every_union_two_societies() -> None:
    joined = Counter(f["body"]["parent"] for f in FACTS if f["command"] == "affiliate-organisation")
    assert all(joined[body["organisation"]] >= 2 for body in FOUNDED if body["level"] in ("union", "federation"))
