"""A webhook's owner who is bound to actors is told of metal what they take part in, and nothing of others' metal, at a replay either."""
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.gold_trade import events as gold
from services.gold_trade.application import open_service as gold_trade
from services.gold_trade.assays.exchange import commitment
from services.membership.application import open_service as membership
from services.reporting import events, webhook_parties, webhook_port
from services.reporting.application import open_service as reporting
from services.reporting.webhook import stream
from shared import auth, event
from shared.rebuild import rebuild
from shared.testing import AllScopes, Clock
from tests.unit.reporting.webhook_world import CHAMBER, REFINERY, Endpoint, World

NONCE = "ab" * 16
STEPS = [gold.CONSIGNMENT_SENT, gold.CONSIGNMENT_WEIGHED, gold.CONSIGNMENT_MELTED, gold.ASSAY_COMMITTED, gold.ASSAY_COMMITTED, gold.ASSAY_REVEALED,
         gold.ASSAYS_COMPARED, gold.CONSIGNMENT_DISPUTED, gold.DISPUTE_SETTLED, gold.UMPIRE_RECORDED]
ALL_OF_METAL = "gold_trade.*"


class Market(World):
    """Two buyers buy of one seller; who is bound to marena-gold listens."""

    def says(self, command: str, /, by: str = "officer-1", **body: Any) -> None:
        caller = auth.Caller(subject=by, role="secretariat", scopes=AllScopes())
        self["gold_trade"].handle(command, body, caller, event.new_id(), "test")

    def agree(self) -> None:
        for buyer in ("marena-gold", "soroma"):
            for by in ("officer-1", "officer-2"):                      # it is signed by both sides
                self.says("agree-contract", by, contract=f"k-{buyer}", seller="comptoir", buyer=buyer)

    def receive(self, lot: str, collector: str = "comptoir") -> None:
        self.says("record-collection", lot=lot, collector=collector, society="dabia", gross_mg=10_000, fineness_per_100k=90_000, method="xrf", miners=[])

    def send(self, consignment: str, buyer: str) -> None:
        self.receive(f"r-{consignment}")
        self.says("send-consignment", consignment=consignment, contract=f"k-{buyer}", lots=[f"r-{consignment}"])

    def follow_up(self, consignment: str) -> None:
        """Every step, to the umpire's word."""
        self.says("weigh-consignment", consignment=consignment, weighed_mg=10_000)
        self.says("melt-consignment", consignment=consignment, lot=f"m-{consignment}", weighed_mg=10_000)
        for party, fineness in (("seller", 91_000), ("buyer", 90_000)):
            self.says("commit-assay", party, consignment=consignment, party=party, commitment=commitment(consignment, party, fineness, NONCE))
        for party, fineness in (("seller", 91_000), ("buyer", 90_000)):
            self.says("reveal-assay", party, consignment=consignment, party=party, fineness_per_100k=fineness, nonce=NONCE)
        self.says("dispute-consignment", consignment=consignment, why="loss")
        self.says("settle-dispute", consignment=consignment, decision="seen")
        self.says("record-umpire", consignment=consignment, fineness_per_100k=90_500, umpire="laboratory")

    @property
    def heard(self) -> list[tuple[str, str]]:
        """(stream, name) of every event, in order of arrival."""
        told = [json.loads(body) for _, body, _ in self.endpoint.posts]
        return [(m["subject"], m["type"]) for m in told if m["type"] != "reporting.WebhookChallenge"]

    def heard_of(self, subject: str) -> list[str]:
        return [name for of, name in self.heard if of == subject]


@pytest.fixture
def market(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Market]:
    endpoint = Endpoint()
    monkeypatch.setattr(webhook_port, "Line", endpoint)
    with Clock("2025-01-01T08:00:00.000Z").patched() as clock, Market(tmp_path, membership, gold_trade, reporting) as opened:
        opened.endpoint, opened.clock = endpoint, clock
        yield opened


def test_a_buyer_is_told_every_step_of_what_it_buys_and_none_of_another_s(market: Market) -> None:
    market.register(REFINERY, ALL_OF_METAL)
    market.agree()
    for consignment, buyer in (("c1", "marena-gold"), ("c2", "soroma")):
        market.send(consignment, buyer)
        market.follow_up(consignment)
    market.settle()
    assert market.heard_of("consignment/c1") == STEPS
    assert market.heard_of("lot/m-c1") == [gold.LOT_FORMED, gold.LOT_ASSAYED]             # the umpire's word books its account
    assert market.heard_of("transformation/c1") == [gold.TRANSFORMATION_RECORDED]
    assert {of for of, _ in market.heard} == {"contract/k-marena-gold", "consignment/c1", "lot/m-c1", "transformation/c1"}


def test_the_seller_is_told_too(market: Market) -> None:
    comptoir = auth.Caller(subject="comptoir", role="refinery", scopes=frozenset({"webhooks:manage"}), territory=frozenset({"actor:comptoir"}))
    market.register(comptoir, ALL_OF_METAL)
    market.agree()
    market.send("c1", "marena-gold")
    market.follow_up("c1")
    market.settle()
    assert market.heard_of("consignment/c1") == STEPS and market.heard_of("lot/r-c1") == [gold.COLLECTION_RECORDED]


