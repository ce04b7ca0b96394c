"""Small files which are complete or absent, whoever else writes them and whenever the power fails."""
import os
import re
from collections.abc import Callable
from pathlib import Path

from .errors import BadRequest
from .event import new_id

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}\Z", re.ASCII)


def file_name(name: str, suffix: str) -> str:
    """`name` + `suffix`. Raises BadRequest for a name that could leave its directory."""
    if not _NAME.match(name):
        raise BadRequest(f"'{name}' is no name for a file of keys", rule=_NAME.pattern)
    return name + suffix


def _beside(path: Path, content: bytes, mode: int) -> Path:
    """A complete, synced file beside `path`, not yet under its name."""
    beside = path.with_name(f".{path.name}.{new_id()}")
    with open(beside, "xb", opener=lambda p, flags: os.open(p, flags, 0o600)) as file:
        file.write(content)
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
    return beside


def _sync_directory(path: Path) -> None:
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def created_once(path: Path, make: Callable[[], bytes]) -> bytes:
    """The content of `path` (mode 0600), made when there is none; who loses the race gets the winner's."""
    if not path.exists():
        beside = _beside(path, make(), 0o600)
        try:
            os.link(beside, path)           # unlike rename, refuses to replace
        except FileExistsError:
            pass
        finally:
            os.unlink(beside)
        _sync_directory(path)
    return path.read_bytes()


def replace(path: Path, content: bytes, mode: int) -> None:
    """Puts `content` in the place of what was there; a reader sees the one or the other."""
    os.replace(_beside(path, content, mode), path)
    _sync_directory(path)
