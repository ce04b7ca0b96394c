"""From the pit to the bar (G1 to G4): said over HTTP by each one's own clerk, answered by gold_trade, told by reporting, again after a rebuild."""


from tests.metal_office import Office


def test_g1_a_receipt_is_recorded_whatever_it_says_and_held_where_a_rule_says_so(office: Office) -> None:
    office.founds("g1-dabia", "m-g1awa001")
    office.says("register-miners", rows=[{"miner": "m-g1moussa", "name": "Membre Exemple", "organisation": "g1-dabia", "admitted_on": "2021-01-01"}])
    office.says("suspend-organisation", organisation="g1-dabia", occurred_on="2024-10-01")
    office.hires("g1-collector", "g1-other-collector", licensed_until="2024-12-31")
    office.says("register-site", site="g1-site", name="Site Exemple", district="Kangaba")
    office.arrive()
    shares = [{"miner": "m-g1awa001", "parts": 2}, {"miner": "m-g1moussa", "parts": 1}]
    first = office.receives("g1-r1", "g1-collector", "g1-dabia", 12_345, "2024-09-30", 91_317, miners=shares, site="g1-site", photo="a1" * 32,
                            advance_xof=250_000)
    second = office.receives("g1-r2", "g1-collector", "g1-dabia", 8_001, "2024-10-01", 88_888, method="density", miners=shares[:1], site="g1-site")
    third = office.receives("g1-r3", "g1-collector", "g1-nobody", 1_000, "2025-01-05", 75_000, method="touchstone", site="g1-elsewhere")
    office.is_refused(403, "record-collection", "g1-other-collector", lot="g1-r4", collector="g1-collector", society="g1-dabia", gross_mg=1, miners=[],
                      fineness_per_100k=90_000, method="xrf")
    office.is_refused(409, "record-collection", "g1-collector", lot="g1-r1", collector="g1-collector", society="g1-dabia", gross_mg=1, miners=[],
                      fineness_per_100k=90_000, method="xrf")

    assert office.lots("g1-collector", "g1-collector") == {                           # 12,345 x 0.91317 = 11,273.08; 8,001 x 0.88888 = 7,111.93
        "g1-r1": (12_345, 11_273, []), "g1-r2": (8_001, 7_111, ["society-suspended"]), "g1-r3": (1_000, 750, ["society-unknown"])}
    assert office.findings(first) == {"miner-to-check": False}                        # no card
    assert office.findings(second) == {"society-suspended": True}
    assert office.findings(third) == {"society-unknown": True, "ML-08": False, "ML-02": False, "site-unknown": False, "no-miner-named": False}
    told = office.asks(f"/reporting/v1/events/{first}")["data"]
    assert told["advance_xof"] == 250_000 and told["relied_on"]["training"] == "unknown"        # not "none"

    assert office.masses("receipts", "collector,society", "g1-collector") == {"g1-dabia": (2, 20_346, 18_384), "g1-nobody": (1, 1_000, 750)}
    assert office.masses("receipts", "collector,site", "g1-collector", "2024-09-30") == {"g1-site": (1, 12_345, 11_273)}
    assert office.one("receipts", "collector", "g1-collector", "count", "fineness_per_100k") == (3, 89_637)           # 19,134 of 21,346
    assert office.holds() == {"society-suspended": {"held": 1, "begun": 1}, "society-unknown": {"held": 1, "begun": 1}}
    office.says("lift-hold", lot="g1-r2", rule="society-suspended", decision="vu", occurred_on="2024-10-18")
    office.is_refused(403, "lift-hold", "secretary", lot="g1-r2", rule="society-suspended", decision="vu")
    assert office.lots("g1-collector", "g1-collector")["g1-r2"] == (8_001, 7_111, ["society-suspended"])
    office.says("lift-hold", "second", lot="g1-r2", rule="society-suspended", decision="vu", occurred_on="2024-10-20")
    assert office.lots("g1-collector", "g1-collector")["g1-r2"] == (8_001, 7_111, [])
    assert office.holds("2024-10-19") == {"society-suspended": {"held": 1, "begun": 1}}
    assert office.holds("2024-10-20") == {"society-suspended": {"begun": 1, "lifted": 1}}
    office.again_after_a_rebuild()


