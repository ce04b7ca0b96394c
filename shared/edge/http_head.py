"""The head of an HTTP/1.1 request, read strictly: what two readers could understand differently is refused (RFC 9112)."""
import io
import re
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from werkzeug.wrappers import Request as WerkzeugRequest

from shared.errors import BadRequest, TooLarge

from .problems import HeadTooLarge

FIELDS = 100
_LINE = re.compile(r"([A-Z]{1,20}) (?:https?://[^/?#\s]+)?(/[\x21-\x7e]*) HTTP/1\.([01])")
_FIELD = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")
_LENGTH = re.compile(r"[0-9]{1,18}")
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")


class Request(WerkzeugRequest):
    """A request whose body has arrived; the entrypoint adds who sent it."""

    correlation: str = ""
    caller: Any = None


class Head(NamedTuple):
    method: str
    target: str
    keep_alive: bool
    length: int                        # of the body in bytes; -1: it comes in chunks
    expects: bool                      # the client waits for "100 Continue"
    fields: dict[str, str]             # WSGI names: HTTP_ACCEPT


def _fields(lines: list[str]) -> dict[str, str]:
    if len(lines) > FIELDS:
        raise HeadTooLarge(f"more than {FIELDS} header fields")
    fields: dict[str, str] = {}
    for line in lines:
        match = _FIELD.fullmatch(line)
        if match is None:              # also a folded line, white space before the colon, a bare CR or LF
            raise BadRequest("a header field is malformed")
        name, value = match[1].upper(), match[2].rstrip(" \t")
        if "_" in name:                # would look like another field once its hyphens are underscores
            continue
        key = name.replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = "HTTP_" + key
        if key in fields:
            if key in ("CONTENT_LENGTH", "CONTENT_TYPE", "HTTP_HOST", "HTTP_TRANSFER_ENCODING", "HTTP_AUTHORIZATION"):
                raise BadRequest(f"the header field {match[1]} stands twice")
            value = f"{fields[key]},{value}"
        fields[key] = value
    return fields


def _length(fields: dict[str, str], minor: str, limit: int) -> int:
    length, coding = fields.get("CONTENT_LENGTH"), fields.get("HTTP_TRANSFER_ENCODING")
    if coding is not None:
        if length is not None:
            raise BadRequest("Content-Length and Transfer-Encoding exclude each other")
        if coding.lower() != "chunked" or minor == "0":
            raise BadRequest("the only transfer coding taken is chunked, with HTTP/1.1")
        return -1
    if length is None:
        return 0
    if not _LENGTH.fullmatch(length):
        raise BadRequest("Content-Length is not a number")
    if int(length) > limit:
        raise TooLarge(f"the body is limited to {limit} bytes")
    return int(length)


def parse(head: bytes, limit: int) -> Head:
    """`head` without its empty line; `limit` is the most bytes a body may have. Raises BadRequest, HeadTooLarge, TooLarge."""
    first, *rest = head.decode("latin-1").split("\r\n")
    match = _LINE.fullmatch(first)
    if match is None:
        raise BadRequest("the request line is malformed")
    method, target, minor = match.groups()
    fields = _fields(rest)
    if minor == "1" and "HTTP_HOST" not in fields:
        raise BadRequest("the header field Host is missing")
    options = {o.strip() for o in fields.get("HTTP_CONNECTION", "").lower().split(",")}
    keep_alive = "close" not in options if minor == "1" else "keep-alive" in options
    return Head(method, target, keep_alive, _length(fields, minor, limit),
                minor == "1" and fields.get("HTTP_EXPECT", "").lower() == "100-continue", fields)


def request(head: Head, body: bytes, peer: str) -> Request:
    """The request as handlers see it. Raises BadRequest for a path that is not UTF-8 text."""
    path, _, query = head.target.partition("?")
    raw = unquote_to_bytes(path) if "%" in path else path.encode("ascii")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as e:
        raise BadRequest("the address is not UTF-8") from e
    if _CONTROL.search(raw) or "%00" in query:
        raise BadRequest("the address holds a control character")
    return Request({
        "REQUEST_METHOD": head.method, "SCRIPT_NAME": "", "PATH_INFO": raw.decode("latin-1"), "QUERY_STRING": query,
        "RAW_URI": head.target, "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": peer, "wsgi.url_scheme": "http", "wsgi.version": (1, 0), **head.fields,
        "wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True, "CONTENT_LENGTH": str(len(body)),
    })
