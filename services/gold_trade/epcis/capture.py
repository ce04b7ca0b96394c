"""A partner's EPCIS document comes in: all of it or nothing, or what can be, as the partner asks; one job that tells (X8)."""
from collections.abc import Mapping, Sequence
from typing import Any

from services.gold_trade import events
from shared import event
from shared.application import Histories, Meta, New, Part
from shared.auth import Caller
from shared.errors import BadRequest, Conflict, NotFound, SanuError
from shared.event import Actor
from shared.service import Service

from .translate import Given, translate

MOST_EVENTS = 100
ROLLBACK, PROCEED = "rollback", "proceed"
Fault = dict[str, Any]


def job_stream(job: str) -> str:
    return f"capture/{job}"


def event_stream(id_: str) -> str:
    return f"captured/{id_}"


def capture(service: Service, document: Mapping[str, Any], behaviour: str, caller: Caller, correlation: str) -> str:
    """The job's id. Raises BadRequest for a document that is none, Conflict for an event that was captured before (409)."""
    if behaviour not in (ROLLBACK, PROCEED):
        raise BadRequest("the error behaviour is rollback or proceed", field="GS1-Capture-Error-Behaviour")
    told = _events(document)
    for n, one in enumerate(told):
        if isinstance(one, Mapping) and isinstance(one.get("eventID"), str) and service.log.load(event_stream(one["eventID"])):
            raise Conflict(f"event {one['eventID'][:100]} was captured before", field=f"eventList.{n}.eventID", rule="an event is captured once")
    job = event.new_id()
    faults: list[Fault] = []
    given = list(_translated(told, faults, behaviour))
    done = [] if faults and behaviour == ROLLBACK else _carry_out(service, given, faults, behaviour, caller, correlation)
    service._append(job_stream(job), "", lambda histories: [New(job_stream(job), events.CAPTURE_FINISHED, {
        "job": job, "by": caller.subject, "behaviour": behaviour, "events": len(told), "captured": done, "faults": faults})], correlation)
    return job


def _events(document: Mapping[str, Any]) -> list[Any]:
    body = document.get("epcisBody")
    told = body.get("eventList") if isinstance(body, Mapping) else None
    if document.get("type") != "EPCISDocument" or not isinstance(told, list):
        raise BadRequest("not an EPCIS document", field="epcisBody.eventList", rule="an EPCISDocument with an eventList")
    if not 0 < len(told) <= MOST_EVENTS:
        raise BadRequest("too many events, or none", field="epcisBody.eventList", rule=f"1 to {MOST_EVENTS}")
    return told


def _translated(told: Sequence[Any], faults: list[Fault], behaviour: str) -> Sequence[Given]:
    result, seen = [], set()
    for n, one in enumerate(told):
        try:
            if not isinstance(one, Mapping):
                raise BadRequest("an event is an object", field=f"eventList.{n}")
            given = translate(one, f"eventList.{n}")
            if given.event in seen:
                raise BadRequest(f"event {given.event} stands twice", field=f"eventList.{n}.eventID")
            seen.add(given.event)
            result.append(given)
        except SanuError as e:
            faults.append(_fault(str(one.get("eventID", n)) if isinstance(one, Mapping) else str(n), e))
    return result


def _carry_out(service: Service, given: Sequence[Given], faults: list[Fault], behaviour: str, caller: Caller, correlation: str) -> list[str]:
    """The ids of what came in. In a rollback all commands are decided one upon the other and appended as one."""
    if behaviour == ROLLBACK:
        try:
            service.handle_all([(g.command, g.body) for g in given], caller, f"capture:{given[0].event}", correlation, _noted(given, correlation))
        except SanuError as e:
            faults.append(_fault("", e))
            return []
        return [g.event for g in given]
    done = []
    for g in given:
        try:
            service.handle_all([(g.command, g.body)], caller, f"capture:{g.event}", correlation, _noted([g], correlation))
            done.append(g.event)
        except SanuError as e:
            faults.append(_fault(g.event, e))
    return done


def _noted(given: Sequence[Given], correlation: str) -> Part:
    """That these events came in: one stream each, so that none comes twice, not even at the same moment."""
    streams = [event_stream(g.event) for g in given]

    def decide(histories: Histories) -> list[New]:
        for g in given:
            if histories[event_stream(g.event)]:
                raise Conflict(f"event {g.event} was captured before", field="eventID", rule="an event is captured once")
        return [New(event_stream(g.event), events.EVENT_CAPTURED, {"event": g.event, "command": g.command}) for g in given]

    return Part(Meta(actor=Actor("", ""), client="", key="", digest="", correlation=correlation), streams, decide)


def _fault(id_: str, e: SanuError) -> Fault:
    return {"event": id_[:200], "type": e.slug, "detail": e.detail[:300], **({"field": e.field} if e.field else {})}


def job(service: Service, id_: str, caller: Caller) -> dict[str, Any]:
    """As the standard describes a capture job. Raises NotFound, also for another's job."""
    rows = service.log.load(job_stream(id_))
    told = event.decode(rows[0].state) if rows else None
    if told is None or told.data["by"] != caller.subject:
        raise NotFound(f"no capture job '{id_}'", field="job")
    return {"captureID": id_, "createdAt": told.recorded_at, "finishedAt": told.recorded_at, "running": False, "success": not told.data["faults"],
            "captureErrorBehaviour": told.data["behaviour"], "captured": told.data["captured"],
            "errors": [{"type": f["type"], "title": f["detail"], "event": f["event"]} for f in told.data["faults"]]}
