"""What a list may look like: CSV of any kind, sheets, and everything that is no list."""
import datetime as dt
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import xlsxwriter

from installation.importing import sample
from installation.importing.columns import COLUMNS, Mapped, mapping
from installation.importing.people import open_list
from installation.importing.source import MOST_BYTES, open_source
from shared.errors import BadRequest, TooLarge
from tests.lists import GOOD, NAMES, SOCIETY, a_csv, bodies


def typed(path: Path) -> Path:
    """As a spreadsheet keeps them: numbers as numbers, dates as dates, in one of its many formats."""
    book = xlsxwriter.Workbook(str(path))
    day, sheet = book.add_format({"num_format": "dd/mm/yyyy"}), book.add_worksheet()
    sheet.write_row(0, 0, [english for _, english in COLUMNS.values()])
    sheet.write_row(1, 0, ["Exemple Awa Jara", "F", 1990, "Niéna", "", "+000 11 22 33", SOCIETY])
    sheet.write_datetime(1, 7, dt.datetime(2024, 11, 17), day)
    sheet.write_row(1, 8, ["orpailleur", "DNGM", 123456789])
    sheet.write_datetime(1, 11, dt.datetime(2024, 1, 1), book.add_format({"num_format": 14}))
    sheet.write_datetime(1, 12, dt.datetime(2026, 12, 31), day)
    sheet.write_rich_string(3, 0, "Exemple ", book.add_format({"bold": True}), "Gras", " Ture")
    book.close()
    return path


@pytest.mark.parametrize(("encoding", "separator", "headings"), [
    ("utf-8", ";", NAMES), ("utf-8-sig", ",", NAMES), ("cp1252", "\t", NAMES), ("utf-8", "|", [english for _, english in COLUMNS.values()]),
    ("cp1252", ";", ["Nom", "SEXE", "Année naissance", "Village", "Site", "Téléphone", "Société", "Date adhésion", "Type-carte", "Émetteur", "Numéro carte",
                     "Valable du", "Valable au"])])
def test_csv_of_any_kind_and_xlsx_give_the_same(tmp_path: Path, encoding: str, separator: str, headings: list[str]) -> None:
    rows = [[*GOOD[:10], "123456789", *GOOD[11:]], [""] * 13, ["Exemple Gras Ture"]]
    same = bodies(typed(tmp_path / "t.xlsx"))
    assert bodies(a_csv(tmp_path / "t.csv", rows, headings, encoding, separator)) == same
    assert same[0] == {
        "name": "Exemple Awa Jara", "sex": "female", "birth_year": 1990, "village": "Niéna", "phone": "+000 11 22 33", "organisation": SOCIETY,
        "admitted_on": "2024-11-17", "card": {"card_type": "orpailleur", "issuer": "DNGM", "number": "123456789", "valid_from": "2024-01-01",
                                              "valid_until": "2026-12-31"}}
    assert same[1] == {"name": "Exemple Gras Ture"}


def test_the_sample_is_the_same_in_both_forms(tmp_path: Path) -> None:
    for name in ("s.csv", "s.xlsx"):
        sample.write(tmp_path / name, 300, [SOCIETY])
    assert bodies(tmp_path / "s.csv") == bodies(tmp_path / "s.xlsx") and len(bodies(tmp_path / "s.csv")) == 300


def test_a_mapping_file_says_what_headings_and_words_mean(tmp_path: Path) -> None:
    said = tmp_path / "m.toml"
    said.write_text('[columns]\n"Nom et prénoms" = "nom"\n"Coopérative" = "societe"\n[societe]\n"Les Amis de Niéna" = "amis-du-test"\n', "utf-8")
    rows = [["Exemple Awa", "les amis de NIENA", "x"], ["Exemple Sira", "Autre", ""]]
    file = a_csv(tmp_path / "m.csv", rows, ["NOM ET PRENOMS", "coopérative", "n° d'ordre"])
    assert bodies(file, mapping(said)) == [{"name": "Exemple Awa", "organisation": SOCIETY}, {"name": "Exemple Sira", "organisation": "autre"}]
    for wrong in ("[columns]\nx = 'surname'", "columns = 3", "[", "[surname]\na = 'b'", "[columns]\nx = 3"):
        said.write_text(wrong)
        with pytest.raises(BadRequest):
            mapping(said)


