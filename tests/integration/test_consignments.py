"""What one side of a consignment may not do alone, and what nobody may block (G7, G8; AU-07 to AU-10), over HTTP."""
from services.gold_trade import events
from tests.metal_office import Office


def trade(office: Office, row: str, *lots: str) -> tuple[str, str]:
    """A collector with lots of 10,000 mg of a society in good standing, and a refinery."""
    office.founds(f"{row}-dabia")
    seller, buyer = f"{row}-collector", f"{row}-refinery"
    office.hires(seller, buyer)
    office.arrive()
    for lot in lots:
        office.receives(lot, seller, f"{row}-dabia", 10_000, "2024-09-01")
    return seller, buyer


def sends(office: Office, consignment: str, seller: str, buyer: str, lot: str, melted_mg: int = 10_000) -> str:
    """Sent, handed over and melted; the melt's name."""
    office.says("send-consignment", seller, consignment=consignment, contract=f"k-{buyer}", lots=[lot], occurred_on="2024-09-05")
    office.hands_over(consignment, seller, buyer, "2024-09-06", lot)
    office.says("melt-consignment", buyer, consignment=consignment, lot=f"{consignment}-melt", weighed_mg=melted_mg, occurred_on="2024-09-06")
    return f"{consignment}-melt"


def names(office: Office, ids: list[str]) -> list[str]:
    return [office.asks(f"/reporting/v1/events/{id_}")["name"] for id_ in ids]


def test_au_10_one_side_alone_makes_no_result_final(office: Office) -> None:
    seller, buyer = trade(office, "c1", "c1-r1")
    office.says("agree-contract", buyer, contract=f"k-{buyer}", seller=seller, buyer=buyer)
    melt = sends(office, "c1-c1", seller, buyer, "c1-r1")
    (told,) = office.says("record-assay", buyer, lot=melt, fineness_per_100k=50_000, method="fire-assay", final=True)
    assayed = office.asks(f"/reporting/v1/events/{told}")["data"]
    assert (assayed["final"], assayed["findings"]) == (False, [{"rule": "AU-10", "hold": False}])
    office.binds("c1-c1", seller=(seller, 90_020), buyer=(buyer, 90_000))
    office.reveals("c1-c1", "2024-09-07", seller=(seller, 90_020), buyer=(buyer, 90_000))
    assert office.lots(buyer, buyer) == {melt: (10_000, 9_001, [])}
    assert "AU-10" in office.is_refused(409, "record-assay", buyer, lot=melt, fineness_per_100k=50_000, method="fire-assay", final=True)["rule"]


def test_results_are_exchanged_also_of_a_melt_that_was_used_meanwhile(office: Office) -> None:
    seller, buyer = trade(office, "c2", "c2-r1", "c2-r2")
    office.says("agree-contract", buyer, contract=f"k-{buyer}", seller=seller, buyer=buyer)
    for n in (1, 2):
        melt = sends(office, f"c2-c{n}", seller, buyer, f"c2-r{n}")
        office.transforms(f"c2-t{n}", "refine", buyer, "2024-09-07", [melt], {"lot": f"c2-fine{n}", "gross_mg": 9_000, "fineness_per_100k": 99_000},
                          tolerance=20_000)
    office.binds("c2-c1", seller=(seller, 91_020), buyer=(buyer, 91_000))
    office.reveals("c2-c1", "2024-09-08", seller=(seller, 91_020), buyer=(buyer, 91_000))
    office.binds("c2-c2", seller=(seller, 92_000), buyer=(buyer, 91_000))
    office.reveals("c2-c2", "2024-09-08", seller=(seller, 92_000), buyer=(buyer, 91_000))
    office.says("record-umpire", consignment="c2-c2", fineness_per_100k=91_500, umpire="c2-laboratory", occurred_on="2024-09-09")

    assert [office.asks(f"/gold/v1/consignments/c2-c{n}", buyer)["stage"] for n in (1, 2)] == ["final", "final"]
    assert [office.asks(f"/gold/v1/consignments/c2-c{n}", buyer)["melt"]["fine_mg"] for n in (1, 2)] == [9_101, 9_150]
    books = {a["account"]: (a["gross_mg"], a["fine_mg"]) for a in office.asks(f"/gold/v1/balance?holder={buyer}")["accounts"]}
    assert books == {"stock": (18_000, 17_820), "loss": (2_000, 180 + 101 + 150), "assay": (0, -101 - 150)}       # 9,000 each by the screening, 8,910 refined
    own = office.asks("/gold/v1/societies/c2-dabia/balance")
    assert own["even"] and {a["account"]: a["fine_mg"] for a in own["accounts"]} == {"source": -18_000, "stock": 17_820, "loss": 431, "assay": -251}
    assert office.masses("losses", "custodian,step", buyer) == {"refine": (2, 2_000, 180), "assay": (2, 0, 251)}
    office.again_after_a_rebuild()


