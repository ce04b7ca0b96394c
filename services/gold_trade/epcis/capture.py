"""A partner's EPCIS document comes in: all of it or nothing, or what can be, as the partner asks; one job that tells (X8)."""
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from services.gold_trade import events
from shared import event
from shared.application import Histories, Meta, New, Part
from shared.auth import Caller
from shared.errors import BadRequest, Conflict, NotFound, SanuError, Unavailable
from shared.event import Actor
from shared.service import Service

from . import shapes
from .translate import Given, correction, translate
from .vocabulary import WRONG, bare, ours

MOST_EVENTS, MOST_FAULTS = 100, 20       # the names of so many events, and so many faults, fit into the event of a job
ROLLBACK, PROCEED = "rollback", "proceed"
Fault = dict[str, Any]


def job_stream(job: str) -> str:
    return f"capture/{job}"


def event_stream(id_: str) -> str:
    return f"captured/{id_}"


class _Capture:
    """One document on its way in: what came in, and what is wrong with what did not."""

    def __init__(self, service: Service, behaviour: str, caller: Caller, correlation: str) -> None:
        self.service, self.behaviour, self.caller, self.correlation = service, behaviour, caller, correlation
        self.job, self.events = event.new_id(), 0
        self.captured: list[str] = []
        self.faults: list[Fault] = []

    @contextmanager
    def noting(self, id_: str) -> Iterator[None]:
        """What is refused within becomes a fault of this event. Raises Unavailable: that passes, and the document comes again."""
        try:
            yield
        except Unavailable:
            raise
        except SanuError as e:
            self.faults.append({"event": _plain(id_, 200), "type": e.slug, "detail": _plain(e.detail, 200),
                                **({"field": _plain(e.field, 100)} if e.field else {})})

    def carry_out(self, given: Sequence[Given], also: Collection[New] = ()) -> None:
        """Decides all commands one upon the other and appends them as one, with the job where all stand and fall together. Raises SanuError."""
        answer = self.service.handle_all([(g.command, g.body) for g in given], self.caller, _key(given), self.correlation, self._noted(given, also))
        if answer.repeated:                  # the same came in at the same moment
            raise _twice(given[0].event)
        self.captured += _ids(given)

    def _noted(self, given: Sequence[Given], also: Collection[New]) -> Part:
        """That these events came in: one stream each, so that none comes twice, not even at the same moment."""
        streams = [*(event_stream(g.event) for g in given), *(new.stream for new in also)]

        def decide(histories: Histories) -> list[New]:
            for g in given:
                if histories[event_stream(g.event)]:
                    raise _twice(g.event)
            return [*(New(event_stream(g.event), events.EVENT_CAPTURED, {
                "event": g.event, "command": g.command, "event_time": g.time, "zone": g.zone, "recorded": id_,
                "transformation": g.body.get("transformation")})
                for g, id_ in zip(given, _recorded(histories, given), strict=True)), *also]

        return Part(Meta(actor=Actor("", ""), client="", key="", digest="", correlation=self.correlation), streams, decide)

    def finished(self, captured: Sequence[str]) -> New:
        """Its size has a bound, whatever was sent: the job must not be lost."""
        faults, more = self.faults[:MOST_FAULTS], len(self.faults) - MOST_FAULTS
        if more > 0:
            faults = [*faults, {"event": "", "type": "more", "detail": f"and {more} more"}]
        return New(job_stream(self.job), events.CAPTURE_FINISHED, {
            "job": self.job, "by": self.caller.subject, "behaviour": self.behaviour, "events": self.events, "captured": list(captured), "faults": faults})

    def finish(self) -> None:
        self.service._append(job_stream(self.job), "", lambda histories: [self.finished(self.captured)], self.correlation)


def capture(service: Service, document: Mapping[str, Any], behaviour: str, caller: Caller, correlation: str) -> str:
    """The job's id. Raises BadRequest for a document that is none, Conflict for an event that was captured before (409)."""
    if behaviour not in (ROLLBACK, PROCEED):
        raise BadRequest("the error behaviour is rollback or proceed", field="GS1-Capture-Error-Behaviour")
    told = _events(document)
    it = _Capture(service, behaviour, caller, correlation)
    it.events = len(told)
    given = _given(it, told)
    if behaviour == PROCEED:
        for g in given:
            with it.noting(g.event):
                it.carry_out([g])
    elif not it.faults:
        with it.noting(""):
            it.carry_out(given, [it.finished(_ids(given))])
    if behaviour == PROCEED or it.faults:
        it.finish()
    return it.job


