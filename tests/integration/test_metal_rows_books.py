"""Whose metal it is and how much (G5 to G8): balance, shares, assays and scales, over HTTP, told by reporting, again after a rebuild."""


from tests.metal_office import NONCES, Office


def test_g5_what_came_in_is_there_lost_or_assayed_differently_on_every_day_for_each_and_for_all(office: Office) -> None:
    office.founds("g5-a")
    office.founds("g5-b")
    office.hires("g5-collector", "g5-refinery")
    office.arrive()
    office.receives("g5-r1", "g5-collector", "g5-a", 30_000, "2024-05-02")
    office.receives("g5-r2", "g5-collector", "g5-b", 20_000, "2024-05-03", 85_000)
    office.receives("g5-r3", "g5-collector", "g5-a", 10_000, "2024-05-11")
    melted = office.says("transform-lots", "g5-collector", transformation="g5-t1", step="melt", custodian="g5-collector", inputs=["g5-r1", "g5-r2"],
                         outputs=[{"lot": "g5-m1", "gross_mg": 49_000}], tolerance_per_100k=1000, occurred_on="2024-05-10")[0]
    office.transforms("g5-t2", "melt", "g5-collector", "2024-05-11", ["g5-r3"], {"lot": "g5-m2", "gross_mg": 10_050}, tolerance=100)
    office.hands_over("g5-h1", "g5-collector", "g5-refinery", "2024-05-12", "g5-m1", weighed_mg=49_000)
    office.transforms("g5-t3", "cast", "g5-refinery", "2024-05-20", ["g5-m1"],
                      {"lot": "g5-bar", "gross_mg": 45_000, "fineness_per_100k": 97_000, "serial": "G5-0001"}, tolerance=10_000)

    office.says("record-assay", "g5-refinery", lot="g5-bar", fineness_per_100k=97_500, method="fire-assay", occurred_on="2024-05-25")

    assert office.findings(melted) == {"mass-balance": False}                                        # 2 % gone where 1 % may; more out than in is held
    assert office.lots("g5-collector", "g5-collector") == {"g5-m2": (10_050, 9_000, ["mass-balance"])}
    assert office.holds() == {"mass-balance": {"held": 1, "begun": 1}}
    books = {name: {a["account"]: (a["gross_mg"], a["fine_mg"]) for a in office.asks(f"/gold/v1/societies/{name}/balance")["accounts"]}
             for name in ("g5-a", "g5-b")}
    assert books == {                             # gross 3 : 2; fine 27 : 17, of which the bar had 43,650 (26,785 : 16,865), then 43,875 (26,923 : 16,952)
        "g5-a": {"source": (-40_000, -36_000), "stock": (37_050, 35_923), "loss": (2_950, 215), "assay": (0, -138)},
        "g5-b": {"source": (-20_000, -17_000), "stock": (18_000, 16_952), "loss": (2_000, 135), "assay": (0, -87)}}

    mine = ("g5-collector", "g5-refinery")
    days = {"2024-05-02": (30_000, 27_000), "2024-05-10": (50_000, 44_000), "2024-05-12": (60_000, 53_000), "2024-05-20": (60_000, 53_000),
            "2024-05-25": (60_000, 53_000)}
    for day, came in days.items():
        there = [office.asks(f"/gold/v1/balance?holder={one}&as_of={day}") for one in mine]
        received = office.masses("receipts", "collector,year", mine[0], day)["2024"][1:]
        gone = [office.masses(table, "custodian,year", one, day).get("2024", (0, 0, 0))[1:] for table in ("losses", "assay-differences") for one in mine]
        stock = [(a["gross_mg"], a["fine_mg"]) for answer in there for a in answer["accounts"] if a["account"] == "stock"]
        assert all(answer["even"] for answer in there)
        assert received == came == tuple(sum(column) for column in zip(*gone, *stock, strict=True)), day
    assert office.masses("losses", "custodian,step", "g5-collector") == {"melt": (2, 950, 0)}
    assert office.masses("losses", "custodian,step", "g5-refinery") == {"cast": (1, 4_000, 350)}              # 4,000 mg that are gone may have held as much
    assert office.masses("assay-differences", "custodian,step", "g5-refinery") == {"assay": (1, 0, -225)}
    assert office.stock("2024-05", *mine) == {"g5-collector": (10_050, 9_000), "g5-refinery": (45_000, 43_875)}
    office.again_after_a_rebuild()


