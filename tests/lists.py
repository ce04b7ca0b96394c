"""Lists of miners as somebody's files: good rows, and what is read of a file."""
import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from installation.importing.columns import COLUMNS, Mapped
from installation.importing.people import open_list
from installation.importing.source import open_source

SOCIETY = "amis-du-test"
GOOD = ["Exemple Awa Jara", "F", "1990", "Niéna", "", "+000 11 22 33", SOCIETY, "17/11/2024", "orpailleur", "DNGM", "EX-1", "2024-01-01", "31/12/2026"]
NAMES = [french for french, _ in COLUMNS.values()]


def like(n: int, /, **more: str) -> list[str]:
    """A good row that is no other's."""
    row = dict(zip(COLUMNS, GOOD, strict=True)) | {"name": f"Exemple Coulibali {n:06}", "phone": f"+000 {n:06}", "number": f"EX-{n:06}"} | more
    return list(row.values())


def a_csv(path: Path, rows: Sequence[Sequence[str]], headings: Sequence[str] = NAMES, encoding: str = "utf-8", separator: str = ";") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=separator).writerows([headings, *rows])
    return path


def bodies(file: Path, mapped: Mapped | None = None) -> list[dict[str, Any]]:
    """What would be sent, without pseudonyms."""
    mapped = mapped or Mapped()
    found = open_list(open_source(file, lambda heading: bool(mapped.column(heading))), mapped, bytes(32))
    return [{k: v for k, v in row.person.body.items() if k != "miner"} for row in found.rows() if row.person]