def test_g2_a_tag_seals_once_and_what_is_wrong_with_it_goes_with_the_metal(office: Office) -> None:
    """Three sides: who issues the tags, who seals, who has the parcel when the tag is looked at."""
    office.founds("g2-dabia")
    office.hires("g2-collector", "g2-comptoir")
    office.arrive()
    for n in range(1, 6):
        office.receives(f"g2-r{n}", "g2-collector", "g2-dabia", 10_000 * n, "2024-03-01")
    office.is_refused(403, "issue-tags", "g2-collector", actor="g2-collector", prefix="g2-", first=1, last=9)
    office.says("issue-tags", actor="g2-collector", prefix="g2-", first=1, last=3)
    office.says("issue-tags", actor="g2-comptoir", prefix="g2-", first=4, last=6)
    assert office.is_refused(409, "issue-tags", "secretary", actor="g2-comptoir", prefix="g2-", first=3, last=9)["rule"] == "a tag is issued once"

    def seals(parcel: str, tag: str, *lots: str) -> None:
        office.says("seal-parcel", "g2-collector", parcel=parcel, tag=tag, custodian="g2-collector", lots=lots, occurred_on="2024-03-02")

    seals("g2-p1", "g2-1", "g2-r1", "g2-r2")
    seals("g2-p2", "g2-2", "g2-r3")
    seals("g2-p3", "g2-4", "g2-r4")                                                   # which is the comptoir's
    refused = office.is_refused(409, "seal-parcel", "g2-collector", parcel="g2-p4", tag="g2-1", custodian="g2-collector", lots=["g2-r5"])
    assert (refused["field"], refused["rule"]) == ("tag", "a tag seals once")
    office.hands_over("g2-h1", "g2-collector", "g2-comptoir", "2024-03-03", parcel="g2-p1", weighed_mg=30_000)
    office.is_refused(403, "open-parcel", "g2-collector", parcel="g2-p1", tag_found="g2-1")           # it gave the parcel away
    office.says("open-parcel", "g2-comptoir", parcel="g2-p1", tag_found="g2-1", occurred_on="2024-03-04")
    office.says("open-parcel", parcel="g2-p2", tag_found="g2-3", occurred_on="2024-03-04")
    assert office.lots("g2-comptoir", "g2-comptoir") == {"g2-r1": (10_000, 9_000, []), "g2-r2": (20_000, 18_000, [])}
    assert office.lots("g2-collector", "g2-collector") == {
        "g2-r3": (30_000, 27_000, ["seal-mismatch"]), "g2-r4": (40_000, 36_000, ["tag-not-issued"]), "g2-r5": (50_000, 45_000, [])}
    assert office.holds() == {"seal-mismatch": {"held": 1, "begun": 1}, "tag-not-issued": {"held": 1, "begun": 1}}

    office.transforms("g2-t1", "melt", "g2-collector", "2024-03-05", ["g2-r3", "g2-r4", "g2-r5"], {"lot": "g2-m1", "gross_mg": 120_000})
    assert office.lots("g2-collector", "g2-collector") == {                            # r4 was sealed still
        "g2-m1": (120_000, 108_000, ["seal-mismatch", "sealed-metal-used", "tag-not-issued"])}
    assert office.holds() == {"seal-mismatch": {"held": 1, "begun": 2, "spent": 1}, "tag-not-issued": {"held": 1, "begun": 2, "spent": 1},
                              "sealed-metal-used": {"held": 1, "begun": 1}}
    assert [(e["parentID"], e["action"], e["bizStep"]) for e in office.epcis("eventType=AggregationEvent&MATCH_anyEPC=urn:x-sanu:lot:g2-r1")] == [
        ("urn:x-sanu:parcel:g2-p1", "ADD", "packing"), ("urn:x-sanu:parcel:g2-p1", "DELETE", "unpacking")]
    assert office.stock("2024-03", "g2-collector", "g2-comptoir") == {"g2-collector": (120_000, 108_000), "g2-comptoir": (30_000, 27_000)}
    office.again_after_a_rebuild()


