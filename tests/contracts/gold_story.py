"""What happens to metal in the story: every event of gold_trade, told through today's commands."""
from base64 import urlsafe_b64encode
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.gold_trade.assays.exchange import commitment
from services.gold_trade.epcis import capture
from shared import auth, process
from shared.testing import AllScopes
from tests.peers import Together

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NONCE = "ab" * 16


def tell(world: Together, **meta: Any) -> None:
    gold = world["gold_trade"]

    def say(command: str, by: str = "officer-1", /, **body: Any) -> None:
        caller = auth.Caller(subject=by, role="secretariat", scopes=AllScopes())
        said["n"] += 1
        gold.handle(command, {**meta, **body}, caller, f"story-{said['n']}", "test")

    said = {"n": 0}
    say("register-actor", actor="comptoir", kind="comptoir", name="Comptoir")
    say("record-licence", actor="comptoir", licence="AG-1", kind="comptoir", issuer="DNGM", valid_from="2024-01-01", valid_until="2025-12-31")
    _device(say)
    say("declare-stock", actor="comptoir", season="hivernage-2025", gross_mg=50_000, occurred_on="2025-06-14")
    for lot in ("r1", "r2", "r3", "r4"):
        say("record-collection", lot=lot, collector="comptoir", society="dabia", site="site-1", gross_mg=12_500, fineness_per_100k=91_300, method="xrf",
            photo="0" * 64, advance_xof=50_000, sequence=1, recorded_there="2024-11-17T09:00:00Z", miners=[{"miner": "m-aaaaaa", "parts": 1}])
    say("record-collection", lot="r5", collector="comptoir", society="dabia", gross_mg=1_000, fineness_per_100k=90_000, method="density", miners=[],
        occurred_on="2025-07-01", extracted_on="2025-05")
    say("correct-collection", lot="r1", gross_mg=12_400)
    _never_was(say)
    say("hold-lot", lot="r1", rule="to-check")
    for officer in ("officer-1", "officer-2"):
        say("lift-hold", officer, lot="r1", rule="to-check", decision="seen")
    say("issue-tags", actor="comptoir", prefix="ml-", first=1, last=9)
    say("transform-lots", transformation="t1", step="melt", custodian="comptoir", inputs=["r1", "r2"], outputs=[{"lot": "l1", "gross_mg": 24_800}])
    say("seal-parcel", parcel="p1", tag="ml-1", custodian="comptoir", lots=["l1"])
    say("offer-handover", handover="h1", giver="comptoir", taker="marena-gold", parcel="p1", due_by="2024-11-18T09:00:00Z")
    world.fold()
    process.perform(gold.processes[0], gold.do, "2024-11-19T09:00:00.000Z")
    say("accept-handover", "officer-2", handover="h1", weighed_mg=24_800)
    say("open-parcel", parcel="p1", tag_found="ml-1")
    say("offer-handover", handover="h2", giver="comptoir", taker="marena-gold", lots=["r3"])
    say("refuse-handover", handover="h2", why="absent")
    say("transfer-ownership", lot="l1", owner="marena-gold")
    say("report-loss", lot="r3", incident="stolen")
    say("recover-lot", lot="r3", custodian="comptoir")
    _assays(say)
    transformation = {"type": "TransformationEvent", "eventID": "urn:uuid:1", "eventTime": "2024-11-20T10:00:00Z", "bizStep": "urn:x-sanu:bizstep:casting",
                      "transformationID": "urn:x-sanu:transformation:t9", "bizLocation": {"id": "urn:x-sanu:party:marena-gold"},
                      "inputQuantityList": [{"epcClass": "urn:x-sanu:lot:l1"}],
                      "outputQuantityList": [{"epcClass": "urn:x-sanu:lot:bar-1", "quantity": 24_700, "uom": "MGM", "x-sanu:serial": "MG-1"}]}
    caller = auth.Caller(subject="marena", role="refinery", scopes=AllScopes(), territory=frozenset({"actor:marena-gold"}))
    odd = {"type": "ObjectEvent", "eventID": "urn:uuid:2", "eventTime": "2024-11-20T10:00:00Z"}
    capture.capture(gold, {"type": "EPCISDocument", "epcisBody": {"eventList": [transformation, odd]}}, capture.PROCEED, caller, "test")
    say("correct-transformation", transformation="t9", outputs=[{"lot": "bar-1", "gross_mg": 24_690, "fineness_per_100k": 91_000}])


def _never_was(say: Any) -> None:
    """A receipt that was told twice, and one whose bar weighs more than it did, until it is corrected."""
    for lot in ("r6", "r7"):
        say("record-collection", lot=lot, collector="comptoir", society="dabia", gross_mg=1_000, fineness_per_100k=90_000, method="xrf", miners=[])
    say("withdraw-collection", lot="r6", reason="told twice")
    say("transform-lots", transformation="t7", step="cast", custodian="comptoir", inputs=["r7"], outputs=[{"lot": "bar-7", "gross_mg": 1_200, "serial": "7"}])
    say("correct-collection", lot="r7", gross_mg=1_200, site="site-1", method="density", advance_xof=0, new_occurred_on="2024-11-16")


def _device(say: Any) -> None:
    key = urlsafe_b64encode(KEY.public_key().public_bytes_raw()).rstrip(b"=").decode()
    say("register-device", device_id="tablet-1", actor="comptoir", key=key)
    say("refuse-record", device_id="tablet-1", sequence=3, command="record-collection", why="gross_mg: must be above zero")
    say("retire-device", device_id="tablet-1")


def _assays(say: Any) -> None:
    for officer in ("officer-1", "officer-2"):
        say("agree-contract", officer, contract="k1", seller="comptoir", buyer="marena-gold")
    say("send-consignment", consignment="c1", contract="k1", lots=["r4"])
    say("weigh-consignment", consignment="c1", weighed_mg=12_500)
    say("melt-consignment", consignment="c1", lot="m1", weighed_mg=12_400)
    say("dispute-consignment", consignment="c1", why="loss in the melt")
    say("settle-dispute", consignment="c1", decision="weighed together")
    for party, fineness in (("seller", 91_400), ("buyer", 91_000)):
        say("commit-assay", f"{party}-1", consignment="c1", party=party, commitment=commitment("c1", party, fineness, NONCE))
    for party, fineness in (("seller", 91_400), ("buyer", 91_000)):
        say("reveal-assay", f"{party}-1", consignment="c1", party=party, fineness_per_100k=fineness, nonce=NONCE)
    say("record-umpire", consignment="c1", fineness_per_100k=91_300, umpire="laboratory")