def changed(path: Path, source: Path, **parts: bytes) -> Path:
    """A copy of an XLSX file with other parts, named by their last word."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, parts.get(name.rpartition("/")[2].partition(".")[0], old.read(name)))
    return path


def hostile(folder: Path) -> Iterator[Path]:
    def holding(name: str, content: bytes) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    yield holding("binary.csv", bytes(range(256)) * 50)
    yield holding("empty.csv", b"")
    yield holding("blank.csv", b"\n\n  \n")
    yield holding("bom.csv", b"\xef\xbb\xbf")
    yield holding("headings.csv", ";".join(NAMES).encode() + b"\n")
    yield holding("no-name.csv", b"sexe;village\nF;x\n")
    yield holding("twice.csv", b"nom;name\na;b\n")
    yield holding("one-line.csv", b"nom;" + b"x" * 200_000)
    yield holding("neither.csv", b"nom;village\nA\x81\x8d;b\xff\n")
    yield holding("utf16.csv", "nom;village\nExemple;x\n".encode("utf-16"))
    yield holding("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    yield holding("cut.xlsx", typed(folder / "whole.xlsx").read_bytes()[:-300])
    with zipfile.ZipFile(folder / "other.xlsx", "w") as book:
        book.writestr("hello.txt", b"hello")
    yield folder / "other.xlsx"
    whole = folder / "whole.xlsx"
    yield changed(folder / "dtd.xlsx", whole, sharedStrings=b'<!DOCTYPE x [<!ENTITY a "aaaa">]><sst><si><t>&a;</t></si></sst>')
    yield changed(folder / "broken.xlsx", whole, sheet1=b"<worksheet><sheetData><row><c><v>1</c></row>")
    yield changed(folder / "beyond.xlsx", whole, sheet1=b'<worksheet><sheetData><row><c t="s"><v>999</v></c></row></sheetData></worksheet>')
    yield changed(folder / "minus.xlsx", whole, sheet1=b'<worksheet><sheetData><row><c t="s"><v>-1</v></c></row></sheetData></worksheet>')
    yield changed(folder / "nowhere.xlsx", whole, workbook=b"<workbook><sheets/></workbook>")
    yield changed(folder / "bomb.xlsx", whole, sharedStrings=b"<sst>" + b" " * (200 << 20) + b"</sst>")
    yield folder


def test_what_is_no_list_is_refused_in_a_sentence(tmp_path: Path) -> None:
    for file in hostile(tmp_path):
        with pytest.raises((BadRequest, TooLarge)) as refused:
            bodies(file)
        assert refused.value.detail, file.name


def test_a_file_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "gib.csv").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(TooLarge):
        open_source(tmp_path / "gib.csv", lambda heading: True)


def test_a_formula_counts_as_its_value_in_a_sheet_and_as_a_fault_in_text(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "f.xlsx"))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["nom", "annee_naissance", "village"])
    sheet.write_formula(1, 0, '="Exemple "&"Awa"', value="Exemple Awa")
    sheet.write_formula(1, 1, "=1980+5", value=1985)
    sheet.write_formula(2, 0, "=1/0", value="#DIV/0!")
    sheet.write_string(3, 0, "=cmd|' /C calc'!A0")
    book.close()
    assert bodies(tmp_path / "f.xlsx") == [{"name": "Exemple Awa", "birth_year": 1985}]


@pytest.mark.parametrize(("spoilt", "faulty"), [
    (['Exemple A;"sans fin', *["Exemple B;Village"] * 400], range(2, 200)), (['Exemple A;"sans fin', "Exemple B;x", 'Exemple C;"x"'], (2, 3, 4)),
    (['Exemple A;"Les Amis" de', "Exemple B;x"], (2,)), (['Exemple A;"deux\nlignes"'], ())])
def test_an_open_quotation_mark_spoils_its_own_rows_and_each_is_told(tmp_path: Path, spoilt: list[str], faulty: Sequence[int]) -> None:
    (tmp_path / "q.csv").write_text("\n".join(["nom;village", *spoilt, *(f"Exemple {n:04};Village" for n in range(10))]) + "\n")
    rows = list(open_list(open_source(tmp_path / "q.csv", lambda heading: True), Mapped(), bytes(32)).rows())
    told = [f.row for row in rows for f in row.faults if "quotation" in f.rule]
    assert told[:len(faulty)] == list(faulty)[:len(told)] and bool(told) == bool(faulty)
    last = rows[-1].person
    assert last and last.body["name"] == "Exemple 0009" and last.row == 1 + len(spoilt) + 10


def faults(file: Path) -> list[tuple[int, str, str]]:
    rows = open_list(open_source(file, lambda heading: True), Mapped(), bytes(32)).rows()
    return [(f.row, f.field, f.rule) for row in rows for f in row.faults]


@pytest.mark.parametrize(("code", "year", "number"), [
    ("General", 1985, "45000"), ("GENERAL", 1985, "45000"), ('General" jours"', 1985, "45000"), ('#,##0\\ "F CFA";[Red]-#,##0', 1985, "45000"),
    ("[$-40C]d mmmm yyyy;@", None, "2023-03-15"), ("JJ/MM/AAAA", None, "2023-03-15")])
def test_a_number_is_a_day_only_where_its_format_shows_one(tmp_path: Path, code: str, year: int | None, number: str) -> None:
    """LibreOffice declares the format General as one of the file's own."""
    book = xlsxwriter.Workbook(str(tmp_path / "excel.xlsx"))
    sheet, format_ = book.add_worksheet(), book.add_format({"num_format": "0.0000000"})
    sheet.write_row(0, 0, ["nom", "type_carte"])
    sheet.write_row(1, 0, ["Exemple Libre", "orpailleur"])
    for column, (heading, value) in enumerate([("numero_carte", 45000), *([("annee_naissance", year)] if year else [])], 2):
        sheet.write(0, column, heading)
        sheet.write(1, column, value, format_)
    book.close()
    with zipfile.ZipFile(tmp_path / "excel.xlsx") as written:
        styles = written.read("xl/styles.xml").replace(b"0.0000000", code.replace('"', "&quot;").encode())
    file = changed(tmp_path / "libre.xlsx", tmp_path / "excel.xlsx", styles=styles)
    assert bodies(file) == [{"name": "Exemple Libre", "card": {"card_type": "orpailleur", "number": number}} | ({"birth_year": year} if year else {})]


