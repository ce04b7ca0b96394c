"""One process at a time has an embedded installation's `var/`."""
import fcntl
import os
from typing import IO

from shared.config import Config
from shared.errors import Unavailable


class InUse(Unavailable):
    """Another process has this directory."""


def own(config: Config) -> IO[str]:
    """The one owner of `var/`. Raises InUse naming the other's pid."""
    lock = open(config.folder() / "lock", "a+")  # noqa: SIM115 - held as long as the process lives
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        raise InUse(f"{config.var}/ is in use by process {lock.read().strip() or '?'}: stop it, or choose another directory with --var") from None
    lock.seek(0)
    lock.truncate()
    lock.write(str(os.getpid()))
    lock.flush()
    return lock
