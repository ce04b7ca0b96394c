"""Where miners are, on PostgreSQL: the same statements and the same answers as on SQLite."""
from pathlib import Path

from services.membership.application import open_service
from services.reporting.projections.placement import homed
from services.reporting.projections.presence import Presence
from shared import service, tables
from shared.config import Config
from shared.rebuild import rebuild
from tests.unit.membership.test_miners_view import THERE, append, tangled, whereabouts

CAME = [("ended", "kangaba", "2020-01-01", 1), ("ended", "kangaba", "2022-01-01", -1), ("three", "kenieba", "2020-01-01", 1),
        ("three", "kenieba", "2023-01-01", -1), ("three", "kadiolo", "2023-01-01", 1)]


def test_m9_the_view_of_miners_says_on_postgresql_where_they_are(database: str, tmp_path: Path) -> None:
    config = Config(var=tmp_path / "postgres", database=database)
    service.migrate(config, ["membership"])
    membership = open_service(config)
    try:
        membership.prepare()
        append(membership, tangled(3))
        live = membership.view("miners")
        live.page = 3
        while live.step():
            pass
        assert whereabouts(membership) == THERE
        rebuild([live])
        assert whereabouts(membership) == THERE
    finally:
        membership.close()


def test_m4_members_are_sorted_on_postgresql_by_where_their_society_was_last(database: str, tmp_path: Path) -> None:
    config = Config(var=tmp_path / "postgres", database=database)
    service.migrate(config, ["reporting"])
    of = tables.open_tables(config, "reporting")
    table = {"": "presence_1_1", "part": "presence_1_1_part"}.__getitem__
    with of.transaction() as tx:
        for suffix, columns in Presence.tables.items():
            tx.execute(f"CREATE TABLE {table(suffix)} ({columns})")
        tx.load(table(""), ("organisation", "district", "level", "day", "delta", "event", "recorded_at", "position"),
                [(organisation, district, "base", day, delta, "e", "2024", n) for n, (organisation, district, day, delta) in enumerate(CAME)])
        tx.load(table("part"), ("organisation", "into_", "recorded_at"), [("one", "two", "2024"), ("two", "three", "2024")])
    try:
        assert sorted(of.query(homed(table), ("2024-01-01", "2025"))) == [
            ("ended", "kangaba", "base"), ("one", "kadiolo", "base"), ("three", "kadiolo", "base"), ("two", "kadiolo", "base")]
        assert sorted(of.query(homed(table), ("2022-01-01", "2023"))) == []
    finally:
        of.close()
