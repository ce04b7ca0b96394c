"""What seals and devices leave in the views of gold_trade is on PostgreSQL what it is on SQLite."""
from pathlib import Path
from typing import Any

from services.gold_trade import events
from services.gold_trade.application import open_service
from services.gold_trade.metal import lot as lots
from services.gold_trade.projections import devices, holds
from shared import service
from shared.application import New
from shared.config import Config
from shared.testing import OFFICER
from tests.integration.test_custody import receive, say


def test_g2_seals_that_prove_wrong_and_the_numbers_of_a_device(database: str, tmp_path: Path) -> None:
    config = Config(var=tmp_path / "postgres", database=database)
    service.migrate(config, ["gold_trade"])
    gold = open_service(config)
    world: Any = {"gold_trade": gold}
    try:
        gold.prepare()
        for name in ("old", "used", "there"):
            receive(world, name)
            say(world, "seal-parcel", parcel=f"p-{name}", tag=f"x-{name}-1", custodian="comptoir", lots=[name])
        for name in ("old", "used"):
            say(world, "transform-lots", transformation=f"t-{name}", step="melt", custodian="comptoir", inputs=[name],
                outputs=[{"lot": f"m-{name}", "gross_mg": 12_500}])
        data = {"lot": "old", "parcel": "p-old", "matches": False}
        gold._append(lots.stream("old"), "", lambda h: [New(lots.stream("old"), events.LOT_UNSEALED, data)])
        for name in ("used", "there"):
            say(world, "open-parcel", parcel=f"p-{name}", tag_found="x-other-1")
        say(world, "register-device", device_id="tab", actor="comptoir", key="A" * 43)
        refused = {"device_id": "tab", "sequence": 3, "command": "x", "why": "écrit deux fois"}
        gold.handle("refuse-record", refused, OFFICER, "refused", "test")
        for view in gold.views:
            while view.step():
                pass
        with gold.view("holds").reading() as (tx, table, _):
            found = holds.of(tx, table, ["old", "m-old", "used", "m-used", "there"])
            assert {lot for lot, all_ in found.items() if "seal-mismatch" in {h["rule"] for h in all_}} == {"m-used", "there"}
        with gold.view("devices").reading() as (tx, table, _):
            assert devices.gaps(tx, table, "tab")["missing"] == [1, 2]
    finally:
        gold.close()
