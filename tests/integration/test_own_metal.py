"""A buyer bound to its actor does its part in each step of metal, and is refused everybody else's, which is to it as what does not exist."""
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.gold_trade import events
from services.gold_trade.application import open_service
from services.gold_trade.assays.exchange import commitment
from services.gold_trade.custody.handover import stream as handover
from services.gold_trade.custody.parcel import stream as parcel
from services.gold_trade.epcis import capture
from services.reporting.webhook_parties import named
from shared import access, auth, event
from shared.errors import Forbidden, NotFound
from tests.peers import Together

NONCE = "ab" * 16
Body = dict[str, Any]


def clerk(actor: str, role: str = "refinery") -> auth.Caller:
    return auth.Caller(subject=f"{actor}-clerk", role=role, scopes=access.table().roles[role].scopes, territory=frozenset({f"actor:{actor}"}))


SECRETARIAT = auth.Caller(subject="secretary", role="secretariat", scopes=access.table().roles["secretariat"].scopes)
MARENA, SOROMA, COMPTOIR = clerk("marena"), clerk("soroma"), clerk("comptoir", "collector")


class Market(Together):
    """One seller, and two buyers with the same rights."""

    def says(self, by: auth.Caller, command: str, /, **body: Any) -> list[str]:
        return [e["name"] for e in self["gold_trade"].handle(command, body, by, event.new_id(), "test").events]

    def refuses(self, by: auth.Caller, command: str, body: Body) -> str:
        """What is said; nothing is written."""
        head = self["gold_trade"].log.head()
        with pytest.raises(Forbidden) as refused:
            self.says(by, command, **body)
        assert self["gold_trade"].log.head() == head
        return refused.value.detail

    def last(self, stream: str) -> event.Event:
        return event.decode(self["gold_trade"].log.load(stream)[-1].state)

    def binds(self, by: auth.Caller, consignment: str, party: str, fineness: int) -> None:
        self.says(by, "commit-assay", consignment=consignment, party=party, commitment=commitment(consignment, party, fineness, NONCE))

    def hands_over(self, handover: str, giver: auth.Caller, taker: auth.Caller, **what: Any) -> None:
        names = [next(iter(c.territory)).partition(":")[2] for c in (giver, taker)]
        self.says(giver, "offer-handover", handover=handover, giver=names[0], taker=names[1], **what)
        self.says(taker, "accept-handover", handover=handover)


def received(lot: str, collector: str = "comptoir") -> Body:
    return {"lot": lot, "collector": collector, "society": "dabia", "gross_mg": 10_000, "fineness_per_100k": 90_000, "method": "xrf", "miners": []}


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Market]:
    with Market(tmp_path, open_service) as market:
        for n in range(1, 9):
            market.says(COMPTOIR, "record-collection", **received(f"r{n}"))
        for buyer, by, n in (("marena", MARENA, 1), ("soroma", SOROMA, 2)):
            market.says(by, "agree-contract", contract=f"k{n}", seller="comptoir", buyer=buyer)
            market.says(COMPTOIR, "send-consignment", consignment=f"c{n}", contract=f"k{n}", lots=[f"r{n}"])
        for n, taker in ((1, MARENA), (2, SOROMA)):
            market.says(COMPTOIR, "seal-parcel", parcel=f"p{n}", tag=f"x-{n}", custodian="comptoir", lots=[f"r{n + 2}"])
            market.hands_over(f"h{n}", COMPTOIR, taker, parcel=f"p{n}")
        market.says(COMPTOIR, "offer-handover", handover="h3", giver="comptoir", taker="soroma", lots=["r5"])
        market.says(COMPTOIR, "transform-lots", transformation="t8", step="merge", custodian="comptoir", inputs=["r8"],
                    outputs=[{"lot": "m8", "gross_mg": 10_000}])
        yield market


def test_it_weighs_melts_and_assays_what_it_buys(market: Market) -> None:
    assert market.says(MARENA, "weigh-consignment", consignment="c1", weighed_mg=10_000) == [events.CONSIGNMENT_WEIGHED]
    assert market.says(MARENA, "melt-consignment", consignment="c1", lot="m1", weighed_mg=9_990)[0] == events.CONSIGNMENT_MELTED
    market.binds(COMPTOIR, "c1", "seller", 91_000)
    market.binds(MARENA, "c1", "buyer", 90_000)
    market.says(COMPTOIR, "reveal-assay", consignment="c1", party="seller", fineness_per_100k=91_000, nonce=NONCE)
    assert market.says(MARENA, "reveal-assay", consignment="c1", party="buyer", fineness_per_100k=90_000, nonce=NONCE) == [events.ASSAYS_COMPARED]
    assert events.UMPIRE_RECORDED in market.says(MARENA, "record-umpire", consignment="c1", fineness_per_100k=90_400, umpire="laboratoire")
    assert market.says(MARENA, "dispute-consignment", consignment="c1", why="perte") == [events.CONSIGNMENT_DISPUTED]
    assert market.says(MARENA, "settle-dispute", consignment="c1", decision="vu") == [events.DISPUTE_SETTLED]


