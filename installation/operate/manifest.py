"""What a copy says of itself: the heads and digests of its logs, and the sha256 of every file."""
import json
import os
from collections.abc import Iterable
from hashlib import file_digest
from pathlib import Path
from typing import Annotated, Any

import msgspec

from shared import event, feed
from shared.errors import BadRequest, HistoryRewritten, NotFound
from shared.log import RECEIVED

NAME = "manifest.json"
FORMAT = 1
Number = Annotated[str, msgspec.Meta(pattern="^[0-9]{1,18}$")]


class _Heads(msgspec.Struct):
    log_id: str
    kind: str
    head: Number
    own_head: Number
    digest: str
    events: int
    rows: int


class _File(msgspec.Struct):
    sha256: str
    bytes: int


class _Format(msgspec.Struct):
    format: int


class _Manifest(_Format):
    made_at: str
    mode: str
    services: dict[str, _Heads]
    files: dict[str, _File]


def write(folder: Path, mode: str, services: dict[str, Any]) -> dict[str, Any]:
    files = {str(path.relative_to(folder)): {"sha256": _sha256(path), "bytes": path.stat().st_size} for path in _files(folder)}
    manifest = {"format": FORMAT, "made_at": event.now(), "mode": mode, "services": services, "files": files}
    (folder / NAME).write_text(json.dumps(manifest, indent=1) + "\n")
    return manifest


def read(folder: Path) -> dict[str, Any]:
    """The manifest, once every file is what it says. Raises NotFound, BadRequest, HistoryRewritten naming the file."""
    path = folder / NAME
    if not path.exists():
        raise NotFound(f"{folder} holds no copy: {NAME} is missing")
    try:
        if msgspec.json.decode(path.read_bytes(), type=_Format).format != FORMAT:
            raise BadRequest(f"{path} is of a format that this version does not read")
        manifest: dict[str, Any] = msgspec.to_builtins(msgspec.json.decode(path.read_bytes(), type=_Manifest))
    except msgspec.DecodeError as e:
        raise BadRequest(f"{path} is no manifest of a copy: {e}") from e
    for name, said in manifest["files"].items():
        file = folder / name
        if not file.exists():
            if name.startswith("personal-keys/"):      # kept shorter than the rest, on purpose
                continue
            raise HistoryRewritten(f"{file} is missing")
        if _sha256(file) != said["sha256"]:
            raise HistoryRewritten(f"{file} is not what was copied: its sha256 differs from the manifest's")
    return manifest


def heads(service: str, rows: Iterable[tuple[int, str, bytes]]) -> dict[str, Any]:
    """The chain of a log, recomputed from its rows (position, stream, state), own and received, in their order."""
    opened: event.Event | None = None
    position = head = events = count = 0
    digest = b""
    for head, stream, state in rows:
        count += 1
        if stream.startswith(RECEIVED):
            continue
        if opened is None:
            opened = event.decode(state)
            digest = feed.start(service, opened.id)
        position, digest, events = head, feed.link(digest, head, bytes(state)), events + 1
    if opened is None:
        raise NotFound(f"the log of {service} is empty")
    return {"log_id": opened.id, "kind": opened.data["kind"], "head": str(head), "own_head": str(position), "digest": digest.hex(),
            "events": events, "rows": count}


def compare(service: str, said: dict[str, Any], found: dict[str, Any]) -> None:
    """Raises HistoryRewritten when a log is not the one that was copied."""
    if found != said:
        wrong = ", ".join(key for key in said if said[key] != found.get(key))
        raise HistoryRewritten(f"the copied log of {service} is not what the manifest says ({wrong})")


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != NAME)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        os.fsync(file.fileno())
        return file_digest(file, "sha256").hexdigest()
