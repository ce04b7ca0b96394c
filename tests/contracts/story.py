"""One story in which every event of every service happens, told through today's commands."""
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from services.gold_trade.application import open_service as gold_trade
from services.membership.application import open_service as membership
from services.reporting.application import open_service as reporting
from services.training.application import open_service as training
from shared.application import New
from tests.peers import Together

SOURCE = {"document": "minutes", "section": "1", "row": "2"}
META = {"occurred_on": "2024-11-17", "reason": "assembly", "device": "tablet-1", "place": "Kéniéba", "source": SOURCE}


class Told(NamedTuple):
    name: str
    state: bytes


class DeadLine:
    def send(self, id: str, body: Mapping[str, Any]) -> str:
        raise ConnectionError("line dead")


def tell(var: Path) -> list[Told]:
    """Every own event of every service, in log order."""
    with Together(var, membership, training, gold_trade, reporting) as world:
        _membership(world)
        world.command("gold_trade", "register-actor", actor="marena-gold", kind="refinery", name="Raffinerie",
                      agreement={"title": "Partenariat", "purpose": ["purchase"], "state": "stated"}, **META)
        world.command("training", "record-activity", activity="A1", title="Kits", kind="kit_distribution", role="organised", topics=["covid-19"],
                      places=["Kéniéba"], partners=["BIT"], figures=[{"count": 80, "of": "sites"}], **META)
        world.command("training", "record-need", organisation="dabia", topic="first-aid", basis="seen on site", **META)
        office, world["training"].ports = world["training"].ports, {"office": DeadLine()}
        _once(world)
        world["training"].ports = office
        world.settle()
        _poison(world)
        return [Told(i.name, i.state) for s in world.services.values() for i in s.chain.read(0, 10_000)]


def _once(world: Together) -> None:
    world.carry()
    world.fold()
    world.act()


def _poison(world: Together) -> None:
    """An event that reporting's view of districts cannot read, and the decision to leave it out."""
    world["membership"]._append("district/odd", "", lambda h: [New("district/odd", "membership.DistrictRegistered", {"district": "odd"})])
    _once(world)
    world["reporting"].skip("districts", "a mistake of an import", "officer-1")


def _membership(world: Together) -> None:
    def say(command: str, **body: Any) -> str:
        return str(world.command("membership", command, **{**META, **body}).events[0]["id"])

    say("register-region", region="kayes", name="Kayes")
    say("register-district", district="kenieba", name="Kéniéba", aliases=["Kenieba-ville"], rank=1, region="kayes")
    say("register-district", district="kangaba", name="Kangaba")
    say("record-place-alias", kind="district", slug="kenieba", alias="KENIEBA CERCLE", evidence="map")
    say("found-organisation", organisation="union-1", level="union", name="Union")
    founded = say("found-organisation", organisation="dabia", level="base", name="Dabia", form="SCOOPS", acronym="D", aliases=["Dabya"],
                  district="KENIEBA", commune="Dabia", occurred_on="2020-05")
    say("register-organisation", organisation="dabia", number="N2019 D9C6/0099/B", journal="N°1761")
    say("affiliate-organisation", organisation="dabia", parent="union-1")
    say("detach-organisation", organisation="dabia", parent="union-1")
    say("rename-organisation", organisation="dabia", name="Dabia II")
    say("record-organisation-alias", organisation="dabia", alias="Dabya", evidence="minutes")
    say("move-organisation", organisation="dabia", district="Kangaba", commune="Narena")
    say("suspend-organisation", organisation="dabia")
    say("reinstate-organisation", organisation="dabia")
    ended = say("dissolve-organisation", organisation="dabia")
    say("correct-organisation-fact", organisation="dabia", event=founded, new_occurred_on="2019-11", district="Kangaba")
    say("withdraw-organisation-fact", organisation="dabia", event=ended)
    say("name-representative", organisation="dabia", function="president", name="Awa Diarra")
    say("declare-count", declaration="d1", measure="union", count=15, as_of="2024-11", district="KENIEBA")
    say("declare-count", declaration="d2", measure="base", count=247, as_of="2024-11")
    say("correct-declaration", declaration="d1", count=17, as_of="2024-11-30")
    say("withdraw-declaration", declaration="d2")
