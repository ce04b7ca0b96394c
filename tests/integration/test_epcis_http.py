"""EPCIS over HTTP: what a partner's clerk asks and sends, and whatever else arrives at the two addresses."""
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.gold_trade.epcis.parameters import PARAMS
from services.gold_trade.epcis.shapes import Quantity, Told
from tests.metal_office import Office
from tests.stranger import send

CAPTURE = "/gold/v1/epcis/capture"
URIS = st.sampled_from([f"urn:x-sanu:{kind}:{id_}" for kind in ("lot", "party", "transformation", "handover")
                        for id_ in ("ep-r1", "ep-refinery", "%00", "é", "")])
WORDS = st.sampled_from(["TransformationEvent", "ObjectEvent", "inspecting", "receiving", "urn:x-sanu:bizstep:melting", "desadv", "possessing_party",
                         "MGM", "KGM", "2024-11-20T10:00:00.000Z", "2024-11-20T23:30:00-05:00", "0001-01-01T00:00:00+14:00", "+00:00", "\0",
                         "\ud800", "urn:é", "a:b"])
MEMBERS = st.sampled_from([*(f.data_key or name for name, f in {**Told._declared_fields, **Quantity._declared_fields}.items()), "id", "source",
                           "bizTransaction"])
VALUES = st.recursive(st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5) | WORDS | URIS,
                      lambda inner: st.lists(inner, max_size=3) | st.dictionaries(MEMBERS, inner, max_size=4), max_leaves=12)


def document(*told: Any) -> dict[str, Any]:
    return {"type": "EPCISDocument", "schemaVersion": "2.0", "epcisBody": {"eventList": list(told)}}


def melt(id_: str, lot: str) -> dict[str, Any]:
    return {"type": "TransformationEvent", "eventID": id_, "eventTime": "2024-11-20T23:30:00-05:00", "eventTimeZoneOffset": "-05:00",
            "bizStep": "urn:x-sanu:bizstep:melting", "transformationID": f"urn:x-sanu:transformation:{lot}-t",
            "bizLocation": {"id": "urn:x-sanu:party:ep-refinery"}, "inputQuantityList": [{"epcClass": f"urn:x-sanu:lot:{lot}"}],
            "outputQuantityList": [{"epcClass": f"urn:x-sanu:lot:{lot}-m", "quantity": 990, "uom": "MGM"}]}


def test_x8_a_refinery_gets_back_what_it_told_and_an_error_declared_is_not_recorded(office: Office) -> None:
    office.hires("ep-refinery")
    office.arrive()
    office.receives("ep-r1", "ep-refinery", "ep-dabia", 1_000, "2024-11-01")
    told = melt("urn:uuid:ep-1", "ep-r1")
    taken = office.posts(CAPTURE, "ep-refinery", document(told))
    assert taken.status == 202 and office.gets(taken.headers["location"], "ep-refinery").json["captured"] == ["urn:uuid:ep-1"]
    assert office.posts(CAPTURE, "ep-refinery", document(told)).status == 409
    (found,) = office.epcis("EQ_eventID=urn:uuid:ep-1", "ep-refinery")
    assert [found[k] for k in ("eventTime", "eventTimeZoneOffset", "x-sanu:occurredOn")] == [told["eventTime"], "-05:00", "2024-11-20"]
    declared = told | {"errorDeclaration": {"declarationTime": "2024-11-21T00:00:00Z", "reason": "did_not_occur"}}
    job = office.posts(CAPTURE, "ep-refinery", document(declared))
    assert job.status == 202
    (error,) = office.gets(job.headers["location"], "ep-refinery").json["errors"]
    assert "errorDeclaration" in error["title"]
    assert set(office.lots("ep-refinery", "ep-refinery")) == {"ep-r1-m"}
    office.again_after_a_rebuild()


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(events=st.lists(st.dictionaries(MEMBERS, VALUES, max_size=8) | VALUES, min_size=1, max_size=3), fill=st.booleans(), behaviour=st.sampled_from(
    ["rollback", "proceed"]))
def test_whatever_is_sent_is_answered_and_what_is_taken_has_its_job(office: Office, events: list[Any], fill: bool, behaviour: str) -> None:
    """With `fill` the odd members stand in an event that is good but for them."""
    if "ep-refinery" not in office._tokens:
        office.hires("ep-refinery")
    told = [melt(f"urn:uuid:fuzz-{n}", "ep-none") | e if fill and isinstance(e, dict) else e for n, e in enumerate(events)]
    answer = send(office.config, "POST", CAPTURE, office._tokens["ep-refinery"], document(*told), GS1_Capture_Error_Behaviour=behaviour)
    assert answer.status in (202, 400), answer.body
    if answer.status == 202:
        job = office.gets(answer.headers["location"], "ep-refinery")
        assert job.status == 200 and (job.json["success"] or job.json["errors"])


def test_whatever_is_asked_is_answered(office: Office) -> None:
    for name in [p.name for p in PARAMS]:
        for value in ("%00", "%7C", "%F0%9F%98%80", "%ED%A0%80", "9%7E2024", "'", "1%7E0001-01-01T00:00:00%2B23:59", "-1", ""):
            answer = office.gets(f"/gold/v1/epcis/events?{name}={value}", "auditor")
            assert answer.status in (200, 400), (name, value, answer.body)
    refused = office.gets("/gold/v1/epcis/events?EQ_readPoint=urn:x", "auditor")
    assert (refused.status, refused.json["field"]) == (400, "EQ_readPoint") and "EQ_bizStep" in refused.json["rule"]
