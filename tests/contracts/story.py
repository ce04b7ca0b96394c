"""One story in which every event of every service happens, told through today's commands."""
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from services.gold_trade.application import open_service as gold_trade
from services.membership.application import open_service as membership
from services.reporting import webhook, webhook_secret
from services.reporting.application import open_service as reporting
from services.training.application import open_service as training
from shared import dead_letters, restore
from shared.application import New
from shared.port import Port
from tests.peers import Together

SOURCE = {"document": "minutes", "section": "1", "row": "2"}
META = {"occurred_on": "2024-11-17", "reason": "assembly", "device": "tablet-1", "place": "Kéniéba", "source": SOURCE}


class Told(NamedTuple):
    name: str
    state: bytes


class DeadLine(Port):
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
        _mishaps(world)
        _webhook(world)
        return [Told(i.name, i.state) for s in world.services.values() for i in s.chain.read(0, 10_000)]


def _once(world: Together) -> None:
    world.carry()
    world.fold()
    world.act()


class Open(Port):
    """Takes everything to the log's end."""

    def send(self, id: str, body: Mapping[str, Any]) -> str:
        return "1000 1"


def _webhook(world: Together) -> None:
    """Registered, verified by its owner, out of reach for too long, enabled again, told."""
    def say(command: str, **body: Any) -> None:
        world.command("reporting", command, webhook="chamber", **body)

    reporting = world["reporting"]
    told, reporting.ports = reporting.ports, {"webhook": DeadLine()}
    say("register-webhook", url="https://mines.example.org/sanu", events=["membership.*"], description="counts")
    _once(world)
    say("verify-webhook", challenge=webhook_secret.challenge(reporting.key_store, webhook.stream("officer-1", "chamber")))
    say("rotate-webhook-secret")
    told["webhook"].give_up({"webhook": webhook.stream("officer-1", "chamber")}, "line dead")
    say("enable-webhook")
    say("replay-webhook", after="1")
    reporting.ports = {"webhook": Open()}
    world.settle()
    reporting.ports = told


def _poison(world: Together) -> None:
    """An event that reporting's view of districts cannot read, and the decision to leave it out."""
    world["membership"]._append("district/odd", "", lambda h: [New("district/odd", "membership.DistrictRegistered", {"district": "odd"})])
    _once(world)
    world["reporting"].skip("districts", "a mistake of an import", "officer-1")


def _mishaps(world: Together) -> None:
    """Each service is sent bytes that nobody signed, and is restored from a copy of which nobody holds more."""
    for name, s in world.services.items():
        with world.feeds.patched():
            s.inbox.take(s.others[0], [({}, b"not ours")])
        dead_letters.discard(s, dead_letters.listed(s)[0].id, "sent by a test program", "operator-1")
        restore.start_epoch(s, restore.ask_in_process(world.services, name), "operator-1", "the disk of the other copy is gone")


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
