"""What a device recorded without network comes in: each record by itself, once, however often it is sent (X1)."""
import datetime as dt
from base64 import urlsafe_b64decode
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import groupby
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.gold_trade.metal import heard
from shared import event, requests
from shared.application import Answer, Ask
from shared.auth import Caller
from shared.errors import BadRequest, Contended, Forbidden, NotFound, SanuError, StorageFull, TooManyRequests, Unavailable, Unprocessable
from shared.jwks import BadSignature
from shared.service import Service

from . import device
from .device import Device
from .requests import Record, Sync

SIGNED = ("device", "sequence", "recorded_there", "command", "body")
ALONE = "record-collection"                # receipts do not wait for one another; everything else keeps the device's order
NOT_OURS = frozenset({"refuse-record", "register-device", "retire-device"})
PASSING = (Unavailable, Contended, StorageFull, TooManyRequests)
AT_ONCE = 64                              # what one commit takes, and how long others wait for their turn
CLOCK_OFF = dt.timedelta(hours=24)        # a device whose clock is further off than this as it sends is flagged; both times are kept
Result = dict[str, Any]
_sync, _record = Sync(), Record()


class _Command(NamedTuple):
    name: str
    sequence: int
    content: dict[str, Any]


class _Sender(NamedTuple):
    """A device as it sends; `clock_off` where its clock says another day than ours."""

    device: Device
    key: Ed25519PublicKey
    clock_off: bool
    caller: Caller
    correlation: str


