"""The process of assessment on PostgreSQL: the same statements, the same findings."""
import json
from pathlib import Path
from typing import Any

from services.membership.application import open_service
from services.membership.findings import around
from shared import process, service
from shared.config import Config
from shared.rebuild import rebuild
from shared.testing import OFFICER

ROW = {"name": "Awa Exemple", "organisation": "dabia"}
FACTS: list[tuple[str, dict[str, Any]]] = [
    ("register-district", {"district": "kangaba", "name": "Kangaba"}),
    ("found-organisation", {"organisation": "dabia", "level": "base", "form": "SCOOPS", "name": "SCOOPS Dabia", "occurred_on": "2020-01-01"}),
    ("register-miners", {"rows": [{"miner": f"m-00000{n}", "admitted_on": f"2020-0{n + 1}-01", **ROW} for n in range(6)]}),
    ("notice-withdrawal", {"miner": "m-000000", "organisation": "dabia", "received_on": "2021-01-10"}),
    ("grant-corridor", {"corridor": "c1", "name": "C1", "district": "Kangaba", "valid_until": "2024-12-31"}),
    ("assign-corridor", {"corridor": "c1", "organisation": "dabia", "occurred_on": "2020-06-01"}),
    ("extend-corridor", {"corridor": "c1", "valid_until": "2025-12-31"})]


def test_the_process_finds_on_postgresql_what_it_finds_elsewhere(database: str, tmp_path: Path) -> None:
    config = Config(var=tmp_path, database=database)
    service.migrate(config, ["membership"])
    membership = open_service(config)
    try:
        membership.prepare()
        for n, (name, body) in enumerate(FACTS):
            membership.handle(name, body, OFFICER, f"fact-{n}", "test")
        assessment = membership.view("assessment")

        def look() -> None:
            while assessment.step():
                pass
            while process.perform(assessment, membership.do, "2999-01-01T00:00:00.000Z"):
                pass

        look()
        found = {}
        for rule in ("OH-01", "OH-05", "OH-31", "ML-02"):
            told = [json.loads(row.state)["data"] for row in membership.log.load(f"finding/dabia:{rule}")]
            found[rule] = [(b["from"], b.get("until")) for b in told[-1]["breaches"]]
        assert found == {"OH-01": [("2020-01-01", "2020-05-01")], "OH-05": [("2020-04-01", None)], "OH-31": [("2022-01-11", None)],
                         "ML-02": [("2026-01-01", None)]}
        head, known = membership.log.own_head(), around.read(assessment, "dabia")
        rebuild([assessment])
        look()
        assert (membership.log.own_head(), around.read(assessment, "dabia")) == (head, known)
    finally:
        membership.close()
