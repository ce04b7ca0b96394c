"""Nobody makes gold by telling of it: a step's own tolerances count, and metal of several stays theirs (G3, G5), over HTTP."""
from typing import Any

from tests.metal_office import Office


def step(office: Office, id_: str, name: str, inputs: list[str], *outputs: dict[str, Any], **more: Any) -> tuple[dict[str, Any], list[str]]:
    """What was recorded of it, and its events."""
    who = f"{id_.rpartition('-')[0]}-collector"
    ids = office.says("transform-lots", who, transformation=id_, step=name, custodian=who, inputs=inputs, outputs=outputs,
                      occurred_on="2024-05-10", **more)
    return dict(office.asks(f"/reporting/v1/events/{ids[0]}")["data"]), ids


def booked(told: dict[str, Any]) -> dict[str, tuple[int, int]]:
    return {e["account"]: (e["gross_mg"], e["fine_mg"]) for e in told["entries"]}


def test_a_step_is_held_against_both_ledgers_by_its_own_tolerance(office: Office) -> None:
    office.founds("mb-a")
    office.hires("mb-collector")
    office.arrive()
    for n, fineness in enumerate((50_000, 90_000, 90_000, 90_000)):
        office.receives(f"mb-r{n}", "mb-collector", "mb-a", 1_000_000, "2024-05-02", fineness)

    told, _ = step(office, "mb-t0", "merge", ["mb-r0"], {"lot": "mb-m0", "gross_mg": 1_000_000, "fineness_per_100k": 100_000})
    assert told["findings"] == [{"rule": "mass-balance", "hold": True}] and booked(told) == {"assay": (0, -500_000), "stock": (0, 500_000)}

    told, _ = step(office, "mb-t1", "melt", ["mb-r1"], {"lot": "mb-m1", "gross_mg": 500_000, "fineness_per_100k": 90_000}, tolerance_per_100k=100_000)
    assert told["findings"] == [{"rule": "mass-balance", "hold": False}] and told["tolerance_per_100k"] == 2_000
    assert booked(told) == {"loss": (500_000, 450_000), "stock": (-500_000, -450_000)}                # no assay difference: it is as fine as before

    told, _ = step(office, "mb-t2", "melt", ["mb-r2"], {"lot": "mb-m2", "gross_mg": 990_000})
    assert told["findings"] == []                                                                     # what a melt may lose
    told, _ = step(office, "mb-t3", "melt", ["mb-r3"], {"lot": "mb-m3", "gross_mg": 990_000}, tolerance_per_100k=500)
    assert told["findings"] == [{"rule": "mass-balance", "hold": False}] and told["tolerance_per_100k"] == 500

    assert office.lots("mb-collector", "mb-collector") == {
        "mb-m0": (1_000_000, 1_000_000, ["mass-balance"]), "mb-m1": (500_000, 450_000, []), "mb-m2": (990_000, 900_000, []), "mb-m3": (990_000, 900_000, [])}
    office.again_after_a_rebuild()


def test_metal_of_several_owners_is_not_the_melter_s(office: Office) -> None:
    office.founds("mo-b")
    office.founds("mo-c")
    office.hires("mo-collector")
    office.arrive()
    for n, society in enumerate(("mo-b", "mo-b", "mo-c")):
        office.receives(f"mo-o{n}", "mo-collector", society, 1_000, "2024-05-02")
    _, ids = step(office, "mo-t4", "melt", ["mo-o0", "mo-o1"], {"lot": "mo-n0", "gross_mg": 2_000})
    assert office.asks(f"/reporting/v1/events/{ids[-1]}")["data"]["owner"] == "mo-b"
    _, ids = step(office, "mo-t5", "melt", ["mo-n0", "mo-o2"], {"lot": "mo-n1", "gross_mg": 3_000})
    assert "owner" not in office.asks(f"/reporting/v1/events/{ids[-1]}")["data"]
    assert office.is_refused(403, "transfer-ownership", "mo-collector", lot="mo-n1", owner="mo-collector")["rule"] == "territory"
    (sold,) = office.says("transfer-ownership", lot="mo-n1", owner="mo-collector", occurred_on="2024-05-11")
    assert "old_owner" not in office.asks(f"/reporting/v1/events/{sold}")["data"]
    office.says("transfer-ownership", "mo-collector", lot="mo-n1", owner="mo-buyer", occurred_on="2024-05-12")              # now it is its own


def test_a_receipt_is_corrected_by_who_made_it_not_by_who_has_it_now(office: Office) -> None:
    office.founds("mc-d")
    office.hires("mc-first-collector", "mc-comptoir")
    office.arrive()
    office.receives("mc-p0", "mc-first-collector", "mc-d", 1_000, "2024-05-02")
    office.hands_over("mc-h0", "mc-first-collector", "mc-comptoir", "2024-05-03", "mc-p0")
    office.is_refused(403, "correct-collection", "mc-comptoir", lot="mc-p0", gross_mg=900)
    office.says("correct-collection", "mc-first-collector", lot="mc-p0", gross_mg=990, reason="relu")
    assert office.lots("mc-comptoir", "mc-comptoir") == {"mc-p0": (990, 891, [])}
