"""Named points at which a test may kill the process or make it fail; without SANU_FAULT they do nothing."""
import os
import signal

# SANU_FAULT=<point>[:<n>][,…]: SIGKILL at the n-th passage of the point (default the first).
_armed = {name: int(number or 1) for name, _, number in (part.partition(":") for part in os.environ.get("SANU_FAULT", "").split(",") if part)}


def fault(point: str) -> None:
    if not _armed or point not in _armed:
        return
    _armed[point] -= 1
    if _armed[point] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