def test_g3_custody_moves_by_the_signatures_of_both_sides_and_ownership_by_neither(office: Office) -> None:
    office.founds("g3-dabia")
    office.hires("g3-collector", "g3-comptoir", "g3-refinery")
    office.arrive()
    for n in range(1, 5):
        office.receives(f"g3-r{n}", "g3-collector", "g3-dabia", 10_000 * n, "2024-06-05")
    offer = {"giver": "g3-collector", "taker": "g3-comptoir", "occurred_on": "2024-07-10"}
    office.is_refused(403, "offer-handover", "g3-comptoir", handover="g3-h1", lots=["g3-r1"], **offer)                  # not its own to give
    office.says("offer-handover", "g3-collector", handover="g3-h1", lots=["g3-r1", "g3-r2"], **offer)
    assert set(office.lots("g3-collector")) == {"g3-r1", "g3-r2", "g3-r3", "g3-r4"}                                     # one signature moves nothing
    office.is_refused(403, "accept-handover", "g3-collector", handover="g3-h1")
    office.says("accept-handover", "g3-comptoir", handover="g3-h1", weighed_mg=29_970, tolerance_per_100k=100, occurred_on="2024-07-10")    # exactly 0.1 %
    office.is_refused(409, "accept-handover", "g3-comptoir", handover="g3-h1")
    office.says("offer-handover", "second", handover="g3-h2", lots=["g3-r3"], **offer)
    assert office.is_refused(403, "accept-handover", "second", handover="g3-h2")["rule"] == "two signatures of two people"
    office.says("accept-handover", "g3-comptoir", handover="g3-h2", weighed_mg=29_969, tolerance_per_100k=100, occurred_on="2024-07-11")    # 1 mg more
    office.says("offer-handover", "g3-collector", handover="g3-h3", lots=["g3-r4"], **offer)
    office.says("refuse-handover", "g3-comptoir", handover="g3-h3", why="colis absent", occurred_on="2024-07-12")
    office.hands_over("g3-h4", "g3-collector", "g3-refinery", "2024-08-01", "g3-r1", weighed_mg=10_000)                 # which is the comptoir's by now
    office.is_refused(403, "transfer-ownership", "g3-comptoir", lot="g3-r2", owner="g3-comptoir")                        # it has it; it is the society's
    office.says("transfer-ownership", lot="g3-r2", owner="g3-refinery", occurred_on="2024-08-02")

    assert office.lots("g3-collector", "g3-collector") == {"g3-r4": (40_000, 36_000, [])}
    assert office.lots("g3-comptoir", "g3-comptoir") == {"g3-r2": (20_000, 18_000, []), "g3-r3": (30_000, 27_000, ["weight-mismatch"])}
    assert office.lots("g3-refinery", "g3-refinery") == {"g3-r1": (10_000, 9_000, ["custody-gap"])}
    (sold,) = office.epcis("MATCH_anyEPCClass=urn:x-sanu:lot:g3-r2&eventType=TransactionEvent", "g3-refinery")
    assert (sold["sourceList"], sold["destinationList"]) == ([{"type": "owning_party", "source": "urn:x-sanu:party:g3-dabia"}],
                                                             [{"type": "owning_party", "destination": "urn:x-sanu:party:g3-refinery"}])

    all_ = ("g3-collector", "g3-comptoir", "g3-refinery")
    assert office.stock("2024-06", *all_) == {"g3-collector": (100_000, 90_000)}
    assert office.stock("2024-07", *all_) == {"g3-collector": (40_000, 36_000), "g3-comptoir": (60_000, 54_000)}
    assert office.stock("2024-08", *all_) == {"g3-collector": (40_000, 36_000), "g3-comptoir": (50_000, 45_000), "g3-refinery": (10_000, 9_000)}
    assert office.holds() == {"weight-mismatch": {"held": 1, "begun": 1}, "custody-gap": {"held": 1, "begun": 1}}
    office.again_after_a_rebuild()


