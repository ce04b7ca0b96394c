"""A corrected receipt is as true as one that was told right at once: judged, booked and followed wherever its metal went (X4, G14)."""
from typing import Any

from services.gold_trade import events
from tests.metal_office import END, METAL, Office

Books = dict[str, tuple[int, int]]


def society(office: Office, name: str) -> Books:
    told = office.asks(f"/gold/v1/societies/{name}/balance")
    assert told["even"]
    return {a["account"]: (a["gross_mg"], a["fine_mg"]) for a in told["accounts"]}


def holder(office: Office, name: str) -> Books:
    return {a["account"]: (a["gross_mg"], a["fine_mg"]) for a in office.asks(f"/gold/v1/balance?holder={name}&as_of={END}")["holders"]}


def corrects(office: Office, who: str, lot: str, **new: Any) -> str:
    return office.says("correct-collection", who, lot=lot, occurred_on="2025-08-01", reason="relu", **new)[0]


def trader(office: Office, name: str, *societies: str) -> str:
    for each in societies:
        office.founds(each)
    office.hires(name)
    office.arrive()
    return name


def test_what_a_rule_has_against_a_corrected_receipt_is_told_and_holds_it(office: Office) -> None:
    who = trader(office, "rc1-collector", "rc1-good")
    office.says("declare-stock", who, actor=who, season="hivernage-2025", gross_mg=1_000, occurred_on="2025-06-01")
    office.receives("rc1-grain", who, "rc1-good", 1, "2025-07-10", extracted_on="2025-05")
    office.receives("rc1-whose", who, "rc1-good", 10_000, "2025-05-10")
    office.receives("rc1-when", who, "rc1-good", 20_000, "2025-05-11")
    assert all(holds == [] for _, _, holds in office.lots(who).values())
    first = corrects(office, who, "rc1-grain", gross_mg=5_000_000)
    assert office.findings(first) == {"undeclared-stock": True, "no-miner-named": False}
    assert office.findings(corrects(office, who, "rc1-whose", society="rc1-nobody"))["society-unknown"] is True
    corrects(office, who, "rc1-when", new_occurred_on="2025-07-11")
    held = {"rc1-grain": ["undeclared-stock"], "rc1-whose": ["society-unknown"], "rc1-when": ["ML-10"]}
    assert {lot: holds for lot, (_, _, holds) in office.lots(who).items()} == held
    office.lifts("rc1-when", "ML-10", "extrait avant", "2025-08-02")
    corrects(office, who, "rc1-when", site="rc1-site", method="density", advance_xof=5_000)               # what was decided stays decided
    assert office.lots(who)["rc1-when"][2] == []
    corrects(office, who, "rc1-when", gross_mg=2_000_000)                                                 # but not of a hundred times as much
    assert office.lots(who)["rc1-when"][2] == ["ML-10"]
    once = {"held": 1, "begun": 1}
    assert office.holds() == {"undeclared-stock": once, "society-unknown": once, "ML-10": {"held": 1, "begun": 2, "lifted": 1}}
    office.again_after_a_rebuild()


def test_what_a_corrected_receipt_drew_of_the_declared_stock_goes_back(office: Office) -> None:
    who = trader(office, "rc2-collector", "rc2-dabia")
    office.says("declare-stock", who, actor=who, season="hivernage-2025", gross_mg=10_000, occurred_on="2025-06-01")
    office.receives("rc2-r1", who, "rc2-dabia", 9_000, "2025-07-10", extracted_on="2025-05")
    corrects(office, who, "rc2-r1", gross_mg=900)
    office.receives("rc2-r2", who, "rc2-dabia", 5_000, "2025-07-11", extracted_on="2025-05")
    office.receives("rc2-r3", who, "rc2-dabia", 4_101, "2025-07-12", extracted_on="2025-05")
    assert [lot for lot, (_, _, holds) in office.lots(who).items() if holds] == ["rc2-r3"]
    corrects(office, who, "rc2-r2", new_occurred_on="2025-06-10")                                         # it came before the stop
    office.receives("rc2-r4", who, "rc2-dabia", 4_999, "2025-07-13", extracted_on="2025-05")
    office.says("withdraw-collection", who, lot="rc2-r4", reason="saisie deux fois")
    office.receives("rc2-r5", who, "rc2-dabia", 4_999, "2025-07-13", extracted_on="2025-05")
    assert [lot for lot, (_, _, holds) in office.lots(who).items() if holds] == ["rc2-r3"]