def take(service: Service, body: Any, caller: Caller, correlation: str, breathe: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """One result per record, in the order they came: recorded, repeated, refused (with the problem) or waiting (send again).

    Calls `breathe` now and then, for others to have their turn. Raises BadRequest for a body that is none, NotFound for a device that is
    unknown or of another territory, Forbidden for a retired one.
    """
    asked = requests.read(_sync, body)
    its = known(service, asked["device"], caller)
    if its.retired:
        raise Forbidden(f"device '{its.id}' is retired", rule="register another")
    sender = _Sender(its, Ed25519PublicKey.from_public_bytes(its.key), _off(asked.get("sent_at"), event.now()),
                     replace(caller, keys_of=f"device:{its.id}"), correlation)          # its records stay its own, whoever brings them
    results: list[Result] = []
    for independent, some in groupby(asked["records"], key=lambda record: record.get("command") == ALONE):
        records = list(some)
        for n in range(0, len(records), AT_ONCE):
            results += _some(service, sender, records[n:n + AT_ONCE], independent)
            breathe()
    return {"device": its.id, "results": results}


def _off(sent_at: str | None, now: str) -> bool:
    """A record is as old as the network was away, so only the clock it is sent by can be judged; nothing is said of one that is not told."""
    return bool(sent_at) and abs(dt.datetime.fromisoformat(now) - dt.datetime.fromisoformat(str(sent_at))) > CLOCK_OFF


def known(service: Service, name: str, caller: Caller) -> Device:
    """Raises NotFound for a device that is unknown or of another territory: nobody is told which."""
    found = device.evolve([event.decode(r.state) for r in service.log.load(device.stream(name))])
    if found is None or (caller.territory and f"actor:{found.actor}" not in caller.territory):
        raise NotFound(f"no device '{name}'", field="device", rule="register-device first")
    return found


def _some(service: Service, sender: _Sender, records: Sequence[Mapping[str, Any]], independent: bool) -> list[Result]:
    """Those that do not depend on one another share a look at the log and a commit; what does not get in so goes by itself."""
    read = [_read(sender, record) for record in records]
    refused = _refused_before(service, sender.device.id, {r.sequence for r in read if isinstance(r, _Command)})
    together = [r for r in read if isinstance(r, _Command) and independent and r.sequence not in refused]
    try:
        with heard.batch(service):
            asks = [Ask(c.name, c.content, f"{sender.device.id}:{c.sequence}", sender.correlation) for c in together]
            answers = iter(service.handle_each(asks, sender.caller) if asks else ())
    except Unavailable as e:
        return [r if isinstance(r, dict) else {"sequence": r.sequence, "status": "waiting", "problem": _problem(e)} for r in read]

    def result(r: "_Command | Result") -> Result:
        if isinstance(r, dict):
            return r
        answer = next(answers) if independent and r.sequence not in refused else None
        return _said(r, answer) if answer else _one(service, sender, r, refused.get(r.sequence, ""))

    return list(map(result, read))


def _refused_before(service: Service, device_: str, sequences: Collection[int]) -> dict[int, str]:
    """Why, by number."""
    loaded = service.log.load(*(device.refusal_stream(device_, n) for n in sorted(sequences))) if sequences else ()
    told = [event.decode(row.state).data for row in loaded]
    return {d["sequence"]: d["why"] for d in told}


def _read(sender: _Sender, record: Mapping[str, Any]) -> "_Command | Result":
    try:
        _no_null(record)
        told = event.plain(dict(record))
        checked = requests.read(_record, told)
        _signed(sender, told)
    except SanuError as e:                  # nobody knows whose it is: it leaves no trace
        return {"sequence": _number(record), "status": "refused", "problem": _problem(e)}
    content = {**checked["body"], "device": sender.device.id}
    if checked["command"] == ALONE:
        content |= {"sequence": checked["sequence"], "recorded_there": checked["recorded_there"], **({"clock_off": True} if sender.clock_off else {})}
    return _Command(checked["command"], checked["sequence"], content)


def _no_null(value: object) -> None:
    if value is None:
        raise BadRequest("null has no place here", rule="leave the field out")
    for part in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        _no_null(part)


def _number(record: Mapping[str, Any]) -> Any:
    """As the record said it, if that can be said again."""
    try:
        return event.plain(record.get("sequence"))
    except SanuError:
        return None


def _one(service: Service, sender: _Sender, command: _Command, refused: str) -> Result:
    """What was refused stays so, and what was recorded too: a number has one fate. What its input has yet to come for waits, undecided."""
    key = f"{sender.device.id}:{command.sequence}"
    taken = service.log.command(sender.caller.client, key)
    try:
        if refused and not taken:
            raise BadRequest(refused, rule="refused before")
        if command.name in NOT_OURS:
            raise Forbidden("a device records no such thing", field="command")
        return _said(command, _handled(service, sender, command, key))
    except PASSING as e:
        return {"sequence": command.sequence, "status": "waiting", "problem": _problem(e)}
    except SanuError as e:
        waits = isinstance(e, NotFound) and bool(e.field)
        if not (taken or waits or refused):
            with suppress(Unprocessable):       # whoever brings it at the same moment was told another reason, and wrote that one
                service.handle("refuse-record", {"device_id": sender.device.id, "sequence": command.sequence, "command": command.name, "why": str(e)[:500]},
                               sender.caller, f"{key}:refused", sender.correlation)
        return {"sequence": command.sequence, "status": "waiting" if waits else "refused", "problem": _problem(e)}


def _handled(service: Service, sender: _Sender, command: _Command, key: str) -> Answer:
    try:
        return service.handle(command.name, command.content, sender.caller, key, sender.correlation)
    except Unprocessable:                   # the same record, perhaps, sent before by a clock that was judged otherwise
        if command.name != ALONE:
            raise
        other = {k: v for k, v in command.content.items() if k != "clock_off"} if sender.clock_off else {**command.content, "clock_off": True}
        return service.handle(command.name, other, sender.caller, key, sender.correlation)


def _said(command: _Command, answer: Answer) -> Result:
    return {"sequence": command.sequence, "status": "repeated" if answer.repeated else "recorded", "events": list(answer.events)}


def _signed(sender: _Sender, record: Mapping[str, Any]) -> None:
    """Raises BadSignature."""
    try:
        signature = urlsafe_b64decode(record["signature"] + "=" * (-len(record["signature"]) % 4))
        sender.key.verify(signature, event.canonical({"device": sender.device.id, **{k: record[k] for k in SIGNED[1:]}}))
    except (InvalidSignature, ValueError) as e:
        raise BadSignature("the device's key did not sign this record") from e


def _problem(e: SanuError) -> dict[str, Any]:
    return {"status": e.status, "type": e.slug, "detail": e.detail, **({"field": e.field} if e.field else {}), **({"rule": e.rule} if e.rule else {})}
