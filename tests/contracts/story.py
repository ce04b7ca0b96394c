"""One story in which every event of every service happens, told through today's commands."""
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from services.gold_trade.application import open_service as gold_trade
from services.membership.application import open_service as membership
from services.membership.miners import reading
from services.reporting import webhook, webhook_secret
from services.reporting.application import open_service as reporting
from services.training.application import open_service as training
from shared import dead_letters, event, process, restore
from shared.application import New
from shared.port import Port
from shared.testing import OFFICER
from tests.contracts import gold_story
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
        _findings(world)
        _membership(world)
        _land_and_agreements(world)
        _miners(world)
        world.command("gold_trade", "register-actor", actor="marena-gold", kind="refinery", name="Raffinerie",
                      agreement={"title": "Partenariat", "purpose": ["purchase"], "state": "stated"}, **META)
        gold_story.tell(world, **META)
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


def _findings(world: Together) -> None:
    """The process finds a name without its form; the union answers, and it is confirmed."""
    def say(command: str, **body: Any) -> None:
        world.command("membership", command, **{**META, "organisation": "union-2", **body})

    say("found-organisation", level="union", name="Union 2", form="COOP-CA")
    say("register-organisation", number="N2024/2")
    say("dissolve-organisation", occurred_on="2024-12-31")
    world.fold()
    world.act()
    say("answer-finding", rule="OH-03", answer="the statutes carry it")
    say("decide-finding", rule="OH-03", state="confirmed", decision="the minutes do not")


def _once(world: Together) -> None:
    world.carry()
    world.fold()
    world.act()


class Open(Port):
    """Takes everything to the log's end."""

    def send(self, id: str, body: Mapping[str, Any]) -> str:
        return "1000 1"


def _webhook(world: Together) -> None:
    """Registered, verified by its owner, out of reach for too long, enabled again, told, moved, removed."""
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
    say("change-webhook-url", url="https://mines.example.org/new")
    say("remove-webhook")
    world.settle()
    reporting.ports = told


def _poison(world: Together) -> None:
    """An event that no view of districts can read, and the decisions to leave it out."""
    world["membership"]._append("district/odd", "", lambda h: [New("district/odd", "membership.DistrictRegistered", {"district": "odd"})])
    _once(world)
    world["reporting"].skip("districts", "a mistake of an import", "officer-1")
    world["membership"].skip("places", "a mistake of an import", "officer-1")


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
    say("hold-constitutive-assembly", organisation="union-1", venue="Town hall", founders=["dabia"], founder_count=12, delegates_each=3)
    say("record-statutes", organisation="dabia", objects=["cooperative-spirit"], missions=["member-services"])
    say("record-seat", organisation="dabia", seat="Dabia, near the well", commune="Dabia", site="dabia-north")
    number = say("register-organisation", organisation="dabia", number="N2019 D9C6/0099/B", journal="N°1761")
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
    say("correct-organisation-fact", organisation="dabia", event=number, number="N2019 D9C6/0098/B")
    say("found-organisation", organisation="dabia-2", level="base", name="Dabia", district="Kangaba", seat="Dabia", site="dabia-north")
    say("affiliate-organisation", organisation="dabia-2", parent="union-1")
    say("merge-organisations", organisation="dabia-2", into="dabia", decision="minutes 7")
    named = say("name-representative", organisation="dabia", function="president", name="Awa Diarra")
    say("forget-representative", organisation="dabia", event=named)
    say("declare-count", declaration="d1", measure="union", count=15, as_of="2024-11", district="KENIEBA")
    say("declare-count", declaration="d2", measure="base", count=247, as_of="2024-11")
    say("correct-declaration", declaration="d1", count=17, as_of="2024-11-30")
    say("withdraw-declaration", declaration="d2")


