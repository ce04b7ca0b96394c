"""Runs one service method with its nameko dependencies, in this green thread or with a heartbeat beside it."""
import sys
from collections.abc import Callable
from typing import Any

import eventlet
from eventlet.event import Event
from nameko.containers import WorkerContext


def call(container: Any, entrypoint: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What `container.spawn_worker` does, without its green thread, call ids and log lines.

    Raises what the method raises. The caller limits how many run at once and waits for them when it stops.
    """
    service = container.service_cls()
    method = getattr(service, entrypoint.method_name)
    if not container.dependencies:
        return method(*args, **kwargs)
    context = WorkerContext(container, service, entrypoint, args, kwargs)
    container._inject_dependencies(context)
    container._worker_setup(context)
    result, failure = None, None
    try:
        result = method(*args, **kwargs)
        return result
    except Exception:
        failure = sys.exc_info()
        raise
    finally:
        container._worker_result(context, result, failure)
        container._worker_teardown(context)
        del failure                    # else the frame and the traceback keep each other alive


def call_with_beat(container: Any, entrypoint: Any, args: tuple[Any, ...], beat: Callable[[], None]) -> tuple[Any, BaseException | None]:
    """What the method returned, and what it raised or None; calls `beat` about every second meanwhile.

    Raises what `beat` raised, but only after the method has ended: its next call must not run beside it.
    """
    done = Event()

    def work() -> None:
        try:
            result = call(container, entrypoint, args, {})
        except (Exception, eventlet.Timeout) as e:
            done.send((None, e))
        else:
            done.send((result, None))

    eventlet.spawn_n(work)
    lost: Exception | None = None
    done.wait(timeout=1.0)
    while not done.ready():
        if lost is None:
            try:
                beat()
            except Exception as e:
                lost = e
        done.wait(timeout=1.0)
    if lost is not None:
        raise lost
    outcome: tuple[Any, BaseException | None] = done.wait()
    return outcome