def test_it_takes_opens_melts_sells_and_hands_on_what_it_has(market: Market) -> None:
    assert events.PARCEL_OPENED in market.says(MARENA, "open-parcel", parcel="p1", tag_found="x-1")
    market.says(MARENA, "transform-lots", transformation="t1", step="split", custodian="marena", inputs=["r3"],
                outputs=[{"lot": f"s{n}", "gross_mg": 2_500} for n in range(4)])
    market.says(MARENA, "record-assay", lot="s0", fineness_per_100k=91_000, method="fire-assay")
    assert market.refuses(MARENA, "transfer-ownership", {"lot": "s0", "owner": "marena"}) == "outside your territory"        # it is dabia's still
    market.says(SECRETARIAT, "transfer-ownership", lot="s0", owner="marena")
    market.says(MARENA, "transfer-ownership", lot="s0", owner="soroma")
    market.says(MARENA, "report-loss", lot="s1", incident="lost")
    market.says(MARENA, "seal-parcel", parcel="p9", tag="x-9", custodian="marena", lots=["s2"])
    market.hands_over("h9", MARENA, SOROMA, parcel="p9")
    market.hands_over("h10", SOROMA, MARENA, lots=["r4"])
    market.says(COMPTOIR, "offer-handover", handover="h11", giver="comptoir", taker="marena", lots=["r6"])
    assert market.says(MARENA, "refuse-handover", handover="h11", why="absent") == [events.HANDOVER_REFUSED]
    assert named(market.last(handover("h11")).data) == {"comptoir", "marena"}, "both sides are told"
    market.says(MARENA, "record-collection", **received("achat", "marena"))


def test_who_handed_a_sealed_parcel_over_opens_it_no_more(market: Market) -> None:
    assert market.refuses(COMPTOIR, "open-parcel", {"parcel": "p1", "tag_found": "x-1"}) == "outside your territory"
    market.hands_over("h9", MARENA, SOROMA, parcel="p1")
    market.refuses(MARENA, "open-parcel", {"parcel": "p1", "tag_found": "x-1"})
    assert [r.name for r in market["gold_trade"].log.load(parcel("p1"))] == [events.PARCEL_SEALED]
    assert events.PARCEL_OPENED in market.says(SOROMA, "open-parcel", parcel="p1", tag_found="x-1")
    assert named(market.last(parcel("p1")).data) == {"soroma"}, "who holds it now, not who sealed it"


OUTPUT = [{"lot": "m9", "gross_mg": 9_990}]
OTHERS: list[tuple[str, Body, Body]] = [               # somebody else's, and the same of what does not exist
    ("send-consignment", {"consignment": "c9", "contract": "k1", "lots": ["r6"]}, {"contract": "none"}),      # it buys under k1, and sells nothing
    ("weigh-consignment", {"consignment": "c2", "weighed_mg": 1}, {"consignment": "none"}),
    ("melt-consignment", {"consignment": "c2", "lot": "m9", "weighed_mg": 1}, {"consignment": "none"}),
    ("commit-assay", {"consignment": "c2", "party": "buyer", "commitment": "0" * 64}, {"consignment": "none"}),
    ("commit-assay", {"consignment": "c1", "party": "seller", "commitment": "0" * 64}, {"consignment": "none"}),
    ("reveal-assay", {"consignment": "c2", "party": "buyer", "fineness_per_100k": 1, "nonce": NONCE}, {"consignment": "none"}),
    ("reveal-assay", {"consignment": "c1", "party": "seller", "fineness_per_100k": 1, "nonce": NONCE}, {"consignment": "none"}),
    ("record-umpire", {"consignment": "c2", "fineness_per_100k": 1, "umpire": "u"}, {"consignment": "none"}),
    ("dispute-consignment", {"consignment": "c2", "why": "x"}, {"consignment": "none"}),
    ("settle-dispute", {"consignment": "c2", "decision": "x"}, {"consignment": "none"}),
    ("agree-contract", {"contract": "k9", "seller": "comptoir", "buyer": "soroma"}, {"buyer": "none"}),
    ("offer-handover", {"handover": "h9", "giver": "soroma", "taker": "marena", "lots": ["r4"]}, {"giver": "none"}),
    ("accept-handover", {"handover": "h3"}, {"handover": "none"}),
    ("refuse-handover", {"handover": "h3", "why": "x"}, {"handover": "none"}),
    ("note-silence", {"handover": "h3"}, {"handover": "none"}),
    ("open-parcel", {"parcel": "p2", "tag_found": "x-2"}, {"parcel": "none"}),
    ("seal-parcel", {"parcel": "p9", "tag": "x-9", "custodian": "soroma", "lots": ["r4"]}, {"custodian": "none"}),
    ("transform-lots", {"transformation": "t9", "step": "melt", "custodian": "soroma", "inputs": ["r4"], "outputs": OUTPUT}, {"custodian": "none"}),
    ("record-assay", {"lot": "r4", "fineness_per_100k": 1, "method": "xrf"}, {"lot": "none"}),
    ("correct-collection", {"lot": "r4", "gross_mg": 1}, {"lot": "none"}),
    ("withdraw-collection", {"lot": "r4", "reason": "x"}, {"lot": "none"}),
    ("correct-transformation", {"transformation": "t8", "outputs": [{"lot": "m8", "gross_mg": 1}]}, {"transformation": "none"}),
    ("transfer-ownership", {"lot": "r3", "owner": "marena"}, {"lot": "none"}),                                # it has it, and does not own it
    ("report-loss", {"lot": "r4", "incident": "stolen"}, {"lot": "none"}),
    ("recover-lot", {"lot": "r4", "custodian": "marena"}, {"lot": "none"}),
    ("hold-lot", {"lot": "r4", "rule": "x"}, {"lot": "none"}),
    ("record-collection", received("r9", "soroma"), {"collector": "none"}),
    ("declare-stock", {"actor": "soroma", "season": "hivernage-2025", "gross_mg": 1}, {"actor": "none"}),
    ("register-device", {"device_id": "d", "actor": "soroma", "key": "A" * 43}, {"actor": "none"}),
    ("issue-tags", {"actor": "marena", "prefix": "x-", "first": 1, "last": 9}, {"actor": "none"}),            # these three are the secretariat's
    ("register-actor", {"actor": "marena", "kind": "refinery", "name": "M"}, {"actor": "none"}),
    ("record-licence", {"actor": "marena", "licence": "L", "kind": "comptoir"}, {"actor": "none"})]


