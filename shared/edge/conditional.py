"""Answers that a client may have already (RFC 9110, 13)."""
from hashlib import sha256
from typing import Any

from werkzeug.http import quote_etag


class Unchanged(Exception):
    """The client holds this answer: 304."""


def fresh(request: Any, *parts: object, weak: bool = True) -> None:
    """Names the answer by what it depends on, before it is made; raises Unchanged if the client has it.

    Weak: what it depends on may move on between the naming and the reading, and then the answer is newer than its name.
    """
    whole = (request.full_path, request.headers.get("Accept", ""), sorted(getattr(request.caller, "territory", ())), *parts)
    request.tag = quote_etag(sha256(repr(whole).encode()).hexdigest()[:32], weak)
    if request.if_none_match.contains_weak(request.tag.removeprefix("W/").strip('"')):
        raise Unchanged


def headers(tag: str) -> list[tuple[str, str]]:
    return [("ETag", tag), ("Cache-Control", "private, no-cache"), ("Vary", "Accept, Authorization")]