def _events(document: Mapping[str, Any]) -> list[Any]:
    body = document.get("epcisBody")
    told = body.get("eventList") if isinstance(body, Mapping) else None
    if document.get("type") != "EPCISDocument" or not isinstance(told, list):
        raise BadRequest("not an EPCIS document", field="epcisBody.eventList", rule="an EPCISDocument with an eventList")
    if not 0 < len(told) <= MOST_EVENTS:
        raise BadRequest("too many events, or none", field="epcisBody.eventList", rule=f"1 to {MOST_EVENTS}")
    return told


def _given(it: _Capture, told: Sequence[Any]) -> list[Given]:
    """The events as commands. An errorDeclaration has the id of what it declares wrong, and is no second telling of it; the event that is right
    comes with it, and is read as the correction.

    Raises Conflict where nothing, or not all, can come in since it came in before.
    """
    read: dict[str, dict[str, Any]] = {}
    for n, one in enumerate(told):
        with it.noting(str(one.get("eventID", n)) if isinstance(one, Mapping) else str(n)):
            read[f"eventList.{n}"] = shapes.read(one, f"eventList.{n}")
    streams = sorted({event_stream(one["eventID"]) for one in read.values()})
    before = {row.stream.partition("/")[2]: event.decode(row.state).data for row in (it.service.log.load(*streams) if streams else ())}
    happened = {one["eventID"] for one in read.values() if "errorDeclaration" not in one}
    known = sorted(happened & set(before))
    if known and (it.behaviour == ROLLBACK or len(known) == len(told)):
        raise _twice(known[0])
    wrong = {declared["errorDeclaration"]["correctiveEventIDs"][0]: declared for declared in read.values() if _corrected(declared, happened, before)}
    given, seen = list[Given](), set[str]()
    for at, one in read.items():
        id_ = one["eventID"]
        with it.noting(id_):
            if one in wrong.values():
                continue
            if id_ in before and "errorDeclaration" not in one:
                raise _twice(id_)
            if id_ in seen:
                raise BadRequest(f"event {id_} stands twice", field=f"{at}.eventID")
            given.append(correction(wrong[id_], one, at) if id_ in wrong else translate(one, at))
            seen.add(id_)
    return given


def _corrected(one: Mapping[str, Any], happened: Collection[str], before: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether it declares a transformation an error that was captured before, and one event beside it says what is right."""
    said = one.get("errorDeclaration", {})
    right = said.get("correctiveEventIDs", [])
    return (bare(said.get("reason", "")) == WRONG and "transformation" in before.get(one["eventID"], {}) and len(right) == 1 and right[0] in happened
            and one.get("transformationID") == ours("transformation", before[one["eventID"]]["transformation"]))


def _key(given: Sequence[Given]) -> str:
    return f"capture:{given[0].event}"


def _twice(id_: str) -> Conflict:
    return Conflict(f"event {id_} was captured before", field="eventID", rule="an event is captured once")


def _recorded(histories: Histories, given: Sequence[Given]) -> Iterator[str | None]:
    """The ids of the events that were decided for these just now, in their order: a lot may be assayed twice in a document, and corrected not at all."""
    just_now = {places: [e.id for stream in places[0] for e in histories[stream] if e.name == places[1] and e.command and e.command.key == _key(given)]
                for places in dict.fromkeys(g.recorded for g in given)}
    return ((just_now[g.recorded].pop(-1 if g.declared else 0) if just_now[g.recorded] else None) for g in given)


def _ids(given: Sequence[Given]) -> list[str]:
    return [id_ for g in given for id_ in g.ids]


def _plain(text: str, most: int) -> str:
    """Without what no event can hold."""
    return text[:most].replace("\0", "?").encode("utf-8", "replace").decode()


def job(service: Service, id_: str, caller: Caller) -> dict[str, Any]:
    """As the standard describes a capture job. Raises NotFound, also for another's job."""
    rows = service.log.load(job_stream(id_))
    told = event.decode(rows[0].state) if rows else None
    if told is None or told.data["by"] != caller.subject:
        raise NotFound(f"no capture job '{id_}'", field="job")
    return {"captureID": id_, "createdAt": told.recorded_at, "finishedAt": told.recorded_at, "running": False, "success": not told.data["faults"],
            "captureErrorBehaviour": told.data["behaviour"], "captured": told.data["captured"],
            "errors": [{"type": f["type"], "title": f["detail"], "event": f["event"]} for f in told.data["faults"]]}
