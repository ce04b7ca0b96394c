"""Out of season, silent, lost, late or wrong (G13, G14, G18, X1, X4): over HTTP, told by reporting as it was and as it is, again after a rebuild."""
from base64 import urlsafe_b64encode
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared import event
from tests.metal_office import END, METAL, Office


def test_g13_what_comes_in_while_mining_rests_is_held_into_the_bar(office: Office) -> None:
    """The stop of 2025 is from 15 June to 30 September; the corridor ends with the year."""
    office.founds("g13-dabia", until="2025-12-31")
    office.hires("g13-collector")
    office.arrive()
    days = ("2025-06-14", "2025-06-15", "2025-06", "2025-09-30", "2025-10-01", "2026-01-10")
    told = [office.receives(f"g13-r{n}", "g13-collector", "g13-dabia", 10_000 * n, day) for n, day in enumerate(days, 1)]
    closed = {"ML-10": True}
    assert [office.findings(one) for one in told] == [
        {**found, "no-miner-named": False} for found in ({}, closed, closed, closed, {}, {"society-to-check": False, "ML-02": False})]
    office.lifts("g13-r2", "ML-10", "extrait avant l'arrêt", "2025-10-05")
    office.transforms("g13-t1", "cast", "g13-collector", "2025-10-06", ["g13-r4", "g13-r5"], {"lot": "g13-bar", "gross_mg": 90_000, "serial": "G13-0001"})
    assert office.lots("g13-collector", "g13-collector") == {
        "g13-r1": (10_000, 9_000, []), "g13-r2": (20_000, 18_000, []), "g13-r3": (30_000, 27_000, ["ML-10"]), "g13-r6": (60_000, 54_000, []),
        "g13-bar": (90_000, 81_000, ["ML-10"])}

    assert [office.holds(day).get("ML-10", {}).get("held", 0) for day in ("2025-06-14", "2025-06-15", "2025-06-29", "2025-06-30", "2025-09-30")] == [
        0, 1, 1, 2, 3]                                                        # "June" counts from its last day
    assert office.holds() == {"ML-10": {"held": 2, "begun": 4, "lifted": 1, "spent": 1}}
    assert office.masses("receipts", "collector,month", "g13-collector") == {
        "2025-06": (3, 60_000, 54_000), "2025-09": (1, 40_000, 36_000), "2025-10": (1, 50_000, 45_000), "2026-01": (1, 60_000, 54_000)}
    office.again_after_a_rebuild()


def test_g14_stock_declared_before_the_stop_may_come_in_up_to_what_was_declared(office: Office) -> None:
    office.founds("g14-dabia")
    office.hires("g14-collector", "g14-other-collector")
    office.arrive()
    stock = {"actor": "g14-collector", "season": "hivernage-2025"}
    office.is_refused(403, "declare-stock", "g14-other-collector", **stock, gross_mg=50_000)
    office.is_refused(400, "declare-stock", "g14-collector", **{**stock, "season": "hivernage-1999"}, gross_mg=50_000)
    office.says("declare-stock", "g14-collector", **stock, gross_mg=50_000, occurred_on="2025-06-14")

    def brings(n: int, gross_mg: int, extracted_on: str, by: str = "g14-collector", day: str = "2025-07-10") -> None:
        office.receives(f"g14-r{n}", by, "g14-dabia", gross_mg, day, extracted_on=extracted_on)

    brings(1, 30_000, "2025-05")
    brings(2, 20_000, "2025-06-14")                                           # all of it now
    brings(3, 100, "2025-05")
    brings(4, 1_000, "2025-06-15")                                            # out of the ground on the first day of the stop
    brings(5, 2_000, "2025-06")                                               # perhaps in the stop
    (late,) = office.says("declare-stock", "g14-collector", **stock, gross_mg=60_100, occurred_on="2025-07-20")
    assert office.findings(late) == {"declared-late": False}
    brings(6, 10_000, "2025-04")                                              # 50,100 came before, and what was declared in the stop frees nothing
    office.says("declare-stock", "g14-collector", **stock, gross_mg=60_101, occurred_on="2025-06-14")                # a paper that was found later
    brings(10, 1, "2025-04")
    brings(7, 1, "2025-04")
    brings(8, 5_000, "2025-05", by="g14-other-collector")                     # who declared nothing
    brings(9, 3_000, "2025-08", day="2025-10-01")                             # the stop is over
    held = {lot: holds for one in (stock["actor"], "g14-other-collector") for lot, (_, _, holds) in office.lots(one, one).items() if holds}
    undeclared = {f"g14-r{n}": ["undeclared-stock"] for n in (3, 6, 7, 8)}
    assert held == {**undeclared, "g14-r4": ["ML-10"], "g14-r5": ["ML-10"]}

    assert office.holds() == {"undeclared-stock": {"held": 4, "begun": 4}, "ML-10": {"held": 2, "begun": 2}}
    assert office.masses("receipts", "collector,month", "g14-collector") == {"2025-07": (8, 63_102, 56_790), "2025-10": (1, 3_000, 2_700)}
    assert office.masses("receipts", "collector,month", "g14-other-collector") == {"2025-07": (1, 5_000, 4_500)}
    office.again_after_a_rebuild()