def test_g6_two_bars_of_one_blend_go_back_to_their_miners_to_the_milligram(office: Office) -> None:
    office.founds("g6-a", "m-g6awa001", "m-g6moussa")
    office.founds("g6-b")
    office.hires("g6-comptoir")
    office.arrive()
    awa, moussa = {"miner": "m-g6awa001", "parts": 2}, {"miner": "m-g6moussa", "parts": 1}
    received = {office.receives("g6-r1", "g6-comptoir", "g6-a", 10_000, "2024-06-01", miners=[awa, moussa]): ("g6-r1", 9_000),
                office.receives("g6-r2", "g6-comptoir", "g6-b", 7_001, "2024-06-11", 91_111, miners=[awa]): ("g6-r2", 6_378),
                office.receives("g6-r3", "g6-comptoir", "g6-b", 3_333, "2024-06-16", 80_000): ("g6-r3", 2_666)}
    office.transforms("g6-t1", "melt", "g6-comptoir", "2024-06-15", ["g6-r1", "g6-r2"], {"lot": "g6-m1", "gross_mg": 16_900}, tolerance=1000)
    office.transforms("g6-t2", "cast", "g6-comptoir", "2024-06-21", ["g6-m1", "g6-r3"], {"lot": "g6-bar-1", "gross_mg": 12_000, "serial": "G6-0001"},
                      {"lot": "g6-bar-2", "gross_mg": 8_000, "serial": "G6-0002"}, tolerance=2000)

    one, two = (office.asks(f"/gold/v1/lots/G6-000{n}/origin") for n in (1, 2))
    assert [(r["lot"], r["gross_mg"], r["fine_mg"]) for r in one["receipts"]] == [("g6-r1", 5_985, 5_400), ("g6-r2", 4_242, 3_827), ("g6-r3", 1_773, 1_599)]
    assert [(r["lot"], r["fine_mg"]) for r in two["receipts"]] == [("g6-r1", 3_600), ("g6-r2", 2_551), ("g6-r3", 1_067)]      # 10,826 and 7,218 of 18,044
    assert [{s["society"]: s["fine_mg"] for s in bar["societies"]} for bar in (one, two)] == [{"g6-a": 5_400, "g6-b": 5_426}, {"g6-a": 3_600, "g6-b": 3_618}]
    assert [{m["miner"]: m["fine_mg"] for m in bar["miners"]} for bar in (one, two)] == [
        {"m-g6awa001": 7_427, "m-g6moussa": 1_800}, {"m-g6awa001": 4_951, "m-g6moussa": 1_200}]
    assert (one["unnamed_fine_mg"], two["unnamed_fine_mg"]) == (1_599, 1_067)
    for line in one["receipts"]:                                                                     # a share is proven by the receipt, as reporting holds it
        proof = office.asks(f"/reporting/v1/events/{line['event']}")["data"]
        assert (proof["lot"], proof["fine_mg"]) == received[line["event"]]
    for receipt in ("g6-r1", "g6-r2", "g6-r3"):                                                      # the other way round, the same shares
        assert {lot["serial"]: lot["of_it_fine_mg"] for lot in office.asks(f"/gold/v1/lots/{receipt}/onward")["now"]} == {
            bar["lot"]["serial"]: line["fine_mg"] for bar in (one, two) for line in bar["receipts"] if line["lot"] == receipt}
    assert office.gets("/gold/v1/lots/G6-0001/origin", "g6-comptoir").status == 403                   # pseudonyms are for the authority

    assert office.masses("receipts", "collector,society", "g6-comptoir") == {"g6-a": (1, 10_000, 9_000), "g6-b": (2, 10_334, 9_044)}
    assert office.one("bars", "custodian", "g6-comptoir", "count", "gross_mg", "fine_mg", "days_to_bar") == (
        2, 20_000, 18_044, 14.24)                                                                    # (9,000 x 20 + 6,378 x 10 + 2,666 x 5) / 18,044
    office.again_after_a_rebuild()