def _land_and_agreements(world: Together) -> None:
    def say(command: str, **body: Any) -> None:
        world.command("membership", command, **{**META, **body})

    say("register-site", site="tegue", name="Tèguè", aliases=["Tegue"], district="Kangaba", commune="Minidian", village="Tèguè", latitude="11.9333",
        longitude="-8.4167")
    say("correct-site", site="tegue", village="Teguekoro", latitude="11.933412", longitude="-8.416803")
    say("grant-corridor", corridor="tegue-1", name="Tèguè 1", district="Kangaba", order="2024-0001", collectivity="Minidian", valid_from="2024-01-01",
        valid_until="2025-12-31", sites=["tegue"])
    say("assign-corridor", corridor="tegue-1", organisation="dabia", valid_until="2025-06-30")
    say("extend-corridor", corridor="tegue-1", valid_until="2026-12-31")
    say("end-corridor-assignment", corridor="tegue-1", organisation="dabia")
    say("close-corridor", corridor="tegue-1")
    say("register-partner", partner="ilo", name="OIT", kind="international", aliases=["BIT"])
    say("sign-agreement", agreement="kits", title="Kits", parties=[{"partner": "ilo"}, {"organisation": "union-1"}], purpose="decent work",
        valid_from="2024-01-01", valid_until="2024-12-31", deliverables=["80 kits"])
    say("amend-agreement", agreement="kits", amendment="one year more", title="Kits and training", valid_until="2025-12-31")
    say("record-deliverable", agreement="kits", deliverable="80 kits")
    say("end-agreement", agreement="kits")
    by_mistake = world.command("membership", "sign-agreement", agreement="kits-2", title="Kits", parties=[{"partner": "ilo"}, {"organisation": "union-1"}])
    say("withdraw-agreement-fact", agreement="kits-2", event=str(by_mistake.events[0]["id"]))


def _miners(world: Together) -> None:
    """On the books, a member, leaving, corrected, a duplicate, read and forgotten – the key store away at first."""
    def say(command: str, **body: Any) -> str:
        return str(world.command("membership", command, **{**META, **body}).events[0]["id"])

    awa, moussa = "m-awa0001", "m-moussa1"
    card = {"card_type": "miner-card", "issuer": "DNGM", "number": "K-0001", "valid_from": "2024-01-01", "valid_until": "2026-12-31"}
    registered = say("register-miner", miner=awa, name="Awa Diarra", sex="female", birth_year=1990, village="Dabia", site="tegue", phone="+223 70000001",
                     photo="sha256:0001", organisation="dabia", admitted_on="2024-02", card=card)
    say("register-miners", rows=[{"miner": moussa, "name": "Moussa Keita"},
                                 {"miner": "m-awa0002", "name": "Hawa Jara", "birth_year": 1990, "village": "Dabya"}])
    moved = say("move-miner", miner=awa, village="Narena", site="tegue")
    say("admit-miner", miner=moussa, organisation="dabia")
    say("admit-miner", miner="m-awa0002", organisation="dabia", occurred_on="2023")
    say("record-miner-card", miner="m-awa0002", **{**card, "number": "K-0002"})
    say("notice-withdrawal", miner=awa, organisation="dabia", received_on="2024-12-01", effective_on="2024-12-31")
    say("extend-refund", miner=awa, organisation="dabia", due_by="2026-06-30", decision="minutes 8")
    say("record-refund", miner=awa, organisation="dabia")
    say("end-membership", miner=moussa, organisation="dabia", cause="exclusion", occurred_on="2024-12-31")
    say("correct-miner-fact", miner=awa, event=registered, new_occurred_on="2024-11-16", name="Awa Jarra", birth_year=1991)
    say("withdraw-miner-fact", miner=awa, event=moved)
    say("dismiss-duplicate", miners=[awa, moussa], decision="minutes 9")
    say("merge-miners", miner="m-awa0002", into=awa, decision="minutes 9")
    reading.read(world["membership"], OFFICER, "story", awa, ["name", "card"], "to call her")
    say("forget-person", miner=awa)
    here = world["membership"]
    keys, here.ports = here.ports, {"keys": DeadLine()}
    for projection in here.projections:
        while projection.step():
            pass
    for forgetting in here.processes:
        process.perform(forgetting, here.do, event.now())
    here.ports = keys
    say("forget-person", miner=moussa)
