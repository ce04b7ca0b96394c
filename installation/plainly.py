"""What went wrong, said in one line to who started a command; only a mistake of ours keeps its traceback."""
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from environs import EnvError

from shared.errors import SanuError

DATABASES = ("psycopg", "psycopg_pool", "sqlite3")


def run(command: Callable[[], int | None], say: Callable[[str], object]) -> int:
    """The exit code: the command's own, 1 for what is refused or not to be had, 2 for an environment that is not right."""
    try:
        return command() or 0
    except SanuError as e:
        say(e.detail or str(e))
    except EnvError as e:
        say(f"the environment is not right: {e}")
        return 2
    except KeyboardInterrupt:
        return 130
    except OSError as e:
        say(f"{e.strerror or e or type(e).__name__}{f': {e.filename}' if e.filename else ''}")
    except Exception as e:
        if type(e).__module__.partition(".")[0] not in DATABASES:
            raise
        say(f"the database says: {(str(e) or type(e).__name__).splitlines()[0]}")
    return 1


@contextmanager
def listening_on(host: str, port: int) -> Iterator[None]:
    """Names the address in what the system says when it cannot be had. Raises OSError."""
    try:
        yield
    except OSError as e:
        raise OSError(e.errno, e.strerror or str(e), f"{host}:{port}") from e