def test_g18_silence_loss_and_theft_are_told_and_what_is_found_again_comes_back(office: Office) -> None:
    office.founds("g18-dabia")
    office.hires("g18-collector", "g18-comptoir")
    office.arrive()
    both = ("g18-collector", "g18-comptoir")
    for n, gross in enumerate((10_000, 8_000, 5_000, 20_000, 30_000), 1):
        office.receives(f"g18-r{n}", both[0], "g18-dabia", gross, "2025-01-10")
    office.hands_over("g18-h1", *both, "2025-01-12", "g18-r4", due_by="2999-01-15T08:00:00Z")
    for handover, lot, due_by in (("g18-h2", "g18-r5", "2999-01-15T08:00:00Z"), ("g18-h3", "g18-r1", "2025-01-15T08:00:00Z")):
        office.says("offer-handover", both[0], handover=handover, giver=both[0], taker=both[1], lots=[lot], due_by=due_by, occurred_on="2025-01-12")
    office.says("refuse-handover", both[1], handover="g18-h2", why="colis absent")
    (alarm,) = office.asks(f"/gold/v1/lots?holder={both[0]}&held=held", both[0])["lots"]                            # nobody answered, and the clock said so
    (hold,) = alarm["holds"]
    assert (alarm["lot"], hold["rule"]) == ("g18-r1", "custody-silence")
    assert office.holds() == {"custody-silence": {"held": 1, "begun": 1}}
    assert hold["event"] in office.asks(f"{METAL}/holds/events?rule=custody-silence&as_of={END}")["events"]
    office.says("accept-handover", both[1], handover="g18-h3", occurred_on="2025-01-20")                            # late; the hold waits for two people
    assert office.lots(both[1], both[1]) == {"g18-r1": (10_000, 9_000, ["custody-silence"]), "g18-r4": (20_000, 18_000, [])}

    office.is_refused(403, "report-loss", both[1], lot="g18-r2", incident="lost")
    office.is_refused(409, "recover-lot", both[0], lot="g18-r2", custodian=both[0])
    office.says("report-loss", both[0], lot="g18-r2", incident="lost", occurred_on="2025-02-01")
    office.says("report-loss", both[0], lot="g18-r3", incident="stolen", occurred_on="2025-02-02")
    refused = office.is_refused(409, "offer-handover", both[0], handover="g18-h4", giver=both[0], taker=both[1], lots=["g18-r3"])
    assert refused["rule"] == "recover-lot first"
    office.says("recover-lot", both[0], lot="g18-r3", custodian=both[1], occurred_on="2025-03-10")
    assert office.lots(both[0], both[0]) == {"g18-r5": (30_000, 27_000, [])}
    assert {a["account"]: (a["gross_mg"], a["fine_mg"]) for a in office.asks(f"/gold/v1/balance?as_of={END}", both[0])["accounts"]} == {
        "stock": (30_000, 27_000), "stolen": (8_000, 7_200)}

    gone = {"lost": (1, 8_000, 7_200), "stolen": (1, 5_000, 4_500)}
    assert office.masses("losses", "custodian,step", both[0], "2025-03-09") == gone
    assert office.masses("losses", "custodian,step", both[0]) == {**gone, "recovered": (1, -5_000, -4_500)}
    assert [office.stock(f"2025-0{month}", *both) for month in (1, 2, 3)] == [
        {both[0]: (43_000, 38_700), both[1]: (30_000, 27_000)}, {both[0]: (30_000, 27_000), both[1]: (30_000, 27_000)},
        {both[0]: (30_000, 27_000), both[1]: (35_000, 31_500)}]
    office.again_after_a_rebuild()