def trade(office: Office, row: str, *lots: tuple[str, int], day: str) -> tuple[str, str]:
    """A comptoir, with lots of a society in good standing, and a refinery that buys under the usual terms (0.05 % apart, 0.5 % gone)."""
    office.founds(f"{row}-dabia")
    seller, buyer = f"{row}-comptoir", f"{row}-refinery"
    office.hires(seller, buyer)
    office.arrive()
    for lot, gross_mg in lots:
        office.receives(lot, seller, f"{row}-dabia", gross_mg, day)
    office.says("agree-contract", contract=f"{row}-k1", seller=seller, buyer=buyer)
    return seller, buyer


def test_g7_two_sealed_results_make_a_mean_or_call_an_umpire_and_final_is_final(office: Office) -> None:
    seller, buyer = trade(office, "g7", ("g7-r1", 20_000), ("g7-r2", 10_000), ("g7-r3", 30_000), day="2024-09-01")
    for lot, consignment, melted in (("g7-r1", "g7-c1", 19_980), ("g7-r2", "g7-c2", 9_992)):
        office.says("send-consignment", seller, consignment=consignment, contract="g7-k1", lots=[lot], occurred_on="2024-09-05")
        office.hands_over(consignment, seller, buyer, "2024-09-06", lot)
        office.says("melt-consignment", buyer, consignment=consignment, lot=f"{consignment}-melt", weighed_mg=melted, occurred_on="2024-09-06")
    office.is_refused(403, "commit-assay", seller, consignment="g7-c1", party="buyer", commitment="0" * 64)
    office.binds("g7-c1", seller=(seller, 91_400))
    reveal = {"consignment": "g7-c1", "party": "seller", "nonce": NONCES["seller"]}
    assert office.is_refused(409, "reveal-assay", seller, **reveal, fineness_per_100k=91_400)["rule"] == "both commitments come before the first reveal"
    office.binds("g7-c1", buyer=(buyer, 91_000))
    office.is_refused(403, "reveal-assay", seller, **reveal, fineness_per_100k=91_500)
    office.reveals("g7-c1", "2024-09-07", seller=(seller, 91_400))
    told = office.asks("/gold/v1/consignments/g7-c1", buyer)
    assert told["stage"] == "revealed" and "91400" not in str(told) and told["melt"]["fine_mg"] == 18_000
    assert office.masses("assay-differences", "custodian,step", buyer) == {}
    office.reveals("g7-c1", "2024-09-07", buyer=(buyer, 91_000))
    office.says("record-umpire", consignment="g7-c1", fineness_per_100k=91_250, umpire="g7-laboratory", occurred_on="2024-09-10")
    assert "AU-10" in office.is_refused(409, "record-umpire", "secretary", consignment="g7-c1", fineness_per_100k=91_300, umpire="g7-laboratory")["rule"]
    office.binds("g7-c2", seller=(seller, 90_125), buyer=(buyer, 90_100))
    office.reveals("g7-c2", "2024-09-08", buyer=(buyer, 90_100), seller=(seller, 90_125))
    for fineness, final in ((89_000, False), (89_500, True)):
        office.says("record-assay", seller, lot="g7-r3", fineness_per_100k=fineness, method="fire-assay", final=final, occurred_on="2024-09-09")
    assert "AU-10" in office.is_refused(409, "record-assay", seller, lot="g7-r3", fineness_per_100k=89_900, method="xrf")["rule"]

    one, two = (office.asks(f"/gold/v1/consignments/g7-c{n}", buyer) for n in (1, 2))
    assert [(c["stage"], c["melt"]["gross_mg"], c["melt"]["fine_mg"]) for c in (one, two)] == [
        ("final", 19_980, 18_231), ("final", 9_992, 9_004)]                                          # 19,980 x 0.9125 = 18,231.75; 9,992 x 0.901125 = 9,004.04
    umpired = one["steps"][-1]["told"]
    assert (umpired["loser"], umpired["umpire"]) == ("buyer", "g7-laboratory")                        # 250 away, the seller 150
    assert office.lots(seller, seller) == {"g7-r3": (30_000, 26_850, [])}

    assert office.masses("assay-differences", "custodian,step", buyer) == {"assay": (2, 0, -235)}     # 18,000 - 18,231 and 9,000 - 9,004
    assert office.masses("assay-differences", "custodian,step", seller) == {"assay": (2, 0, 150)}     # provisional 300, then 150 of them back
    assert office.one("consignments", "buyer", buyer, "sent", "gross_mg", "fine_mg", "compared", "mean_difference_per_100k", "beyond", "umpired") == (
        2, 30_000, 27_000, 2, 212, 1, 1)                                                             # (400 + 25) / 2
    assert office.stock("2024-09", seller, buyer) == {seller: (30_000, 26_850), buyer: (29_972, 27_235)}
    assert office.holds() == {}
    office.again_after_a_rebuild()