def test_steps_of_what_was_sent_before_it_was_registered_are_told(market: Market) -> None:
    market.agree()
    market.send("c1", "marena-gold")
    market.settle()
    market.register(REFINERY, ALL_OF_METAL)
    market.follow_up("c1")
    market.settle()
    assert market.heard_of("consignment/c1") == STEPS[1:]


def test_a_handover_is_told_to_both_sides_and_what_names_nobody_to_nobody(market: Market) -> None:
    market.register(REFINERY, ALL_OF_METAL)
    for taker in ("marena-gold", "soroma"):
        market.receive(f"r-{taker}")
        market.says("offer-handover", handover=f"h-{taker}", giver="comptoir", taker=taker, lots=[f"r-{taker}"])
        market.says("accept-handover", "taker", handover=f"h-{taker}")
        market.says("hold-lot", lot=f"r-{taker}", rule="to-check")
    market.settle()
    assert market.heard == [("handover/h-marena-gold", gold.HANDOVER_OFFERED), ("handover/h-marena-gold", gold.HANDOVER_ACCEPTED),
                            ("lot/r-marena-gold", gold.LOT_TAKEN)]


def test_of_its_role_s_other_events_it_is_told_all(market: Market) -> None:
    market.register(REFINERY, ALL_OF_METAL, "membership.Organisation*")
    market.says("register-actor", actor="marena-gold", kind="refinery", name="M")
    market.says("register-actor", actor="soroma", kind="refinery", name="S")
    market.found("dabia", "niena")
    market.settle()
    assert sorted(of for of, _ in market.heard) == ["actor/marena-gold", "organisation/dabia", "organisation/niena"]


def test_who_is_bound_to_nothing_is_told_everything(market: Market) -> None:
    market.register(CHAMBER, ALL_OF_METAL)
    market.agree()
    market.send("c2", "soroma")
    market.says("hold-lot", lot="r-c2", rule="to-check")
    market.settle()
    assert [name for _, name in market.heard] == [
        *[gold.CONTRACT_PROPOSED, gold.CONTRACT_AGREED] * 2, gold.COLLECTION_RECORDED, gold.CONSIGNMENT_SENT, gold.LOT_HELD]


def test_a_replay_and_a_rebuild_obey_the_same_rule(market: Market) -> None:
    market.agree()
    for consignment, buyer in (("c1", "marena-gold"), ("c2", "soroma")):
        market.send(consignment, buyer)
        market.follow_up(consignment)
    market.settle()
    market.register(REFINERY, ALL_OF_METAL)
    assert market.heard == []
    rebuild(market["reporting"].processes, 7)
    market.ask("replay-webhook", REFINERY, after="0")
    market.settle()
    assert market.heard_of("consignment/c1") == STEPS and market.heard_of("consignment/c2") == []
    assert {of for of, _ in market.heard} == {"contract/k-marena-gold", "consignment/c1", "lot/m-c1", "transformation/c1"}


def test_what_the_process_has_not_read_waits_for_it(market: Market) -> None:
    """The port reads the log by itself: ahead of the process it would not know whose a consignment is, and pass its steps over for ever."""
    market.register(REFINERY, ALL_OF_METAL)
    read = market["reporting"].processes[0].current().position
    market.agree()
    market.send("c1", "marena-gold")
    market.follow_up("c1")
    market.carry()
    port = market["reporting"].ports["webhook"]
    assert port.send("s", {"webhook": stream("marena", "counts"), "after": 1}) == f"{read} 0"
    market.settle()
    assert market.heard_of("consignment/c1") == STEPS


def test_one_registered_before_its_role_was_bound_is_told_nothing_more(market: Market) -> None:
    before = auth.Caller(subject="marena", role="refinery", scopes=frozenset({"webhooks:manage"}))
    market.register(before, ALL_OF_METAL)
    market.receive("r1", "marena-gold")
    market.settle()
    assert market.heard == [] and market.shown(REFINERY)["state"] == "disabled"
    assert [e.data["why"] for e in market.log(events.WEBHOOK_DISABLED)] == ["the role refinery needs a territory: register it again"]
    market.ask("enable-webhook", REFINERY)
    market.settle()
    assert market.heard == [] and market.shown(REFINERY)["state"] == "disabled"


def test_a_party_is_named_by_its_part_or_by_the_account_that_is_booked() -> None:
    assert webhook_parties.named({"lot": "l", "custodian": "a", "owner": "b", "consignment": "c", "umpire": "u"}) == {"a", "b"}
    lines = [{"account": account, "of": of, "gross_mg": 1, "fine_mg": 1} for account, of in (("source", "dabia"), ("stock", "a"), ("loss", "b"))]
    assert webhook_parties.named({"lot": "l", "entries": lines}) == {"a", "b"}
    assert webhook_parties.named({"lot": "l", "rule": "x", "lots": ["a"]}) == set()