def test_a_hold_reaches_what_was_formed_of_the_receipt_since(office: Office) -> None:
    who = trader(office, "rc3-collector", "rc3-dabia")
    office.receives("rc3-r1", who, "rc3-dabia", 10_000, "2025-05-10")
    office.transforms("rc3-t1", "melt", who, "2025-05-11", ["rc3-r1"], {"lot": "rc3-m", "gross_mg": 10_000})
    office.transforms("rc3-t2", "split", who, "2025-05-12", ["rc3-m"], {"lot": "rc3-a", "gross_mg": 6_000}, {"lot": "rc3-b", "gross_mg": 4_000})
    corrects(office, who, "rc3-r1", new_occurred_on="2025-07-10")
    assert office.lots(who) == {"rc3-a": (6_000, 5_400, ["ML-10"]), "rc3-b": (4_000, 3_600, ["ML-10"])}
    assert office.masses("receipts", "collector,month", who) == {"2025-05": (0, 0, 0), "2025-07": (1, 10_000, 9_000)}
    (receipt,) = office.asks("/gold/v1/lots/rc3-a/origin")["receipts"]
    assert receipt["day"] == "2025-07-10"
    office.again_after_a_rebuild()


def test_the_receipt_keeps_its_own_fineness_beside_the_assays(office: Office) -> None:
    who = trader(office, "rc4-collector", "rc4-dabia", "rc4-right")
    office.receives("rc4-r1", who, "rc4-dabia", 1_000, "2025-02-05")
    office.says("record-assay", who, lot="rc4-r1", fineness_per_100k=10_000, method="fire-assay", final=True)
    corrects(office, who, "rc4-r1", gross_mg=500)
    assert society(office, "rc4-dabia") == {"source": (-500, -450), "stock": (500, 50), "assay": (0, 400)}
    corrects(office, who, "rc4-r1", fineness_per_100k=80_000)                                             # what was screened; the final assay stands
    assert office.lots(who) == {"rc4-r1": (500, 50, [])}
    assert holder(office, who) == {"stock": (500, 50), "assay": (0, 350)}
    assert office.masses("receipts", "collector,society", who) == {"rc4-dabia": (1, 500, 400)}
    corrects(office, who, "rc4-r1", society="rc4-right")
    assert (society(office, "rc4-dabia"), society(office, "rc4-right")) == ({}, {"source": (-500, -400), "stock": (500, 50), "assay": (0, 350)})
    assert office.masses("receipts", "collector,society", who) == {"rc4-dabia": (0, 0, 0), "rc4-right": (1, 500, 400)}
    office.again_after_a_rebuild()


def test_another_society_has_the_books_of_the_metal_wherever_it_went(office: Office) -> None:
    who = trader(office, "rc5-collector", *(f"rc5-{name}" for name in "abcd"))
    for lot, whose in (("rc5-bar-of", "rc5-a"), ("rc5-beside", "rc5-c"), ("rc5-stolen", "rc5-a")):
        office.receives(lot, who, whose, 10_000, "2025-02-05")
    office.transforms("rc5-t1", "melt", who, "2025-02-06", ["rc5-bar-of", "rc5-beside"], {"lot": "rc5-m", "gross_mg": 19_900}, tolerance=1000)
    office.says("record-assay", who, lot="rc5-m", fineness_per_100k=80_000, method="fire-assay")
    office.transforms("rc5-t2", "cast", who, "2025-02-07", ["rc5-m"], {"lot": "rc5-bar", "gross_mg": 19_900, "serial": "RC5"})
    office.says("report-loss", who, lot="rc5-stolen", incident="stolen")
    assert society(office, "rc5-a") == {"source": (-20_000, -18_000), "stock": (9_950, 7_960), "stolen": (10_000, 9_000), "loss": (50, 0), "assay": (0, 1_040)}
    corrects(office, who, "rc5-bar-of", society="rc5-b")
    corrects(office, who, "rc5-stolen", society="rc5-d")
    brought = {"source": (-10_000, -9_000), "stock": (9_950, 7_960), "loss": (50, 0), "assay": (0, 1_040)}
    assert (society(office, "rc5-b"), society(office, "rc5-c")) == (brought, brought)
    assert society(office, "rc5-d") == {"source": (-10_000, -9_000), "stolen": (10_000, 9_000)}
    office.says("recover-lot", who, lot="rc5-stolen", custodian=who)
    assert society(office, "rc5-d") == {"source": (-10_000, -9_000), "stock": (10_000, 9_000)}
    assert society(office, "rc5-a") == {}
    assert office.asks("/gold/v1/lots/rc5-bar/origin")["societies"] == [{"society": "rc5-b", "fine_mg": 7_960}, {"society": "rc5-c", "fine_mg": 7_960}]
    office.again_after_a_rebuild()


