"""One event, one form: the canonical JSON that is stored, published, received and hashed."""
import datetime as dt
import json
import unicodedata
import uuid
from typing import Any

import msgspec
import uuid_utils

from .errors import BadRequest, TooLarge

LIMIT_BYTES = 64 * 1024
LARGEST = 2**53 - 1
_encoder = msgspec.json.Encoder(order="sorted")


class Actor(msgspec.Struct, frozen=True):
    subject: str
    role: str


class Command(msgspec.Struct, frozen=True):
    """Which request made the event: `digest` is a keyed hash of its body."""

    client: str
    key: str
    digest: str


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What happened. Absent fields are left out of the stored bytes; unknown fields of newer shapes are ignored here."""

    id: str
    name: str
    stream: str
    version: int
    recorded_at: str                   # UTC, milliseconds
    actor: Actor
    correlation: str
    data: dict[str, Any]
    occurred_on: str = ""              # EDTF, see dates.py; absent: nobody said when
    causation: str = ""
    command: Command | None = None
    device: str = ""
    place: str = ""
    reason: str = ""
    synthetic: bool = False


_decoder = msgspec.json.Decoder(Event)


def moment(at: dt.datetime) -> str:
    """As events hold it: UTC with milliseconds."""
    return at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def now() -> str:
    return moment(dt.datetime.now(dt.UTC))


def later(than: str, seconds: float) -> str:
    return moment(dt.datetime.fromisoformat(than) + dt.timedelta(seconds=seconds))


def new_id() -> str:
    """A UUIDv7: unique, and near its neighbours in an index."""
    return str(uuid_utils.uuid7())


def derived_id(*parts: str) -> str:
    """The same id for the same parts, so that a retry is the same event or command."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "sanu:" + "\x1f".join(parts)))


def plain(value: Any, field: str = "") -> Any:
    """`value` with NFC strings. Raises BadRequest for what the canonical form has no place for (RFC 8785, no null, no float, no NUL).

    NUL, for PostgreSQL's text has none: a view would stop at the event.
    """
    if type(value) is str and value.isascii() and "\0" not in value:         # NFC already: most of what comes
        return value
    match value:
        case bool():
            return value
        case int():
            if not -LARGEST <= value <= LARGEST:
                raise BadRequest("integer beyond 2^53", field=field)
            return value
        case str():
            if "\0" in value:
                raise BadRequest("text holds a NUL character", field=field)
            try:
                value.encode()
            except UnicodeEncodeError as e:
                raise BadRequest("text holds half a surrogate pair", field=field) from e
            return unicodedata.normalize("NFC", value)
        case list() | tuple():
            return [plain(v, f"{field}[{i}]") for i, v in enumerate(value)]
        case dict():
            for key in value:
                if not isinstance(key, str) or not key.isascii() or "\0" in key:
                    raise BadRequest(f"key {key!r} is not ASCII", field=field)
            return {k: plain(v, f"{field}.{k}" if field else k) for k, v in value.items() if v is not None}
    raise BadRequest(f"{type(value).__name__} has no canonical form", field=field)


def canonical(value: Any) -> bytes:
    """RFC 8785 bytes of an already plain value."""
    return _encoder.encode(value)


def encode(event: Event) -> bytes:
    """The stored bytes. Raises TooLarge over 64 KiB."""
    state = _encoder.encode(event)
    if len(state) > LIMIT_BYTES:
        raise TooLarge(f"event {event.name} has {len(state)} bytes, at most {LIMIT_BYTES}")
    return state


def decode(state: bytes) -> Event:
    return _decoder.decode(state)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise BadRequest("a JSON key stands twice", rule="RFC 8259, 4: names unique")
    return result


def _filled(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    for name, value in pairs:
        if value is None:
            raise BadRequest("null has no place here", field=name[:50], rule="leave the field out")
    return _unique(pairs)


def _no_constant(name: str) -> Any:
    raise BadRequest(f"{name} is not JSON")


def _deepest(body: bytes) -> int:
    """Nesting counted before parsing: 200,000 brackets must not reach the parser's recursion."""
    level = deepest = 0
    in_text = escaped = False
    for byte in body:
        if in_text:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                in_text = False
        elif byte == 0x22:
            in_text = True
        elif byte in b"[{":
            level += 1
            deepest = max(deepest, level)
        elif byte in b"]}":
            level -= 1
    return deepest


def read_json(body: bytes, depth: int = 32, nulls: bool = False) -> Any:
    """Strict JSON from outside. Raises BadRequest for duplicate keys, null (unless `nulls`), NaN, bad UTF-8 or nesting deeper than `depth`."""
    if body.count(b"[") + body.count(b"{") > depth and _deepest(body) > depth:
        raise BadRequest(f"JSON nested deeper than {depth}")
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_unique if nulls else _filled, parse_constant=_no_constant)
    except (ValueError, RecursionError) as e:
        raise BadRequest("the body is not valid JSON") from e
