"""What h11 has read becomes the Request that handlers see, within limits and strictly; an Answer becomes what h11 writes."""
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote_to_bytes

import h11
from werkzeug.http import HTTP_STATUS_CODES, http_date
from werkzeug.wrappers import Request as WerkzeugRequest

from shared.errors import BadRequest, TooLarge

from .problems import Answer, HeadTooLarge

NO_BODY = (204, 304)
_TARGET = re.compile(r"(?:https?://[^/?#]+)?(/[^?]*)\??(.*)")
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
# Control characters, a line that ends without CR, a folded line, and a length given twice: h11 mends all but NUL.
_UNCLEAR = re.compile(rb"(?i)[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|(?<!\r)\n|\n[ \t]|\ncontent-length:(?:[^\n]*,|[^\x00]*\ncontent-length:)")
_ONCE = ("CONTENT_TYPE", "HTTP_AUTHORIZATION")     # and Host, Content-Length, Transfer-Encoding, which h11 sees to


@dataclass(frozen=True)
class Limits:
    body: int = 1024 * 1024            # bytes
    chunks: int = 4096                 # a MiB in chunks of one byte would keep the process busy for seconds
    head: int = 16 * 1024              # bytes of the request line and all header fields
    fields: int = 100
    slow_s: float = 15.0               # for a head; for a body as well, and a second more for each KiB that came
    idle_s: float = 60.0               # between two requests of one connection; the first has slow_s
    connections: int = 1000
    grace_s: float = 1.0               # so long a connection that sends nothing keeps its place when others want in
    finish_s: float = 5.0              # for requests in flight when the server stops


class Request(WerkzeugRequest):
    """A request whose body has arrived; the entrypoint adds who sent it."""

    correlation: str = ""
    caller: Any = None
    tag: str = ""                      # the answer's ETag, where it has one
    asked: Mapping[str, Any] = MappingProxyType({})


def environ(head: h11.Request, raw: bytes, peer: str, limits: Limits) -> dict[str, Any]:
    """The WSGI environment; `raw` is the head as it came. Raises BadRequest, HeadTooLarge, TooLarge."""
    if len(raw) > limits.head or len(head.headers) > limits.fields:     # h11 does not mind a long head that comes at once
        raise HeadTooLarge(f"the head of a request is limited to {limits.head} bytes and {limits.fields} fields")
    if _UNCLEAR.search(raw):
        raise BadRequest("the head of the request is malformed")
    if head.http_version not in (b"1.1", b"1.0"):
        raise BadRequest("the only protocols are HTTP/1.1 and HTTP/1.0")
    fields = _fields(head)
    if "HTTP_TRANSFER_ENCODING" in fields and ("CONTENT_LENGTH" in fields or head.http_version == b"1.0"):
        raise BadRequest("Transfer-Encoding goes neither with Content-Length nor with HTTP/1.0")
    if int(fields.get("CONTENT_LENGTH", 0)) > limits.body:
        raise TooLarge(f"the body is limited to {limits.body} bytes")
    path, query = _address(head.target.decode("ascii"))
    return {"REQUEST_METHOD": head.method.decode("ascii"), "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": query,
            "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": peer,
            "wsgi.url_scheme": "http", "wsgi.version": (1, 0), **fields}


def request(environ: dict[str, Any], body: bytes) -> Request:
    return Request({**environ, "wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True, "CONTENT_LENGTH": str(len(body))})


def response(answer: Answer, last: bool) -> h11.Response:
    """The head of an answer, `last` on its connection. Raises LocalProtocolError or ValueError for what HTTP has no form for."""
    ours = ("content-length", "connection", "transfer-encoding", "date")
    fields = [(name, str(value)) for name, value in answer.headers if name.lower() not in ours]
    fields.append(("Date", http_date()))
    if last:
        fields.append(("Connection", "close"))
    if isinstance(answer.body, bytes) and answer.status not in NO_BODY:
        fields.append(("Content-Length", str(len(answer.body))))
    return h11.Response(status_code=answer.status, reason=HTTP_STATUS_CODES.get(answer.status, "").encode(),
                        headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields])


def _fields(head: h11.Request) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in head.headers:
        if b"_" in name:               # would look like another field once its hyphens are underscores
            continue
        key, text = name.decode("ascii").upper().replace("-", "_"), value.decode("latin-1")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = "HTTP_" + key
        if key in fields:
            if key in _ONCE:
                raise BadRequest(f"the header field {name.decode('ascii')} stands twice")
            text = f"{fields[key]},{text}"
        fields[key] = text
    return fields


def _address(target: str) -> tuple[str, str]:
    """Path, as WSGI wants it, and query."""
    match = _TARGET.fullmatch(target)
    if match is None:
        raise BadRequest("the address is no path")
    raw, query = unquote_to_bytes(match[1]), match[2]
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as e:
        raise BadRequest("the address is not UTF-8") from e
    if _CONTROL.search(raw) or "%00" in query:
        raise BadRequest("the address holds a control character")
    return raw.decode("latin-1"), query
