"""Log lines as JSON on stderr, with the correlation of what is being done and without personal values or secrets."""
import logging
import re
import sys
import threading
import traceback
from collections.abc import Mapping, MutableMapping
from contextlib import AbstractContextManager
from typing import Any, TextIO

import structlog

from .errors import SanuError

HIDDEN = "[hidden]"
# Values under these names are never written, however deep they stand.
SECRET = frozenset((
    "name", "names", "person", "persons", "first_name", "last_name", "phone", "email", "address", "card", "birth", "body", "data", "headers", "payload",
    "authorization", "cookie", "token", "secret", "password", "key", "private", "signature", "sealed", "database", "broker"))
_LOGIN = re.compile(r"(\w+://[^\s:/@]*):[^\s@]*@")                                    # amqp://user:password@host
_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*|(?i:bearer\s+)[\w.~+/-]+=*")
_OURS = ("event", "level", "logger", "at", "correlation", "role", "service")


def correlation(id: str, **more: str) -> AbstractContextManager[Any]:
    """Every line written within, by this thread or green thread, carries `id`."""
    return structlog.contextvars.bound_contextvars(correlation=id, **more)


def to_stderr(level: str = "WARNING", *, stream: TextIO | None = None, **always: str) -> None:
    """Every logger of the process writes there, and what nobody catches as well; `always` stands in every line."""
    def place(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {**always, **line}

    shared: list[Any] = [structlog.contextvars.merge_contextvars, structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name,
                         structlog.stdlib.ExtraAdder(), structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"), place]
    formatter = structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[
        structlog.stdlib.ProcessorFormatter.remove_processors_meta, where, redact, structlog.processors.JSONRenderer(ensure_ascii=False, default=_unknown)])
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper() if isinstance(logging.getLevelName(level.upper()), int) else "WARNING")
    for noisy in ("amqp", "kombu", "psycopg.pool", "nameko"):
        logging.getLogger(noisy).setLevel(max(root.level, logging.WARNING if noisy != "amqp" else logging.ERROR))
    logging.captureWarnings(True)
    sys.excepthook = lambda kind, error, trace: root.critical("ended by an error", exc_info=(kind, error, trace))
    threading.excepthook = lambda args: root.critical(
        "a thread ended by an error", exc_info=(args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback))


def where(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An error by its kind and the places it came through. Its text only where it is ours: another's may quote what a client sent."""
    given = line.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        line["error"] = [_told(one) for one in _causes(error)]
    line.pop("exception", None)
    return line


def redact(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: _shown(key if key not in _OURS else "", value) for key, value in line.items()}


def _shown(key: str, value: Any) -> Any:
    if key.lower() in SECRET:
        return HIDDEN
    match value:
        case str():
            return _TOKEN.sub(HIDDEN, _LOGIN.sub(rf"\1:{HIDDEN}@", value))
        case Mapping():
            return {str(k): _shown(str(k), v) for k, v in value.items()}
        case list() | tuple() | set():
            return [_shown("", v) for v in value]
        case bytes():
            return f"{len(value)} bytes"
    return value


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and len(found) < 5 and one not in found:
        found.append(one)
        one = one.__cause__ or one.__context__
    return found


def _told(error: BaseException) -> dict[str, Any]:
    places = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)[-12:]]
    text = str(error)[:500] if isinstance(error, SanuError | OSError | ImportError) else ""
    return {"kind": type(error).__name__, **({"says": text} if text else {}), "through": places}


def _unknown(value: Any) -> str:
    return f"<{type(value).__name__}>"
