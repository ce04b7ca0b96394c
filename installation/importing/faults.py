"""What is wrong with a row, by its number and column alone: nothing that stands in a row is ever repeated here."""
import csv
import re
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from shared import french
from shared.errors import Conflict

from .columns import COLUMNS

HEADINGS = ("row", "colonne", "column", "règle", "rule", "imported", "file")
QUOTED = re.compile("'.*'")                # an error of the server may name what it was given
FRENCH = {
    "missing": "manque",
    "one of F, H, M, femme, homme": "l'un de F, H, M, femme, homme",
    "a year of four digits, from 1900 to 2100": "une année de quatre chiffres, de 1900 à 2100",
    "a date: 2024-11-17, 17/11/2024, 2024-11 or 2024": "une date : 2024-11-17, 17/11/2024, 2024-11 ou 2024",
    "a day: 2024-11-17 or 17/11/2024": "un jour : 2024-11-17 ou 17/11/2024",
    "not a day of the calendar": "ce jour n'existe pas",
    "lies in the future": "dans l'avenir",
    "lies before the first day of the card": "avant le premier jour de la carte",
    "a formula, not a value": "une formule, pas une valeur",
    "a number too long for a cell: write it as text": "un nombre trop long pour une cellule : l'écrire comme texte",
    "the sheet shows an error in this cell": "la feuille montre une erreur dans cette cellule",
    "a character that is none": "un caractère qui n'en est pas un",
    "needed with the date of admission": "nécessaire avec la date d'adhésion",
    "needed with a card": "nécessaire avec une carte",
    "more cells than headings: a separator within a value?": "plus de cellules que d'en-têtes : un séparateur dans une valeur ?",
    "cannot be read: a quotation mark without its end?": "illisible : un guillemet sans sa fin ?",
    "the same as row {}": "pareille à la ligne {}",
    "the same card as in row {}": "la même carte qu'à la ligne {}",
    "the same name, birth year and village as in row {}": "les mêmes nom, année de naissance et village qu'à la ligne {}",
}


class Fault(NamedTuple):
    """`field` is "" for the whole row. `imported`: a remark only, the row goes on the books."""

    row: int
    field: str
    rule: str
    regle: str
    imported: bool = False


def fault(row: int, field: str, rule: str, *values: object, imported: bool = False) -> Fault:
    """One of the rules above."""
    return Fault(row, field, rule.format(*values), FRENCH[rule].format(*values), imported)


def of_server(row: int, field: str, rule: str, regle: str) -> Fault:
    """What the server said, without the values in it."""
    told = QUOTED.sub("'…'", rule)
    return Fault(row, field, told, (regle if told == rule else "") or french.of(told) or told)


class FaultFile:
    """`FILE.errors.csv`, for a spreadsheet; a context that puts it in its place at the end, and when there is none takes away an older one.

    `file`: which file's rows went on the books beside these, "" after a dry run. Raises Conflict for a file of that name which is not one of ours,
    and of a dry run for one that a real import left.
    """

    def __init__(self, path: Path, file: str) -> None:
        self.path, self.file, self.lines = path, file, 0
        self._beside = path.with_name(f".{path.name}.part")

    def __enter__(self) -> "FaultFile":
        if self.path.exists() and any(line["file"] for line in _lines(self.path)) and not self.file:
            raise Conflict(f"{self.path.name} names the rows that an import left: name another file with --errors")
        self._file = self._beside.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file, delimiter=";")
        self._writer.writerow(HEADINGS)
        return self

    def write(self, found: Fault) -> None:
        names = COLUMNS.get(found.field, ("", ""))
        self._writer.writerow((found.row, *names, found.regle, found.rule, "yes" if found.imported else "no", self.file))
        self.lines += 1

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()
        if kind is None and self.lines:
            self._beside.replace(self.path)
        else:
            self._beside.unlink()
            if kind is None:
                self.path.unlink(missing_ok=True)


def _must_be_ours(path: Path) -> None:
    with path.open("rb") as file:
        if file.readline(200).decode("utf-8-sig", "replace").rstrip("\r\n") != ";".join(HEADINGS):
            raise Conflict(f"{path.name} is there and is no list of errors of ours: move it, or name another with --errors")


def rows_of(path: Path) -> frozenset[int]:
    """The rows that an earlier list of errors says were not imported. Raises Conflict for a file that is none."""
    return frozenset(int(line["row"]) for line in _lines(path) if line["imported"] == "no" and line["row"].isascii() and line["row"].isdigit())


def _lines(path: Path) -> list[dict[str, str]]:
    _must_be_ours(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))
