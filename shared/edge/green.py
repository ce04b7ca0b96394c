"""Makes psycopg 3 wait for its sockets in eventlet's hub, so that one slow query does not stop every green thread."""
import os
import selectors
from collections.abc import Generator
from time import monotonic
from typing import Any

from eventlet import patcher
from eventlet.green import select as green_select
from eventlet.hubs import IOClosed, trampoline

READ, WRITE = 1, 2                     # psycopg's Wait and Ready have the same two bits


class _NotYet(Exception):
    """The socket was not ready within the interval."""


def _ready(fileno: int, wanted: int, seconds: float) -> int:
    """Waits at most `seconds`; which of the wanted bits are ready, 0 for none."""
    from psycopg import OperationalError
    try:
        if wanted == READ | WRITE:     # trampoline takes one direction only
            readable, writable, _ = green_select.select((fileno,), (fileno,), (), seconds)
            return (READ if readable else 0) | (WRITE if writable else 0)
        trampoline(fileno, read=wanted == READ, write=wanted == WRITE, timeout=seconds, timeout_exc=_NotYet)
        return wanted
    except _NotYet:
        try:                           # a descriptor closed meanwhile is never reported ready
            os.fstat(fileno)
        except OSError as e:
            raise OperationalError("connection socket closed") from e
        return 0
    except IOClosed as e:
        raise OperationalError("connection socket closed") from e


def _seconds(interval: float, deadline: float | None) -> float:
    return max(0.0, interval if deadline is None else min(interval, deadline - monotonic()))


def _check(deadline: float | None) -> None:
    """After the generator went on, so that data already here is used and a time-out of 0 still polls once."""
    if deadline is not None and monotonic() >= deadline:
        from psycopg.errors import _WaitTimeout
        raise _WaitTimeout("wait timeout expired")


def wait(gen: Generator[int, int, Any], fileno: int, interval: float = 0.0, timeout: float | None = None) -> Any:
    """Stands in for `psycopg.waiting.wait`."""
    deadline = None if timeout is None else monotonic() + timeout
    try:
        wanted = int(next(gen))
        while True:
            ready = _ready(fileno, wanted, _seconds(interval, deadline))
            answer = gen.send(ready)
            if ready:                  # after "not ready" the generator repeats itself or yields nothing of use
                wanted = int(answer)
            _check(deadline)
    except StopIteration as done:
        return done.value


def wait_conn(gen: Generator[tuple[int, int], int, Any], interval: float = 0.0, timeout: float | None = None) -> Any:
    """Stands in for `psycopg.waiting.wait_conn`: the descriptor comes from the generator and may change."""
    deadline = None if timeout is None else monotonic() + timeout
    try:
        fileno, wanted = next(gen)
        while True:
            ready = _ready(fileno, int(wanted), _seconds(interval, deadline))
            answer = gen.send(ready)
            if ready:
                fileno, wanted = answer
            _check(deadline)
    except StopIteration as done:
        return done.value


def install() -> None:
    """Puts our waits in psycopg's place; after eventlet.monkey_patch(), before the first connection.

    psycopg 3.3, with its C part or without, looks both functions up in `psycopg.waiting` at every call: two names are all.
    Raises RuntimeError when psycopg was imported before the patch, for then its locks are not green.
    """
    if not patcher.is_monkey_patched("select"):
        raise RuntimeError("install() comes after eventlet.monkey_patch()")
    from psycopg import waiting
    if vars(waiting)["DefaultSelector"] is not selectors.DefaultSelector:
        raise RuntimeError("psycopg was imported before eventlet.monkey_patch()")
    waiting.wait, waiting.wait_conn = wait, wait_conn


def assert_green() -> None:
    """Raises RuntimeError if eventlet has patched this process and a query would still stop all green threads."""
    if not patcher.is_monkey_patched("socket"):
        return
    from psycopg import waiting
    if waiting.wait is not wait or waiting.wait_conn is not wait_conn:
        raise RuntimeError("eventlet is monkey-patched, but psycopg waits in the kernel: "
                           "call shared.edge.green.install() first")
