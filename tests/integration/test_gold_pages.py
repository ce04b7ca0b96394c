"""Metal as people and machines read it: balance, stock and consignments by role, a lot's way as a picture, and the clerk's forms (G5, G6, G7, G8)."""
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest

from installation.catalogue import open_service
from shared import access, auth
from shared.config import Config
from shared.rebuild import rebuild
from shared.signing import Signer
from tests import stranger
from tests.integration.test_membership_pages import HTML, own, post, unlabelled
from tests.metal_story import NONCES, SOCIETIES, Trade, tell
from tests.page_story import EVIL
from tests.stranger import Reply, bearer, get

PAGES = ("/gold", "/gold/lots/MG-0001", "/gold/lots/recu-00", "/gold/consignments", "/gold/consignments/envoi-1", "/gold/consignments/envoi-2",
         "/gold/consignments/envoi-3", "/gold/consignments/envoi-4")
each = pytest.mark.parametrize("path", PAGES)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    with stranger.demo(tmp_path_factory.mktemp("gold") / "var", loaded=False, rate_per_s=0.0) as running:
        yield running


@pytest.fixture(scope="module")
def told(config: Config) -> Trade:
    return tell(config)


def accounts(answer: Any) -> dict[str, tuple[int, int]]:
    return {a["account"]: (a["gross_mg"], a["fine_mg"]) for a in answer["accounts"]}


def test_g5_the_accounts_are_even_on_every_day_and_after_a_rebuild(config: Config, told: Trade) -> None:
    def read() -> list[Any]:
        days = [get(config, f"/gold/v1/balance?as_of={day}", told.token).json for day in ("2020-01-01", "2024-11-02", "2024-11-05", "2024-11-10", "2026-11-24")]
        societies = [get(config, f"/gold/v1/societies/{s}/balance", told.token).json for s in SOCIETIES]
        more = [get(config, f"/gold/v1/{path}", told.token).json for path in ("lots", "consignments", "consignments/envoi-2")]
        return [[{**one, "version": ""} for one in (*days, *societies, *more)]]

    before = read()
    for answer in before[0][:10]:
        assert answer["even"] and [sum(column) for column in zip(*accounts(answer).values(), strict=True)] in ([0, 0], [])
    assert before[0][0]["accounts"] == [] and accounts(before[0][1])["stock"][0] == -accounts(before[0][1])["source"][0]
    service = open_service(config, "gold_trade")
    rebuild(service.views)
    service.close()
    assert read() == before


def partner(config: Config) -> str:
    """A token that may see stock, but neither a holder's nor every lot."""
    return auth.issue(Signer.open(config, auth.INSTALLATION), subject="partner", role="chamber", scopes=["stock:read", "figures:read"], seconds=600)


def test_g5_a_holder_sees_its_own_the_authority_all_and_others_sums_alone(config: Config, told: Trade) -> None:
    narrow = partner(config)
    everything, mine, bought, sums = (get(config, "/gold/v1/balance", token).json for token in (told.token, told.collector, told.buyer, narrow))
    assert [it["shown"] for it in (everything, mine, bought, sums)] == ["all", "own", "own", "sums"]
    assert ({h["holder"] for h in mine["holders"]}, {h["holder"] for h in bought["holders"]}, sums["holders"]) == ({"comptoir"}, {"marena-gold"}, [])
    assert accounts(sums) == accounts(everything) and "source" not in accounts(bought)
    assert all(accounts(own)["stock"] < accounts(everything)["stock"] for own in (mine, bought))
    lots = {token: {lot["custodian"] for lot in get(config, "/gold/v1/lots", token).json["lots"]} for token in (told.token, told.collector, told.buyer, narrow)}
    assert lots == {told.token: {"comptoir", "collecteur-2", "marena-gold"}, told.collector: {"comptoir"}, told.buyer: {"marena-gold"}, narrow: set()}
    for path in ("balance", "lots"):
        for token in (told.collector, told.buyer):
            foreign, unknown = (get(config, f"/gold/v1/{path}?holder={name}", token) for name in ("collecteur-2", "nobody"))
            assert (foreign.status, foreign.json["detail"]) == (unknown.status, unknown.json["detail"]) == (403, "outside your territory")