class Tablet:
    """Signs what it records where there is no network."""

    def __init__(self, device: str, owner: str, society: str) -> None:
        self.device, self.owner, self.society, self.key = device, owner, society, Ed25519PrivateKey.generate()

    @property
    def public_key(self) -> str:
        return _b64(self.key.public_key().public_bytes_raw())

    def receipt(self, sequence: int, gross_mg: int, lot: str = "", at: str = "", key: Ed25519PrivateKey | None = None) -> dict[str, Any]:
        return self.record(sequence, "record-collection", at, key, lot=lot or f"x1-r{sequence}", collector=self.owner, society=self.society, miners=[],
                           gross_mg=gross_mg, fineness_per_100k=90_000, method="xrf", occurred_on="2024-11-02")

    def record(self, sequence: int, command: str, at: str = "", key: Ed25519PrivateKey | None = None, /, **body: Any) -> dict[str, Any]:
        said = {"sequence": sequence, "recorded_there": at or event.now(), "command": command, "body": body}
        return {**said, "signature": _b64((key or self.key).sign(event.canonical({"device": self.device, **said})))}


def _b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_x1_what_a_tablet_recorded_without_network_comes_in_once_and_its_gaps_are_seen(office: Office) -> None:
    office.founds("x1-dabia")
    office.hires("x1-collector", "x1-other-collector")
    office.says("issue-tags", actor="x1-collector", prefix="x1-", first=1, last=1)
    office.arrive()
    tablet = Tablet("x1-tablet", "x1-collector", "x1-dabia")
    office.says("register-device", tablet.owner, device_id=tablet.device, actor=tablet.owner, key=tablet.public_key)
    desk = office.receives("x1-desk", tablet.owner, "x1-dabia", 1_000, "2024-11-02")

    def syncs(*records: dict[str, Any], status: int = 200, person: str = tablet.owner, sent_at: str = "") -> list[Any]:
        reply = office.posts("/gold/v1/sync", person, {"device": tablet.device, "sent_at": sent_at or event.now(), "records": records})
        assert reply.status == status, reply.body
        return list(reply.json.get("results", ()))

    def gaps() -> Any:
        return {k: v for k, v in office.asks(f"/gold/v1/devices/{tablet.device}").items() if k != "last_recorded_at"}

    one, two, six = tablet.receipt(1, 10_000), tablet.receipt(2, 20_000), tablet.receipt(6, 5_000, at="2024-01-05T08:00:00.000Z")
    syncs(one, status=404, person="x1-other-collector")
    first = syncs(one, two, tablet.receipt(3, 7_000, key=Ed25519PrivateKey.generate()), tablet.receipt(4, -5))
    first += syncs(six, sent_at="2024-01-05T09:30:00.000Z")                                                         # its clock had stopped
    assert [r["status"] for r in first] == ["recorded", "recorded", "refused", "refused", "recorded"]
    assert (first[2]["problem"]["type"], first[3]["problem"]["field"]) == ("bad-signature", "gross_mg")
    assert gaps() == {"device": "x1-tablet", "highest": 6, "came": 4, "missing": [3, 5]}                            # 4 came, and was refused

    later = (one, two, tablet.receipt(3, 7_000), tablet.record(5, "seal-parcel", parcel="x1-p1", tag="x1-1", custodian=tablet.owner, lots=["x1-r1", "x1-r2"]),
             tablet.receipt(7, 4_000, lot="x1-desk"))
    second, third = syncs(*later), syncs(*later)
    assert [r["status"] for r in second] == ["repeated", "repeated", "recorded", "recorded", "refused"]
    assert [r["status"] for r in third] == ["repeated"] * 4 + ["refused"] and third[2]["events"] == second[2]["events"]
    assert second[4]["problem"]["status"] == 409                                                                    # told at the desk already
    assert syncs(tablet.receipt(1, 999_999))[0]["problem"]["status"] == 422
    assert gaps() == {"device": "x1-tablet", "highest": 7, "came": 7, "missing": []}
    office.says("retire-device", tablet.owner, device_id=tablet.device, reason="perdue")
    syncs(tablet.receipt(8, 9_000), status=403)

    assert office.lots(tablet.owner, tablet.owner) == {
        "x1-desk": (1_000, 900, []), "x1-r1": (10_000, 9_000, []), "x1-r2": (20_000, 18_000, []), "x1-r3": (7_000, 6_300, []), "x1-r6": (5_000, 4_500, [])}
    (wrong_clock,) = first[4]["events"]
    card = office.asks(f"/reporting/v1/events/{wrong_clock['id']}")
    assert (card["data"]["recorded_there"], card["where"]["device"], card["data"]["sequence"]) == ("2024-01-05T08:00:00.000Z", "x1-tablet", 6)
    assert card["when"]["recorded_at"] > office.since and office.findings(wrong_clock["id"]) == {"device-clock": False, "no-miner-named": False}
    assert office.masses("receipts", "collector,month", tablet.owner) == {"2024-11": (5, 43_000, 38_700)}
    came = [desk, *(r["events"][0]["id"] for r in (first[0], first[1], first[4], second[2]))]
    assert office.asks(f"{METAL}/receipts/events?collector={tablet.owner}&as_of={END}")["events"] == came
    assert office.stock("2024-11", tablet.owner) == {tablet.owner: (43_000, 38_700)} and office.holds() == {}
    office.again_after_a_rebuild()