def test_a_contract_s_terms_count_once_both_sides_have_signed(office: Office) -> None:
    seller, buyer = trade(office, "c3", "c3-r1", "c3-r2")
    wide = {"contract": f"k-{buyer}", "seller": seller, "buyer": buyer, "melt_tolerance_per_100k": 100_000, "umpire_rule": "umpire"}
    office.says("agree-contract", buyer, **wide)
    office.is_refused(403, "agree-contract", buyer, **wide)
    office.is_refused(409, "agree-contract", seller, contract=f"k-{buyer}", seller=seller, buyer="c3-other")
    sends(office, "c3-c1", seller, buyer, "c3-r1", 9_900)
    told = office.asks("/gold/v1/consignments/c3-c1", seller)
    assert told["terms"] == {"splitting_limit_per_100k": 50, "melt_tolerance_per_100k": 500, "umpire_rule": "middle", "agreed": False}
    assert told["steps"][-1]["told"]["findings"] == [{"rule": "melt-loss", "hold": False}]

    less = {**wide, "melt_tolerance_per_100k": 2_000}
    assert names(office, office.says("agree-contract", seller, **less)) == [events.CONTRACT_PROPOSED]             # other terms: it is the buyer's turn
    assert names(office, office.says("agree-contract", buyer, **less)) == [events.CONTRACT_AGREED]
    office.is_refused(409, "agree-contract", buyer, **wide)
    sends(office, "c3-c2", seller, buyer, "c3-r2", 9_900)
    told = office.asks("/gold/v1/consignments/c3-c2", seller)
    assert told["terms"] == {"splitting_limit_per_100k": 50, "melt_tolerance_per_100k": 2_000, "umpire_rule": "umpire", "agreed": True}
    assert told["steps"][-1]["told"]["findings"] == []
    office.again_after_a_rebuild()


def test_the_secretariat_signs_for_a_side_by_another_person(office: Office) -> None:
    trade(office, "c4")
    said = {"contract": "c4-k", "seller": "c4-collector", "buyer": "c4-refinery"}
    office.says("agree-contract", **said)
    office.is_refused(403, "agree-contract", "secretary", **said)
    assert names(office, office.says("agree-contract", "second", **said)) == [events.CONTRACT_AGREED]


def test_it_is_weighed_once_also_where_nothing_came(office: Office) -> None:
    seller, buyer = trade(office, "c5", "c5-r1")
    office.says("agree-contract", buyer, contract=f"k-{buyer}", seller=seller, buyer=buyer)
    office.says("send-consignment", seller, consignment="c5-c1", contract=f"k-{buyer}", lots=["c5-r1"])
    office.says("weigh-consignment", buyer, consignment="c5-c1", weighed_mg=0)
    office.is_refused(409, "weigh-consignment", buyer, consignment="c5-c1", weighed_mg=10_000)
    office.says("melt-consignment", buyer, consignment="c5-c1", lot="c5-melt", weighed_mg=9_990)
    assert office.asks("/gold/v1/consignments/c5-c1", buyer)["steps"][-1]["told"]["before_mg"] == 0
    assert office.gets("/gold/consignments/c5-c1", buyer).status == 200


def test_nobody_blocks_a_melt_by_a_step_of_the_same_name(office: Office) -> None:
    seller, buyer = trade(office, "c6", "c6-r1", "c6-r2")
    office.says("agree-contract", buyer, contract=f"k-{buyer}", seller=seller, buyer=buyer)
    office.transforms("c6-c1", "split", seller, "2024-09-02", ["c6-r2"], {"lot": "c6-s1", "gross_mg": 10_000})
    melt = sends(office, "c6-c1", seller, buyer, "c6-r1")
    told = office.asks(f"/gold/v1/lots/{melt}/origin")
    assert (told["lot"]["formed_in"], [r["lot"] for r in told["receipts"]]) == (melt, ["c6-r1"])


def test_who_sends_what_never_was_theirs_learns_nothing_of_it(office: Office) -> None:
    seller, buyer = trade(office, "c7", "c7-r1")
    office.hires("c7-spy-collector")
    office.receives("c7-r2", "c7-spy-collector", "c7-dabia", 3_000, "2024-09-01")
    office.says("agree-contract", "c7-spy-collector", contract="c7-k", seller="c7-spy-collector", buyer=buyer)
    office.says("send-consignment", "c7-spy-collector", consignment="c7-c1", contract="c7-k", lots=["c7-r1", "c7-r2"])
    told = office.asks("/gold/v1/consignments/c7-c1", "c7-spy-collector")
    sent = told["steps"][0]["told"]
    assert (told["gross_mg"], told["fine_mg"], sent["gross_mg"], sent["fine_mg"]) == (3_000, 2_700, 3_000, 2_700)
    assert sent["findings"] == [{"rule": "custody-gap", "hold": True}]
    assert office.lots(seller, seller) == {"c7-r1": (10_000, 9_000, ["custody-gap"])}
    assert office.lots("c7-spy-collector", "c7-spy-collector") == {"c7-r2": (3_000, 2_700, [])}
