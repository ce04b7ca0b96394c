"""The first sheet of an XLSX file, row by row: what the sheet is long costs time but no memory, and no file can ask for more than it may.

Libraries that read XLSX hold a whole sheet; the texts that cells share are all that is held here, in one piece.
"""
import datetime as dt
import posixpath
import re
import zipfile
from array import array
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from shared.errors import BadRequest, TooLarge

CHUNK = 65_536
MOST = {"sheet": 2 << 30, "texts": 192 << 20, "other": 16 << 20}     # bytes, unpacked
MOST_COLUMNS = 1_000
LONGEST = 4_096                            # characters of a cell; a longer one is cut, and refused as what it is then
DATES = frozenset((*range(14, 18), 22, *range(27, 37), *range(50, 59)))      # formats of the standard's own (ECMA-376, 18.8.30)
# Quoted and escaped text, colours and conditions, room left and filled; LibreOffice declares `General` as a format of the file's own.
NO_PART_OF_A_DATE = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.|general|am/pm|a/p', re.IGNORECASE)
DAY_OR_YEAR = re.compile("[dyja]", re.IGNORECASE)                # French and German spreadsheets write their own letters
EXACT = 10 ** 15                           # a cell keeps fifteen digits of a number and drops the others
Start = Callable[[str, dict[str, str]], None]


def rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Row numbers as the sheet shows them, and texts of cells; dates in ISO form. Raises BadRequest, TooLarge."""
    with _opened(path) as book:
        part, day_zero = _first_sheet(book)
        yield from _rows(book, part, _Texts(book), _date_styles(book), day_zero)


def about(path: Path) -> int:
    """How many rows the sheet says it has; 0 where it does not say. Only for a progress bar."""
    with _opened(path) as book, book.open(_first_sheet(book)[0]) as sheet:
        said = re.search(rb'<dimension ref="[A-Z]+[0-9]+:[A-Z]+([0-9]{1,7})"', sheet.read(2048))
    return int(said[1]) if said else 0


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """What is wrong inside a file comes out as BadRequest."""
    try:
        with zipfile.ZipFile(path) as book:
            yield book
    except (zipfile.BadZipFile, expat.ExpatError, KeyError, IndexError, ValueError, RuntimeError, NotImplementedError, EOFError, OverflowError) as e:
        raise BadRequest(f"{path.name} is no XLSX file that can be read: save it again as XLSX, or as CSV", field="FILE") from e
    except Exception as e:
        if type(e).__module__ == "zlib":
            raise BadRequest(f"{path.name} is damaged", field="FILE") from e
        raise


@contextmanager
def _part(book: zipfile.ZipFile, name: str, kind: str = "other") -> Iterator[IO[bytes]]:
    """Nothing is unpacked beyond the size that the file declares."""
    if book.getinfo(name).file_size > MOST[kind]:
        raise TooLarge(f"{name} in the file is too large when unpacked", field="FILE", rule=f"{MOST[kind] >> 20} MiB")
    with book.open(name) as file:
        yield file


def _parser(start: Start, end: Callable[[str], None] | None = None, text: Callable[[str], None] | None = None) -> Any:
    """Elements by their local names."""
    def refused(*_: object) -> None:
        raise ValueError("a document type has no place in a sheet")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refused
    parser.StartElementHandler = lambda name, values: start(name.rpartition(":")[2], values)
    if end:
        parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
    if text:
        parser.CharacterDataHandler = text
    return parser


def _first_sheet(book: zipfile.ZipFile) -> tuple[str, dt.date]:
    """Its part's name, and the day before the first."""
    sheets: list[str] = []
    targets: dict[str, str] = {}
    zero = [dt.date(1899, 12, 30)]

    def of_book(name: str, values: Mapping[str, str]) -> None:
        if name == "sheet":
            sheets.append(next(v for k, v in values.items() if k.rpartition(":")[2] == "id"))
        elif name == "workbookPr" and values.get("date1904", "0") in ("1", "true"):
            zero[0] = dt.date(1904, 1, 1)

    def of_relations(name: str, values: Mapping[str, str]) -> None:
        if name == "Relationship":
            targets[values["Id"]] = values["Target"]

    for part, start in (("xl/workbook.xml", of_book), ("xl/_rels/workbook.xml.rels", of_relations)):
        with _part(book, part) as file:
            _parser(start).ParseFile(file)
    target = targets[sheets[0]]
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}"), zero[0]


def _date_styles(book: zipfile.ZipFile) -> frozenset[str]:
    """The numbers of the cell formats that show a number as a date."""
    if "xl/styles.xml" not in book.namelist():
        return frozenset()
    own: dict[str, str] = {}
    formats: list[str] = []
    within = [False]

    def start(name: str, values: Mapping[str, str]) -> None:
        if name == "numFmt":
            own[values["numFmtId"]] = values["formatCode"]
        elif name == "cellXfs":
            within[0] = True
        elif name == "xf" and within[0]:
            formats.append(values.get("numFmtId", "0"))

    def end(name: str) -> None:
        within[0] = within[0] and name != "cellXfs"

    with _part(book, "xl/styles.xml") as file:
        _parser(start, end).ParseFile(file)
    return frozenset(str(n) for n, id_ in enumerate(formats)
                     if int(id_) in DATES or (id_ in own and _shows_a_day(own[id_])))


