"""A story told over HTTP in which everything that the pages about metal show comes about, with markup in every text that people write."""
import itertools
from typing import Any

from services.gold_trade.assays.exchange import commitment
from shared.config import Config
from tests.page_story import EVIL
from tests.stranger import bearer, command, get

NONCES = {"seller": "ab" * 16, "buyer": "cd" * 16}
SOCIETIES = ("dabia", "niena", "kola", "sitakily", "bantakoto")


class Trade:
    """Sends gold_trade's commands, each side by its own clerk, and remembers the ids of what they made."""

    def __init__(self, config: Config) -> None:
        self.config, self.ids, self.position, self._numbers = config, dict[str, str](), "0", itertools.count(1)
        self.token = bearer(config, "secretariat")
        self.buyer = bearer(config, "refinery", ["actor:marena-gold"], subject="marena-clerk")
        self.collector = bearer(config, "collector", ["actor:comptoir"], subject="comptoir-clerk")

    def say(self, command_: str, /, _by: str = "", **body: Any) -> None:
        done = command(self.config, "gold_trade", command_, _by or self.token, body, f"trade-{next(self._numbers)}")
        assert done.status == 201, (command_, done.body)
        self.position = done.json["position"]
        self.ids[body.get("lot", body.get("consignment", command_))] = done.json["events"][0]["id"]

    def receive(self, lot: str, society: str, gross_mg: int, collector: str = "comptoir", **more: Any) -> None:
        self.say("record-collection", lot=lot, collector=collector, society=society, gross_mg=gross_mg, fineness_per_100k=91_300, method="xrf",
                 occurred_on="2024-11-02", **{"miners": [{"miner": "m-awa0001", "parts": 2}, {"miner": "m-moussa1", "parts": 1}], **more})

    def seen(self) -> None:
        for path in ("balance", "lots", "consignments"):
            assert get(self.config, f"/gold/v1/{path}?min_position=gold_trade:{self.position}", self.token).status == 200

    def consign(self, name: str, lot: str, gross_mg: int) -> None:
        self.say("send-consignment", self.collector, consignment=name, contract="k-1", lots=[lot], occurred_on="2024-11-20")
        self.say("weigh-consignment", self.buyer, consignment=name, weighed_mg=gross_mg, occurred_on="2024-11-22")

    def melt(self, name: str, gross_mg: int) -> None:
        self.say("melt-consignment", self.buyer, consignment=name, lot=f"fonte-{name}", weighed_mg=gross_mg, occurred_on="2024-11-23")

    def bind(self, name: str, **results: int) -> None:
        for party, fineness in results.items():
            self.say("commit-assay", self.by(party), consignment=name, party=party, commitment=commitment(name, party, fineness, NONCES[party]))

    def by(self, party: str) -> str:
        return self.buyer if party == "buyer" else self.collector

    def reveal(self, name: str, **results: int) -> None:
        for party, fineness in results.items():
            self.say("reveal-assay", self.by(party), consignment=name, party=party, fineness_per_100k=fineness, nonce=NONCES[party])


def tell(config: Config) -> Trade:
    told = Trade(config)
    say = told.say
    for actor, kind in (("comptoir", "comptoir"), ("collecteur-2", "collector"), ("marena-gold", "refinery")):
        say("register-actor", actor=actor, kind=kind, name=f"{actor} {EVIL}")
    for n in range(24):
        told.receive(f"recu-{n:02}", SOCIETIES[n % 5], 12_500 + 1_733 * n)
    told.receive("recu-ailleurs", "kola", 77_000, "collecteur-2", miners=[])
    for n in range(3):
        say("transform-lots", transformation=f"fonte-{n}", step="melt", custodian="comptoir", inputs=[f"recu-{i:02}" for i in range(6 * n, 6 * n + 6)],
            outputs=[{"lot": f"lingot-{n}", "gross_mg": 100_500 + 61_750 * n}], tolerance_per_100k=1000, occurred_on="2024-11-05")
    say("transform-lots", transformation="affinage-1", step="refine", custodian="comptoir", inputs=["lingot-0", "lingot-1", "recu-18"],
        outputs=[{"lot": "barre-1", "gross_mg": 180_000, "serial": "MG-0001"}, {"lot": "reste-1", "gross_mg": 125_000}], tolerance_per_100k=1000,
        occurred_on="2024-11-10")
    say("transform-lots", transformation="coulee-2", step="cast", custodian="comptoir", inputs=["recu-19", "recu-23"],
        outputs=[{"lot": "barre-2", "gross_mg": 97_000, "serial": "MG-0002"}], tolerance_per_100k=10_000, occurred_on="2024-11-12")
    say("hold-lot", lot="reste-1", rule="a-verifier", reason="exemple")
    say("report-loss", lot="recu-20", incident="stolen")
    say("agree-contract", contract="k-1", seller="comptoir", buyer="marena-gold")
    told.consign("envoi-1", "lingot-2", 223_950)
    told.melt("envoi-1", 223_800)
    told.bind("envoi-1", seller=91_325, buyer=91_276)
    told.reveal("envoi-1", seller=91_325, buyer=91_276)
    told.consign("envoi-2", "recu-21", 48_893)
    told.melt("envoi-2", 47_100)
    told.bind("envoi-2", seller=91_900, buyer=91_000)
    told.reveal("envoi-2", seller=91_900, buyer=91_000)
    say("dispute-consignment", told.collector, consignment="envoi-2", why=f"perte à la fonte {EVIL}")
    told.consign("envoi-3", "recu-22", 50_626)
    told.melt("envoi-3", 50_600)
    say("send-consignment", told.collector, consignment="envoi-4", contract="k-1", lots=["barre-2"], occurred_on="2024-11-24")
    told.seen()
    return told