@pytest.mark.parametrize(("command", "body", "unknown"), OTHERS, ids=[f"{name} {n}" for n, (name, *_) in enumerate(OTHERS)])
def test_what_is_somebody_else_s_is_as_unknown_and_nothing_is_written(market: Market, command: str, body: Body, unknown: Body) -> None:
    told = {market.refuses(MARENA, command, {**body, **more}) for more in ({}, unknown)}
    assert told == {"outside your territory"}


def test_every_command_about_metal_is_refused_for_somebody_else_s(market: Market) -> None:
    untried = {"refuse-record", "retire-device"}                          # of devices: there is none, so they are as unknown
    assert {name for name, *_ in OTHERS} == set(market["gold_trade"].definition.commands) - untried - {"lift-hold"}
    for name in untried:
        market.refuses(MARENA, name, {"device_id": "d", **({"sequence": 1, "command": "x", "why": "x"} if name == "refuse-record" else {})})


def test_nobody_lifts_a_hold_of_its_own_metal(market: Market) -> None:
    """Two clerks of who has the lot would be two people, but no officers."""
    market.says(MARENA, "hold-lot", lot="r3", rule="x")
    for lot in ("r3", "r4", "none"):
        assert market.refuses(MARENA, "lift-hold", {"lot": lot, "rule": "x", "decision": "x"}) == "the token lacks the scope holds:lift"


def melted(id_: str, custodian: str, lot: str) -> Body:
    return {"type": "TransformationEvent", "eventID": id_, "eventTime": "2024-11-20T10:00:00Z", "bizStep": "urn:x-sanu:bizstep:melting",
            "transformationID": f"urn:x-sanu:transformation:t-{lot}", "bizLocation": {"id": f"urn:x-sanu:party:{custodian}"},
            "inputQuantityList": [{"epcClass": f"urn:x-sanu:lot:{lot}"}],
            "outputQuantityList": [{"epcClass": f"urn:x-sanu:lot:m-{lot}", "quantity": 9_990, "uom": "MGM"}]}


def test_its_machine_tells_its_own_steps_and_nobody_else_s(market: Market) -> None:
    document = {"type": "EPCISDocument", "epcisBody": {"eventList": [melted("urn:uuid:1", "marena", "r3"), melted("urn:uuid:2", "soroma", "r4")]}}
    gold, before = market["gold_trade"], market["gold_trade"].log.head()
    job = capture.job(gold, capture.capture(gold, document, capture.ROLLBACK, MARENA, "test"), MARENA)
    assert (job["success"], job["captured"], [e["type"] for e in job["errors"]]) == (False, [], ["forbidden"])
    assert [r.name for r in gold.log.after(before, 100)] == [events.CAPTURE_FINISHED]
    with pytest.raises(NotFound):
        capture.job(gold, job["captureID"], SOROMA)
    job = capture.job(gold, capture.capture(gold, document, capture.PROCEED, MARENA, "test"), MARENA)
    assert (job["captured"], [e["event"] for e in job["errors"]]) == (["urn:uuid:1"], ["urn:uuid:2"])
    assert [r.name for r in gold.log.load("lot/r4")][-1] == events.LOT_TAKEN
