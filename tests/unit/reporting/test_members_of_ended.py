"""The members of a society that ended, or was found to be a duplicate, are counted where it is, on both axes and again after a rebuild."""
from pathlib import Path

from services.reporting.figures import members
from services.reporting.figures.asked import Asked
from services.reporting.territory import sees
from shared.rebuild import rebuild
from shared.testing import Clock
from tests.unit.reporting.raw_events import Raw


def by_district(raw: Raw, as_of: str, known_at: str = "") -> dict[str, int]:
    table, _ = members.read(raw.reporting, Asked(as_of=as_of, known_at=known_at), ("district",))
    return {row["district"] or "": row["count"] for row in table["rows"] if row["count"]}


def merged(raw: Raw, organisation: str, into: str, district: str) -> None:
    raw.tells("OrganisationMerged", f"organisation/{organisation}", organisation=organisation, into=into, decision="PV", members=[],
              counts=[{"level": "base", "from": "2020-01-01", "delta": -1, "district": district}])


def test_members_are_counted_where_their_society_was_last_or_where_it_is_part_of(tmp_path: Path) -> None:
    with Clock("2025-03-03T08:00:00.000Z").patched() as clock, Raw(tmp_path) as raw:
        for organisation, district in (("ended", "kangaba"), ("one", "kangaba"), ("two", "kangaba"), ("three", "kenieba")):
            raw.founds(organisation, "2020-01-01", district)
            raw.admits(f"m-{organisation}001", organisation, "2020-06-01")
        raw.tells("OrganisationDissolved", "organisation/ended", "2022-01-01", organisation="ended",
                  counts=[{"level": "base", "from": "2022-01-01", "delta": -1, "district": "kangaba"}])
        clock.set("2025-03-04T08:00:00.000")
        merged(raw, "one", "two", "kangaba")
        merged(raw, "two", "three", "kangaba")
        raw.moves("three", "2023-01-01", "kenieba", "kadiolo")
        raw.carried()
        for _ in ("live", "rebuilt"):
            assert by_district(raw, "2021-01-01") == by_district(raw, "2022-06-01") == {"kangaba": 1, "kenieba": 3}
            assert by_district(raw, "2024-01-01") == {"kangaba": 1, "kadiolo": 3}
            assert by_district(raw, "2024-01-01", "2025-03-03T12:00:00.000Z") == {"kangaba": 3, "kenieba": 1}        # as was known on Monday
            assert sees(raw.reporting, ["district:kadiolo"], {"organisation": "one"}) and not sees(raw.reporting, ["district:kangaba"], {"organisation": "one"})
            assert sees(raw.reporting, ["district:kangaba"], {"organisation": "ended"})
            rebuild(raw.reporting.views)