def test_lots_come_in_pages_with_what_holds_them(config: Config, told: Trade) -> None:
    seen, path = list[str](), "/gold/v1/lots?limit=2"
    while path:
        page = get(config, path, told.token)
        seen += [lot["lot"] for lot in page.json["lots"]]
        path = page.headers["link"].split(">")[0][1:] if "link" in page.headers else ""
    whole = get(config, "/gold/v1/lots", told.token).json["lots"]
    assert seen == sorted(lot["lot"] for lot in whole) and "recu-20" not in seen and "recu-00" not in seen       # stolen; spent
    held = {lot["lot"]: [h["rule"] for h in lot["holds"]] for lot in get(config, "/gold/v1/lots?held=held", told.token).json["lots"]}
    assert "a-verifier" in held["reste-1"]
    free = {lot["lot"] for lot in get(config, "/gold/v1/lots?held=free", told.token).json["lots"]}
    assert free.isdisjoint(held) and free | set(held) == set(seen)


def test_the_second_of_two_sees_that_the_first_signed_for_a_lot_to_go_on(config: Config, told: Trade) -> None:
    def holds() -> list[Any]:
        told.seen()
        return next(lot["holds"] for lot in get(config, "/gold/v1/lots", told.token).json["lots"] if lot["lot"] == "reste-1")

    lift = {"lot": "reste-1", "rule": "to-check", "decision": "vu sur place"}
    told.say("hold-lot", lot="reste-1", rule="to-check")
    before = holds()
    told.say("lift-hold", **lift)
    assert holds() == [{**hold, "lift": told.ids["reste-1"]} if hold["rule"] == "to-check" else hold for hold in before]
    assert "levée proposée" in get(config, "/gold/lots/reste-1", told.token, **HTML).body.decode()
    told.say("lift-hold", bearer(config, "secretariat", subject="second"), **lift)
    assert holds() == [hold for hold in before if hold["rule"] != "to-check"]


def test_g7_a_consignment_tells_no_result_before_both_are_there(config: Config, told: Trade) -> None:
    def one(name: str) -> Any:
        return get(config, f"/gold/v1/consignments/{name}", told.token).json

    assert [one(f"envoi-{n}")["stage"] for n in (1, 2, 3, 4)] == ["final", "to-umpire", "melted", "sent"]
    told.bind("envoi-3", seller=91_111, buyer=91_122)
    told.reveal("envoi-3", seller=91_111)
    told.seen()
    for path, token in (("/gold/v1/consignments/envoi-3", told.buyer), ("/gold/consignments/envoi-3", told.buyer)):
        reply = get(config, path, token, **(HTML if "v1" not in path else {}))
        assert reply.status == 200 and b"91111" not in reply.body and b"911,11" not in reply.body
    told.reveal("envoi-3", buyer=91_122)
    told.seen()
    assert one("envoi-3")["stage"] == "final"
    text = get(config, "/gold/consignments/envoi-3", told.buyer, **HTML).body.decode()
    assert "911,11" in text and "911,22" in text


def test_a_consignment_between_others_is_as_unknown(config: Config, told: Trade) -> None:
    for other in (bearer(config, "collector", ["actor:collecteur-2"]), bearer(config, "refinery", ["actor:autre-affinerie"])):
        for path in ("/gold/v1/consignments/envoi-1", "/gold/consignments/envoi-1", "/gold/lots/MG-0001"):
            foreign, unknown = get(config, path, other), get(config, re.sub("envoi-1|MG-0001", "nobody", path), other)
            assert (foreign.status, unknown.status) == (404, 404)
        assert get(config, "/gold/v1/consignments", other).json["consignments"] == []
        assert post(config, "/gold/consignments/envoi-4", {"do": "weigh-consignment", "weighed": "97"}, **own(config, other)).status == 404
    assert get(config, "/gold/v1/consignments", partner(config)).json["consignments"] == []
    assert len(get(config, "/gold/v1/consignments", told.buyer).json["consignments"]) == 4


