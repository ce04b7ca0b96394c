"""A list of people who do not exist, and look it: to try the import, and to measure it."""
import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from .columns import COLUMNS

FAMILIES = ("Coulibali", "Jara", "Ture", "Kone", "Keyita", "Trawele", "Sangare", "Doumbiya")
PEOPLE_OF_ONE = 50


def write(path: Path, rows: int, organisations: Sequence[str] = (), english: bool = False) -> None:
    """CSV, or XLSX by the name's ending."""
    headings = [names[english] for names in COLUMNS.values()]
    if path.suffix.lower() == ".xlsx":
        import xlsxwriter
        book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False})
        sheet = book.add_worksheet()
        for number, cells in enumerate((headings, *people(rows, organisations))):
            sheet.write_row(number, 0, cells)
        book.close()
        return
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(headings)
        writer.writerows(people(rows, organisations))


def people(rows: int, organisations: Sequence[str] = ()) -> Iterator[list[str]]:
    """Fifty of one society after the other, as lists come; every ninth has no card."""
    for n in range(1, rows + 1):
        society = organisations[(n - 1) // PEOPLE_OF_ONE % len(organisations)] if organisations else ""
        card = ["orpailleur", "Emetteur Exemple", f"EX-{n:07}", "01/01/2024", f"31/12/{2025 + n % 3}"] if n % 9 else [""] * 5
        yield [f"Exemple {FAMILIES[n % len(FAMILIES)]} {n:06}", "FH"[n % 3 > 0], str(1950 + n % 55), f"Village Exemple {n % 97}", f"site-exemple-{n % 40}",
               f"+000 00 {n:06}", society, f"{1 + n % 28:02}/{1 + n % 12:02}/{2019 + n % 5}" if society else "", *card]