def test_x4_a_receipt_is_corrected_wherever_its_metal_went_and_both_versions_stay_readable(office: Office) -> None:
    """In stock, stolen, or in a bar: there the shares and the societies' books follow, the difference is booked by its step, and its balance tells."""
    for society in ("x4-a", "x4-b", "x4-c"):
        office.founds(society)
    office.hires("x4-comptoir", "x4-other-comptoir")
    office.arrive()
    awa, moussa = ([{"miner": miner, "parts": 1}] for miner in ("m-x4awa001", "m-x4moussa"))
    who = "x4-comptoir"
    first = office.receives("x4-r1", who, "x4-a", 20_000, "2024-04-01", miners=awa)
    office.receives("x4-r2", who, "x4-b", 10_000, "2024-04-02", miners=moussa)
    office.receives("x4-r3", who, "x4-a", 5_000, "2024-04-03", 80_000)
    office.receives("x4-r4", who, "x4-a", 3_000, "2024-04-04")
    office.transforms("x4-t1", "cast", who, "2024-04-10", ["x4-r1", "x4-r2"], {"lot": "x4-bar", "gross_mg": 29_900, "serial": "X4-0001"}, tolerance=1000)
    office.says("report-loss", who, lot="x4-r4", incident="stolen", occurred_on="2024-04-20")
    before = office.moment()
    right = office.says("correct-collection", who, lot="x4-r1", gross_mg=19_000, occurred_on="2024-05-15", reason="balance étalonnée")[0]
    office.says("correct-collection", who, lot="x4-r2", fineness_per_100k=95_000, society="x4-c", miners=awa, occurred_on="2024-05-15")
    office.says("correct-collection", who, lot="x4-r3", gross_mg=4_800, occurred_on="2024-05-15")
    office.says("correct-collection", who, lot="x4-r4", gross_mg=3_100, occurred_on="2024-05-15")
    office.changes_nothing("correct-collection", who, lot="x4-r4", gross_mg=3_100)                                  # it is right by now
    office.is_refused(403, "correct-collection", "x4-other-comptoir", lot="x4-r3", gross_mg=1)
    assert office.is_refused(400, "correct-collection", who, lot="x4-bar", gross_mg=1)["rule"] == "correct what it was formed of"

    then, now = (office.asks(f"/gold/v1/lots/X4-0001/origin{known}") for known in (f"?known_at={before}", ""))
    assert [(r["lot"], r["gross_mg"], r["fine_mg"]) for r in then["receipts"]] == [("x4-r1", 19_933, 18_000), ("x4-r2", 9_967, 9_000)]
    assert [(r["lot"], r["gross_mg"], r["fine_mg"]) for r in now["receipts"]] == [("x4-r1", 19_221, 17_357), ("x4-r2", 10_679, 9_643)]     # 17,100 to 9,500
    assert [{s["society"]: s["fine_mg"] for s in it["societies"]} for it in (then, now)] == [{"x4-a": 18_000, "x4-b": 9_000}, {"x4-a": 17_357, "x4-c": 9_643}]
    assert [{m["miner"]: m["fine_mg"] for m in it["miners"]} for it in (then, now)] == [{"m-x4awa001": 18_000, "m-x4moussa": 9_000}, {"m-x4awa001": 27_000}]
    assert office.lots(who, who) == {"x4-bar": (29_900, 27_000, ["mass-balance"]), "x4-r3": (4_800, 3_840, [])}
    books = {name: {a["account"]: (a["gross_mg"], a["fine_mg"]) for a in office.asks(f"/gold/v1/societies/{name}/balance")["accounts"]}
             for name in ("x4-a", "x4-b", "x4-c")}
    assert books == {"x4-a": {"source": (-26_900, -23_730), "stock": (24_390, 21_197), "stolen": (3_100, 2_790), "loss": (-590, 0),
                              "assay": (0, -257)},
                     "x4-b": {}, "x4-c": {"source": (-10_000, -9_500), "stock": (10_310, 9_643), "loss": (-310, 0), "assay": (0, -143)}}
    told, declared, corrected = office.epcis("eventType=ObjectEvent&MATCH_anyEPCClass=urn:x-sanu:lot:x4-r1", who)
    assert told["eventID"] == declared["eventID"] == f"urn:uuid:{first}" and "errorDeclaration" not in told
    assert declared["errorDeclaration"]["correctiveEventIDs"] == [corrected["eventID"]] == [f"urn:uuid:{right}"]
    assert [e["quantityList"][0]["quantity"] for e in (told, declared, corrected)] == [20_000, 20_000, 19_000]

    assert office.masses("receipts", "collector,society", who, known_at=before) == {"x4-a": (3, 28_000, 24_700), "x4-b": (1, 10_000, 9_000)}
    assert office.masses("receipts", "collector,society", who) == {"x4-a": (3, 26_900, 23_730), "x4-b": (0, 0, 0), "x4-c": (1, 10_000, 9_500)}
    weighed = {"cast": (1, 100, 0), "stolen": (1, 3_000, 2_700)}
    assert office.masses("losses", "custodian,step", who, "2024-05-14") == office.masses("losses", "custodian,step", who, known_at=before) == weighed
    assert office.masses("losses", "custodian,step", who) == {**weighed, "correction": (2, -900, 90)}                # -1,000 and 100; 0 and 90
    assert office.masses("assay-differences", "custodian,step", who) == {"correction": (2, 0, -400)}                 # more came out than went in: -900, 500
    assert office.holds() == {"mass-balance": {"held": 1, "begun": 1}}
    assert [office.stock(month, who) for month in ("2024-04", "2024-05")] == [{who: (34_900, 31_000)}, {who: (34_700, 30_840)}]
    assert office.one("bars", "custodian", who, "gross_mg", "fine_mg") == (29_900, 27_000)                           # the bar is what it is
    office.again_after_a_rebuild()
