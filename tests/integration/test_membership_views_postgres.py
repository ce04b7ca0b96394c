"""The views of membership on PostgreSQL: the same statements, the same rows and the same answers as on SQLite."""
import random
from pathlib import Path
from typing import Any

from services.membership import directory, land_register
from services.membership.application import open_service
from services.membership.projections import findings
from shared import service
from shared.config import Config
from shared.projection import reading
from shared.rebuild import rebuild
from shared.service import Service
from tests.peers import Together
from tests.unit.membership.test_views import TODAY, TRIED, interleaved, rows, tell


def answers(of: Service) -> list[Any]:
    """One of each query; positions, which differ, are left out."""
    pages = [directory.listed(of, TODAY, after, 2, **filters) for after in ("", "dabia") for filters in (
        {}, {"q": "dabya"}, {"q": "%"}, {"district": "kangaba", "level": "base"}, {"status": "merged"}, {"parent": "union"})]
    whole = {slug: directory.one(of, slug, TODAY) for slug in ("dabia", "union", "copy", "unknown")}
    lines = [{**line, "position": 0} for one in whole.values() for line in one.pop("timeline")]
    older = directory.one(of, "dabia", TODAY, ("2022-01-01", 10**6), 3)["timeline"]
    with reading(of.views) as seen:
        tables = seen.tables["findings"], seen.tables["organisations"]
        found = [findings.open_ones(seen.tx, *tables, day, rule=rule, after=after) for day in ("2021-06-01", "2024-02-15", TODAY)
                 for rule in ("", "OH-05") for after in ("", "dabia:OH-05")]
        found.append(findings.rules(seen.tx, *tables, "2021-06-01", "kangaba"))
    land = [land_register.read(of, TODAY, district, after) for district in ("", "kangaba") for after in ("", "copy")]
    return [pages, whole, sorted(lines, key=repr), [line["event"] for line in older], found, land, directory.tree(of, TODAY), directory.districts(of)]


def test_m1_the_views_hold_and_answer_on_postgresql_what_they_do_elsewhere(database: str, tmp_path: Path) -> None:
    told = interleaved(3)
    with Together(tmp_path / "sqlite", open_service) as world:
        tell(world["membership"], told, random.Random(1))
        expected = rows(world["membership"]), answers(world["membership"])
    config = Config(var=tmp_path / "postgres", database=database)
    service.migrate(config, ["membership"])
    membership = open_service(config)
    try:
        membership.prepare()
        tell(membership, told, random.Random(2))
        assert rows(membership) == expected[0]
        assert answers(membership) == expected[1]
        rebuild([p for p in membership.views if type(p.view) in TRIED], page=4)
        assert (rows(membership), answers(membership)) == expected
    finally:
        membership.close()