def test_g4_six_steps_to_a_bar_keep_what_came_of_what_and_name_what_is_missing(office: Office) -> None:
    """The refinery tells its own steps as EPCIS events."""
    office.founds("g4-dabia")
    office.hires("g4-comptoir", "g4-refinery")
    office.arrive()
    office.receives("g4-r1", "g4-comptoir", "g4-dabia", 40_000, "2024-03-01")                                            # 36,000 fine: 15 of 38
    office.receives("g4-r2", "g4-comptoir", "g4-dabia", 60_000, "2024-03-21", 92_000)                                    # 55,200 fine: 23 of 38
    office.transforms("g4-t1", "merge", "g4-comptoir", "2024-03-22", ["g4-r1", "g4-r2"], {"lot": "g4-m", "gross_mg": 100_000})
    office.transforms("g4-t2", "melt", "g4-comptoir", "2024-03-23", ["g4-m"], {"lot": "g4-l", "gross_mg": 99_400}, tolerance=1000)
    office.transforms("g4-t3", "split", "g4-comptoir", "2024-03-24", ["g4-l"], {"lot": "g4-a", "gross_mg": 49_700}, {"lot": "g4-b", "gross_mg": 49_700})
    office.transforms("g4-t4", "sample", "g4-comptoir", "2024-03-25", ["g4-a"], {"lot": "g4-a2", "gross_mg": 49_200}, {"lot": "g4-s", "gross_mg": 500})
    refused = office.is_refused(409, "transform-lots", "g4-comptoir", transformation="g4-t9", step="melt", custodian="g4-comptoir", inputs=["g4-s", "g4-a"],
                                outputs=[{"lot": "g4-x", "gross_mg": 1}])
    assert (refused["field"], refused["rule"]) == ("inputs.1", "nothing is spent twice")
    office.hands_over("g4-h1", "g4-comptoir", "g4-refinery", "2024-04-01", "g4-a2", "g4-b", weighed_mg=98_900)

    def step(n: int, name: str, day: str, inputs: list[str], *outputs: dict[str, object]) -> dict[str, object]:
        return {"type": "TransformationEvent", "eventID": f"urn:uuid:g4-{n}", "eventTime": f"{day}T10:00:00.000Z", "eventTimeZoneOffset": "+00:00",
                "bizStep": f"urn:x-sanu:bizstep:{name}", "transformationID": f"urn:x-sanu:transformation:g4-t{n}", "x-sanu:tolerancePer100k": 500,
                "bizLocation": {"id": "urn:x-sanu:party:g4-refinery"}, "inputQuantityList": [{"epcClass": f"urn:x-sanu:lot:{i}"} for i in inputs],
                "outputQuantityList": [{"uom": "MGM", **o} for o in outputs]}

    document = {"type": "EPCISDocument", "schemaVersion": "2.0", "epcisBody": {"eventList": [
        step(5, "refining", "2024-04-20", ["g4-b"], {"epcClass": "urn:x-sanu:lot:g4-f", "quantity": 45_300, "x-sanu:finenessPer100k": 99_990},
             {"epcClass": "urn:x-sanu:lot:g4-slag", "quantity": 4_300}),
        step(6, "casting", "2024-04-30", ["g4-f", "g4-a2"], {"epcClass": "urn:x-sanu:lot:g4-bar", "quantity": 94_350, "x-sanu:serial": "G4-0001"})]}}
    taken = office.posts("/gold/v1/epcis/capture", "g4-refinery", document)
    assert taken.status == 202 and office.gets(taken.headers["location"], "g4-refinery").json["success"]
    assert office.posts("/gold/v1/epcis/capture", "g4-refinery", document).status == 409

    assert office.lots("g4-comptoir", "g4-comptoir") == {"g4-s": (500, 459, [])}                    # 45,600 x 500 / 49,700 = 458.75
    assert office.lots("g4-refinery", "g4-refinery") == {                                           # 45,295 + 45,141; what the refining left of 45,600
        "g4-bar": (94_350, 90_436, []), "g4-slag": (4_300, 305, [])}
    origin = office.asks("/gold/v1/lots/G4-0001/origin")
    assert [(r["lot"], r["gross_mg"], r["fine_mg"]) for r in origin["receipts"]] == [("g4-r2", 57_107, 54_738), ("g4-r1", 37_243, 35_698)]
    onward = office.asks("/gold/v1/lots/g4-r1/onward")
    assert {lot["lot"]: lot["of_it_fine_mg"] for lot in onward["now"]} == {"g4-bar": 35_698, "g4-s": 181, "g4-slag": 120}      # 15 of 38 of each
    assert {lot["lot"] for lot in onward["through"]} == {f"g4-{name}" for name in ("m", "l", "a", "b", "a2", "f")}

    assert office.masses("losses", "custodian,step", "g4-comptoir") == {"melt": (1, 600, 0)}
    assert office.masses("losses", "custodian,step", "g4-refinery") == {"refine": (1, 100, 0), "cast": (1, 150, 0)}
    assert office.one("bars", "custodian", "g4-refinery", "count", "gross_mg", "fine_mg", "days_to_bar") == (
        1, 94_350, 90_436, 47.89)                                                                    # (15 x 60 + 23 x 40) / 38
    assert office.stock("2024-04", "g4-comptoir", "g4-refinery") == {"g4-comptoir": (500, 459), "g4-refinery": (98_650, 90_741)}
    assert office.holds() == {}
    office.again_after_a_rebuild()
