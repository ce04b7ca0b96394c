"""Turns whatever a request ran into into one answer: a problem document that tells nothing about our insides."""
import errno
import logging
from collections.abc import Iterable, Iterator
from typing import ClassVar, NamedTuple

import msgspec
from werkzeug import exceptions as http_errors

from shared.errors import BadRequest, NotFound, SanuError, StorageFull, TooLarge, TooManyRequests, Unauthenticated, Unavailable

logger = logging.getLogger("sanu.http")
encode = msgspec.json.Encoder().encode


class Answer(NamedTuple):
    """What goes back to the client; a body of bytes goes out in one piece, another one in chunks."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes | Iterable[bytes]


class MethodNotAllowed(SanuError):
    status, slug, title = 405, "method-not-allowed", {"fr": "Méthode non permise", "en": "Method not allowed"}
    advice: ClassVar[dict[str, str]] = {
        "fr": "L'en-tête Allow nomme les méthodes de cette adresse.",
        "en": "The field Allow names the methods of this address."}


class TooSlow(SanuError):
    status, slug, title = 408, "too-slow", {"fr": "Requête trop lente", "en": "The request took too long to arrive"}
    advice: ClassVar[dict[str, str]] = {
        "fr": "La requête n'est pas arrivée en entier dans le temps donné ; renvoyez-la avec la même Idempotency-Key.",
        "en": "The request did not arrive whole in the time given; send it again with the same Idempotency-Key."}


class HeadTooLarge(SanuError):
    status, slug, title = 431, "head-too-large", {"fr": "En-têtes trop grands", "en": "Header fields too large"}
    advice: ClassVar[dict[str, str]] = {
        "fr": "L'en-tête d'une requête a au plus 16 Kio et 100 champs.",
        "en": "The head of a request has at most 16 KiB and 100 fields."}


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and those it came from: eventsourcing wraps what SQLite and psycopg raise."""
    seen: BaseException | None = error
    for _ in range(8):
        if seen is None:
            return
        yield seen
        seen = seen.__cause__ or seen.__context__


def _names(error: BaseException) -> set[str]:
    """Names of its classes that come from a database library, none of which is imported for this."""
    libraries = ("sqlite3", "psycopg", "psycopg_pool", "eventsourcing")
    return {c.__name__ for c in type(error).__mro__ if c.__module__.partition(".")[0] in libraries}


def translate(error: BaseException) -> SanuError:
    """The SanuError that stands for `error`; a plain SanuError (500) for what nobody foresaw."""
    match error:
        case SanuError():
            return error
        case http_errors.NotFound():
            return NotFound("there is nothing at this address")
        case http_errors.MethodNotAllowed():
            return MethodNotAllowed("this address takes " + ", ".join(sorted(error.valid_methods or ())))
        case http_errors.RequestEntityTooLarge():
            return TooLarge()
        case http_errors.HTTPException() if error.code is not None and error.code < 500:
            return BadRequest()
    for cause in _chain(error):
        if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
            return StorageFull()
        names = _names(cause)
        if "DiskFull" in names or ("OperationalError" in names and "database or disk is full" in str(cause)):
            return StorageFull()
    if _names(error) & {"OperationalError", "InterfaceError"} or type(error).__module__ == "eventlet.timeout":
        return Unavailable()
    return SanuError()


def problem(error: BaseException, correlation: str, where: str) -> Answer:
    """The answer for `error`, which is logged when the fault is ours. `where` names the route, never what a client sent."""
    known = translate(error)
    if known.status == 503:
        logger.warning("%s is unavailable: %r", where, error, extra={"correlation": correlation})
    elif known.status >= 500:
        logger.error("%s failed, correlation %s", where, correlation, exc_info=error, extra={"correlation": correlation})
    headers = [("Content-Type", "application/problem+json")]
    match known:
        case Unavailable() if known.status == 503:
            headers.append(("Retry-After", "1"))
        case TooManyRequests():
            headers.append(("Retry-After", str(known.wait_s)))
        case Unauthenticated():
            headers.append(("WWW-Authenticate", "Bearer"))
        case MethodNotAllowed():
            headers.append(("Allow", ", ".join(sorted(getattr(error, "valid_methods", None) or ()))))
    return Answer(known.status, headers, encode({**known.problem(), "correlation": correlation}))
