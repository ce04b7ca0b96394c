"""What a device recorded without network comes in: each record by itself, once, however often it is sent (X1)."""
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.gold_trade.metal import heard
from shared import event, requests
from shared.application import Answer, Ask
from shared.auth import Caller
from shared.errors import Contended, Forbidden, NotFound, SanuError, StorageFull, TooManyRequests, Unavailable
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
Result = dict[str, Any]
_sync, _record = Sync(), Record()


class _Command(NamedTuple):
    name: str
    sequence: int
    content: dict[str, Any]


def take(service: Service, body: Any, caller: Caller, correlation: str, breathe: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """One result per record, in the order they came: recorded, repeated, refused (with the problem) or waiting (send again).

    Calls `breathe` now and then, for others to have their turn. Raises BadRequest for a body that is none, NotFound for a device that is
    unknown or of another territory, Forbidden for a retired one.
    """
    asked = requests.read(_sync, event.plain(body))
    its = known(service, asked["device"], caller)
    if its.retired:
        raise Forbidden(f"device '{its.id}' is retired", rule="register another")
    caller = replace(caller, keys_of=f"device:{its.id}")               # its records stay its own, whoever brings them
    key = Ed25519PublicKey.from_public_bytes(its.key)
    results: list[Result] = []
    for independent, some in groupby(asked["records"], key=lambda record: record.get("command") == ALONE):
        records = list(some)
        for n in range(0, len(records), AT_ONCE):
            results += _some(service, its, key, records[n:n + AT_ONCE], caller, correlation, independent)
            breathe()
    return {"device": its.id, "results": results}


def known(service: Service, name: str, caller: Caller) -> Device:
    """Raises NotFound for a device that is unknown or of another territory: nobody is told which."""
    found = device.evolve([event.decode(r.state) for r in service.log.load(device.stream(name))])
    if found is None or (caller.territory and f"actor:{found.actor}" not in caller.territory):
        raise NotFound(f"no device '{name}'", field="device", rule="register-device first")
    return found


def _some(service: Service, its: Device, key: Ed25519PublicKey, records: Sequence[Mapping[str, Any]], caller: Caller, correlation: str,
          independent: bool) -> list[Result]:
    """Those that do not depend on one another share a look at the log and a commit; what does not get in so goes by itself."""
    read = [_read(its, key, record) for record in records]
    commands = [r for r in read if isinstance(r, _Command)]
    answers: list[Answer | None] = [None] * len(commands)
    if independent:
        try:
            with heard.batch(service):
                answers = service.handle_each([Ask(c.name, c.content, f"{its.id}:{c.sequence}", correlation) for c in commands], caller)
        except Unavailable as e:
            return [r if isinstance(r, dict) else {"sequence": r.sequence, "status": "waiting", "problem": _problem(e)} for r in read]
    together = iter(answers)
    return [r if isinstance(r, dict) else _said(r, answer) if (answer := next(together)) else _one(service, its, r, caller, correlation) for r in read]


def _read(its: Device, key: Ed25519PublicKey, record: Mapping[str, Any]) -> "_Command | Result":
    try:
        checked = requests.read(_record, dict(record))
        _signed(its.id, key, record)
    except SanuError as e:                  # nobody knows whose it is: it leaves no trace
        return {"sequence": record.get("sequence"), "status": "refused", "problem": _problem(e)}
    content = {**checked["body"], "device": its.id}
    if checked["command"] == ALONE:
        content |= {"sequence": checked["sequence"], "recorded_there": checked["recorded_there"]}
    return _Command(checked["command"], checked["sequence"], content)


def _one(service: Service, its: Device, command: _Command, caller: Caller, correlation: str) -> Result:
    key = f"{its.id}:{command.sequence}"
    try:
        if command.name in NOT_OURS:
            raise Forbidden("a device records no such thing", field="command")
        return _said(command, service.handle(command.name, command.content, caller, key, correlation))
    except PASSING as e:
        return {"sequence": command.sequence, "status": "waiting", "problem": _problem(e)}
    except SanuError as e:
        service.handle("refuse-record", {"device_id": its.id, "sequence": command.sequence, "command": command.name, "why": str(e)[:500]}, caller,
                       f"{key}:refused", correlation)
        return {"sequence": command.sequence, "status": "refused", "problem": _problem(e)}


def _said(command: _Command, answer: Answer) -> Result:
    return {"sequence": command.sequence, "status": "repeated" if answer.repeated else "recorded", "events": list(answer.events)}


def _signed(id_: str, key: Ed25519PublicKey, record: Mapping[str, Any]) -> None:
    """Raises BadSignature."""
    try:
        signature = urlsafe_b64decode(record["signature"] + "=" * (-len(record["signature"]) % 4))
        key.verify(signature, event.canonical({"device": id_, **{k: record[k] for k in SIGNED[1:]}}))
    except (InvalidSignature, ValueError) as e:
        raise BadSignature("the device's key did not sign this record") from e


def _problem(e: SanuError) -> dict[str, Any]:
    return {"status": e.status, "type": e.slug, "detail": e.detail, **({"field": e.field} if e.field else {}), **({"rule": e.rule} if e.rule else {})}