def test_gold_of_nothing_is_found_after_the_bar_was_cast_and_a_breach_that_was_none_ends(office: Office) -> None:
    who = trader(office, "rc6-collector", "rc6-dabia")
    office.hires("rc6-refinery")
    office.receives("rc6-r1", who, "rc6-dabia", 1_000_000, "2025-02-05")
    office.hands_over("rc6-h1", who, "rc6-refinery", "2025-02-06", "rc6-r1")
    office.transforms("rc6-t1", "melt", "rc6-refinery", "2025-02-07", ["rc6-r1"], {"lot": "rc6-m", "gross_mg": 1_000_000})
    office.transforms("rc6-t2", "cast", "rc6-refinery", "2025-02-08", ["rc6-m"], {"lot": "rc6-bar", "gross_mg": 1_000_000, "serial": "RC6"})
    office.arrive()
    breaches = _breaches(office)
    told = office.says("correct-collection", who, lot="rc6-r1", gross_mg=1)
    assert _names(office, told) == [events.COLLECTION_CORRECTED, events.TRANSFORMATION_REVIEWED, events.LOT_HELD]
    assert office.findings(told[1]) == {"mass-balance": True} and _breaches(office) == breaches + 1
    assert office.lots("rc6-refinery") == {"rc6-bar": (1_000_000, 900_000, ["mass-balance"])}
    assert holder(office, "rc6-refinery") == {"stock": (1_000_000, 900_000), "loss": (-999_999, 0), "assay": (0, -900_000)}     # who spent it, and nobody else
    assert holder(office, who) == {}
    told = office.says("correct-collection", who, lot="rc6-r1", gross_mg=1_000_000)
    assert _names(office, told) == [events.COLLECTION_CORRECTED, events.TRANSFORMATION_REVIEWED, events.HOLD_CURED]
    assert office.lots("rc6-refinery") == {"rc6-bar": (1_000_000, 900_000, [])} and _breaches(office) == breaches
    assert office.holds() == {"mass-balance": {"begun": 1, "lifted": 1}}
    office.again_after_a_rebuild()


def _names(office: Office, ids: list[str]) -> list[str]:
    return [office.asks(f"/reporting/v1/events/{id_}")["name"] for id_ in ids]


def _breaches(office: Office) -> int:
    with office.books.services["gold_trade"].view("holds").reading() as (tx, table, _):
        return int(tx.execute(f"SELECT count(*) FROM {table('breach')}").fetchone()[0])


def test_a_hold_that_another_step_has_a_share_in_is_left_to_two_people(office: Office) -> None:
    who = trader(office, "rc7-collector", "rc7-dabia")
    for n in (1, 2):
        office.receives(f"rc7-r{n}", who, "rc7-dabia", 1_000, "2025-02-05")
        office.transforms(f"rc7-t{n}", "melt", who, "2025-02-06", [f"rc7-r{n}"], {"lot": f"rc7-m{n}", "gross_mg": 2_000})
    office.transforms("rc7-t3", "cast", who, "2025-02-07", ["rc7-m1", "rc7-m2"], {"lot": "rc7-bar", "gross_mg": 4_000, "serial": "RC7"})
    corrects(office, who, "rc7-r1", gross_mg=2_000)
    assert office.lots(who)["rc7-bar"][2] == ["mass-balance"]
    corrects(office, who, "rc7-r2", gross_mg=2_000)
    assert office.lots(who)["rc7-bar"][2] == []


