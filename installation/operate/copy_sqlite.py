"""Consistent copies of an embedded installation's files while it runs, and one put back in the place of a log."""
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from shared import tables
from shared.config import Config
from shared.errors import NotFound
from shared.key_database import SqliteFile
from shared.key_store import KeyStore

from . import copied_keys, manifest
from .copied_keys import Personal


def save(config: Config, name: str, folder: Path) -> dict[str, Any]:
    """Tables first: they may be behind their log, never before it."""
    folder.mkdir(mode=0o700)
    for file in ("tables.db", "log.db"):
        copy(config.var / name / file, folder / file)
    return manifest.heads(name, rows(folder / "log.db"))


def save_personal_keys(config: Config, folder: Path) -> None:
    if (config.var / "keys.db").exists():
        copy(config.var / "keys.db", folder / "keys.db")


def copy(source: Path, target: Path) -> None:
    """SQLite's own online copy: one moment, though others write."""
    if not source.exists():
        raise NotFound(f"{source} is missing")
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(source.absolute().as_uri() + "?mode=ro", uri=True, timeout=10)) as here:
        with closing(sqlite3.connect(target)) as there:
            here.backup(there)


def rows(file: Path) -> Iterator[tuple[int, str, bytes]]:
    """Of a copy, which nobody writes: opened so that nothing is left beside it."""
    with closing(sqlite3.connect(file.absolute().as_uri() + "?mode=ro&immutable=1", uri=True)) as connection:
        yield from connection.execute("SELECT rowid, originator_id, state FROM stored_events ORDER BY rowid")


def put_back(config: Config, name: str, folder: Path, said: dict[str, Any], stamp: str) -> str:
    """The log alone, and what was decided about dead letters; views are folded anew. Where the old files are now, if there were any.

    Raises HistoryRewritten, with nothing changed, when the copy is not what the manifest says.
    """
    manifest.compare(name, said, manifest.heads(name, rows(folder / "log.db")))
    place = config.var / name
    aside = place.with_name(f"{name}.before-{stamp}") if place.exists() else None
    shutil.rmtree(place.with_name(f"{name}.restoring"), ignore_errors=True)
    fresh = config.folder(f"{name}.restoring")
    shutil.copyfile(folder / "log.db", fresh / "log.db")         # these bytes were verified, whatever may lie beside them
    if aside:
        place.rename(aside)
    fresh.rename(place)
    tables.migrate(config, name)
    with closing(sqlite3.connect((place / "tables.db").absolute().as_uri(), uri=True)) as connection:
        connection.execute("ATTACH ? AS copied", ((folder / "tables.db").absolute().as_uri() + "?mode=ro&immutable=1",))
        for table in ("refused", "settled"):
            connection.execute(f"INSERT INTO {table} SELECT * FROM copied.{table}")
        connection.commit()
    return str(aside or "")


def put_personal_keys_back(config: Config, folder: Path) -> Personal | None:
    """None where the copy has no store (any more)."""
    copied = folder / "keys.db"
    if not copied.exists():
        return None
    KeyStore(config).migrate()
    with SqliteFile(config.var / "keys.db").transaction() as run:
        run("ATTACH %s AS copied", copied.absolute().as_uri() + "?mode=ro&immutable=1")
        return copied_keys.put_personal_keys_back(run)