def test_a_buyer_sees_the_physical_events_it_took_part_in(config: Config, told: Trade) -> None:
    def seen(token: str) -> dict[str, str]:
        """Their steps by their ids."""
        found, path = list[Any](), "/gold/v1/epcis/events?perPage=100"
        while path:
            page = get(config, path, token)
            found += page.json["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
            path = page.headers["link"].split(">")[0][1:] if "link" in page.headers else ""
        return {e["eventID"]: e["bizStep"] for e in found}

    everything, sold, bought, nothing = (seen(token) for token in (
        told.token, told.collector, told.buyer, bearer(config, "refinery", ["actor:autre-affinerie"])))
    assert "commissioning" in sold.values() and "commissioning" not in bought.values()                   # receipts at the site
    assert len(bought) >= 3 and set(bought) < set(everything) and set(sold) < set(everything) and set(sold) - set(bought) and nothing == {}


def test_a_buyer_sees_figures_as_coarse_and_as_late_as_anybody(config: Config, told: Trade) -> None:
    """Not cut to the organisations of a territory that has none."""
    for path in ("receipts?by=society", "receipts?by=month", "stock", "losses?by=month", "consignments?by=month&as_of=2024-12-31"):
        mine, anybody = (get(config, f"/reporting/v1/tables/metal/{path}", token) for token in (told.buyer, bearer(config, "trainer")))
        assert (mine.status, mine.json["rows"], mine.json["delayed_days"]) == (200, anybody.json["rows"], 30), path
    rows = get(config, "/reporting/v1/tables/metal/receipts?by=society", told.buyer).json["rows"]
    assert {r["society"] for r in rows} == set(SOCIETIES) and not any("events" in r for r in rows)
    assert get(config, "/reporting/v1/tables/metal/receipts?by=collector", told.buyer).status == 403


@each
@pytest.mark.parametrize("role", [name for name, role in access.table().roles.items() if role.territory == "country"])
def test_a_page_is_for_the_roles_of_the_table(config: Config, told: Trade, path: str, role: str) -> None:
    may = "stock:read" in access.table().roles[role].scopes
    assert get(config, path, bearer(config, role), **HTML).status == (200 if may else 403)


@each
def test_a_page_is_for_a_phone_in_both_languages_and_asks_nothing_of_others(config: Config, told: Trade, path: str) -> None:
    for token in (told.token, told.collector, told.buyer):
        reply = get(config, path, token, **HTML)
        if reply.status == 404:
            assert token != told.token
            continue
        text = reply.body.decode()
        assert reply.status == 200 and len(reply.body) < 60_000 and EVIL not in text
        assert '<html lang="fr">' in text and 'lang="en"' in text and "width=device-width" in text and unlabelled(text) == []
        assert set(re.findall(r"<script\b[^>]*>", text)) <= {'<script type="module" src="/gold/clerk/exchange.js">'}
        assert text.count("<h1>") == 1 and "default-src 'none'" in reply.headers["content-security-policy"]
        again = get(config, path, token, If_None_Match=reply.headers["etag"], **HTML)
        assert (again.status, again.body) == (304, b"")


def picture(reply: Reply) -> ElementTree.Element:
    return ElementTree.fromstring(re.findall(r"<svg.*?</svg>", reply.body.decode(), re.S)[0])          # noqa: S314 - our own page


def test_g6_the_picture_shows_both_ways_and_the_table_says_it_in_words(config: Config, told: Trade) -> None:
    bar = get(config, "/gold/lots/MG-0001", told.token, **HTML)
    told_of = get(config, "/gold/v1/lots/MG-0001/origin", told.token).json
    texts = ["".join(t.itertext()) for t in picture(bar).iter("text")]
    for line in told_of["societies"]:
        assert any(line["society"] in t for t in texts)
    assert any("affinage-1" in t for t in texts) and picture(bar).get("role") == "img"
    bands = [float(p.get("stroke-width", "0")) for p in picture(bar).iter("path")]
    assert max(bands) == 260.0                                             # the whole of it goes into the lot
    receipt = get(config, "/gold/lots/recu-00", told.token, **HTML)
    assert {"MG-0001", "reste-1"} <= {"".join(t.itertext()).replace("MG-0001MG-0001", "MG-0001").replace("reste-1reste-1", "reste-1")
                                      for t in picture(receipt).iter("text")}
    text = bar.body.decode()
    for line in told_of["receipts"]:
        assert f'href="/reporting/v1/events/{line["event"]}"' in text
    assert all(m["miner"] in text for m in told_of["miners"])


def test_g6_a_partner_sees_shares_of_societies_and_no_receipt_nor_miner(config: Config, told: Trade) -> None:
    for lot, token in (("MG-0001", partner(config)), ("fonte-envoi-1", told.buyer)):
        text = get(config, f"/gold/lots/{lot}", token, **HTML).body.decode()
        assert "dabia" in text and "m-awa0001" not in text and "recu-0" not in text and "recu-1" not in text and "/reporting/v1/events/" not in text
    assert get(config, "/gold/lots/MG-0001", told.buyer, **HTML).status == 404
    mine = get(config, "/gold/lots/MG-0001", told.collector, **HTML).body.decode()
    assert "dabia" in mine and "m-awa0001" not in mine


def form(config: Config, token: str, name: str, **fields: str) -> Reply:
    return post(config, f"/gold/consignments/{name}", fields, **own(config, token))


def test_g8_the_clerk_weighs_melts_and_disputes_on_the_page(config: Config, told: Trade) -> None:
    assert "weigh-consignment" in get(config, "/gold/consignments/envoi-4", told.buyer, **HTML).body.decode()
    assert "weigh-consignment" not in get(config, "/gold/consignments/envoi-4", told.collector, **HTML).body.decode()
    refused = form(config, told.buyer, "envoi-4", do="weigh-consignment", weighed="abc")
    assert refused.status == 400 and "ce n&#39;est pas une masse" in refused.body.decode() and 'value="abc"' in refused.body.decode()
    sent = form(config, told.buyer, "envoi-4", do="weigh-consignment", weighed="96 990,5", key="w-1")
    assert (sent.status, sent.headers["location"]) == (303, "/gold/consignments/envoi-4")
    assert form(config, told.buyer, "envoi-4", do="weigh-consignment", weighed="96 990,5", key="w-1").status == 303        # sent twice, done once
    again = form(config, told.buyer, "envoi-4", do="weigh-consignment", weighed="96 990,5", key="w-2")
    assert again.status == 409 and "déjà pesé" in again.body.decode()
    assert form(config, told.buyer, "envoi-4", do="melt-consignment", weighed="90 000", lot="fonte-envoi-4").status == 303
    text = get(config, "/gold/consignments/envoi-4", told.buyer, **HTML).body.decode()
    assert "96\u202f990,500" in text and "hors tolérance" in text
    assert form(config, told.buyer, "envoi-4", do="dispute-consignment", why="perte").status == 303
    assert form(config, told.buyer, "envoi-4", do="settle-dispute", decision="pesée ensemble").status == 303


def test_g7_what_was_not_bound_is_refused_on_the_page_and_no_sign_in_is_asked(config: Config, told: Trade) -> None:
    told.bind("envoi-4", seller=91_300, buyer=91_290)
    told.seen()
    refused = form(config, told.buyer, "envoi-4", do="reveal-assay", party="buyer", fineness="900", nonce=NONCES["buyer"])
    assert refused.status == 403 and "engagé" in refused.body.decode() and 'name="token"' not in refused.body.decode()
    assert form(config, told.buyer, "envoi-4", do="reveal-assay", party="buyer", fineness="912,9", nonce=NONCES["buyer"]).status == 303


def test_g7_the_umpire_decides_on_the_page(config: Config, told: Trade) -> None:
    assert form(config, told.buyer, "envoi-2", do="record-umpire", fineness="911", umpire="laboratoire").status == 303
    text = get(config, "/gold/consignments/envoi-2", told.buyer, **HTML).body.decode()
    assert "911,00" in text and "définitif" in text


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://evil.example"}, {"Origin": "null"}])
def test_a_form_that_no_page_of_ours_sent_is_nobodys(config: Config, told: Trade, headers: dict[str, str]) -> None:
    said = {"Cookie": f"sanu_session={told.buyer}", **headers}
    assert post(config, "/gold/consignments/envoi-1", {"do": "dispute-consignment", "why": "x"}, **said).status == 401