def test_a_number_that_a_spreadsheet_has_cut_is_a_fault(tmp_path: Path) -> None:
    cards = [1234567890123456789.0, 10 ** 15, 999_999_999_999_999]
    book = xlsxwriter.Workbook(str(tmp_path / "n.xlsx"))
    for n, row in enumerate([["nom", "type_carte", "numero_carte"], *(["Exemple", "orpailleur", card] for card in cards)]):
        book.worksheets_objs[0].write_row(n, 0, row) if n else book.add_worksheet().write_row(0, 0, row)
    book.close()
    told = "a number too long for a cell: write it as text"
    assert faults(tmp_path / "n.xlsx") == [(2, "number", told), (3, "number", told)]
    rows = [["Exemple", "orpailleur", card] for card in ("1.23456789012346E+18", "1,23457E+18", "1234567890123456789", "12E4")]
    assert faults(a_csv(tmp_path / "n.csv", rows, ["nom", "type_carte", "numero_carte"])) == [(2, "number", told), (3, "number", told)]


def test_nobody_was_born_or_admitted_in_the_future(tmp_path: Path) -> None:
    this_year, tomorrow = dt.date.today().year, dt.date.today() + dt.timedelta(days=1)
    rows = [["A", "2924-01-01", "1990"], ["B", str(this_year + 1), ""], ["C", str(this_year), str(this_year)], ["D", tomorrow.isoformat(), str(this_year + 1)],
            ["E", dt.date.today().isoformat(), ""]]
    file = a_csv(tmp_path / "f.csv", [[name, SOCIETY, *rest] for name, *rest in rows], ["nom", "societe", "date_adhesion", "annee_naissance"])
    told = "lies in the future"
    assert faults(file) == [(2, "admitted_on", told), (3, "admitted_on", told), (5, "admitted_on", told), (5, "birth_year", told)]


def test_a_quotation_mark_open_to_the_end_imports_nothing_behind_it(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text('nom;village\nExemple A;Village\nExemple B;"Village\nExemple C;Village\n')
    rows = list(open_list(open_source(tmp_path / "q.csv", lambda heading: True), Mapped(), bytes(32)).rows())
    assert [row.person.body["name"] for row in rows if row.person] == ["Exemple A"] and [f.row for row in rows for f in row.faults] == [3, 4]