def _shows_a_day(code: str) -> bool:
    """By any of its sections: what is positive, negative, zero or text may each be shown in a way of its own."""
    return bool(DAY_OR_YEAR.search(NO_PART_OF_A_DATE.sub("", code)))


class _Texts:
    """The texts that cells share, one after the other in one piece of memory."""

    def __init__(self, book: zipfile.ZipFile) -> None:
        self._content, self._ends = bytearray(), array("Q", [0])
        if "xl/sharedStrings.xml" not in book.namelist():
            return
        parts: list[str] = []
        state = {"t": False, "phonetic": False}

        def start(name: str, _: Mapping[str, str]) -> None:
            if name == "rPh":                                  # how it is pronounced, in Japanese: no part of the text
                state["phonetic"] = True
            elif name == "t":
                state["t"] = not state["phonetic"]

        def end(name: str) -> None:
            if name == "t":
                state["t"] = False
            elif name == "rPh":
                state["phonetic"] = False
            elif name == "si":
                self._content.extend("".join(parts)[:LONGEST].encode())
                self._ends.append(len(self._content))
                parts.clear()

        with _part(book, "xl/sharedStrings.xml", "texts") as file:
            _parser(start, end, lambda text: parts.append(text) if state["t"] else None).ParseFile(file)

    def __getitem__(self, number: int) -> str:
        if not 0 <= number < len(self._ends) - 1:
            raise IndexError
        return self._content[self._ends[number]:self._ends[number + 1]].decode()


class _Cells:
    """What the parser has met of the rows that nobody has taken yet."""

    def __init__(self, texts: _Texts, dates: frozenset[str], day_zero: dt.date) -> None:
        self.texts, self.dates, self.day_zero = texts, dates, day_zero
        self.ready: list[tuple[int, list[str]]] = []
        self._columns: dict[str, int] = {}
        self._number = 0
        self._row: list[str] = []
        self._column, self._kind, self._date, self._reading = 0, "n", False, False
        self._said: list[str] = []

    def start(self, name: str, values: Mapping[str, str]) -> None:
        if name == "c":
            place = values.get("r", "")
            self._column = self._at(place) if place else len(self._row)
            self._kind, self._date = values.get("t", "n"), values.get("s", "0") in self.dates
            self._said = []
        elif name in ("v", "t"):
            self._reading = True
        elif name == "row":
            said = values.get("r", "")
            number = int(said) if said.isascii() and said.isdigit() and len(said) < 9 else 0
            self._number = max(self._number + 1, number)
            self._row = []

    def text(self, text: str) -> None:
        if self._reading:
            self._said.append(text)

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self._reading = False
        elif name == "c":
            if self._said and self._column < MOST_COLUMNS:
                while len(self._row) <= self._column:
                    self._row.append("")
                self._row[self._column] = self._value("".join(self._said)[:LONGEST])
        elif name == "row":
            self.ready.append((self._number, self._row))

    def _at(self, place: str) -> int:
        letters = place.rstrip("0123456789")
        if letters not in self._columns:
            number = 0
            for letter in letters[:4]:
                number = 26 * number + ord(letter) - 64
            self._columns[letters] = max(0, number - 1)
        return self._columns[letters]

    def _value(self, said: str) -> str:
        match self._kind:
            case "s":
                return self.texts[int(said)]
            case "n":
                return self._day(said) if self._date else _number(said)
        return said

    def _day(self, said: str) -> str:
        try:
            return (self.day_zero + dt.timedelta(days=int(float(said)))).isoformat()
        except (ValueError, OverflowError):
            return said


def _number(said: str) -> str:
    """As somebody would write it: 1985 and not 1985.0, 76123456 and not 7.6123456E7; with an exponent what the cell could not keep."""
    if said.isdigit() and len(said) <= 15:
        return said
    try:
        value = float(said)
    except ValueError:
        return said
    if abs(value) >= EXACT:
        return f"{value:E}"
    return str(int(value)) if value.is_integer() else said


def _rows(book: zipfile.ZipFile, part: str, texts: _Texts, dates: frozenset[str], day_zero: dt.date) -> Iterator[tuple[int, list[str]]]:
    cells = _Cells(texts, dates, day_zero)
    parser = _parser(cells.start, cells.end, cells.text)
    with _part(book, part, "sheet") as sheet:
        while chunk := sheet.read(CHUNK):
            parser.Parse(chunk, False)
            yield from cells.ready
            cells.ready.clear()
        parser.Parse(b"", True)
        yield from cells.ready