def test_what_was_measured_anew_differs_by_assay_and_not_by_loss(office: Office) -> None:
    who = trader(office, "rc8-collector", "rc8-dabia")
    office.receives("rc8-r1", who, "rc8-dabia", 10_000, "2025-02-05")
    office.transforms("rc8-t1", "cast", who, "2025-02-07", ["rc8-r1"], {"lot": "rc8-bar", "gross_mg": 10_000, "fineness_per_100k": 90_000, "serial": "RC8"})
    corrects(office, who, "rc8-r1", fineness_per_100k=91_000)
    assert society(office, "rc8-dabia") == {"source": (-10_000, -9_100), "stock": (10_000, 9_000), "assay": (0, 100)}
    assert holder(office, who) == {"stock": (10_000, 9_000), "assay": (0, 100)}


def test_the_difference_is_of_the_one_who_spent_it_not_of_the_one_who_had_it(office: Office) -> None:
    who = trader(office, "rc10-collector", "rc10-dabia")
    office.hires("rc10-refinery")
    office.receives("rc10-r1", who, "rc10-dabia", 10_000, "2025-02-05")
    office.says("transform-lots", transformation="rc10-t1", step="melt", custodian="rc10-refinery", inputs=["rc10-r1"],
                outputs=[{"lot": "rc10-m", "gross_mg": 10_000}], occurred_on="2025-02-07")                # nobody told of a handover
    corrects(office, who, "rc10-r1", gross_mg=10_100)
    assert holder(office, who) == {}
    assert holder(office, "rc10-refinery") == {"stock": (10_000, 9_000), "loss": (100, 90)}


def test_a_receipt_that_never_was_is_in_no_stock_and_no_figure(office: Office) -> None:
    who = trader(office, "rc9-collector", "rc9-dabia")
    first = office.receives("rc9-r1", who, "rc9-dabia", 10_000, "2025-02-05")
    for n in (2, 3, 4):
        office.receives(f"rc9-r{n}", who, "rc9-dabia", 5_000, "2025-02-06")
    office.says("hold-lot", lot="rc9-r1", rule="to-check")
    office.says("report-loss", who, lot="rc9-r2", incident="stolen")
    office.transforms("rc9-t1", "cast", who, "2025-02-07", ["rc9-r3"], {"lot": "rc9-bar", "gross_mg": 5_000, "serial": "RC9"})
    before = office.moment()
    assert office.is_refused(400, "withdraw-collection", who, lot="rc9-r1")["field"] == "reason"
    (id_,) = office.says("withdraw-collection", who, lot="rc9-r1", reason="saisie deux fois")
    card = office.asks(f"/reporting/v1/events/{id_}")
    assert (card["name"], card["data"]["corrects"], card["data"]["old"]["gross_mg"]) == (events.COLLECTION_WITHDRAWN, first, 10_000)
    for lot in ("rc9-r2", "rc9-r3"):
        office.says("withdraw-collection", who, lot=lot, reason="saisie deux fois")
    assert office.is_refused(409, "withdraw-collection", who, lot="rc9-r1", reason="encore")["rule"] == "it never was"
    office.is_refused(409, "correct-collection", who, lot="rc9-r1", gross_mg=1)
    office.is_refused(409, "recover-lot", who, lot="rc9-r2", custodian=who)
    office.is_refused(409, "transform-lots", who, transformation="rc9-t2", step="melt", custodian=who, inputs=["rc9-r1"],
                      outputs=[{"lot": "rc9-x", "gross_mg": 1}])
    office.is_refused(400, "withdraw-collection", who, lot="rc9-bar", reason="formée")
    assert office.lots(who) == {"rc9-r4": (5_000, 4_500, []), "rc9-bar": (5_000, 4_500, ["mass-balance"])}
    assert society(office, "rc9-dabia") == {"source": (-5_000, -4_500), "stock": (10_000, 9_000), "loss": (-5_000, 0), "assay": (0, -4_500)}
    assert office.masses("receipts", "collector,month", who) == {"2025-02": (1, 5_000, 4_500)}
    assert office.masses("receipts", "collector,month", who, known_at=before) == {"2025-02": (4, 25_000, 22_500)}
    assert id_ in office.asks(f"{METAL}/receipts/events?collector={who}&as_of={END}")["events"]
    assert office.asks("/gold/v1/lots/rc9-r1/origin")["lot"]["fine_mg"] == 0
    page = office.gets("/gold/lots/rc9-r1")
    assert page.status == 200 and "réception retirée".encode() in page.body
    office.again_after_a_rebuild()