def test_g8_what_the_scale_and_the_melt_took_beyond_the_contract_may_be_disputed(office: Office) -> None:
    seller, buyer = trade(office, "g8", ("g8-r1", 50_000), ("g8-r2", 40_000), day="2024-10-01")
    for lot, consignment, weighed, melted in (("g8-r1", "g8-c1", 49_700, 49_400), ("g8-r2", "g8-c2", 39_800, 39_601)):     # the second: 0.5 % each time
        office.says("send-consignment", seller, consignment=consignment, contract="g8-k1", lots=[lot], occurred_on="2024-10-05")
        office.hands_over(consignment, seller, buyer, "2024-10-07", lot)
        office.is_refused(403, "weigh-consignment", seller, consignment=consignment, weighed_mg=weighed)
        office.says("weigh-consignment", buyer, consignment=consignment, weighed_mg=weighed, occurred_on="2024-10-07")
        office.says("melt-consignment", buyer, consignment=consignment, lot=f"{consignment}-melt", weighed_mg=melted, occurred_on="2024-10-08")
    office.is_refused(409, "settle-dispute", "secretary", consignment="g8-c2", decision="rien à régler")
    office.says("dispute-consignment", seller, consignment="g8-c1", why="0,6 % de perte", occurred_on="2024-10-09")
    assert [c["consignment"] for c in office.asks("/gold/v1/consignments", seller)["consignments"] if c["disputed"]] == ["g8-c1"]
    office.says("settle-dispute", consignment="g8-c1", decision="pesée contradictoire", occurred_on="2024-10-11")

    one, two = (office.asks(f"/gold/v1/consignments/g8-c{n}", seller) for n in (1, 2))
    assert [[f["rule"] for f in s["told"].get("findings", [])] for s in one["steps"]] == [[], ["weight-mismatch"], ["melt-loss"], [], []]
    assert [s["step"] for s in one["steps"]] == ["sent", "weighed", "melted", "disputed", "settled"] and not one["disputed"]
    assert [s["told"].get("findings", []) for s in two["steps"]] == [[], [], []]
    assert (one["melt"]["gross_mg"], one["melt"]["fine_mg"]) == (49_400, 45_000)

    assert office.one("consignments", "seller", seller, "sent", "gross_mg", "fine_mg", "melted", "melt_loss_mg", "compared") == (
        2, 90_000, 81_000, 2, 499, 0)                                                                # 300 + 199 between the buyer's two weights
    assert office.masses("losses", "custodian,step", buyer) == {"melt": (2, 999, 0)}                 # 600 + 399 since the seller's
    assert office.masses("losses", "custodian,step", seller) == {} == office.holds()                 # a finding to look at holds nothing
    office.again_after_a_rebuild()
