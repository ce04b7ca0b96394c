"""All views of a service follow its log together: a page is read once, and one transaction takes those that stand near each other to its end."""
import logging
import time
from collections.abc import Callable, Sequence

from .errors import SanuError, Unavailable
from .projection import Lost, Projection, Run, current, take
from .recorder import Recorded

logger = logging.getLogger(__name__)


def follow(projections: Sequence[Projection], stopping: Callable[[], bool], poll_s: float, linger_s: float) -> None:
    log, page = projections[0].log, projections[0].page
    while not stopping():
        seen = log.appended.count
        try:
            took = step(projections)
        except Lost:
            continue
        except SanuError as e:
            logger.warning("the views of %s wait: %s", log.service, e)
            took = 0
        except Exception:
            logger.exception("the views of %s wait", log.service)
            took = 0
        if took < page:
            log.appended.wait(seen, poll_s)
            time.sleep(linger_s)
        else:
            time.sleep(0)                    # catching up in one process with others: let them in


def step(projections: Sequence[Projection]) -> int:
    """Folds a page into every view that can go on; the most rows that one took. Those far behind the others take pages of their own.

    Raises Lost, Unavailable.
    """
    runs = current(projections)
    waiting = sorted(((p, runs[p.view.name]) for p in projections if p.goes_on(runs[p.view.name])), key=lambda one: one[1].position)
    most = 0
    while waiting and (page := waiting[0][0].log.after(waiting[0][1].position, waiting[0][0].page)):
        near = [(p, run) for p, run in waiting if run.position < page[-1].position]
        _take(near, page)
        waiting, most = waiting[len(near):], max(most, len(page))
    return most


def _take(runs: Sequence[tuple[Projection, Run]], page: Sequence[Recorded]) -> None:
    """All of them, or, if one cannot, each by itself, so that only that one stops."""
    try:
        take(runs, page)
    except (Lost, Unavailable):
        raise
    except Exception as e:
        logger.warning("views of %s go on one by one: %r", runs[0][0].log.service, e)
        for p, _ in runs:
            p.step()
