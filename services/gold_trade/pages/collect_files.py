"""The files of the collector's page, and the list that its service worker keeps them by."""
import json
from functools import cache
from hashlib import sha256
from pathlib import Path

from shared.errors import NotFound

FOLDER = Path(__file__).parent / "collect"
BASE = "/gold/collect"
INDEX, WORKER = "index.html", "worker.js"
TYPES = {".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".svg": "image/svg+xml", ".webmanifest": "application/manifest+json"}


@cache
def content(name: str) -> tuple[bytes, str]:
    """Bytes and media type. Raises NotFound."""
    path = FOLDER / name
    if path not in set(FOLDER.iterdir()):
        raise NotFound("there is nothing at this address", field="asset")
    body = path.read_bytes()
    return (_kept() + body if name == WORKER else body), TYPES[path.suffix]


def _kept() -> bytes:
    """What the worker is told: the addresses to keep, and a version that changes when a byte of them does."""
    names = sorted(path.name for path in FOLDER.iterdir() if path.name != WORKER)
    version = sha256(b"".join(sha256((FOLDER / name).read_bytes()).digest() for name in (*names, WORKER))).hexdigest()[:16]
    files = [BASE if name == INDEX else f"{BASE}/{name}" for name in names]
    return f"const VERSION = {json.dumps(version)}, FILES = {json.dumps(files)};\n".encode()
