"""Golden files: one stored event of every name, kept for ever. `python -m tests.contracts.golden` adds the missing ones."""
import tempfile
from hashlib import sha256
from importlib import import_module
from pathlib import Path

from shared.config import SERVICES
from tests.contracts.story import tell

FOLDER = Path(__file__).parent / "golden"
SUMS = FOLDER / "SHA256SUMS"


def names() -> set[str]:
    """Every event name of every service."""
    return set().union(*(import_module(f"services.{service}.events").ALL for service in SERVICES))


def files() -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in sorted(FOLDER.glob("*.json"))}


def sums() -> dict[str, str]:
    return {name: digest for digest, name in (line.split() for line in SUMS.read_text().splitlines())} if SUMS.exists() else {}


def add_missing() -> list[str]:
    """Never touches a file that is there: a changed shape of a name is read by its decoder, or is a new name."""
    missing = names() - set(files())
    added = []
    if missing:
        with tempfile.TemporaryDirectory() as var:
            for name, state in tell(Path(var)):
                if name in missing:
                    (FOLDER / f"{name}.json").write_bytes(state)
                    missing.discard(name)
                    added.append(name)
    with SUMS.open("a") as kept:
        kept.writelines(f"{sha256(files()[name]).hexdigest()}  {name}.json\n" for name in sorted(added))
    return added


if __name__ == "__main__":
    for added in add_missing():
        print(added)
